/** Sessions: what runs take and give, where results are, and how sessions and runs end. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import { OnnxValueError } from "../../../adapters/onnxruntime/errors.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { a, b, counting, model } from "./addition.ts";
import { f32 } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { bool, floats, integers, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

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

  it("refuses outputs that an op does not have", async () => {
    const add = { ...model.nodes[0]!, outputs: ["sum", "more"] };
    const more = { name: "more", type: "float32" } as const;
    const spec = { ...model, nodes: [add, model.nodes[1]!], outputs: [...model.outputs, more] };
    const session = openSession(spec, context);
    const { sum } = await session.fetch({ a: a(), b: b() }, "sum");
    assert.deepEqual(await numbers(sum), [11, 22]);
    await assert.rejects(session.fetch({ a: a(), b: b() }, "more"), {
      code: "malformed",
      message: "nothing gives the value 'more'",
    });
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
