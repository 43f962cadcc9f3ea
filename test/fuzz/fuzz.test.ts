/** Some random graphs and calls, always the same; `npm run fuzz` goes on with others. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createContext } from "../../core-webnn/api/ml-context.ts";
import { ml, MLGraphBuilder, type MLContext } from "../../core-webnn/index.ts";
import { missing } from "../models/whisper/requirements.ts";
import { exactArithmetic, flushingArithmetic, type Arithmetic } from "../reference/bounds.ts";
import { isCall, printSmallGraph, type SmallGraph } from "../reference/graph.ts";
import { interpreterContext } from "../reference/interpreter-context.ts";
import { interpreterBackend } from "../reference/interpreter-device.ts";
import { checkGraph } from "./check-graph.ts";
import { checkInvalid } from "./check-invalid.ts";
import { makers } from "./makers.ts";
import { randomGraph } from "./random-graph.ts";
import { shrink } from "./shrink.ts";

interface Target {
  readonly name: string;
  readonly open: () => Promise<MLContext> | MLContext;
  readonly arithmetic: Arithmetic;
  readonly seeds: { readonly valid: number; readonly invalid: number };
  readonly skip: string | false;
}

const targets: readonly Target[] = [
  {
    name: "interpreter",
    open: () => interpreterContext(),
    arithmetic: exactArithmetic,
    seeds: { valid: 50, invalid: 40 },
    skip: false,
  },
  {
    name: "cpu",
    open: () => ml.createContext({ deviceType: "cpu", numThreads: 2 }),
    arithmetic: exactArithmetic,
    seeds: { valid: 80, invalid: 20 },
    skip: false,
  },
  {
    name: "gpu",
    open: () => ml.createContext({ deviceType: "gpu" }),
    arithmetic: flushingArithmetic,
    seeds: { valid: 6, invalid: 3 },
    skip: missing("gpu"),
  },
];

for (const { name, open, arithmetic, seeds, skip } of targets) {
  let context: MLContext;
  before(async () => {
    if (skip === false) context = await open();
  });
  after(() => context?.destroy());

  test(`random graphs give what the reference says (${name})`, { skip }, async () => {
    for (let seed = 1; seed <= seeds.valid; seed++) {
      const graph = randomGraph(seed, { limits: context.opSupportLimits(), arithmetic });
      const failure = await checkGraph(context, graph, arithmetic);
      assert.equal(failure, undefined, `seed ${seed}: ${failure?.says}\n${printSmallGraph(graph)}`);
    }
  });

  test(`spoiled calls are refused and spoil nothing (${name})`, { skip }, async () => {
    for (let seed = 1; seed <= seeds.invalid; seed++) {
      const says = await checkInvalid(context, seed, { arithmetic });
      assert.equal(says, undefined, `seed ${seed}: ${says}`);
    }
  });
}

const one: SmallGraph = {
  x: { leaf: "input", dataType: "float32", shape: [3], values: [1, 2, 3] },
  y: ["exp", { input: "x" }],
  z: ["add", { a: "y", b: "x" }],
};

test("there is a maker for every op", () => {
  const limits = interpreterContext().opSupportLimits();
  const tensors = ["preferredInputLayout", "maxTensorByteLength", "input", "constant", "output"];
  const ops = Object.keys(limits).filter((name) => !tensors.includes(name));
  assert.deepEqual(
    ops.filter((op) => !(op in makers)),
    [],
  );
});

test("a wrong bit is found out", async () => {
  const { device, ...backend } = interpreterBackend();
  const readTensor = async (id: number): Promise<Uint8Array<ArrayBuffer>> =>
    (await device.readTensor(id)).map((byte, i) => (i === 1 ? byte ^ 64 : byte));
  const context = createContext({ ...backend, device: { ...device, readTensor } });
  const failure = await checkGraph(context, one, exactArithmetic);
  assert.match(failure?.says ?? "", /^y of y, z: \[0\] of float32\[3\] is /);
});

test("a call that is not refused is found out", async () => {
  const { softmax } = MLGraphBuilder.prototype;
  const lenient: typeof softmax = function (this: MLGraphBuilder, input, axis, options) {
    try {
      return softmax.call(this, input, axis, options);
    } catch {
      return input;
    }
  };
  Object.assign(MLGraphBuilder.prototype, { softmax: lenient });
  try {
    const context = interpreterContext();
    const says = await checkInvalid(context, 2, { arithmetic: exactArithmetic, ops: ["softmax"] });
    assert.match(says ?? "", /softmax, .*: was not refused$/);
  } finally {
    Object.assign(MLGraphBuilder.prototype, { softmax });
  }
});

test("a failing graph shrinks to what fails", async () => {
  const graph = { ...one, w: ["neg", { input: "z" }], v: ["tanh", { input: "x" }] } as const;
  const small = await shrink(graph, exactArithmetic, async (candidate) =>
    Object.values(candidate).some((statement) => isCall(statement) && statement[0] === "add"),
  );
  assert.deepEqual(
    Object.values(small)
      .filter(isCall)
      .map(([op]) => op),
    ["add"],
  );
});
