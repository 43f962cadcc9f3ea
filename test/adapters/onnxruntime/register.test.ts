/** The provider's door: names, defaults, files, contexts, and models that it refuses. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import * as common from "onnxruntime-common";
import * as ort from "../../../adapters/onnxruntime/index.ts";
import { makeContextPool } from "../../../adapters/onnxruntime/session/context-pool.ts";
import type { Context } from "../../../adapters/onnxruntime/webnn.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f32, writeModel, type ModelSpec } from "./onnx-writer.ts";
import { openContext } from "./open-session.ts";
import { floats, numbers } from "./tensors.ts";

let context: MLContext;
let folder: string;
before(async () => {
  context = await openContext();
  folder = mkdtempSync(join(tmpdir(), "webnn-onnxruntime-"));
});
after(() => {
  context.destroy();
  rmSync(folder, { recursive: true });
});

const model: ModelSpec = {
  nodes: [{ op: "Add", name: "add", inputs: ["x", "w"], outputs: ["y"] }],
  inputs: [{ name: "x", type: "float32", shape: [2] }],
  outputs: [{ name: "y", type: "float32" }],
  initializers: { w: f32([2], [10, 20]) },
};

const provider = (name = "webnn") => ({ executionProviders: [{ name, context }] });

async function runs(session: common.InferenceSession): Promise<void> {
  const { y } = await session.run({ x: floats([2]) });
  assert.deepEqual(await numbers(y), [11, 22]);
  await session.release();
}

/** An `ort` with backends of its own, which keeps them as onnxruntime-common does. */
function fakeOrt(taken: Readonly<Record<string, number>>) {
  const backends = new Map<string, { backend: unknown; priority: number }>(
    Object.entries(taken).map(([name, priority]) => [name, { backend: {}, priority }]),
  );
  return {
    backends,
    Tensor: common.Tensor,
    registerBackend(name: string, backend: common.Backend, priority: number) {
      const known = backends.get(name);
      if (known === undefined) backends.set(name, { backend, priority });
      else if (known.priority === priority && known.backend !== backend) {
        throw new Error(`cannot register backend "${name}" using priority ${priority}`);
      }
    },
  };
}

describe("registering", () => {
  it("takes the name webnn where it is free", () => {
    const fake = fakeOrt({ wasm: 10 });
    assert.equal(ort.registerWebNN(fake), "webnn");
    assert.ok(fake.backends.has("webnn"));
  });

  for (const priority of [0, 5, 50]) {
    it(`takes another name where a webnn of priority ${priority} is`, () => {
      const fake = fakeOrt({ webnn: priority });
      assert.equal(ort.registerWebNN(fake), "webnn-anywhere");
      assert.equal(fake.backends.get("webnn")!.priority, priority);
    });
  }

  it("takes the name it is told, or says that it cannot", () => {
    const fake = fakeOrt({});
    assert.equal(ort.registerWebNN(fake, { name: "mine" }), "mine");
    assert.throws(() => ort.registerWebNN(fakeOrt({ mine: 5 }), { name: "mine" }), /mine/);
  });

  it("serves the ort it was given", async () => {
    const name = ort.registerWebNN(common, { name: "for-this-test" });
    await runs(await common.InferenceSession.create(writeModel(model), provider(name)));
  });

  it("makes the drop-in's default: no provider is named, and a context is opened", async () => {
    const session = await ort.InferenceSession.create(writeModel(model));
    const { y } = await session.run({ x: floats([2]) });
    assert.deepEqual(await numbers(y), [11, 22]);
    assert.deepEqual(ort.sessionReport(session).devices, ["cpu"]);
    await session.release();
  });

  it("reports on its own sessions alone", async () => {
    const session = await ort.InferenceSession.create(writeModel(model), provider());
    await session.run({ x: floats([2]) });
    assert.deepEqual(ort.sessionReport(session).nodes, { webnn: 1, host: 0 });
    assert.deepEqual(ort.sessionReport(session).devices, ["cpu"]);
    assert.throws(() => ort.sessionReport({} as common.InferenceSession), TypeError);
  });
});

describe("loading a model", () => {
  const external = (): ModelSpec => ({
    ...model,
    initializers: { w: { ...f32([2], []), external: { location: "w.bin" } } },
  });
  const weights = new Uint8Array(Float32Array.of(10, 20).buffer);

  it("from a path, a file URL or a data URL", async () => {
    const path = join(folder, "model.onnx");
    writeFileSync(path, writeModel(model));
    await runs(await ort.InferenceSession.create(path, provider()));
    await runs(await ort.InferenceSession.create(pathToFileURL(path).href, provider()));
    const base64 = Buffer.from(writeModel(model)).toString("base64");
    const url = `data:application/octet-stream;base64,${base64}`;
    await runs(await ort.InferenceSession.create(url, provider()));
  });

  it("from a Buffer: results are copies of its constants", async () => {
    const through: ModelSpec = { ...model, nodes: [], outputs: [{ name: "w", type: "float32" }] };
    const file = Buffer.from(writeModel(through));
    const session = await ort.InferenceSession.create(file, provider());
    const { w } = await session.run({ x: floats([2]) });
    assert.deepEqual(await numbers(w), [10, 20]);
    await session.release();
  });

  it("from memory, at an offset too", async () => {
    const bytes = writeModel(model);
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes, 3);
    await runs(await ort.InferenceSession.create(padded.buffer, 3, bytes.length, provider()));
  });

  it("with data in other files, from memory, a Blob or a path", async () => {
    const path = join(folder, "w.bin");
    writeFileSync(path, weights);
    for (const data of [weights, weights.buffer, new Blob([weights]), path]) {
      const externalData = [{ path: "./w.bin", data }];
      const session = await ort.InferenceSession.create(writeModel(external()), {
        ...provider(),
        externalData,
      });
      await runs(session);
    }
  });

  it("says which file is missing", async () => {
    await assert.rejects(ort.InferenceSession.create(writeModel(external()), provider()), {
      name: "OnnxModelError",
      code: "external-data-missing",
      message: /'w\.bin'/,
    });
    await assert.rejects(ort.InferenceSession.create(join(folder, "none.onnx"), provider()), {
      code: "not-loaded",
      message: /the model '.*none\.onnx': ENOENT/,
    });
  });

  it("names all ops that it does not have, with their nodes", async () => {
    const op = (name: string, type: string, domain = "") => ({
      op: type,
      name,
      domain,
      inputs: ["x"],
      outputs: [name],
    });
    const unsupported: ModelSpec = {
      ...model,
      nodes: [
        ...model.nodes,
        op("first", "OfTomorrow"),
        ...["s1", "s2", "s3", "s4"].map((name) => op(name, "ImageDecoder")),
        op("own", "Relu", "com.example"),
      ],
      opsets: { "com.example": 3 },
    };
    await assert.rejects(ort.InferenceSession.create(writeModel(unsupported), provider()), {
      code: "unsupported",
      message: new RegExp(
        "ai.onnx:OfTomorrow of opset 17 \\('first'\\); " +
          "ai.onnx:ImageDecoder of opset 17 \\('s1', 's2', 's3', … 4 in all\\); " +
          "com.example:Relu of opset 3 \\('own'\\)",
      ),
    });
  });

  it("names ops whose opset is too old or has no number", async () => {
    const range = { op: "Range", name: "range", inputs: ["x", "x", "x"], outputs: ["y"] };
    const old = { ...model, nodes: [range], opset: 6 };
    await assert.rejects(ort.InferenceSession.create(writeModel(old), provider()), {
      message: /ai.onnx:Range of opset 6 \('range'\)/,
    });
  });

  it("says that a model is of a newer ONNX, and runs it", async (t) => {
    const warn = t.mock.method(console, "warn", () => {});
    await runs(await ort.InferenceSession.create(writeModel(model), provider()));
    assert.equal(warn.mock.callCount(), 0);
    await runs(await ort.InferenceSession.create(writeModel({ ...model, opset: 99 }), provider()));
    await runs(
      await ort.InferenceSession.create(writeModel({ ...model, irVersion: 50 }), provider()),
    );
    const said = warn.mock.calls.map(({ arguments: [text] }) => String(text));
    assert.match(said[0]!, /operator set 99 of ai.onnx/);
    assert.match(said[1]!, /IR version 50/);
  });

  it("says which node a graph cannot have, and the context stays usable", async () => {
    const wrong: ModelSpec = {
      ...model,
      nodes: [{ op: "MatMul", name: "product", inputs: ["x", "w"], outputs: ["y"] }],
      initializers: { w: f32([3], [1, 2, 3]) },
    };
    const session = await ort.InferenceSession.create(writeModel(wrong), provider());
    await assert.rejects(session.run({ x: floats([2]) }), {
      name: "OnnxModelError",
      code: "unsupported",
      message: /MatMul 'product'/,
    });
    await runs(await ort.InferenceSession.create(writeModel(model), provider()));
  });

  it("refuses what the host would compute, where `throwOnFallback` asks for it", async () => {
    const finding: ModelSpec = {
      ...model,
      nodes: [{ op: "NonZero", name: "find", inputs: ["x"], outputs: ["y"] }],
      outputs: [{ name: "y", type: "int64" }],
    };
    const options = { executionProviders: [{ name: "webnn", context, throwOnFallback: true }] };
    await assert.rejects(ort.InferenceSession.create(writeModel(finding), options), {
      name: "OnnxModelError",
      code: "fallback",
      message: /NonZero 'find' \(the shape of its result depends on elements\)/,
    });
    await runs(await ort.InferenceSession.create(writeModel(model), options));
  });

  it("ends at a signal", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    const options = { executionProviders: [{ name: "webnn", context, signal }] };
    await assert.rejects(ort.InferenceSession.create(writeModel(model), options), /stop/);
  });
});

describe("contexts", () => {
  it("are shared by sessions with equal options and go with the last", async () => {
    const made: { destroyed: boolean }[] = [];
    const pool = makeContextPool(async () => {
      const entry = { destroyed: false, destroy: () => void (entry.destroyed = true) };
      made.push(entry);
      return entry as unknown as Context;
    });
    const [first, second, other] = await Promise.all([
      pool.lease({ deviceType: "cpu" }),
      pool.lease({ deviceType: "cpu" }),
      pool.lease({ deviceType: "gpu" }),
    ]);
    assert.equal(first.context, second.context);
    assert.notEqual(first.context, other.context);
    first.release();
    first.release();
    assert.deepEqual(
      made.map(({ destroyed }) => destroyed),
      [false, false],
    );
    second.release();
    assert.deepEqual(
      made.map(({ destroyed }) => destroyed),
      [true, false],
    );
    const next = await pool.lease({ deviceType: "cpu" });
    assert.notEqual(next.context, first.context);
  });

  it("that cannot be opened are tried again by the next session", async () => {
    let tries = 0;
    const pool = makeContextPool(async () => {
      tries += 1;
      if (tries === 1) throw new Error("no device");
      return { destroy() {} } as unknown as Context;
    });
    await assert.rejects(pool.lease({}), /no device/);
    await pool.lease({});
  });

  it("of the caller stay the caller's", async () => {
    const session = await ort.InferenceSession.create(writeModel(model), provider());
    await session.release();
    await runs(await ort.InferenceSession.create(writeModel(model), provider()));
  });
});
