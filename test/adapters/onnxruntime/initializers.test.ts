/** Initializers that are inputs too: runs may feed something else in their place, as onnxruntime lets them. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import * as common from "onnxruntime-common";
import * as ort from "../../../adapters/onnxruntime/index.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { f32, i64, writeModel, type ModelSpec } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { floats, integers, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const many = Array.from({ length: 600 }, (_, i) => i);
/** y = the sum of reshape(x + w) along its rows: `shape` decides shapes, `w` is large, `bias` is no input. */
const model: ModelSpec = {
  nodes: [
    { op: "Add", inputs: ["x", "w"], outputs: ["s"] },
    { op: "Reshape", inputs: ["s", "shape"], outputs: ["r"] },
    {
      op: "ReduceSum",
      inputs: ["r", "axes"],
      outputs: ["t"],
      attributes: { keepdims: { int: 0 } },
    },
    { op: "Add", inputs: ["t", "bias"], outputs: ["y"] },
  ],
  inputs: [
    { name: "x", type: "float32", shape: [600] },
    { name: "w", type: "float32", shape: [600] },
    { name: "shape", type: "int64", shape: [2] },
  ],
  outputs: [{ name: "y", type: "float32" }],
  initializers: {
    w: f32([600], many),
    shape: i64([2], [2, 300]),
    axes: i64([1], [1]),
    bias: f32([], [1]),
  },
};

/** Sums of 0 to 599 by halves and thirds, and 1. */
const runs: readonly {
  readonly why: string;
  readonly feeds: Readonly<Record<string, common.Tensor>>;
  readonly expected: readonly number[];
}[] = [
  { why: "none", feeds: {}, expected: [44851, 134851] },
  { why: "the shape", feeds: { shape: integers([2], [3, 200]) }, expected: [19901, 59901, 99901] },
  {
    why: "the weights",
    feeds: {
      w: floats(
        [600],
        many.map(() => 2),
      ),
    },
    expected: [601, 601],
  },
  {
    why: "both",
    feeds: {
      w: floats(
        [600],
        many.map(() => 3),
      ),
      shape: integers([2], [1, 600]),
    },
    expected: [1801],
  },
  { why: "none again", feeds: {}, expected: [44851, 134851] },
];

async function checkRuns(
  api: typeof common,
  spec: ModelSpec,
  more: Readonly<Record<string, common.Tensor>>,
  options: common.InferenceSession.SessionOptions,
): Promise<void> {
  const session = await api.InferenceSession.create(writeModel(spec), options);
  assert.deepEqual(session.inputNames, ["x", ...Object.keys(more)]);
  const x = floats(
    [600],
    many.map(() => 0),
  );
  for (const { why, feeds, expected } of runs) {
    const own = Object.entries({ x, ...more, ...feeds }).map(([name, { type, data, dims }]) => [
      name,
      new api.Tensor(type as "float32", data as Float32Array, dims),
    ]);
    const { y } = await session.run(Object.fromEntries(own) as Record<string, common.Tensor>);
    assert.deepEqual(await numbers(y as common.Tensor), expected, why);
  }
  await session.release();
}

describe("initializers that are inputs", () => {
  it("give way to what is fed", () =>
    checkRuns(
      ort as unknown as typeof common,
      model,
      {},
      {
        executionProviders: [{ name: "webnn", context } as { name: string }],
      },
    ));

  // Its JavaScript feeds required inputs alone: the oracle is the model without those initializers.
  it("are then plain inputs to onnxruntime-node", { skip: missing("peers") }, () => {
    const requirePeer = createRequire(new URL("../../peers/package.json", import.meta.url));
    const { axes, bias } = model.initializers!;
    return checkRuns(
      requirePeer("onnxruntime-node") as typeof common,
      { ...model, initializers: { axes: axes!, bias: bias! } },
      { w: floats([600], many), shape: integers([2], [2, 300]) },
      { logSeverityLevel: 4 },
    );
  });

  const x = floats([600]);
  const refused: readonly {
    readonly why: string;
    readonly spec: ModelSpec;
    readonly feeds: Readonly<Record<string, common.Tensor>>;
    readonly says: RegExp;
  }[] = [
    { why: "of another shape", spec: model, feeds: { w: floats([3]) }, says: /'w': expected float32 \[600\]/ },
    { why: "that are no inputs", spec: model, feeds: { bias: floats([]) }, says: /'bias': expected one of/ },
    { why: "before IR version 4", spec: { ...model, irVersion: 3 }, feeds: { w: x }, says: /'w': expected one of/ },
  ]; // prettier-ignore
  for (const { why, spec, feeds, says } of refused) {
    it(`do not, ${why}`, async () => {
      const session = openSession(spec, context);
      await assert.rejects(session.fetch({ x, ...feeds }), says);
      assert.equal((await numbers((await session.fetch({ x }))["y"])).length, 2);
      await session.dispose();
    });
  }
});
