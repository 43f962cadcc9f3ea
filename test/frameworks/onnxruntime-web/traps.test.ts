/**
 * What unmodified onnxruntime-web does that our interfaces have to bear, each as a small model that shows it: missing
 * globals, symbolic sizes, 64-bit integers, views of a heap, tensors of the application's, fields of older standards.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium, missing } from "../../models/whisper/requirements.ts";
import { launchChromium, type Browser } from "../../setup/playwright.ts";
import type { RunningSite } from "../harness/serve.ts";
import { visit, type Visit } from "../harness/visit.ts";
import { servePage } from "./site.ts";
import type { Trap, TrapTask } from "./traps.ts";

const skip = missing("peers", "browser");
const pages = { traps: fileURLToPath(new URL("page/traps.ts", import.meta.url)) };
const incremented = { y: [2, 3, 4], elsewhere: [] };

let site: RunningSite;
let browser: Browser;
before(async () => {
  if (skip !== false) return;
  site = await servePage({ pages, isolated: true });
  browser = await launchChromium(chromium, ["--enable-unsafe-webgpu"]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** One for each bundle and number of threads, which ORT takes once, as it does contexts. */
const visits = new Map<string, Promise<Visit>>();

async function ask<Name extends keyof Trap>(
  trap: Name,
  { bundle = "ort.min.mjs", threads = 1, deviceType = "cpu" }: Partial<TrapTask> = {},
  { isFresh = false } = {},
): Promise<Trap[Name]> {
  const key = isFresh ? trap : `${bundle} ${threads}`;
  const visiting = visits.get(key) ?? visit(browser, `${site.url}traps`);
  visits.set(key, visiting);
  const page = await visiting;
  const answer = await page.ask<Trap[Name]>({ trap, bundle, threads, deviceType });
  assert.deepEqual(page.errors, []);
  return answer;
}

/** The smallest model, in another browser. */
async function incrementIn(flags: readonly string[], url: string): Promise<Trap["increments"]> {
  const other = await launchChromium(chromium, flags);
  try {
    const page = await visit(other, `${url}traps`);
    const task: TrapTask = {
      trap: "increments",
      bundle: "ort.min.mjs",
      threads: 1,
      deviceType: "cpu",
    };
    const answer = await page.ask<Trap["increments"]>(task);
    assert.deepEqual(page.errors, []);
    return answer;
  } finally {
    await other.close();
  }
}

test("a page without WebGPU has a GPUDevice for ORT to ask after", { skip }, async () => {
  // An origin that is not secure has neither WebGPU nor its interfaces.
  const plain = site.url.replace("localhost", "plain.test");
  const flags = ["--host-resolver-rules=MAP plain.test localhost"];
  assert.deepEqual(await incrementIn(flags, plain), incremented);
});

test(
  "a browser's own WebNN that refuses every context does not stand in ORT's way",
  { skip },
  async () => {
    const flags = ["--enable-features=WebMachineLearningNeuralNetwork"];
    assert.deepEqual(await incrementIn(flags, site.url), incremented);
  },
);

test("a context of the application's GPUDevice", { skip }, async () => {
  const seen = await ask("ownGPUDevice");
  assert.deepEqual(seen, { ...incremented, devices: ["gpu"], read: [1, 2, 3, 4] });
});

test("sizes without a number stay on wasm, and the session names them", { skip }, async () => {
  const { free, fixed } = await ask("symbolicSizes");
  assert.deepEqual(free, { y: [2, 3, 4], names: ["n"], elsewhere: ["1 on CPUExecutionProvider"] });
  assert.deepEqual(fixed, { ...incremented, names: [] });
});

test("64-bit integers keep all their bits, without casts", { skip }, async () => {
  assert.deepEqual(await ask("int64"), {
    y: [`${2n ** 53n}`, `${2n ** 60n + 2n ** 53n + 1n}`],
    types: ["int64", "int64"],
    built: ["add"],
  });
});

test("whatever the limits lack keeps a node on wasm, and is seen", { skip }, async () => {
  const { elsewhere } = await ask("incompleteLimits");
  const onWasm = ["1 on CPUExecutionProvider"];
  assert.deepEqual(elsewhere, {
    nothing: [],
    "the operator": onWasm,
    "its output": onWasm,
    "an operand": onWasm,
    "an operand's ranks": onWasm,
  });
});

for (const deviceType of ["cpu", "gpu"] as const) {
  const title = "weights of 4 bits come as uint4 and int4, which the standard lacks";
  test(`${title}, on the ${deviceType}`, { skip }, async () => {
    const results = Object.entries(await ask("fourBits", { deviceType }));
    for (const [type, { types, elsewhere, error }] of results) {
      assert.ok(types.includes(type), types.join());
      assert.deepEqual(elsewhere, [], type);
      assert.ok(error <= 1e-5, `error ${error}`);
    }
  });
}

test(
  "tensors pass through ORT's shared heap, copied by the time the call returns",
  { skip },
  async () => {
    const { y, ...seen } = await ask("sharedHeap", { threads: 2 });
    [-2, -0.5, 0, 1].forEach((x, i) => {
      const expected = Math.exp(Math.atan(2 * x));
      assert.ok(Math.abs(y[i]! - expected) < 1e-6 * expected, `${y[i]}, not ${expected}`);
    });
    assert.deepEqual(seen, {
      elsewhere: ["Atan (atan)"],
      written: ["Uint8Array of ArrayBuffer", "Uint8Array of SharedArrayBuffer"],
      read: ["Int8Array of SharedArrayBuffer"],
    });
  },
);

test("a tensor of another context is a TypeError, and the context works on", { skip }, async () => {
  const { error, y } = await ask("otherContext");
  assert.match(error, /^TypeError: dispatch: input 'x' belongs to another context/);
  assert.deepEqual(y, [2, 3, 4]);
});

test("a destroyed tensor holds no bytes, though ORT keeps it for ever", { skip }, async () => {
  const { bytes, byteLength } = await ask("husks");
  // What is left is the session's own output.
  assert.deepEqual(bytes, new Array(8).fill(byteLength));
});

test("tensors without dimensions, of which ORT computes no bytes", { skip }, async () => {
  assert.deepEqual(await ask("scalars"), { location: "ml-tensor", dims: [], y: [2.75] });
});

test("fields of older standards do no harm", { skip }, async () => {
  const { y, fields, refused } = await ask("legacyFields", {}, { isFresh: true });
  // The last windows hold two pixels, two pixels and one.
  assert.deepEqual(y, [(1 + 2 + 4 + 5) / 4, (3 + 6) / 2, (7 + 8) / 2, 9]);
  for (const [method, legacy] of [
    ["createContext", "deviceType"],
    ["input", "dimensions"],
    ["createTensor", "dimensions"],
    ["createTensor", "usage"],
    ["averagePool2d", "roundingType"],
  ] as const) {
    assert.ok(fields[method]!.includes(legacy), `${method}: ${fields[method]!.join()}`);
  }
  assert.match(refused, /^TypeError: .*deviceType.*tpu/);
});

for (const bundle of ["ort.min.mjs", "ort.webgpu.min.mjs", "ort.jspi.min.mjs"] as const) {
  describe(`${bundle} binds tensors`, { skip }, () => {
    for (const deviceType of ["cpu", "gpu"] as const) {
      test(`of the application, on the ${deviceType}`, async () => {
        assert.deepEqual(await ask("boundTensors", { bundle, deviceType }), {
          y: [4, 5, 6],
          writes: 1,
          reads: 1,
          elsewhere: [],
          devices: [deviceType],
        });
      });

      test(`of results, on the ${deviceType}`, async () => {
        assert.deepEqual(await ask("keptOutputs", { bundle, deviceType }), {
          y: [5, 6, 7],
          locations: new Array(4).fill("ml-tensor"),
          writes: 1,
          reads: 1,
          leftBytes: 0,
        });
      });
    }
  });
}
