/** The package as an application gets it: installed from its tarball, imported, run, type-checked and bundled. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { publint } from "publint";
import { f32, writeModel } from "../adapters/onnxruntime/onnx-writer.ts";
import { addPeer, createConsumer, output, root, runModule, type Consumer } from "./consumer.ts";

let consumer: Consumer;
before(() => {
  consumer = createConsumer();
});
after(() => consumer?.remove());

test("publint finds nothing", async () => {
  const { messages } = await publint({ pkgDir: root, strict: true });
  assert.deepEqual(messages, []);
});

test("types resolve from every entry, as a module and in bundlers", () => {
  const attw = path.join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  output(process.execPath, [attw, consumer.tarball, "--profile", "esm-only"], root);
});

/** An application in TypeScript, as strict as it gets, with the declarations of TypeScript's own browsers. */
test("applications in TypeScript find the interfaces, installed and imported", () => {
  const app = `
    import "webnn-anywhere/polyfill";
    import { MLGraphBuilder as Builder, type MLContext, type MLNamedOperands } from "webnn-anywhere";
    const context: MLContext = await navigator.ml.createContext({ accelerated: false });
    const builder: Builder = new MLGraphBuilder(context);
    const x = builder.input("x", { dataType: "float32", shape: [2] });
    const outputs: MLNamedOperands = { y: builder.neg(x, { label: "y" }) };
    const graph = await builder.build(outputs);
    const tensor = await context.createTensor({ dataType: x.dataType, shape: x.shape, readable: true });
    context.dispatch(graph, { x: tensor }, { y: tensor });
    const bytes: ArrayBuffer = await context.readTensor(tensor);
    console.log(tensor instanceof MLTensor, bytes.byteLength);
    // @ts-expect-error
    builder.neg(3);
  `;
  writeFileSync(path.join(consumer.folder, "app.ts"), app);
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  const options =
    "--noEmit --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --target es2022 --module nodenext --lib es2023,dom --types";
  output(process.execPath, [compiler, ...options.split(" "), "", "app.ts"], consumer.folder);
});

test("it installs nothing but itself", () => {
  const installed = readdirSync(path.join(consumer.folder, "node_modules"));
  assert.deepEqual(
    installed.filter((name) => !name.startsWith(".")),
    ["webnn-anywhere"],
  );
});

test("licences of what is copied in stand in the copies", () => {
  const vendor = path.join(consumer.folder, "node_modules/webnn-anywhere/dist/vendor");
  for (const file of readdirSync(vendor).filter((name) => name.endsWith(".js"))) {
    const text = readFileSync(path.join(vendor, file), "utf8");
    assert.match(text, /^\/\*![^]*Copyright[^]*WARRANT[^]*\*\//i, file);
  }
});

/** Relu of x · [[1, 2], [3, 4]] for a batch that is known at dispatch: [1, 1] gives [4, 6]. */
const smallNet = `
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", { dataType: "float32", shape: [{ name: "batch", maxSize: 8 }, 2] });
  const weights = builder.constant({ dataType: "float32", shape: [2, 2] }, new Float32Array([1, 2, 3, 4]));
  const graph = await builder.build({ y: builder.relu(builder.matmul(x, weights)) });
  const input = await context.createTensor({ dataType: "float32", shape: [1, 2], writable: true });
  const y = await context.createTensor({ dataType: "float32", shape: [1, 2], readable: true });
  context.writeTensor(input, new Float32Array([1, 1]));
  context.dispatch(graph, { x: input }, { y });
  console.log(new Float32Array(await context.readTensor(y)).join());
`;

/** No context is destroyed here: a process ends all the same once nothing is awaited. */
test("a graph runs on the CPU, in worker files that are found", () => {
  const imports = `import { ml, MLGraphBuilder } from "webnn-anywhere";`;
  const context = `const context = await ml.createContext({ deviceType: "cpu", numThreads: 2 });`;
  assert.equal(runModule(consumer, imports + context + smallNet), "4,6");
});

test("the polyfill gives Node a navigator.ml", () => {
  const context = `import "webnn-anywhere/polyfill";
    const context = await navigator.ml.createContext({ deviceType: "cpu" });`;
  assert.equal(runModule(consumer, context + smallNet), "4,6");
});

test("without onnxruntime-common the adapter says what is missing", () => {
  const app = `import "webnn-anywhere/onnxruntime";`;
  assert.throws(() => runModule(consumer, app), /Cannot find package 'onnxruntime-common'/);
});

test("an ONNX model runs through the adapter", () => {
  addPeer(consumer, "onnxruntime-common");
  writeFileSync(path.join(consumer.folder, "net.onnx"), netModel());
  const app = `
    import { readFile } from "node:fs/promises";
    import * as ort from "webnn-anywhere/onnxruntime";
    const session = await ort.InferenceSession.create(await readFile("net.onnx"));
    const { y } = await session.run({ x: new ort.Tensor("float32", [1, 1], [1, 2]) });
    console.log(y.data.join());
    await session.release();`;
  assert.equal(runModule(consumer, app), "4,6");
});

test("the Whisper pipeline is there, with its tokenizer as a peer", () => {
  addPeer(consumer, "@huggingface/tokenizers");
  const app = `
    import { loadWhisper, readWav } from "webnn-anywhere/models/whisper";
    console.log(typeof loadWhisper, typeof readWav);`;
  assert.equal(runModule(consumer, app), "function function");
});

test("declarations hold under strict checks of libraries", () => {
  const app = `
    import * as ort from "webnn-anywhere/onnxruntime";
    import { ml, MLGraphBuilder, type MLTensor } from "webnn-anywhere";
    import { loadWhisper } from "webnn-anywhere/models/whisper";
    const context = await ml.createContext({ deviceType: "gpu" });
    const x = new MLGraphBuilder(context).input("x", { dataType: "float16", shape: [{ name: "n" }, 2] });
    export const tensor: MLTensor = await context.createTensor({ dataType: x.dataType, shape: [1, 2] });
    export const session = await ort.InferenceSession.create("model.onnx");
    export const text = async (files: Parameters<typeof loadWhisper>[0]) => loadWhisper(files);`;
  writeFileSync(path.join(consumer.folder, "app.ts"), app);
  const options =
    "--noEmit --strict --target es2022 --module esnext --moduleResolution bundler --types".split(
      " ",
    );
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  output(process.execPath, [compiler, ...options, "", "app.ts"], consumer.folder);
});

test("a bundler for browsers takes it as it is", async () => {
  const app = `import "webnn-anywhere/polyfill"; import * as ort from "webnn-anywhere/onnxruntime"; console.log(ort);`;
  const { warnings, outputFiles } = await build({
    stdin: { contents: app, resolveDir: consumer.folder },
    bundle: true,
    format: "esm",
    platform: "browser",
    outdir: "/",
    splitting: true,
    write: false,
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  const code = outputFiles.map(({ text }) => text).join("\n");
  assert.match(code, /new URL\("\.\/worker\.js", import\.meta\.url\)/);
  assert.doesNotMatch(code, /\beval\(|new Function\(|createObjectURL/);
});

function netModel(): Uint8Array {
  return writeModel({
    opset: 17,
    nodes: [
      { op: "MatMul", inputs: ["x", "w"], outputs: ["product"] },
      { op: "Relu", inputs: ["product"], outputs: ["y"] },
    ],
    inputs: [{ name: "x", type: "float32", shape: ["batch", 2] }],
    outputs: [{ name: "y", type: "float32", shape: ["batch", 2] }],
    initializers: { w: f32([2, 2], [1, 2, 3, 4]) },
  });
}
