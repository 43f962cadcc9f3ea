/** What is left of contexts, graphs, tensors and builders that are gone: the standard's error for each use of them. */
import assert from "node:assert/strict";
import type * as Threads from "node:worker_threads";
import { test } from "node:test";
import { createContext } from "../../../core-webnn/api/ml-context.ts";
import {
  MLGraphBuilder,
  type MLContext,
  type MLGraph,
  type MLOperand,
  type MLTensor,
} from "../../../core-webnn/index.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";
import {
  buildLine,
  deviceKinds,
  flags,
  onEachContext,
  onOwnContext,
  pair,
  readPair,
} from "./contexts.ts";

const both = { ...pair, ...flags };
const invalid = { name: "InvalidStateError" };
const wrong = { name: "TypeError" };

interface Belongings {
  readonly context: MLContext;
  readonly graph: MLGraph;
  readonly x: MLTensor;
  readonly y: MLTensor;
  readonly constant: MLTensor;
  readonly builder: MLGraphBuilder;
  readonly operand: MLOperand;
}

async function furnish(context: MLContext): Promise<Belongings> {
  const builder = new MLGraphBuilder(context);
  return {
    context,
    graph: await buildLine(context, 2, 1),
    x: await context.createTensor(both),
    y: await context.createTensor(both),
    constant: await context.createConstantTensor(pair, new Float32Array(2)),
    builder,
    operand: builder.neg(builder.input("x", pair)),
  };
}

type Use = readonly [what: string, error: { name: string }, use: (b: Belongings) => unknown];

const usesOfALostContext: readonly Use[] = [
  ["createTensor", invalid, ({ context }) => context.createTensor(both)],
  ["createTensor of nothing", wrong, ({ context }) => context.createTensor({} as never)],
  ["createConstantTensor", invalid, ({ context }) => context.createConstantTensor(pair, new Float32Array(2))], // prettier-ignore
  ["createConstantTensor of no buffer", wrong, ({ context }) => context.createConstantTensor(pair, 2 as never)], // prettier-ignore
  ["createExportableTensor", invalid, ({ context }) => context.createExportableTensor(both, { queue: 0, createComputePipelineAsync: 0 } as never)], // prettier-ignore
  // Its tensors were destroyed, which the standard asks first.
  ["readTensor", wrong, ({ context, x }) => context.readTensor(x)],
  ["readTensor into a buffer", wrong, ({ context, x }) => context.readTensor(x, new Float32Array(2))], // prettier-ignore
  ["writeTensor", wrong, ({ context, x }) => context.writeTensor(x, new Float32Array(2))],
  // So were its graphs, which is another error.
  ["dispatch", invalid, ({ context, graph, x, y }) => context.dispatch(graph, { x }, { y })],
  ["dispatch of no graph", wrong, ({ context, x, y }) => context.dispatch({} as never, { x }, { y })], // prettier-ignore
  ["dispatch of no tensors", wrong, ({ context, graph }) => context.dispatch(graph, { x: 1 } as never, {})], // prettier-ignore
  ["exportToGPU", invalid, ({ context, x }) => context.exportToGPU(x)],
  ["a new builder", invalid, ({ context }) => new MLGraphBuilder(context)],
  ["input", invalid, ({ builder }) => builder.input("z", pair)],
  ["input without a name", invalid, ({ builder }) => builder.input("", pair)],
  ["constant of bytes", invalid, ({ builder }) => builder.constant(pair, new Float32Array(2))],
  ["constant of a number", invalid, ({ builder }) => builder.constant("float32", 1)],
  ["constant of a destroyed tensor", wrong, ({ builder, constant }) => builder.constant(constant)],
  ["an op", invalid, ({ builder, operand }) => builder.neg(operand)],
  ["an op of too many dimensions", invalid, ({ builder, operand }) => builder.softmax(operand, 7)],
  ["an op of nothing", wrong, ({ builder }) => builder.neg(undefined as never)],
  ["build", invalid, ({ builder, operand }) => builder.build({ operand })],
  ["build of no outputs", invalid, ({ builder }) => builder.build({})],
  ["build of no operands", wrong, ({ builder }) => builder.build({ y: 1 as never })],
];

/** Methods that give a promise never throw. */
const asynchronous = /^(create|readTensor|build)/;

async function check([what, error, use]: Use, belongings: Belongings): Promise<void> {
  if (asynchronous.test(what))
    await assert.rejects(() => use(belongings) as Promise<unknown>, error, what); // prettier-ignore
  else assert.throws(() => use(belongings), error, what);
  if (asynchronous.test(what)) assert.doesNotThrow(() => (use(belongings) as Promise<unknown>).catch(() => 0)); // prettier-ignore
}

onOwnContext("each use of a destroyed context", async (context, { name }) => {
  const belongings = await furnish(context);
  const { lost } = context;
  let losses = 0;
  void lost.then(() => losses++);
  context.destroy();
  context.destroy();
  assert.equal(context.lost, lost);
  assert.deepEqual(await lost, { message: "the context was destroyed" });
  for (const use of usesOfALostContext) await check(use, belongings);
  // What may be asked all the same.
  assert.equal(context.accelerated, name === "gpu");
  assert.ok(context.opSupportLimits().maxTensorByteLength > 0);
  assert.deepEqual([belongings.x.shape, belongings.graph.devices.length], [[2], 1]);
  for (const thing of [belongings.x, belongings.constant, belongings.graph]) thing.destroy();
  context.destroy();
  assert.equal(await context.lost, await lost);
  assert.equal(losses, 1);
});

/** What is under way on a context, each to be rejected when it is lost. */
function begin({ context, builder, operand, x }: Belongings): readonly Promise<unknown>[] {
  const weights = new MLGraphBuilder(context);
  const large = { dataType: "float32", shape: [512, 512] } as const;
  const input = weights.input("x", large);
  const sums = weights.matmul(input, weights.constant(large, new Float32Array(512 * 512)));
  return [
    context.createTensor(both),
    context.createConstantTensor(pair, new Float32Array(2)),
    builder.build({ operand }),
    weights.build({ sums }),
    context.readTensor(x),
    context.readTensor(x, new Float32Array(2)),
    context.createTensor({ dataType: "int8", shape: [3] }),
  ];
}

async function assertAllRejected(pending: readonly Promise<unknown>[]): Promise<void> {
  for (const promise of pending) await assert.rejects(promise, invalid);
}

onOwnContext("destroying a context rejects what is under way", async (context) => {
  const pending = begin(await furnish(context));
  context.destroy();
  await assertAllRejected(pending);
});

onEachContext(
  "each use of a destroyed tensor, of a destroyed graph and of a used builder",
  async (context) => {
    const belongings = await furnish(context);
    const { x, y, graph, constant, builder, operand } = belongings;
    const other = await buildLine(context, 1, 0);
    const reading = context.readTensor(x);
    x.destroy();
    await assert.rejects(reading, invalid);
    constant.destroy();
    graph.destroy();
    await builder.build({ operand });
    const uses: readonly Use[] = [
      ["readTensor", wrong, () => context.readTensor(x)],
      ["readTensor into a buffer", wrong, () => context.readTensor(x, new Float32Array(2))],
      ["writeTensor", wrong, () => context.writeTensor(x, new Float32Array(2))],
      ["an input", wrong, () => context.dispatch(other, { x }, { y })],
      ["an output", wrong, () => context.dispatch(other, { x: y }, { y: x })],
      ["exportToGPU", wrong, () => context.exportToGPU(x)],
      ["a constant", wrong, () => builder.constant(constant)],
      ["dispatch", invalid, () => context.dispatch(graph, { x: y }, { y: y })],
      ["an op", invalid, () => builder.neg(operand)],
      ["an op's operand of another type", invalid, () => builder.logicalNot(operand)],
      ["an input of the builder", invalid, () => builder.input("z", pair)],
      ["a constant of the builder", invalid, () => builder.constant("float32", 1)],
      ["build", invalid, () => builder.build({ operand })],
    ];
    for (const use of uses) await check(use, belongings);
    for (const thing of [x, constant, graph]) assert.equal(thing.destroy(), undefined);
    y.destroy();
  },
);

onEachContext("tensors and graphs of another context are TypeErrors", async (context, { open }) => {
  const mine = await furnish(context);
  const theirs = await furnish(await open());
  const { builder, graph, x, y } = mine;
  const uses: readonly Use[] = [
    ["readTensor", wrong, () => context.readTensor(theirs.x)],
    ["writeTensor", wrong, () => context.writeTensor(theirs.x, new Float32Array(2))],
    ["dispatch", wrong, () => context.dispatch(theirs.graph, { x }, { y })],
    ["an input", wrong, () => context.dispatch(graph, { x: theirs.x }, { y })],
    ["an output", wrong, () => context.dispatch(graph, { x }, { y: theirs.y })],
    ["a constant", wrong, () => builder.constant(theirs.constant)],
    ["an operand", wrong, () => builder.neg(theirs.operand)],
    ["an operand in a list", wrong, () => builder.concat([mine.operand, theirs.operand], 0)],
    ["an operand of the same context", wrong, () => new MLGraphBuilder(context).neg(mine.operand)],
    ["build", wrong, () => builder.build({ y: theirs.operand })],
  ];
  for (const use of uses) await check(use, mine);
  theirs.context.destroy();
  [x, y].forEach((tensor) => tensor.destroy());
});

test("an accident of the device is told once, with its message, and ends the workers", async () => {
  const { device, ...backend } = interpreterBackend();
  let closed = 0;
  const context = createContext({ ...backend, device, close: async () => void closed++ });
  const belongings = await furnish(context);
  device.lose("the driver crashed");
  // The device has said so, but nobody has heard it yet.
  const pending = begin(belongings);
  assert.deepEqual(await context.lost, { message: "the driver crashed" });
  await assertAllRejected(pending);
  await assert.rejects(context.createTensor(both), {
    ...invalid,
    message: "the context is lost: the driver crashed",
  });
  context.destroy();
  assert.deepEqual(await context.lost, { message: "the driver crashed" });
  assert.equal(closed, 1);
});

test("a device that never answers holds nobody up", async () => {
  const { device, ...backend } = interpreterBackend();
  const never = (): Promise<never> => new Promise(() => {});
  const silent = { ...device, createTensor: never, readTensor: never, addConstant: never };
  const context = createContext({ ...backend, device: silent, build: never });
  const builder = new MLGraphBuilder(context);
  const y = builder.neg(builder.input("x", pair));
  const pending = [
    context.createTensor(both),
    context.createConstantTensor(pair, new Float32Array(2)),
    builder.build({ y }),
  ];
  context.destroy();
  await assertAllRejected(pending);
});

/** A context whose workers the caller can end. */
async function openExposed(
  open: () => Promise<MLContext>,
): Promise<{ context: MLContext; workers: readonly Threads.Worker[] }> {
  const threads = process.getBuiltinModule("node:worker_threads") as { Worker: typeof Threads.Worker }; // prettier-ignore
  const { Worker } = threads;
  const workers: Threads.Worker[] = [];
  threads.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      workers.push(this);
    }
  };
  try {
    return { context: await open(), workers };
  } finally {
    threads.Worker = Worker;
  }
}

for (const { name, skip, open } of deviceKinds) {
  test(`a worker that ends loses its context, which says so (${name})`, { skip }, async () => {
    const { context, workers } = await openExposed(open);
    const other = await open();
    const belongings = await furnish(context);
    const pending = begin(belongings);
    await workers[0]!.terminate();
    const { message } = await context.lost;
    assert.match(message, /^the context's worker ended: it exited with code \d+$/);
    // The worker may have answered some; nothing is left open.
    const outcomes = await Promise.allSettled(pending);
    const rejected = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason as Error] : [],
    );
    assert.ok(rejected.length > 0);
    for (const error of rejected) assert.equal(error.name, invalid.name);
    for (const use of usesOfALostContext) await check(use, belongings);

    // Others go on.
    const line = await buildLine(other, 2, 0);
    const [x, y] = [await other.createTensor(both), await other.createTensor(both)];
    other.writeTensor(x, Float32Array.of(1, 2));
    other.dispatch(line, { x }, { y });
    assert.deepEqual(await readPair(other, y), [2, 4]);
    other.destroy();
  });
}
