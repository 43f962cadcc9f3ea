/** Results of runs: on the host, on the device, in tensors of the caller. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import type { MLContext } from "../../../core-webnn/index.ts";
import { a, b, counting, model } from "./addition.ts";
import { f32, type ModelSpec } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { floats, integers, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

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
