/** Sessions: what runs take and give, where results are, and how sessions and runs end. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import { OnnxValueError } from "../../../adapters/onnxruntime/errors.ts";
import type { DeviceTensor, WebNN } from "../../../adapters/onnxruntime/webnn.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f32, type ModelSpec } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { bool, floats, integers, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

/** sum = a + b, twice = 2 a */
const model: ModelSpec = {
  nodes: [
    { op: "Add", name: "add", inputs: ["a", "b"], outputs: ["sum"] },
    { op: "Add", name: "double", inputs: ["a", "a"], outputs: ["twice"] },
  ],
  inputs: [
    { name: "a", type: "float32", shape: ["n", 2] },
    { name: "b", type: "float32", shape: ["n", 2] },
  ],
  outputs: [
    { name: "sum", type: "float32", shape: ["n", 2] },
    { name: "twice", type: "float32", shape: ["n", 2] },
  ],
};
const a = () => floats([1, 2], [1, 2]);
const b = () => floats([1, 2], [10, 20]);

/** Counts the tensors that a session has made and not destroyed. */
function counting(): { live: Set<DeviceTensor>; wrap: (webnn: WebNN) => WebNN } {
  const live = new Set<DeviceTensor>();
  const track = (tensor: DeviceTensor): DeviceTensor => {
    live.add(tensor);
    const destroy = tensor.destroy.bind(tensor);
    tensor.destroy = () => {
      live.delete(tensor);
      destroy();
    };
    return tensor;
  };
  const wrap = (webnn: WebNN): WebNN => ({
    ...webnn,
    context: new Proxy(webnn.context, {
      get(target, key) {
        if (key === "createTensor" || key === "createConstantTensor") {
          return async (...args: [never, never]) => track(await target[key](...args));
        }
        const member = Reflect.get(target, key) as unknown;
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    }),
  });
  return { live, wrap };
}

describe("a session", () => {
  it("describes its inputs and outputs", () => {
    const session = openSession(model, context);
    assert.deepEqual(session.inputNames, ["a", "b"]);
    assert.deepEqual(session.outputNames, ["sum", "twice"]);
    assert.deepEqual(session.inputMetadata[0], {
      name: "a",
      isTensor: true,
      type: "float32",
      shape: ["n", 2],
    });
    assert.deepEqual(session.outputMetadata[1], {
      name: "twice",
      isTensor: true,
      type: "float32",
      shape: ["n", 2],
    });
  });

  it("runs only what the fetches ask for", async () => {
    const session = openSession(model, context);
    const results = await session.fetch({ a: a(), b: b() }, "twice");
    assert.deepEqual(Object.keys(results), ["twice"]);
    assert.deepEqual(await numbers(results["twice"]), [2, 4]);
    const { nodes, bytes } = session.report();
    assert.deepEqual(nodes, { webnn: 1, host: 0 });
    assert.deepEqual([bytes.written, bytes.read], [8, 8]);
  });

  it("queues runs; one that fails does not stop the next", async () => {
    const session = openSession(model, context);
    const runs = [
      session.fetch({ a: a(), b: b() }, "sum"),
      session.fetch({ a: a(), b: floats([2, 2]) }, "sum"),
      session.fetch({ a: b(), b: b() }, "sum"),
    ];
    const [first, second, third] = await Promise.allSettled(runs);
    assert.equal(first!.status, "fulfilled");
    assert.equal(second!.status, "rejected");
    assert.ok(third?.status === "fulfilled");
    assert.deepEqual(await numbers(third.value["sum"]), [20, 40]);
  });

  it("uses its tensors again: sizes seen before allocate nothing", async () => {
    let made = 0;
    const session = openSession(model, context, {
      wrap: (webnn) => ({
        ...webnn,
        context: new Proxy(webnn.context, {
          get(target, key) {
            if (key === "createTensor") made += 1;
            const member = Reflect.get(target, key) as unknown;
            return typeof member === "function" ? (member.bind(target) as unknown) : member;
          },
        }),
      }),
    });
    for (let i = 0; i < 5; i++) await session.fetch({ a: a(), b: b() });
    assert.equal(made, 4);
  });

  it("frees everything on dispose, after the runs that have begun", async () => {
    const { live, wrap } = counting();
    const session = openSession(
      {
        ...model,
        nodes: [...model.nodes, { op: "Add", inputs: ["sum", "w"], outputs: ["z"] }],
        outputs: [...model.outputs, { name: "z", type: "float32" }],
        initializers: { w: f32([300, 2], new Array<number>(600).fill(1)) },
      },
      context,
      { wrap },
    );
    const run = session.fetch({ a: a(), b: b() });
    const disposal = session.dispose();
    assert.equal((await run)["z"]!.dims[0], 300);
    await disposal;
    assert.equal(live.size, 0);
    await assert.rejects(session.fetch({ a: a(), b: b() }), { name: "InvalidStateError" });
    await session.dispose();
  });

  it("frees tensors of sizes that do not come again", async () => {
    const { live, wrap } = counting();
    const session = openSession(model, context, { wrap });
    for (let n = 1; n < 10; n++) await session.fetch({ a: floats([n, 2]), b: floats([n, 2]) });
    assert.ok(live.size <= 12, `${live.size} tensors`);
    await session.dispose();
    assert.equal(live.size, 0);
  });

  it("ends runs at a signal, and stays usable", async () => {
    const session = openSession(model, context);
    const aborted = AbortSignal.abort(new Error("enough"));
    const fetches = { sum: null };
    await assert.rejects(
      session.run({ a: a(), b: b() }, fetches, { signal: aborted } as never),
      /enough/,
    );
    await assert.rejects(session.run({ a: a(), b: b() }, fetches, { terminate: true }), {
      name: "AbortError",
    });
    assert.deepEqual(await numbers((await session.fetch({ a: a(), b: b() }))["sum"]), [11, 22]);
    const controller = new AbortController();
    const other = openSession(model, context, { signal: controller.signal });
    const run = other.fetch({ a: a(), b: b() });
    controller.abort();
    await assert.rejects(run, { name: "AbortError" });
  });

  it("keeps times between startProfiling and endProfiling", async () => {
    const session = openSession(model, context);
    await session.fetch({ a: a(), b: b() });
    assert.deepEqual(session.report().profile, []);
    session.startProfiling();
    await session.fetch({ a: a(), b: b() }, "sum");
    session.endProfiling();
    await session.fetch({ a: a(), b: b() });
    const { profile } = session.report();
    assert.deepEqual(
      profile.map(({ what }) => what),
      ["build", "read", "run"],
    );
    assert.ok(profile.every(({ duration }) => duration >= 0));
  });
});

describe("feeds", () => {
  it("that do not fit are named all at once, with what was expected", async () => {
    const session = openSession(
      {
        ...model,
        inputs: [
          ...model.inputs!,
          { name: "c", type: "int64", shape: [1] },
          { name: "d", type: "float32", shape: [3] },
        ],
      },
      context,
    );
    await assert.rejects(
      session.fetch({ a: floats([1, 3]), b: integers([1, 2], [1, 2]), d: floats([3, 1]), e: a() }),
      (error) => {
        assert.ok(error instanceof OnnxValueError);
        assert.deepEqual(error.problems, [
          { name: "a", expected: "float32 [n, 2]", got: "float32 [1, 3]" },
          { name: "b", expected: "float32 [n, 2]", got: "int64 [1, 2]" },
          { name: "c", expected: "int64 [1]", got: "nothing" },
          { name: "d", expected: "float32 [3]", got: "float32 [3, 1]" },
          { name: "e", expected: "one of the model's inputs (a, b, c, d)", got: "an unknown name" },
        ]);
        return true;
      },
    );
  });

  it("must agree on named dimensions", async () => {
    const session = openSession(model, context);
    await assert.rejects(
      session.fetch({ a: a(), b: floats([3, 2]) }),
      /'b': expected float32 \[n, 2\], got float32 \[3, 2\], but 'n' is 1 in 'a'/,
    );
  });

  it("may be one tensor for two inputs, on the host or on the device", async () => {
    const session = openSession(model, context, { preferredOutputLocation: "ml-tensor" });
    const same = a();
    const { sum } = await session.fetch({ a: same, b: same });
    const again = await session.fetch({ a: sum!, b: sum! });
    assert.deepEqual(await numbers(again["sum"]), [4, 8]);
  });

  it("and results may have names that objects have already", async () => {
    const session = openSession(
      {
        nodes: [{ op: "Relu", inputs: ["constructor"], outputs: ["hasOwnProperty"] }],
        inputs: [{ name: "constructor", type: "float32", shape: [2] }],
        outputs: [{ name: "hasOwnProperty", type: "float32" }],
      },
      context,
    );
    await assert.rejects(session.fetch({}), /'constructor'.*got nothing/);
    const results = await session.fetch({ constructor: floats([2], [-1, 1]) } as never);
    const [name, tensor] = Object.entries(results)[0]!;
    assert.equal(name, "hasOwnProperty");
    assert.deepEqual(await numbers(tensor), [0, 1]);
    assert.equal("written" in {}, false);
  });

  it("that were disposed are refused", async () => {
    const session = openSession(model, context);
    const gone = a();
    gone.dispose();
    await assert.rejects(session.fetch({ a: gone, b: b() }), /'a'.*got a disposed tensor/);
  });

  it("of another context are a TypeError", async () => {
    const other = await openContext();
    const foreign = await other.createTensor({
      dataType: "float32",
      shape: [1, 2],
      writable: true,
    });
    const feed = Tensor.fromMLTensor(foreign as never, { dataType: "float32", dims: [1, 2] });
    const session = openSession(model, context);
    await assert.rejects(session.fetch({ a: feed, b: b() }), TypeError);
    assert.deepEqual(await numbers((await session.fetch({ a: a(), b: b() }))["sum"]), [11, 22]);
    other.destroy();
  });

  it("whose MLTensor is not what they say are refused", async () => {
    const tensor = await context.createTensor({ dataType: "int32", shape: [2], writable: true });
    const feed = Tensor.fromMLTensor(tensor as never, { dataType: "float32", dims: [1, 2] });
    const session = openSession(model, context);
    await assert.rejects(
      session.fetch({ a: feed, b: b() }),
      /'a'.*got an MLTensor that is int32 \[2\] in a tensor that says float32 \[1, 2\]/,
    );
  });

  it("of bool are bytes", async () => {
    const session = openSession(
      {
        nodes: [{ op: "Not", inputs: ["x"], outputs: ["y"] }],
        inputs: [{ name: "x", type: "bool", shape: [1] }],
        outputs: [{ name: "y", type: "bool" }],
      },
      context,
    );
    const { y } = await session.fetch({ x: bool(true, [1]) });
    assert.equal(y!.type, "bool");
    assert.deepEqual(await numbers(y), [0]);
  });
});

describe("results", () => {
  it("can stay on the device, all or by name, and be fed back", async () => {
    const session = openSession(model, context, { preferredOutputLocation: { sum: "ml-tensor" } });
    const first = await session.fetch({ a: a(), b: b() });
    assert.deepEqual([first["sum"]!.location, first["twice"]!.location], ["ml-tensor", "cpu"]);
    let { sum } = first;
    const before = session.report().bytes;
    for (let i = 0; i < 3; i++) {
      const next: Record<string, Tensor> = await session.fetch({ a: sum!, b: b() }, "sum");
      sum!.dispose();
      sum = next["sum"];
    }
    const after = session.report().bytes;
    assert.equal(after.byName["a"]!.written, before.byName["a"]!.written);
    assert.equal(after.read, before.read);
    assert.deepEqual(await numbers(sum), [41, 82]);
    assert.equal(session.report().bytes.read, before.read + 8);
  });

  it("on the host are copied both ways: so many bytes", async () => {
    const session = openSession(model, context);
    let { sum } = await session.fetch({ a: a(), b: b() }, "sum");
    for (let i = 0; i < 3; i++) ({ sum } = await session.fetch({ a: sum!, b: b() }, "sum"));
    const { bytes } = session.report();
    assert.deepEqual(bytes.byName, {
      a: { written: 32, read: 0 },
      b: { written: 32, read: 0 },
      sum: { written: 0, read: 32 },
    });
  });

  it("on the device are the caller's to free", async () => {
    const { live, wrap } = counting();
    const session = openSession(model, context, { wrap, preferredOutputLocation: "ml-tensor" });
    const { sum, twice } = await session.fetch({ a: a(), b: b() });
    await session.dispose();
    assert.equal(live.size, 2);
    assert.deepEqual(await numbers(sum), [11, 22]);
    sum!.dispose();
    twice!.dispose();
    assert.equal(live.size, 0);
  });

  it("go into tensors that the caller gives", async () => {
    const session = openSession(model, context);
    const onHost = floats([1, 2], [0, 0]);
    const raw = await context.createTensor({ dataType: "float32", shape: [1, 2], readable: true });
    const onDevice = Tensor.fromMLTensor(raw as never, { dataType: "float32", dims: [1, 2] });
    const results = await session.run({ a: a(), b: b() }, { sum: onHost, twice: onDevice }, {});
    assert.equal(results["sum"], onHost);
    assert.equal(results["twice"], onDevice);
    assert.deepEqual(await numbers(onHost), [11, 22]);
    assert.deepEqual([...new Float32Array(await context.readTensor(raw))], [2, 4]);
  });

  it("do not go into tensors of another shape or type", async () => {
    const session = openSession(model, context);
    for (const given of [floats([2, 1]), integers([1, 2], [0, 0])]) {
      await assert.rejects(
        session.run({ a: a(), b: b() }, { sum: given }, {}),
        /fetches do not fit the model: 'sum': expected float32 \[1, 2\], got/,
      );
    }
    await assert.rejects(
      session.run({ a: a(), b: b() }, { none: null }, {}),
      /'none': expected one of/,
    );
  });

  it("may be a feed, a constant, or the same twice", async () => {
    const through: ModelSpec = {
      nodes: [
        { op: "Identity", inputs: ["x"], outputs: ["same"] },
        { op: "Relu", inputs: ["x"], outputs: ["r"] },
        { op: "Identity", inputs: ["r"], outputs: ["again"] },
        { op: "Identity", inputs: ["w"], outputs: ["constant"] },
      ],
      inputs: [{ name: "x", type: "float32", shape: ["n"] }],
      outputs: ["x", "same", "r", "again", "constant", "w"].map((name) => ({
        name,
        type: "float32",
      })),
      initializers: { w: f32([2], [7, 8]) },
    };
    for (const location of ["cpu", "ml-tensor"] as const) {
      const session = openSession(through, context, { preferredOutputLocation: location });
      const feed = floats([3], [-1, 0, 1]);
      const results = await session.fetch({ x: feed });
      const got = Object.fromEntries(
        await Promise.all(
          Object.entries(results).map(async ([name, t]) => [name, await numbers(t)]),
        ),
      ) as Record<string, number[]>;
      assert.deepEqual(got, {
        x: [-1, 0, 1],
        same: [-1, 0, 1],
        r: [0, 0, 1],
        again: [0, 0, 1],
        constant: [7, 8],
        w: [7, 8],
      });
      // Each result has its own data.
      Object.values(results).forEach((tensor) => tensor.dispose());
      assert.deepEqual(await numbers(feed), [-1, 0, 1]);
    }
  });

  it("have places that are known", () => {
    assert.throws(
      () => openSession(model, context, { preferredOutputLocation: "gpu-buffer" }),
      /'sum' is 'gpu-buffer', expected 'cpu' or 'ml-tensor'/,
    );
    assert.throws(
      () => openSession(model, context, { preferredOutputLocation: { none: "cpu" } }),
      /names 'none', which is no output of the model \(sum, twice\)/,
    );
  });
});
