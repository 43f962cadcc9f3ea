import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { WhisperError } from "../../../models/whisper/errors.ts";
import { loadBytes, loadJson } from "../../../models/whisper/source.ts";
import type { LoadProgress } from "../../../models/whisper/source.ts";

const body = Buffer.alloc(100_000, "{}");

const server = createServer((request, response) => {
  switch (request.url) {
    case "/good":
      response.setHeader("content-length", body.length).end(body);
      return;
    case "/unannounced":
      response.write(body.subarray(0, 10));
      response.end(body.subarray(10));
      return;
    case "/cut":
      response.setHeader("content-length", body.length);
      response.write(body.subarray(0, 1000), () => response.destroy());
      return;
    case "/slow":
      response.setHeader("content-length", body.length);
      response.write(body.subarray(0, 1000));
      return;
    default:
      response.writeHead(404).end("nothing here");
  }
});
let base = "";
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function refuses(promise: Promise<unknown>, says: RegExp): Promise<void> {
  return assert.rejects(
    promise,
    (error) =>
      error instanceof WhisperError && error.code === "load-failed" && says.test(error.message),
  );
}

test("bytes are taken as they are", async () => {
  const bytes = Uint8Array.of(1, 2);
  assert.equal(await loadBytes("encoder", bytes, {}), bytes);
  assert.deepEqual(await loadBytes("encoder", bytes.buffer, {}), bytes);
});

test("a URL is fetched, with progress up to the whole", async () => {
  const told: LoadProgress[] = [];
  const onProgress = (progress: LoadProgress) => void told.push(progress);
  const bytes = await loadBytes("encoder", new URL("/good", base), { onProgress });
  assert.deepEqual(Buffer.from(bytes), body);
  const { length } = body;
  assert.deepEqual(told.at(-1), { file: "encoder", loadedBytes: length, totalBytes: length });
});

test("progress has no total where the server says none", async () => {
  const told: LoadProgress[] = [];
  const onProgress = (progress: LoadProgress) => void told.push(progress);
  await loadBytes("encoder", `${base}/unannounced`, { onProgress });
  assert.deepEqual(told.at(-1), { file: "encoder", loadedBytes: body.length });
});

test("a missing file is named with address and status", () =>
  refuses(loadBytes("encoder", `${base}/nothing`, {}), /encoder: .*\/nothing answered 404/));

test("a transfer that breaks off says after how many bytes", () =>
  refuses(loadBytes("decoder", `${base}/cut`, {}), /decoder: .*\/cut broke off after \d+ bytes/));

test("an address that leads nowhere is named", () =>
  refuses(loadBytes("decoder", "nowhere:1", {}), /decoder: nowhere:1 could not be fetched/));

test("an abort ends the transfer with its reason", async () => {
  const controller = new AbortController();
  const options = { signal: controller.signal, onProgress: () => controller.abort() };
  await assert.rejects(loadBytes("encoder", `${base}/slow`, options), { name: "AbortError" });
});

test("an error of the caller's own onProgress comes through unchanged", async () => {
  const mine = new Error("mine");
  const onProgress = () => {
    throw mine;
  };
  await assert.rejects(loadBytes("encoder", `${base}/good`, { onProgress }), mine);
});

test("JSON may be an object, bytes or an address", async () => {
  const object = { a: 1 };
  assert.equal(await loadJson("config", object, {}), object);
  assert.deepEqual(await loadJson("config", Buffer.from('{"a":1}'), {}), object);
});

test("what is no JSON object is refused and shown", async () => {
  await refuses(loadJson("config", Buffer.from("<html>"), {}), /config: .*not JSON: "<html>"/);
  await refuses(loadJson("config", Buffer.from("7"), {}), /expected a JSON object, got 7/);
  await refuses(loadJson("config", `${base}/good`, {}), /not JSON/);
});
