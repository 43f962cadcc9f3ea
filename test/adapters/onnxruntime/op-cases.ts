/**
 * One small model per row, and per form that a row treats apart. What onnxruntime-node makes of them is
 * in golden/ops.json, written by make-golden.ts.
 */
import {
  f32,
  i64,
  u8,
  type AttributeSpec,
  type ElementTypeName,
  type NodeSpec,
  type TensorSpec,
} from "./onnx-writer.ts";

export interface OpCase {
  readonly name: string;
  readonly opset: number;
  /** Of other domains. */
  readonly opsets?: Readonly<Record<string, number>>;
  readonly nodes: readonly NodeSpec[];
  /** Fed at run time, unless they are listed in `constants`. */
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  readonly constants: readonly string[];
  readonly outputs: Readonly<Record<string, ElementTypeName>>;
  /** Relative to the larger of 1 and the value. */
  readonly tolerance: number;
}

interface Form {
  readonly opset?: number;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  /** Names of the inputs that are initializers. */
  readonly constants?: readonly string[];
  /** Types of the outputs; one float32 if left out. */
  readonly types?: readonly ElementTypeName[];
  readonly tolerance?: number;
}

export function one(
  op: string,
  why: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  form: Form = {},
): OpCase {
  const types = form.types ?? ["float32"];
  const outputs = types.map((_, i) => `y${i}`);
  const attributes = form.attributes ?? {};
  return {
    name: `${op}: ${why}`,
    opset: form.opset ?? 17,
    nodes: [{ op, name: "node", inputs: Object.keys(tensors), outputs, attributes }],
    tensors,
    constants: form.constants ?? [],
    outputs: Object.fromEntries(types.map((type, i) => [`y${i}`, type])),
    tolerance: form.tolerance ?? 1e-6,
  };
}

export function chain(
  name: string,
  nodes: readonly NodeSpec[],
  tensors: Readonly<Record<string, TensorSpec>>,
  outputs: Readonly<Record<string, ElementTypeName>>,
  form: Pick<Form, "opset" | "constants" | "tolerance"> = {},
): OpCase {
  const { opset = 17, constants = [], tolerance = 1e-6 } = form;
  return { name, opset, nodes, tensors, constants, outputs, tolerance };
}

/** Numbers that look random and are the same everywhere. */
function noise(count: number, scale = 2, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return Math.fround((state / 2147483647 - 0.5) * 2 * scale);
  });
}
export const random = (shape: readonly number[], scale = 2, seed = 1): TensorSpec =>
  f32(
    shape,
    noise(
      shape.reduce((a, b) => a * b, 1),
      scale,
      seed,
    ),
  );
/** All of uint8; of int8 the half that onnxruntime-node multiplies without saturating on processors without VNNI. */
export const bytes = (type: "uint8" | "int8", shape: readonly number[], seed = 1): TensorSpec => {
  const [low, high] = type === "int8" ? [-64, 63] : [0, 255];
  const [middle, half] = [(low + high) / 2, (high - low) / 2 + 0.49];
  const count = shape.reduce((x, y) => x * y, 1);
  return { type, shape, data: noise(count, half, seed).map((x) => Math.round(x + middle)) };
};
export const bools = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "bool",
  shape,
  data,
});
export const i32 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "int32",
  shape,
  data,
});
export const int = (value: number) => ({ int: value });
export const ints = (...values: number[]) => ({ ints: values });
const maxInt64 = 9223372036854775807n;

const ramp = f32([7], [-2.5, -1, -0.5, 0, 0.5, 1.5, 2.5]);
const positive = f32([5], [0.25, 0.5, 1, 2, 9]);
const a23 = random([2, 3], 2, 3);
const b3 = random([3], 2, 5);

const binary: readonly OpCase[] = [
  one("Add", "broadcasts", { a: random([2, 1, 3]), b: random([4, 1], 2, 9) }),
  one(
    "Add",
    "int64",
    { a: i64([3], [1, -5, 9007199254740993n]), b: i64([1], [2]) },
    { types: ["int64"] },
  ),
  one("Sub", "broadcasts", { a: a23, b: b3 }),
  one("Mul", "broadcasts", { a: a23, b: b3 }),
  one("Mul", "of two vectors, like scales", { a: b3, b: random([1], 2, 8) }),
  one("Div", "broadcasts", { a: a23, b: b3 }),
  one(
    "Div",
    "of int32 rounds towards zero",
    { a: i32([4], [7, -7, 9, -9]), b: i32([1], [2]) },
    { types: ["int32"] },
  ),
  one("Pow", "float", { a: positive, b: f32([], [1.5]) }, { tolerance: 1e-5 }),
  one("Pow", "to an integer", { a: ramp, b: i64([], [2]) }),
  one("Max", "of three", { a: a23, b: b3, c: f32([], [0.1]) }),
  one("Min", "of two", { a: a23, b: b3 }),
  one("Sum", "of three", { a: a23, b: b3, c: a23 }),
  one(
    "Equal",
    "int64",
    { a: i64([4], [1, 2, 3, 4]), b: i64([4], [1, 0, 3, 0]) },
    { types: ["bool"] },
  ),
  one("Less", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one("LessOrEqual", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one("Greater", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one("GreaterOrEqual", "float", { a: ramp, b: f32([], [0]) }, { types: ["bool"] }),
  one(
    "And",
    "bool",
    { a: bools([4], [0, 0, 1, 1]), b: bools([4], [0, 1, 0, 1]) },
    { types: ["bool"] },
  ),
  one(
    "Or",
    "bool",
    { a: bools([4], [0, 0, 1, 1]), b: bools([4], [0, 1, 0, 1]) },
    { types: ["bool"] },
  ),
  one(
    "Xor",
    "bool",
    { a: bools([4], [0, 0, 1, 1]), b: bools([4], [0, 1, 0, 1]) },
    { types: ["bool"] },
  ),
  one("Not", "bool", { a: bools([2], [0, 1]) }, { types: ["bool"] }),
  one("Where", "broadcasts", { c: bools([2, 1], [1, 0]), a: a23, b: f32([], [9]) }),
  one(
    "Where",
    "int64",
    { c: bools([3], [1, 0, 1]), a: i64([3], [1, 2, 3]), b: i64([1], [-1]) },
    { types: ["int64"] },
  ),
];

const unary: readonly OpCase[] = [
  ...["Abs", "Ceil", "Floor", "Neg", "Relu", "Round", "Sign", "Softsign", "Identity"].map((op) =>
    one(op, "float", { a: ramp }),
  ),
  ...["Cos", "Erf", "Exp", "Sigmoid", "Sin", "Softplus", "Tan", "Tanh", "HardSwish"].map((op) =>
    one(op, "float", { a: ramp }, { tolerance: 3e-6 }),
  ),
  ...["Log", "Reciprocal", "Sqrt"].map((op) =>
    one(op, "float", { a: positive }, { tolerance: 2e-6 }),
  ),
  one("Neg", "int32", { a: i32([3], [1, -2, 0]) }, { types: ["int32"] }),
  one("IsNaN", "float", { a: f32([3], [NaN, 1, Infinity]) }, { types: ["bool"] }),
  one("IsInf", "both signs", { a: f32([4], [NaN, 1, Infinity, -Infinity]) }, { types: ["bool"] }),
  one(
    "IsInf",
    "the positive one",
    { a: f32([3], [1, Infinity, -Infinity]) },
    { types: ["bool"], attributes: { detect_negative: int(0) } },
  ),
  one(
    "IsInf",
    "the negative one",
    { a: f32([3], [1, Infinity, -Infinity]) },
    { types: ["bool"], attributes: { detect_positive: int(0) } },
  ),
  one("Elu", "alpha", { a: ramp }, { attributes: { alpha: { float: 0.7 } }, tolerance: 3e-6 }),
  one("LeakyRelu", "by default", { a: ramp }),
  one("HardSigmoid", "by default", { a: ramp }),
  one("Gelu", "exact", { a: ramp }, { opset: 20, tolerance: 3e-6 }),
  one(
    "Gelu",
    "by tanh",
    { a: ramp },
    { opset: 20, attributes: { approximate: { text: "tanh" } }, tolerance: 3e-6 },
  ),
  one(
    "Clip",
    "by constants",
    { a: ramp, low: f32([], [-1]), high: f32([], [2]) },
    { constants: ["low", "high"] },
  ),
  one("Clip", "by computed bounds", { a: ramp, low: f32([], [-1]), high: f32([], [2]) }),
  one(
    "Clip",
    "the upper bound wins",
    { a: ramp, low: f32([], [2]), high: f32([], [-1]) },
    { constants: ["low", "high"] },
  ),
  one("Clip", "from below alone", { a: ramp, low: f32([], [-1]) }, { constants: ["low"] }),
  one(
    "Clip",
    "by attributes",
    { a: ramp },
    { opset: 6, attributes: { min: { float: -1 }, max: { float: 1 } } },
  ),
  one("Cast", "float to int64", { a: ramp }, { attributes: { to: int(7) }, types: ["int64"] }),
  one(
    "Cast",
    "float to bool",
    { a: f32([4], [0, 0.5, -1, NaN]) },
    { attributes: { to: int(9) }, types: ["bool"] },
  ),
  one("Cast", "bool to float", { a: bools([2], [0, 1]) }, { attributes: { to: int(1) } }),
  one(
    "Cast",
    "int64 to int32",
    { a: i64([3], [1, -2, 5000000000n]) },
    { attributes: { to: int(6) }, types: ["int32"] },
  ),
  one(
    "Cast",
    "float to float16 and back",
    { a: ramp },
    { attributes: { to: int(10) }, types: ["float16"] },
  ),
  one("Dropout", "does nothing", { a: ramp }, { types: ["float32", "bool"] }),
];

const reductions: readonly OpCase[] = [
  ...[
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSumSquare",
  ].map((op) =>
    one(
      op,
      "along an axis",
      { a: f32([2, 3], [0.5, 1, 2, 3, 0.25, 4]) },
      { attributes: { axes: ints(-1) }, tolerance: 3e-6 },
    ),
  ),
  one(
    "ReduceSum",
    "axes as an attribute",
    { a: a23 },
    { opset: 11, attributes: { axes: ints(0), keepdims: int(0) } },
  ),
  one("ReduceSum", "axes as an input", { a: a23, axes: i64([1], [1]) }, { constants: ["axes"] }),
  one("ReduceSum", "axes as an input that is fed", { a: a23, axes: i64([1], [1]) }),
  one("ReduceSum", "over all", { a: a23 }, { attributes: { keepdims: int(0) } }),
  one("ReduceSum", "over nothing", { a: a23 }, { attributes: { noop_with_empty_axes: int(1) } }),
  one(
    "ReduceMean",
    "axes as an input",
    { a: random([2, 3, 2]), axes: i64([2], [0, 2]) },
    { opset: 18, constants: ["axes"] },
  ),
  one(
    "Softmax",
    "of opset 11 in the middle",
    { a: random([2, 3, 4]) },
    { opset: 11, attributes: { axis: int(1) } },
  ),
  one(
    "Softmax",
    "of opset 11 at the end",
    { a: random([2, 3, 4]) },
    { opset: 11, attributes: { axis: int(2) } },
  ),
  one(
    "Softmax",
    "of opset 13 in the middle",
    { a: random([2, 3, 4]) },
    { attributes: { axis: int(1) } },
  ),
  one(
    "LayerNormalization",
    "of the last axis",
    { a: random([2, 3, 4]), s: random([4], 2, 5), b: random([4], 2, 6) },
    { tolerance: 5e-6 },
  ),
  one(
    "LayerNormalization",
    "of two axes",
    { a: random([2, 3, 4]), s: random([3, 4], 2, 5) },
    { attributes: { axis: int(1), epsilon: { float: 0.01 } }, tolerance: 5e-6 },
  ),
];

const products: readonly OpCase[] = [
  one("MatMul", "of matrices", { a: random([3, 5]), b: random([5, 4], 2, 4) }),
  one("MatMul", "broadcasts", { a: random([2, 1, 3, 5]), b: random([4, 5, 2], 2, 4) }),
  one("MatMul", "row by matrix", { a: random([5]), b: random([5, 4], 2, 4) }),
  one("MatMul", "matrices by column", { a: random([2, 3, 5]), b: random([5], 2, 4) }),
  one("MatMul", "of vectors", { a: random([5]), b: random([5], 2, 4) }),
  one(
    "Gemm",
    "transposed, with c",
    { a: random([5, 3]), b: random([4, 5], 2, 4), c: random([4], 2, 7) },
    { attributes: { transA: int(1), transB: int(1), alpha: { float: 0.5 }, beta: { float: 2 } } },
  ),
  one("Gemm", "without c", { a: random([3, 5]), b: random([5, 4], 2, 4) }),
  one(
    "Conv",
    "with all options",
    { x: random([1, 4, 7, 8]), w: random([6, 2, 3, 2], 2, 4), b: random([6], 2, 3) },
    {
      attributes: {
        pads: ints(1, 0, 2, 1),
        strides: ints(2, 1),
        dilations: ints(1, 2),
        group: int(2),
      },
      tolerance: 3e-6,
    },
  ),
  one(
    "Conv",
    "of one dimension",
    { x: random([2, 3, 9]), w: random([4, 3, 3], 2, 4), b: random([4], 2, 3) },
    { attributes: { pads: ints(1, 1), strides: ints(2) }, tolerance: 3e-6 },
  ),
  one(
    "Conv",
    "SAME_UPPER",
    { x: random([1, 1, 5, 6]), w: random([1, 1, 2, 3], 2, 4) },
    { attributes: { auto_pad: { text: "SAME_UPPER" }, strides: ints(2, 2) } },
  ),
  one(
    "Conv",
    "SAME_LOWER",
    { x: random([1, 1, 5, 6]), w: random([1, 1, 2, 3], 2, 4) },
    { attributes: { auto_pad: { text: "SAME_LOWER" } } },
  ),
  one(
    "Conv",
    "VALID",
    { x: random([1, 1, 5, 6]), w: random([1, 1, 2, 3], 2, 4) },
    { attributes: { auto_pad: { text: "VALID" } } },
  ),
];

const pools: readonly OpCase[] = [
  one(
    "MaxPool",
    "with all options",
    { x: random([2, 3, 7, 8]) },
    {
      attributes: {
        kernel_shape: ints(3, 2),
        pads: ints(1, 0, 2, 1),
        strides: ints(2, 1),
        dilations: ints(1, 2),
      },
    },
  ),
  one(
    "MaxPool",
    "of one dimension",
    { x: random([2, 3, 9]) },
    { attributes: { kernel_shape: ints(3), strides: ints(2), pads: ints(1, 0) } },
  ),
  one(
    "MaxPool",
    "SAME_LOWER",
    { x: random([1, 1, 5, 6]) },
    {
      attributes: {
        kernel_shape: ints(2, 3),
        auto_pad: { text: "SAME_LOWER" },
        strides: ints(2, 2),
      },
    },
  ),
  one(
    "MaxPool",
    "with a last window that is cut",
    { x: random([1, 2, 6, 7]) },
    { attributes: { kernel_shape: ints(3, 2), strides: ints(2, 2), ceil_mode: int(1) } },
  ),
  one(
    "MaxPool",
    "without a window that would begin in the padding behind",
    { x: random([1, 2, 4, 5]) },
    {
      attributes: {
        kernel_shape: ints(1, 2),
        strides: ints(2, 3),
        pads: ints(0, 0, 0, 1),
        ceil_mode: int(1),
      },
    },
  ),
];

const layouts: readonly OpCase[] = [
  one(
    "Reshape",
    "with 0 and -1",
    { a: random([2, 3, 4]), s: i64([3], [0, -1, 2]) },
    { constants: ["s"] },
  ),
  one("Reshape", "to a fed shape", { a: random([2, 3, 4]), s: i64([2], [4, 6]) }),
  one("Flatten", "by default", { a: random([2, 3, 4]) }),
  one("Flatten", "at the front", { a: random([2, 3, 4]) }, { attributes: { axis: int(0) } }),
  one("Flatten", "from the end", { a: random([2, 3, 4]) }, { attributes: { axis: int(-1) } }),
  one("Squeeze", "all", { a: random([1, 3, 1]) }),
  one(
    "Squeeze",
    "by attribute",
    { a: random([1, 3, 1]) },
    { opset: 11, attributes: { axes: ints(-1) } },
  ),
  one(
    "Squeeze",
    "by input",
    { a: random([1, 3, 1]), axes: i64([1], [0]) },
    { constants: ["axes"] },
  ),
  one("Unsqueeze", "by attribute", { a: a23 }, { opset: 11, attributes: { axes: ints(0, 3) } }),
  one("Unsqueeze", "by input", { a: a23, axes: i64([2], [-1, 1]) }, { constants: ["axes"] }),
  one("Transpose", "by default", { a: random([2, 3, 4]) }),
  one(
    "Transpose",
    "by permutation",
    { a: random([2, 3, 4]) },
    { attributes: { perm: ints(1, 2, 0) } },
  ),
  one("Expand", "both ways", { a: random([3, 1]), s: i64([3], [2, 1, 4]) }, { constants: ["s"] }),
  one("Tile", "twice", { a: a23, r: i64([2], [2, 1]) }, { constants: ["r"] }),
  one(
    "Gather",
    "along an axis",
    { a: random([2, 3, 2]), i: i64([2, 2], [0, -1, 2, 1]) },
    { attributes: { axis: int(1) } },
  ),
  one("Gather", "of one index", { a: a23, i: i64([], [1]) }, { constants: ["i"] }),
  one("Gather", "with int32 indices", { a: a23, i: i32([1], [1]) }),
  one(
    "Pad",
    "with a value",
    { a: a23, p: i64([4], [1, 0, 0, 2]), v: f32([], [7]) },
    { constants: ["p", "v"] },
  ),
  one(
    "Pad",
    "of some axes",
    { a: a23, p: i64([2], [1, 2]), v: f32([], [0]), axes: i64([1], [1]) },
    { opset: 18, constants: ["p", "v", "axes"] },
  ),
  one(
    "Pad",
    "by attributes",
    { a: a23 },
    { opset: 10, attributes: { pads: ints(0, 1, 1, 0), value: { float: 3 } } },
  ),
  one(
    "Pad",
    "edge",
    { a: a23, p: i64([4], [1, 1, 0, 2]) },
    { constants: ["p"], attributes: { mode: { text: "edge" } } },
  ),
  one(
    "Pad",
    "reflect",
    { a: a23, p: i64([4], [1, 2, 0, 1]) },
    { constants: ["p"], attributes: { mode: { text: "reflect" } } },
  ),
  one(
    "Concat",
    "of three",
    { a: a23, b: random([2, 1], 2, 6), c: a23 },
    { attributes: { axis: int(-1) } },
  ),
  one(
    "Split",
    "evenly",
    { a: random([2, 6]) },
    { attributes: { axis: int(1) }, types: ["float32", "float32", "float32"] },
  ),
  one(
    "Split",
    "by attribute",
    { a: random([2, 6]) },
    { opset: 11, attributes: { axis: int(1), split: ints(1, 5) }, types: ["float32", "float32"] },
  ),
  one(
    "Split",
    "by input",
    { a: random([5]), s: i64([2], [2, 3]) },
    { constants: ["s"], types: ["float32", "float32"] },
  ),
  one(
    "Split",
    "with a smaller last part",
    { a: random([7, 2]) },
    { opset: 18, attributes: { num_outputs: int(3) }, types: ["float32", "float32", "float32"] },
  ),
  one(
    "Slice",
    "with ends beyond",
    { a: random([4, 5]), s: i64([2], [-3, 1]), e: i64([2], [maxInt64, -1]) },
    { constants: ["s", "e"] },
  ),
  one(
    "Slice",
    "with steps",
    { a: random([4, 7]), s: i64([1], [1]), e: i64([1], [7]), x: i64([1], [1]), t: i64([1], [3]) },
    { constants: ["s", "e", "x", "t"] },
  ),
  one(
    "Slice",
    "backwards",
    {
      a: random([7]),
      s: i64([1], [-1]),
      e: i64([1], [-maxInt64]),
      x: i64([1], [0]),
      t: i64([1], [-1]),
    },
    { constants: ["s", "e", "x", "t"] },
  ),
  one(
    "Slice",
    "backwards by two",
    { a: random([2, 8]), s: i64([1], [6]), e: i64([1], [0]), x: i64([1], [1]), t: i64([1], [-2]) },
    { constants: ["s", "e", "x", "t"] },
  ),
  one(
    "Slice",
    "by attributes",
    { a: random([4, 5]) },
    { opset: 9, attributes: { starts: ints(1), ends: ints(3), axes: ints(1) } },
  ),
  one("Slice", "to fed ends", { a: random([4, 5]), s: i64([1], [1]), e: i64([1], [3]) }),
];

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({
  op,
  name: `${op} ${output}`,
  inputs,
  outputs: [output],
  attributes,
});

const shapes: readonly OpCase[] = [
  one("Shape", "whole", { a: random([2, 3]) }, { types: ["int64"] }),
  one(
    "Shape",
    "in part",
    { a: random([2, 3, 4]) },
    { types: ["int64"], attributes: { start: int(-2), end: int(5) } },
  ),
  one("Size", "of all", { a: random([2, 3]) }, { types: ["int64"] }),
  one("ConstantOfShape", "float by default", { s: i64([2], [2, 3]) }, { constants: ["s"] }),
  one(
    "ConstantOfShape",
    "of a fed shape",
    { s: i64([2], [2, 3]) },
    { attributes: { value: { tensor: i64([1], [4]) } }, types: ["int64"] },
  ),
  one(
    "Range",
    "of integers",
    { a: i64([], [2]), b: i64([], [11]), d: i64([], [3]) },
    { types: ["int64"] },
  ),
  one(
    "Range",
    "downwards",
    { a: i64([], [5]), b: i64([], [0]), d: i64([], [-2]) },
    { constants: ["a", "b", "d"], types: ["int64"] },
  ),
  one(
    "Range",
    "of floats",
    { a: f32([], [0.5]), b: f32([], [3]), d: f32([], [0.75]) },
    { constants: ["a", "b", "d"] },
  ),
  chain(
    "shapes: split heads and join them",
    [
      node("Shape", ["x"], "shape"),
      node("Gather", ["shape", "zero"], "batch", { axis: int(0) }),
      node("Gather", ["shape", "one"], "length", { axis: int(0) }),
      node("Unsqueeze", ["batch"], "batch1", { axes: ints(0) }),
      node("Unsqueeze", ["length"], "length1", { axes: ints(0) }),
      node("Mul", ["batch1", "two"], "rows"),
      node("Concat", ["batch1", "length1", "two", "minus"], "split", { axis: int(0) }),
      node("Reshape", ["x", "split"], "heads"),
      node("Transpose", ["heads"], "turned", { perm: ints(0, 2, 1, 3) }),
      node("Concat", ["rows", "minus", "three"], "joined", { axis: int(0) }),
      node("Reshape", ["turned", "joined"], "y"),
    ],
    {
      x: random([2, 5, 6]),
      zero: i64([], [0]),
      one: i64([], [1]),
      two: i64([1], [2]),
      three: i64([1], [3]),
      minus: i64([1], [-1]),
    },
    { y: "float32" },
    { opset: 11, constants: ["zero", "one", "two", "three", "minus"] },
  ),
  chain(
    "shapes: a causal mask",
    [
      node("Shape", ["ids"], "shape"),
      node("Slice", ["shape", "m1", "max", "zero1"], "last"),
      node("Squeeze", ["last"], "n", { axes: ints(0) }),
      node("Concat", ["last", "last"], "square", { axis: int(0) }),
      node("ConstantOfShape", ["square"], "full", { value: { tensor: f32([1], [-100]) } }),
      node("Range", ["zero", "n", "one"], "positions"),
      node("Add", ["positions", "one"], "next"),
      node("Concat", ["last", "one1"], "columnShape", { axis: int(0) }),
      node("Reshape", ["next", "columnShape"], "column"),
      node("Less", ["positions", "column"], "visible"),
      node("Cast", ["visible"], "keep", { to: int(9) }),
      node("Where", ["keep", "nothing", "full"], "y"),
    ],
    {
      ids: i64([1, 4], [5, 6, 7, 8]),
      m1: i64([1], [-1]),
      max: i64([1], [maxInt64]),
      zero1: i64([1], [0]),
      zero: i64([], [0]),
      one: i64([], [1]),
      one1: i64([1], [1]),
      nothing: f32([], [0]),
    },
    { y: "float32" },
    { opset: 11, constants: ["m1", "max", "zero1", "zero", "one", "one1", "nothing"] },
  ),
  chain(
    "shapes: -1 in a shape that expands",
    [
      node("Shape", ["x"], "shape"),
      node("ConstantOfShape", ["four"], "ones", { value: { tensor: i64([1], [1]) } }),
      node("Mul", ["ones", "minus"], "negatives"),
      node("Equal", ["asked", "negatives"], "open"),
      node("Where", ["open", "ones", "asked"], "target"),
      node("Expand", ["x", "target"], "y"),
      node("Cast", ["shape"], "floats", { to: int(1) }),
      node("Mul", ["floats", "half"], "halves"),
      node("Floor", ["halves"], "whole"),
      node("Cast", ["whole"], "sizes", { to: int(7) }),
    ],
    {
      x: random([1, 1, 3, 5]),
      four: i64([1], [4]),
      minus: i64([], [-1]),
      asked: i64([4], [2, 1, -1, -1]),
      half: f32([], [0.5]),
    },
    { y: "float32", sizes: "int64" },
    { opset: 11, constants: ["four", "minus", "asked", "half"] },
  ),
  chain(
    "shapes: a product of sizes as data",
    [
      node("Shape", ["x"], "shape"),
      node("ReduceProd", ["shape"], "count", { keepdims: int(0) }),
      node("Cast", ["count"], "divisor", { to: int(1) }),
      node("ReduceSum", ["x"], "sum", { keepdims: int(0) }),
      node("Div", ["sum", "divisor"], "y"),
    ],
    { x: random([3, 4]) },
    { y: "float32" },
    {},
  ),
];

const scales = { sa: f32([], [0.02]), za: u8([], [120]), sb: f32([], [0.01]), zb: u8([], [131]) };

const quantized: readonly OpCase[] = [
  one(
    "DynamicQuantizeLinear",
    "of both signs",
    { a: random([4, 16], 3) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "DynamicQuantizeLinear",
    "above zero",
    { a: f32([3], [1, 2, 3]) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "DynamicQuantizeLinear",
    "below zero",
    { a: f32([3], [-1, -2, -3]) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "DynamicQuantizeLinear",
    "of zeros",
    { a: f32([3], [0, 0, 0]) },
    { opset: 11, types: ["uint8", "float32", "uint8"] },
  ),
  one(
    "QuantizeLinear",
    "per tensor",
    { a: random([3, 4]), s: scales.sa, z: scales.za },
    { types: ["uint8"] },
  ),
  one(
    "QuantizeLinear",
    "per axis, int8",
    {
      a: random([3, 4]),
      s: f32([3], [0.1, 0.02, 0.5]),
      z: { type: "int8", shape: [3], data: [0, -3, 5] },
    },
    { types: ["int8"], attributes: { axis: int(0) } },
  ),
  one(
    "QuantizeLinear",
    "without a zero point",
    { a: random([3, 4]), s: scales.sa },
    { types: ["uint8"] },
  ),
  one("DequantizeLinear", "per tensor", { a: bytes("uint8", [2, 5]), s: scales.sa, z: scales.za }),
  one("DequantizeLinear", "per axis", {
    a: bytes("int8", [2, 3, 2]),
    s: f32([3], [0.1, 0.02, 0.5]),
    z: { type: "int8", shape: [3], data: [0, -3, 5] },
  }),
  one("DequantizeLinear", "int32 without a zero point", {
    a: i32([3], [1000, -70000, 5]),
    s: f32([], [0.001]),
  }),
  one(
    "MatMulInteger",
    "exact beyond float32",
    {
      a: u8([2, 600], new Array(1200).fill(255)),
      b: u8(
        [600, 2],
        new Array(1200).fill(0).map((_, i) => 255 - (i % 2)),
      ),
    },
    { types: ["int32"], constants: ["b"] },
  ),
  one(
    "MatMulInteger",
    "with zero points",
    {
      a: bytes("uint8", [3, 40]),
      b: bytes("int8", [40, 5], 7),
      za: u8([], [17]),
      zb: { type: "int8", shape: [], data: [-4] },
    },
    { types: ["int32"], constants: ["b", "za", "zb"] },
  ),
  one(
    "MatMulInteger",
    "with a zero point per column",
    {
      a: bytes("uint8", [2, 3, 40]),
      b: bytes("uint8", [40, 3], 7),
      za: u8([], [17]),
      zb: u8([3], [1, 130, 255]),
    },
    { types: ["int32"], constants: ["b", "zb"] },
  ),
  one(
    "ConvInteger",
    "with padding and zero points",
    {
      x: bytes("uint8", [1, 3, 6, 5]),
      w: bytes("uint8", [4, 3, 3, 3], 9),
      zx: u8([], [100]),
      zw: u8([], [130]),
    },
    { types: ["int32"], constants: ["w", "zx", "zw"], attributes: { pads: ints(1, 1, 1, 1) } },
  ),
  one(
    "ConvInteger",
    "exact beyond float32",
    {
      x: u8([1, 60, 4], new Array(240).fill(255)),
      w: u8(
        [1, 60, 3],
        new Array(180).fill(0).map((_, i) => 255 - (i % 2)),
      ),
    },
    { types: ["int32"], constants: ["w"], attributes: { pads: ints(1, 1) } },
  ),
  chain(
    "quantized: a product as exporters write it",
    [
      { op: "DynamicQuantizeLinear", name: "dql", inputs: ["x"], outputs: ["q", "sa", "za"] },
      node("MatMulInteger", ["q", "w", "za", "zw"], "p"),
      node("Cast", ["p"], "f", { to: int(1) }),
      node("Mul", ["sa", "sw"], "s"),
      node("Mul", ["f", "s"], "m"),
      node("Add", ["m", "b"], "y"),
    ],
    {
      x: random([2, 7, 24], 3),
      w: bytes("uint8", [24, 10]),
      zw: scales.zb,
      sw: scales.sb,
      b: random([10], 1, 3),
    },
    { y: "float32" },
    { opset: 11, constants: ["w", "zw", "sw", "b"], tolerance: 3e-6 },
  ),
  chain(
    "quantized: a product with a scale per column, read as integers too",
    [
      { op: "DynamicQuantizeLinear", name: "dql", inputs: ["x"], outputs: ["q", "sa", "za"] },
      node("MatMulInteger", ["q", "w", "za"], "p"),
      node("Cast", ["p"], "f", { to: int(1) }),
      node("Mul", ["sw", "sa"], "s"),
      node("Mul", ["s", "f"], "y"),
    ],
    { x: random([7, 24], 3), w: bytes("int8", [24, 3]), sw: f32([3], [0.01, 0.2, 0.03]) },
    { y: "float32", p: "int32" },
    { opset: 11, constants: ["w", "sw"], tolerance: 3e-6 },
  ),
  chain(
    "quantized: a convolution as exporters write it",
    [
      { op: "DynamicQuantizeLinear", name: "dql", inputs: ["x"], outputs: ["q", "sa", "za"] },
      node("ConvInteger", ["q", "w", "za", "zw"], "p", { pads: ints(1, 1), strides: ints(2) }),
      node("Cast", ["p"], "f", { to: int(1) }),
      node("Mul", ["sa", "sw"], "s"),
      node("Mul", ["f", "s"], "m"),
      node("Add", ["m", "b"], "y"),
    ],
    {
      x: random([2, 5, 9], 3),
      w: bytes("uint8", [4, 5, 3]),
      zw: scales.zb,
      sw: scales.sb,
      b: random([1, 4, 1], 1, 3),
    },
    { y: "float32" },
    { opset: 11, constants: ["w", "zw", "sw", "b"], tolerance: 3e-6 },
  ),
  chain(
    "quantized: one table for gather and for the transposed product",
    [
      node("Gather", ["table", "ids"], "rows", { axis: int(0) }),
      node("DequantizeLinear", ["rows", "st", "zt"], "x"),
      node("Transpose", ["table"], "turned", { perm: ints(1, 0) }),
      node("DequantizeLinear", ["turned", "st", "zt"], "w"),
      node("MatMul", ["x", "w"], "y"),
    ],
    { ids: i64([1, 2], [3, 0]), table: bytes("uint8", [5, 6]), st: scales.sb, zt: scales.zb },
    { y: "float32" },
    { opset: 11, constants: ["table", "st", "zt"], tolerance: 3e-6 },
  ),
];

export const opCases: readonly OpCase[] = [
  ...binary, ...unary, ...reductions, ...products, ...pools, ...layouts, ...shapes, ...quantized,
]; // prettier-ignore
