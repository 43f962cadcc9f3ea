/** What a context is asked for happens in the order of the calls, whoever waits for what; contexts do not meet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { MLGraphBuilder, type MLContext, type MLGraph } from "../../../core-webnn/index.ts";
import { buildLine, contextKinds, flags, onEachContext, pair, readPair } from "./contexts.ts";

const both = { ...pair, ...flags };

onEachContext(
  "writes, dispatches and reads that nobody awaits keep their order",
  async (context) => {
    const addOne = await buildLine(context, 1, 1);
    const [x, y, z] = await Promise.all([0, 1, 2].map(() => context.createTensor(both)));
    const reads: Promise<number[]>[] = [];
    const expected: number[][] = [];
    for (let round = 0; round < 40; round++) {
      context.writeTensor(x!, Float32Array.of(round, -round));
      context.dispatch(addOne, { x: x! }, { y: y! });
      reads.push(readPair(context, y!));
      expected.push([round + 1, -round + 1]);
      context.dispatch(addOne, { x: y! }, { y: z! });
      context.writeTensor(y!, Float32Array.of(1000, 1000));
      reads.push(readPair(context, z!), readPair(context, y!), readPair(context, x!));
      expected.push([round + 2, -round + 2], [1000, 1000], [round, -round]);
    }
    assert.deepEqual(await Promise.all(reads), expected);
  },
);

onEachContext("a tensor that goes round through many dispatches", async (context) => {
  const double = await buildLine(context, 2, 0);
  let [from, to] = await Promise.all([0, 1].map(() => context.createTensor(both)));
  context.writeTensor(from!, Float32Array.of(1, -3));
  for (let i = 0; i < 20; i++) {
    context.dispatch(double, { x: from! }, { y: to! });
    [from, to] = [to, from];
  }
  assert.deepEqual(await readPair(context, from!), [2 ** 20, -3 * 2 ** 20]);
});

onEachContext("a write copies at once, from any kind of buffer", async (context) => {
  const tensor = await context.createTensor(both);
  const shared = new SharedArrayBuffer(24);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  const sources: readonly (Float32Array<ArrayBuffer> | Float32Array<SharedArrayBuffer>)[] = [
    new Float32Array(2),
    new Float32Array(new ArrayBuffer(24), 12, 2),
    new Float32Array(shared, 4, 2),
    new Float32Array(memory.buffer as unknown as SharedArrayBuffer, 64, 2),
  ];
  for (const [i, source] of sources.entries()) {
    source.set([i + 1, i + 2]);
    context.writeTensor(tensor, source);
    source.fill(-1);
    assert.deepEqual(await readPair(context, tensor), [i + 1, i + 2]);
    // The same bytes as bytes, and as a whole buffer.
    source.set([i + 3, i + 4]);
    const bytes = new Uint8Array(source.buffer, source.byteOffset, 8);
    context.writeTensor(tensor, bytes);
    bytes.fill(0);
    assert.deepEqual(await readPair(context, tensor), [i + 3, i + 4]);
  }
  const whole = Float32Array.of(7, 8).buffer;
  context.writeTensor(tensor, whole);
  structuredClone(whole, { transfer: [whole] });
  assert.deepEqual(await readPair(context, tensor), [7, 8]);
});

onEachContext("reads into a caller's buffer leave the bytes around it", async (context) => {
  const tensor = await context.createTensor(both);
  context.writeTensor(tensor, Float32Array.of(5, 6));
  for (const buffer of [new ArrayBuffer(24), new SharedArrayBuffer(24)]) {
    const around = new Float32Array(buffer);
    for (const view of [new Float32Array(buffer, 8, 2), new Uint8Array(buffer, 8, 8)]) {
      around.fill(9);
      assert.equal(await context.readTensor(tensor, view), undefined);
      assert.deepEqual([...around], [9, 9, 5, 6, 9, 9]);
    }
    const exact = buffer instanceof ArrayBuffer ? new ArrayBuffer(8) : new SharedArrayBuffer(8);
    await context.readTensor(tensor, exact);
    assert.deepEqual([...new Float32Array(exact)], [5, 6]);
  }
});

onEachContext(
  "a buffer that goes away before its read comes back is a TypeError",
  async (context) => {
    const tensor = await context.createTensor(both);
    for (const view of [new ArrayBuffer(8), new Float32Array(2), new Uint8Array(8)]) {
      const reading = context.readTensor(tensor, view);
      const buffer = ArrayBuffer.isView(view) ? view.buffer : view;
      structuredClone(buffer, { transfer: [buffer] });
      const says = "readTensor: outputData has 0 bytes, as one that is detached, not the 8 of float32[2]"; // prettier-ignore
      await assert.rejects(reading, { name: "TypeError", message: says });
    }
    assert.deepEqual(await readPair(context, tensor), [0, 0]);
  },
);

onEachContext("a tensor that is destroyed after a dispatch was given it", async (context) => {
  const negate = await buildLine(context, -1, 0);
  const [x, y] = await Promise.all([0, 1].map(() => context.createTensor(both)));
  context.writeTensor(x!, Float32Array.of(1, 2));
  context.dispatch(negate, { x: x! }, { y: y! });
  x!.destroy();
  negate.destroy();
  assert.deepEqual(await readPair(context, y!), [-1, -2]);
});

onEachContext("what is asked during a build is done, and the build too", async (context) => {
  const [one, two] = [buildLine(context, 3, 0), buildLine(context, 5, 0)];
  const [x, y] = await Promise.all([0, 1].map(() => context.createTensor(both)));
  context.writeTensor(x!, Float32Array.of(1, 2));
  const reading = readPair(context, x!);
  assert.deepEqual(await reading, [1, 2]);
  for (const [graph, factor] of [
    [await one, 3],
    [await two, 5],
  ] as const) {
    context.dispatch(graph, { x: x! }, { y: y! });
    assert.deepEqual(await readPair(context, y!), [factor, 2 * factor]);
  }
});

/** n → a sum over n² intermediate values, more than any memory here can have when n is large. */
async function buildGreedy(context: MLContext): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const n = { name: "n" };
  const row = builder.input("x", { dataType: "float32", shape: [1, n] });
  const column = builder.transpose(row);
  const squares = builder.softmax(builder.matmul(column, row), 1);
  return builder.build({ y: builder.reduceSum(builder.matmul(row, squares)) });
}

onEachContext(
  "a dispatch that has no memory is told at the next read of its output",
  async (context) => {
    const graph = await buildGreedy(context);
    const copy = await buildLine(context, 1, 0);
    const input = async (size: number) => {
      const tensor = await context.createTensor({
        dataType: "float32",
        shape: [1, size],
        writable: true,
      });
      context.writeTensor(tensor, new Float32Array(size).fill(1));
      return tensor;
    };
    const y = await context.createTensor({ dataType: "float32", shape: [], readable: true });
    const [small, large] = [await input(3), await input(60_000)];
    const [a, b] = await Promise.all([0, 1].map(() => context.createTensor(both)));
    context.writeTensor(a!, Float32Array.of(1, 2));

    context.dispatch(graph, { x: large }, { y });
    context.dispatch(copy, { x: a! }, { y: b! });
    // Others' results are theirs.
    assert.deepEqual(await readPair(context, b!), [1, 2]);
    await assert.rejects(context.readTensor(y), (error: DOMException) => {
      assert.equal(error.name, "UnknownError");
      assert.match(error.message, /\d{10,}/, "the bytes that were asked for");
      return true;
    });
    // Told again until it is written, as nothing else stands there.
    await assert.rejects(context.readTensor(y), { name: "UnknownError" });

    // The context works on: 3 rows of softmax(1·1), each 1/3, sum to 3.
    context.dispatch(graph, { x: small }, { y });
    const [sum] = new Float32Array(await context.readTensor(y));
    assert.ok(Math.abs(sum! - 3) < 1e-6, `${sum}`);
    for (const tensor of [small, large, y, a!, b!]) tensor.destroy();
    graph.destroy();
  },
);

onEachContext(
  "what is computed from a failed output has failed too, until it is written",
  async (context) => {
    const graph = await buildGreedy(context);
    const builder = new MLGraphBuilder(context);
    const double = await builder.build({
      z: builder.linear(builder.input("y", { dataType: "float32", shape: [] }), { alpha: 2 }),
    });
    const scalar = { dataType: "float32", shape: [], ...flags } as const;
    const [y, z] = [await context.createTensor(scalar), await context.createTensor(scalar)];
    const large = await context.createTensor({ dataType: "float32", shape: [1, 60_000] });
    context.dispatch(graph, { x: large }, { y });
    context.dispatch(double, { y }, { z });
    const failed = { name: "UnknownError", message: /\d{10,}/ };
    await assert.rejects(context.readTensor(z), failed);
    context.writeTensor(y, Float32Array.of(21));
    await assert.rejects(context.readTensor(z), failed);
    context.dispatch(double, { y }, { z });
    assert.deepEqual([...new Float32Array(await context.readTensor(z))], [42]);
    [large, y, z, graph, double].forEach((thing) => thing.destroy());
  },
);

/** Numbers from 0 to below `limit`, the same for the same seed (xorshift). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

onEachContext("any order of calls gives what a model in numbers gives", async (context) => {
  const random = randomNumbers(2_463_534_242);
  const factors = [1, -1, 2];
  const graphs = await Promise.all(factors.map((a) => buildLine(context, a, 1)));
  const count = 5;
  const tensors = await Promise.all(
    Array.from({ length: count }, () => context.createTensor(both)),
  );
  const model = tensors.map(() => [0, 0]);
  const reads: Promise<{ got: number[] | Error; expected: number[] }>[] = [];
  const read = async (i: number) => {
    const expected = model[i]!;
    const got = await readPair(context, tensors[i]!).catch((error: Error) => error);
    return { got, expected };
  };
  for (let call = 0; call < 600; call++) {
    const [i, j, what] = [random(count), random(count), random(60)];
    if (what === 0) {
      tensors[i]!.destroy();
      tensors[i] = await context.createTensor(both);
      model[i] = [0, 0];
    } else if (what < 15) {
      reads.push(read(i));
    } else if (what < 30 || model[i]!.some((x) => Math.abs(x) > 2 ** 20)) {
      model[i] = [random(100), -random(100)];
      context.writeTensor(tensors[i]!, Float32Array.from(model[i]));
    } else if (i !== j) {
      const g = random(factors.length);
      context.dispatch(graphs[g]!, { x: tensors[i]! }, { y: tensors[j]! });
      model[j] = model[i]!.map((x) => factors[g]! * x + 1);
    }
  }
  let destroyed = 0;
  for (const { got, expected } of await Promise.all(reads)) {
    // Of a tensor that was destroyed before it came back.
    if (got instanceof Error && got.name === "InvalidStateError") destroyed++;
    else assert.deepEqual(got, expected);
  }
  assert.ok(reads.length > 100 && destroyed < reads.length / 2, `${destroyed} of ${reads.length}`);
  [...tensors, ...graphs].forEach((thing) => thing.destroy());
});

test("contexts of every kind side by side, two of each, in turns", async () => {
  const kinds = contextKinds.filter(({ skip }) => skip === false);
  const contexts = await Promise.all([...kinds, ...kinds].map(({ open }) => open()));
  const made = await Promise.all(
    contexts.map(async (context, i) => ({
      context,
      graph: await buildLine(context, i + 1, 0),
      x: await context.createTensor(both),
      y: await context.createTensor(both),
    })),
  );
  for (let round = 1; round <= 5; round++) {
    for (const { context, x } of made) context.writeTensor(x, Float32Array.of(round, -round));
    for (const { context, graph, x, y } of made) context.dispatch(graph, { x }, { y });
    if (round === 3) await setTimeout(1);
    const results = await Promise.all(made.map(({ context, y }) => readPair(context, y)));
    results.forEach((result, i) => assert.deepEqual(result, [round * (i + 1), -round * (i + 1)]));
  }
  // One that goes takes no other along.
  const [first, ...others] = made;
  first!.context.destroy();
  for (const { context, y } of others) assert.equal((await readPair(context, y)).length, 2);
  for (const { context } of others) context.destroy();
});
