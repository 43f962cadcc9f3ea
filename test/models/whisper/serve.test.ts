/** The page's server: what it serves, with which headers, and that the bundles keep to the page's own policy. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "../../../demos/whisper/serve.ts";
import type { RunningServer } from "../../../demos/whisper/serve.ts";

let server: RunningServer;
before(async () => {
  server = await serve({ port: 0, isolated: true });
});
after(() => server.close());

const get = (path: string) => fetch(new URL(path, server.url));

test("the page comes with a policy that allows no eval and no blob:", async () => {
  const response = await get("/");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^text\/html/);
  const policy = response.headers.get("content-security-policy")!;
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
  assert.doesNotMatch(policy, /'unsafe-eval'|'unsafe-inline'|blob:/);
});

test("the page is isolated, unless it is told not to be", async () => {
  const policy = "cross-origin-embedder-policy";
  assert.equal((await get("/")).headers.get(policy), "require-corp");
  const plain = await serve({ port: 0, isolated: false });
  const response = await fetch(plain.url);
  await plain.close();
  assert.equal(response.headers.get(policy), null);
});

test("everything that the page names is served", async () => {
  const html = await (await get("/")).text();
  const named = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path!);
  assert.ok(named.length >= 4, "a script, a style sheet, an icon, a clip");
  for (const path of named) assert.equal((await get(path)).status, 200, path);
});

test("scripts: the page's, its worker's and the core's, without eval, in one file each", async () => {
  for (const path of ["/page.js", "/speech-worker.js", "/worker.js"]) {
    const response = await get(path);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get("content-type")!, /^text\/javascript/);
    const script = await response.text();
    assert.doesNotMatch(script, /\beval\(|new Function\(|createObjectURL/, path);
  }
});

test("the model is served with its length, so that progress can be told", async () => {
  const response = await get("/model/onnx/encoder_model_quantized.onnx");
  assert.equal(response.headers.get("content-length"), "10124910");
  await response.body!.cancel();
});

test("nothing else is served", async () => {
  for (const path of ["/package.json", "/..%2f..%2fpackage.json", "/model/../../package.json"]) {
    assert.equal((await get(path)).status, 404, path);
  }
  assert.equal((await fetch(server.url, { method: "POST" })).status, 405);
});

test("a port in use is an error", async () => {
  const port = Number(new URL(server.url).port);
  await assert.rejects(serve({ port, isolated: true }), { code: "EADDRINUSE" });
});
