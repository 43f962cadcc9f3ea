/**
 * What the steps of the ops' methods give and refuse, worked out by hand from the standard's text: shapes and types of
 * outputs where the steps let a call pass, also an odd one, and calls that they refuse with a TypeError.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLGraphBuilder, type MLOperand } from "../../../core-webnn/index.ts";
import { interpreterContext } from "../../reference/interpreter-context.ts";

/** A builder whose methods take anything: the callers under test are JavaScript's. */
type Loose = Readonly<Record<string, (...given: unknown[]) => MLOperand | readonly MLOperand[]>>;
/** A new input, float32 where it is not said. */
type Input = (shape: readonly number[], dataType?: string) => MLOperand;
type Call = (b: Loose, x: Input) => MLOperand | readonly MLOperand[];

/** Input, weights and recurrent weights of 4 steps, 3 inputs and 2 hidden units. */
const gru = (x: Input, directions = 1): MLOperand[] => [
  x([4, 1, 3]),
  x([directions, 6, 3]),
  x([directions, 6, 2]),
];

// prettier-ignore
const given: readonly (readonly [Call, string])[] = [
  [(b, x) => b["conv2d"]!(x([1, 1, 2, 2]), x([1, 1, 3, 3]), { padding: [1, 1, 1, 1] }), "float32[1, 1, 2, 2]"],
  [(b, x) => b["conv2d"]!(x([1, 4, 5, 5]), x([4, 1, 3, 3]), { groups: 4 }), "float32[1, 4, 3, 3]"],
  [(b, x) => b["conv2d"]!(x([1, 1, 5, 5]), x([1, 1, 3, 3]), { strides: [4294967295, 1] }), "float32[1, 1, 1, 3]"],
  [(b, x) => b["conv2d"]!(x([1, 1, 5, 5]), x([1, 1, 1, 1]), { dilations: [4294967295, 1] }), "float32[1, 1, 5, 5]"],
  [(b, x) => b["conv2d"]!(x([1, 1, 5, 5]), x([1, 1, 3, 3]), { padding: [4294967295, 4294967295, 0, 0], strides: [4294967295, 1] }), "float32[1, 1, 3, 3]"],
  [(b, x) => b["conv2d"]!(x([1, 5, 5, 2]), x([3, 3, 2, 4]), { inputLayout: "nhwc", filterLayout: "hwio", bias: x([4]) }), "float32[1, 3, 3, 4]"],
  [(b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3])), "float32[1, 1, 5, 5]"],
  [(b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3]), { outputPadding: [5, 5], outputSizes: [5, 5] }), "float32[1, 1, 5, 5]"],
  [(b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3]), { strides: [3, 2], outputSizes: [11, 8] }), "float32[1, 1, 11, 8]"],
  [(b, x) => b["convTranspose2d"]!(x([1, 4, 3, 3]), x([4, 2, 3, 3]), { groups: 2, bias: x([4]) }), "float32[1, 4, 5, 5]"],
  [(b, x) => b["convTranspose2d"]!(x([1, 3, 3, 4]), x([2, 3, 3, 4]), { inputLayout: "nhwc", filterLayout: "ohwi" }), "float32[1, 5, 5, 2]"],
  [(b, x) => b["averagePool2d"]!(x([1, 2, 5, 6])), "float32[1, 2, 1, 1]"],
  [(b, x) => b["maxPool2d"]!(x([1, 1, 5, 5]), { windowDimensions: [2, 2], strides: [2, 2], outputShapeRounding: "ceil" }), "float32[1, 1, 3, 3]"],
  [(b, x) => b["maxPool2d"]!(x([1, 1, 5, 5], "int8"), { windowDimensions: [2, 2], strides: [2, 2] }), "int8[1, 1, 2, 2]"],
  [(b, x) => b["maxPool2d"]!(x([1, 1, 5, 5]), { windowDimensions: [2, 2], strides: [2, 2], outputSizes: [3, 3] }), "float32[1, 1, 3, 3]"],
  [(b, x) => b["reduceSum"]!(x([2, 3, 4]), { axes: [1] }), "float32[2, 4]"],
  [(b, x) => b["reduceSum"]!(x([2, 3, 4]), { axes: [2, 0], keepDimensions: true }), "float32[1, 3, 1]"],
  [(b, x) => b["reduceSum"]!(x([2, 3, 4])), "float32[]"],
  [(b, x) => b["reduceSum"]!(x([2, 3, 4]), { axes: [] }), "float32[2, 3, 4]"],
  [(b, x) => b["reduceMax"]!(x([2], "uint8")), "uint8[]"],
  [(b, x) => b["gather"]!(x([2, 3, 4]), x([5, 6], "int64"), { axis: 1 }), "float32[2, 5, 6, 4]"],
  [(b, x) => b["gather"]!(x([2, 3, 4]), x([], "uint32")), "float32[3, 4]"],
  [(b, x) => b["gatherElements"]!(x([2, 3]), x([5, 3], "int32")), "float32[5, 3]"],
  [(b, x) => b["gatherND"]!(x([2, 3, 4]), x([5, 6, 2], "int32")), "float32[5, 6, 4]"],
  [(b, x) => b["gatherND"]!(x([2, 3]), x([2], "int32")), "float32[]"],
  [(b, x) => b["scatterElements"]!(x([2, 3]), x([2, 1], "int32"), x([2, 1]), { axis: 1 }), "float32[2, 3]"],
  [(b, x) => b["scatterND"]!(x([4, 3]), x([2, 1], "int32"), x([2, 3])), "float32[4, 3]"],
  [(b, x) => b["scatterND"]!(x([4]), x([1], "int32"), x([])), "float32[4]"],
  [(b, x) => b["reshape"]!(x([1]), []), "float32[]"],
  [(b, x) => b["reshape"]!(x([6]), new Set([2, 3])), "float32[2, 3]"],
  [(b, x) => b["expand"]!(x([1, 3]), [2, 2, 3]), "float32[2, 2, 3]"],
  [(b, x) => b["expand"]!(x([]), []), "float32[]"],
  [(b, x) => b["slice"]!(x([5]), [1], [4], { strides: [3] }), "float32[2]"],
  [(b, x) => b["slice"]!(x([]), [], []), "float32[]"],
  [(b, x) => b["concat"]!([x([2, 3]), x([2, 1])], 1), "float32[2, 4]"],
  [(b, x) => b["split"]!(x([6, 2]), 3), "float32[2, 2], float32[2, 2], float32[2, 2]"],
  [(b, x) => b["split"]!(x([6, 2]), [1, 5]), "float32[1, 2], float32[5, 2]"],
  [(b, x) => b["pad"]!(x([2, 3]), [1, 0], [0, 2]), "float32[3, 5]"],
  [(b, x) => b["pad"]!(x([2, 3]), [1, 2], [1, 2], { mode: "reflection" }), "float32[4, 7]"],
  [(b, x) => b["pad"]!(x([2]), [5], [5], { mode: "edge" }), "float32[12]"],
  [(b, x) => b["pad"]!(x([]), [], []), "float32[]"],
  [(b, x) => b["tile"]!(x([2, 3]), [2, 1]), "float32[4, 3]"],
  [(b, x) => b["tile"]!(x([]), []), "float32[]"],
  [(b, x) => b["transpose"]!(x([2, 3, 4])), "float32[4, 3, 2]"],
  [(b, x) => b["reverse"]!(x([2, 3]), { axes: [] }), "float32[2, 3]"],
  [(b, x) => b["where"]!(x([2, 1], "uint8"), x([3]), x([])), "float32[2, 3]"],
  [(b, x) => b["prelu"]!(x([3]), x([2, 3])), "float32[2, 3]"],
  [(b, x) => b["matmul"]!(x([2, 1, 3, 4]), x([5, 4, 6])), "float32[2, 5, 3, 6]"],
  [(b, x) => b["gemm"]!(x([4, 3]), x([5, 4]), { aTranspose: true, bTranspose: true, c: x([3, 1]) }), "float32[3, 5]"],
  [(b, x) => b["layerNormalization"]!(x([2, 3]), { scale: x([3]), axes: [1] }), "float32[2, 3]"],
  [(b, x) => b["layerNormalization"]!(x([2, 3, 4]), { scale: x([4, 2]), axes: [2, 0] }), "float32[2, 3, 4]"],
  [(b, x) => b["batchNormalization"]!(x([2, 3]), x([3]), x([3])), "float32[2, 3]"],
  [(b, x) => b["batchNormalization"]!(x([2, 3]), x([2]), x([2]), { axis: 0 }), "float32[2, 3]"],
  [(b, x) => b["instanceNormalization"]!(x([1, 2, 3, 4]), { layout: "nhwc", scale: x([4]) }), "float32[1, 2, 3, 4]"],
  [(b, x) => b["resample2d"]!(x([1, 1, 2, 3]), { scales: [2.5, 0.5] }), "float32[1, 1, 5, 1]"],
  [(b, x) => b["resample2d"]!(x([1, 2, 3, 4]), { sizes: [7, 8], axes: [1, 2], scales: [1e-9, 1] }), "float32[1, 7, 8, 4]"],
  [(b, x) => b["resample2d"]!(x([1, 2, 3, 4]), { sizes: [7, 8], axes: [3, 0] }), "float32[8, 2, 3, 7]"],
  [(b, x) => b["argMax"]!(x([2, 3], "uint64"), 1, { outputDataType: "int64", keepDimensions: true }), "int64[2, 1]"],
  [(b, x) => b["cast"]!(x([2]), "uint64"), "uint64[2]"],
  [(b, x) => b["clamp"]!(x([2]), { minValue: 1, maxValue: 1 }), "float32[2]"],
  [(b, x) => b["clamp"]!(x([2], "int8"), { minValue: 200, maxValue: 127 }), "int8[2]"],
  [(b, x) => b["clamp"]!(x([2], "int8"), { minValue: 5.4, maxValue: 5.2 }), "int8[2]"],
  [(b, x) => b["clamp"]!(x([2]), { minValue: NaN, maxValue: 1 }), "float32[2]"],
  [(b, x) => b["clamp"]!(x([2], "float16"), { minValue: 65520, maxValue: Infinity }), "float16[2]"],
  [(b, x) => b["clamp"]!(x([2], "uint64"), { minValue: 2n ** 64n, maxValue: 2n ** 64n - 1n }), "uint64[2]"],
  [(b, x) => b["elu"]!(x([2], "float16"), { alpha: 1e10 }), "float16[2]"],
  [(b, x) => b["elu"]!(x([2]), { alpha: -1 }), "float32[2]"],
  [(b, x) => b["dequantizeLinear"]!(x([4, 6], "uint8"), x([2, 1]), x([2, 1], "uint8")), "float32[4, 6]"],
  [(b, x) => b["dequantizeLinear"]!(x([4], "int32"), x([1], "float16"), x([1], "int32")), "float16[4]"],
  [(b, x) => b["quantizeLinear"]!(x([4]), x([4]), x([4], "uint32")), "uint32[4]"],
  [(b, x) => b["gru"]!(...gru(x), 4, 2), "float32[1, 1, 2]"],
  [(b, x) => b["gru"]!(...gru(x, 2), 4, 2, { direction: "both", returnSequence: true }), "float32[2, 1, 2], float32[4, 2, 1, 2]"],
  [(b, x) => b["gru"]!(...gru(x), 4, 2, { activations: ["relu", "relu"] }), "float32[1, 1, 2]"],
  [(b, x) => b["gru"]!(...gru(x), 4, 2, { layout: "rzn" }), "float32[1, 1, 2]"],
  [(b, x) => b["lstm"]!(x([2, 1, 3]), x([1, 8, 3]), x([1, 8, 2]), 2, 2, { peepholeWeight: x([1, 6]) }), "float32[1, 1, 2], float32[1, 1, 2]"],
  [(b, x) => b["lstm"]!(x([2, 1, 3]), x([1, 8, 3]), x([1, 8, 2]), 2, 2, { returnSequence: 1, direction: "backward" }), "float32[1, 1, 2], float32[1, 1, 2], float32[2, 1, 1, 2]"],
  [(b, x) => b["lstmCell"]!(x([1, 3]), x([8, 3]), x([8, 2]), x([1, 2]), x([1, 2]), 2), "float32[1, 2], float32[1, 2]"],
  [(b, x) => b["gruCell"]!(x([1, 3]), x([6, 3]), x([6, 2]), x([1, 2]), 2, { bias: x([6]), recurrentBias: x([6]) }), "float32[1, 2]"],
  [(b, x) => b["isNaN"]!(x([2], "float16")), "uint8[2]"],
  [(b, x) => b["equal"]!(x([2, 1], "int64"), x([3], "int64")), "uint8[2, 3]"],
  [(b, x) => b["neg"]!(x([2]), { label: null }), "float32[2]"],
  [(b, x) => b["neg"]!(x([2]), null), "float32[2]"],
  [(b, x) => b["neg"]!(x([2]), () => 1), "float32[2]"],
];

// prettier-ignore
const refused: readonly Call[] = [
  (b, x) => b["conv2d"]!(x([1, 1, 2, 2]), x([1, 1, 3, 3])),
  (b, x) => b["conv2d"]!(x([1, 1, 2, 2]), x([1, 1, 3, 3]), { strides: [2, 2] }),
  (b, x) => b["conv2d"]!(x([1, 4, 5, 5]), x([5, 1, 3, 3]), { groups: 4 }),
  (b, x) => b["conv2d"]!(x([1, 5, 5, 5]), x([4, 1, 3, 3]), { groups: 4 }),
  (b, x) => b["conv2d"]!(x([1, 1, 5, 5]), x([1, 1, 3, 3]), { dilations: [4294967295, 1] }),
  (b, x) => b["conv2d"]!(x([1, 1, 5, 5]), x([1, 1, 3, 3]), { padding: [4294967295, 4294967295, 0, 0] }),
  (b, x) => b["conv2d"]!(x([1, 5, 5, 2]), x([3, 3, 2, 4]), { inputLayout: "nhwc", filterLayout: "hwio", bias: x([1, 4]) }),
  (b, x) => b["conv2d"]!(x([1, 2, 5, 5]), x([4, 2, 3, 3]), { bias: x([4], "float16") }),
  (b, x) => b["conv2d"]!(x([1, 2, 5, 5], "int32"), x([4, 2, 3, 3], "int32")),
  (b, x) => b["conv2d"]!(x([1, 2, 5, 5]), x([4, 2, 3, 3]), { padding: [0, 0, 0] }),
  (b, x) => b["conv2d"]!(x([1, 1, 16384, 16384]), x([1, 1, 1, 1]), { padding: [0, 20000, 0, 20000] }),
  (b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3]), { outputPadding: [1, 0] }),
  (b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3]), { strides: [3, 2], outputSizes: [12, 8] }),
  (b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3]), { strides: [3, 2], outputSizes: [8, 7] }),
  (b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3]), { padding: [3, 2, 0, 0] }),
  (b, x) => b["convTranspose2d"]!(x([1, 4, 3, 3]), x([4, 2, 3, 3]), { groups: 2 ** 31 }),
  (b, x) => b["convTranspose2d"]!(x([1, 4, 3, 3]), x([3, 2, 3, 3])),
  (b, x) => b["convTranspose2d"]!(x([1, 1, 3, 3]), x([1, 1, 3, 3]), { outputPadding: [0], outputSizes: [5, 5] }),
  (b, x) => b["maxPool2d"]!(x([1, 1, 5, 5]), { windowDimensions: [2, 2], strides: [2, 2], outputSizes: [2, 3] }),
  (b, x) => b["l2Pool2d"]!(x([1, 1, 5, 5], "int32")),
  (b, x) => b["maxPool2d"]!(x([1, 1, 5, 5]), { windowDimensions: [0, 2] }),
  (b, x) => b["maxPool2d"]!(x([1, 1, 5, 5]), { windowDimensions: [6, 2] }),
  (b, x) => b["maxPool2d"]!(x([1, 5, 5])),
  (b, x) => b["reduceSum"]!(x([2, 3, 4]), { axes: [1, 1] }),
  (b, x) => b["reduceL2"]!(x([2], "int32")),
  (b, x) => b["gather"]!(x([2, 3, 4]), x([], "int8")),
  (b, x) => b["gather"]!(x([]), x([], "int32")),
  (b, x) => b["gather"]!(x([1, 1, 1, 1, 1]), x([1, 1, 1, 1, 1], "int32")),
  (b, x) => b["gatherElements"]!(x([2, 3]), x([2, 2], "int32")),
  (b, x) => b["gatherND"]!(x([2, 3]), x([3], "int32")),
  (b, x) => b["scatterElements"]!(x([2, 3]), x([2, 1], "int32"), x([2, 2]), { axis: 1 }),
  (b, x) => b["scatterND"]!(x([4]), x([1], "int32"), x([], "float16")),
  (b, x) => b["reshape"]!(x([6]), [0]),
  (b, x) => b["reshape"]!(x([1]), Array(9).fill(1)),
  (b, x) => b["reshape"]!(x([1]), [65536, 65536]),
  (b, x) => b["expand"]!(x([1]), [0]),
  (b, x) => b["expand"]!(x([2]), [1]),
  (b, x) => b["slice"]!(x([5]), [4294967295], [4294967295]),
  (b, x) => b["slice"]!(x([5]), [0], [5], { strides: [0] }),
  (b, x) => b["slice"]!(x([5]), [0], [5], { strides: [] }),
  (b, x) => b["concat"]!([x([]), x([])], 0),
  (b, x) => b["concat"]!([x([1]), x([1], "int8")], 0),
  (b, x) => b["concat"]!([x([2 ** 30], "int8"), x([2 ** 30], "int8")], 0),
  (b, x) => b["split"]!(x([6, 2]), [1, 4]),
  (b, x) => b["split"]!(x([6, 2]), -1),
  (b, x) => b["split"]!(x([6, 2]), [4294967295, 7]),
  (b, x) => b["pad"]!(x([2, 3]), [2, 0], [0, 0], { mode: "reflection" }),
  (b, x) => b["pad"]!(x([2]), [1], [1], { mode: "symmetric" }),
  (b, x) => b["pad"]!(x([2]), [4294967295], [0]),
  (b, x) => b["tile"]!(x([2]), [0]),
  (b, x) => b["transpose"]!(x([2, 3, 4]), { permutation: [0, 2] }),
  (b, x) => b["triangular"]!(x([2])),
  (b, x) => b["reverse"]!(x([2, 3]), { axes: [0, 0] }),
  (b, x) => b["where"]!(x([2, 1]), x([3]), x([])),
  (b, x) => b["prelu"]!(x([3], "uint8"), x([3], "uint8")),
  (b, x) => b["matmul"]!(x([4]), x([4, 6])),
  (b, x) => b["gemm"]!(x([3, 4]), x([4, 5]), { c: x([2, 5]) }),
  (b, x) => b["gemm"]!(x([3, 4]), x([4, 5]), { c: x([1, 3, 5]) }),
  (b, x) => b["layerNormalization"]!(x([]), { axes: [0] }),
  (b, x) => b["layerNormalization"]!(x([2, 3]), { scale: x([1, 3]), axes: [1] }),
  (b, x) => b["batchNormalization"]!(x([3]), x([3]), x([3])),
  (b, x) => b["resample2d"]!(x([1, 1, 2, 3]), { scales: [0.4, 1] }),
  (b, x) => b["resample2d"]!(x([1, 1, 2, 3]), { scales: [Infinity, 1] }),
  (b, x) => b["resample2d"]!(x([1, 1, 2, 3]), { scales: [1e39, 1] }),
  (b, x) => b["resample2d"]!(x([1, 1, 2, 3]), { scales: [1e30, 1] }),
  (b, x) => b["resample2d"]!(x([1, 1, 2, 3]), { scales: [1e-50, 1] }),
  (b, x) => b["argMax"]!(x([]), 0),
  (b, x) => b["argMax"]!(x([2]), 0, { outputDataType: "uint32" }),
  (b, x) => b["clamp"]!(x([2], "int32"), { minValue: NaN, maxValue: -1 }),
  (b, x) => b["cumulativeSum"]!(x([]), 0),
  (b, x) => b["cumulativeSum"]!(x([2], "int8"), 0),
  (b, x) => b["softmax"]!(x([2]), 1),
  (b, x) => b["dequantizeLinear"]!(x([4, 6], "uint8"), x([1]), x([1], "uint8")),
  (b, x) => b["dequantizeLinear"]!(x([4, 6], "uint8"), x([3, 1]), x([3, 1], "uint8")),
  (b, x) => b["quantizeLinear"]!(x([4]), x([4], "float16"), x([4], "uint8")),
  (b, x) => b["quantizeLinear"]!(x([4]), x([4]), x([4])),
  (b, x) => b["gru"]!(...gru(x), 4, 2, { activations: ["relu"] }),
  (b, x) => b["gru"]!(...gru(x), 4, 2, { activations: ["gelu", "relu"] }),
  (b, x) => b["gru"]!(...gru(x), 3, 2),
  (b, x) => b["gru"]!(...gru(x), 4, 2 ** 31),
  (b, x) => b["gru"]!(...gru(x), 4, 2, { initialHiddenState: x([1, 2]) }),
  (b, x) => b["lstm"]!(x([2, 1, 3]), x([1, 8, 3]), x([1, 8, 2]), 2, 2, { peepholeWeight: x([1, 8]) }),
  (b, x) => b["lstmCell"]!(x([1, 3]), x([8, 3]), x([8, 2]), x([1, 2]), x([2, 2]), 2),
  (b, x) => b["gruCell"]!(x([1, 3]), x([6, 3]), x([6, 2]), x([1, 2]), 2, { bias: x([1, 6]) }),
  (b, x) => b["logicalAnd"]!(x([2]), x([2])),
  (b, x) => b["add"]!(x([65536, 1]), x([1, 65536])),
];

const context = interpreterContext();

function run(call: Call): string {
  const builder = new MLGraphBuilder(context);
  let inputs = 0;
  const input: Input = (shape, dataType = "float32") =>
    builder.input(`x${inputs++}`, { dataType: dataType as "float32", shape });
  const outputs = [call(builder as unknown as Loose, input)].flat() as MLOperand[];
  return outputs.map(({ dataType, shape }) => `${dataType}[${shape.join(", ")}]`).join(", ");
}

/** The call as it stands here: `conv2d(x([1, 1, 2, 2]), …)`. */
function written(call: Call): string {
  return String(call).replace(/^.*?\w+\["(\w+)"\]!?/, "$1");
}

for (const [call, outputs] of given) {
  test(`${written(call)} gives ${outputs}`, () => assert.equal(run(call), outputs));
}

for (const call of refused) {
  const text = written(call);
  test(`${text} is refused`, () => {
    // By the op, whose name comes first: not by what makes its operands.
    const by = `TypeError: ${/^\w+/.exec(text)![0]}: `;
    assert.throws(
      () => run(call),
      (error) => String(error).startsWith(by),
    );
  });
}
