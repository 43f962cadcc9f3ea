/** Nodes that ask for what cannot be: a typed error that says what and where, and no memory is taken for it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { OnnxModelError } from "../../../adapters/onnxruntime/errors.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import type { AttributeSpec, TensorSpec } from "./onnx-writer.ts";
import { f32, i64 } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const x = f32([2, 3], [1, 2, 3, 4, 5, 6]);
const int = (value: number) => ({ int: value });
const text = (value: string) => ({ text: value });

interface Hostile {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly constants?: Readonly<Record<string, TensorSpec>>;
  readonly opset?: number;
  readonly says: RegExp;
}

const cases: readonly Hostile[] = [
  { op: "Softmax", attributes: { axis: int(2) }, says: /axis 2 is out of range for rank 2/ },
  { op: "LogSoftmax", opset: 11, attributes: { axis: int(-3) }, says: /axis -3 is out of range/ },
  { op: "ArgMax", attributes: { axis: int(7) }, says: /axis 7 is out of range/ },
  { op: "ReduceMax", attributes: { axes: { ints: [0, 5] } }, says: /axis 5 is out of range/ },
  { op: "ReduceMax", attributes: { axes: { ints: [0, 0] } }, says: /ReduceMax 'ReduceMax_0'/ },
  { op: "ReduceSum", constants: { axes: i64([1], [99]) }, says: /axis 99 is out of range/ },
  { op: "Cast", attributes: { to: int(99) }, says: /a cast to data type 99/ },
  { op: "Cast", attributes: { to: int(8) }, says: /string/ },
  { op: "Cast", opset: 1, attributes: { to: text("TRIT") }, says: /a cast to data type TRIT/ },
  { op: "EyeLike", attributes: { dtype: int(77) }, says: /dtype 77/ },
  {
    op: "Mod",
    constants: { b: f32([3], [1, 2, 3]) },
    says: /Mod 'Mod_0': data of type float32 needs the attribute fmod = 1/,
  },
  {
    op: "BitShift",
    constants: { b: f32([3], [1, 2, 3]) },
    attributes: { direction: text("LEFT") },
    says: /data of type float32, expected integers/,
  },
  { op: "Add", constants: { b: f32([4], [1, 2, 3, 4]) }, says: /do not broadcast/ },
  {
    op: "Add",
    opset: 6,
    constants: { b: f32([3], [1, 2, 3]) },
    attributes: { broadcast: int(1), axis: int(2) },
    says: /axis 2 is out of range for ranks 2 and 1/,
  },
  {
    op: "Add",
    opset: 6,
    constants: { b: f32([3], [1, 2, 3]) },
    says: /operands of ranks 2 and 1 without the attribute broadcast/,
  },
  { op: "Det", says: /the shape \[2, 3\], expected square matrices/ },
  {
    op: "NegativeLogLikelihoodLoss",
    constants: { labels: i64([2, 2], [0, 1, 0, 1]) },
    says: /scores of rank 2 with labels of rank 2/,
  },
  {
    op: "SoftmaxCrossEntropyLoss",
    constants: { labels: i64([2], [0, 1]) },
    attributes: { reduction: text("median") },
    says: /reduction 'median', expected none, sum or mean/,
  },
  {
    op: "ImageScaler",
    opset: 1,
    attributes: { bias: { floats: [1] } },
    says: /bias has 1 numbers for 3 channels/,
  },
  { op: "Multinomial", attributes: { sample_size: int(-1) }, says: /the shape \[2, -1\]/ },
  { op: "Multinomial", attributes: { sample_size: int(2 ** 40) }, says: /at most/ },
  {
    op: "Multinomial",
    attributes: { dtype: int(1) },
    says: /dtype float32, expected int32 or int64/,
  },
];

async function run({ op, attributes = {}, constants = {}, opset = 17 }: Hostile): Promise<void> {
  const inputs = ["x", ...Object.keys(constants)];
  const session = openSession(
    {
      opset,
      nodes: [{ op, name: `${op}_0`, inputs, outputs: ["y"], attributes }],
      inputs: [{ name: "x", type: "float32", shape: ["n", "m"] }],
      outputs: [{ name: "y", type: "float32" }],
      initializers: constants,
    },
    context,
  );
  try {
    const { Tensor } = await import("onnxruntime-common");
    await session.fetch({
      x: new Tensor("float32", Float32Array.from(x.data as number[]), x.shape),
    });
  } finally {
    await session.dispose();
  }
}

describe("nodes that ask for what cannot be", () => {
  for (const hostile of cases) {
    it(`${hostile.op} ${JSON.stringify(hostile.attributes ?? {})} says ${hostile.says}`, async () => {
      await assert.rejects(run(hostile), (error: Error) => {
        assert.ok(error instanceof OnnxModelError, `${error.name}: ${error.message}`);
        assert.match(error.message, hostile.says);
        return true;
      });
    });
  }

  it("RandomNormal takes no memory for more than a device has", async () => {
    const session = openSession(
      {
        nodes: [
          {
            op: "RandomNormal",
            name: "noise",
            inputs: [],
            outputs: ["y"],
            attributes: { shape: { ints: [2 ** 30, 2 ** 30] } },
          },
        ],
        outputs: [{ name: "y", type: "float32" }],
      },
      context,
    );
    await assert.rejects(session.fetch({}), /RandomNormal 'noise': the shape/);
    await session.dispose();
  });
});
