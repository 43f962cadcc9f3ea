/**
 * The demo page in Chromium, driven by clicks: with threads and without, on the CPU; cancelled; given what is no audio.
 * WEBNN_SCREENSHOTS names a folder to which each page is photographed for somebody to look at.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import { serve } from "../../../demos/whisper/serve.ts";
import type { RunningServer } from "../../../demos/whisper/serve.ts";
import type { Receipt } from "../../../demos/whisper/receipt.ts";
import { launchChromium } from "../../setup/playwright.ts";
import type { Browser, FilePayload, Page } from "../../setup/playwright.ts";
import { repeatedClip } from "./clips.ts";
import { chromium, missing, sharedClip } from "./requirements.ts";

const skip = missing("peers", "browser");
let launching: Promise<Browser> | undefined;
const servers = new Map<boolean, Promise<RunningServer>>();

after(async () => {
  await (await launching)?.close();
  for (const server of servers.values()) await (await server).close();
});

interface Visit {
  readonly page: Page;
  readonly url: string;
  readonly requests: readonly string[];
  /** Errors of scripts and breaches of the content security policy. */
  readonly complaints: readonly string[];
}

async function visit({ isolated }: { isolated: boolean }): Promise<Visit> {
  const server = servers.get(isolated) ?? serve({ port: 0, isolated });
  servers.set(isolated, server);
  const { url } = await server;
  const page = await (await (launching ??= launchChromium(chromium))).newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  await page.waitForSelector("#threads option", { state: "attached" });
  return { page, url, requests, complaints };
}

async function transcribe(page: Page): Promise<Receipt> {
  await page.click("#start");
  await page.waitForSelector("#receipt:not([hidden]), #error:not([hidden])");
  assert.equal(await page.textContent("#error"), "");
  return JSON.parse((await page.getAttribute("#receipt-rows", "data-receipt"))!) as Receipt;
}

async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env["WEBNN_SCREENSHOTS"];
  if (folder === undefined) return;
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

const expected = JSON.parse(
  await readFile(new URL("../../data/clip.json", import.meta.url), "utf8"),
) as { text: string; tokenIds: number[] };

for (const { isolated, threads } of [
  { isolated: true, threads: 2 },
  { isolated: false, threads: 1 },
]) {
  const name = isolated ? "with threads" : "without shared memory";
  test(`the page transcribes our clip ${name}`, { skip }, async () => {
    const { page, url, requests, complaints } = await visit({ isolated });
    if (isolated) await page.selectOption("#threads", `${threads}`);
    const receipt = await transcribe(page);
    await photograph(page, isolated ? "page-threads" : "page-one-thread");
    assert.equal(await page.textContent("#text"), expected.text.trim());
    assert.deepEqual(receipt.tokenIds, expected.tokenIds);
    assert.equal(receipt.threads, threads);
    assert.equal(receipt.bytes!.kvCopied, 0, "keys and values stay on the device");
    assert.ok(receipt.loadedBytes.model > 40e6 && receipt.loadedBytes.code > 50e3);
    assert.deepEqual(receipt.ranIn, { pipeline: "worker", compile: "worker", dispatch: "worker" });
    assert.equal(typeof receipt.longestTaskMilliseconds, "number");
    assert.ok(
      requests.every((request) => request.startsWith(url)),
      "nothing from elsewhere",
    );
    assert.deepEqual(
      requests.filter((request) => request.endsWith(".wasm")),
      [],
    );
    assert.deepEqual(complaints, []);
  });
}

test("the page cancels, and transcribes again", { skip }, async () => {
  const { page, complaints } = await visit({ isolated: true });
  // It speaks for minutes, so that there is always something left to cancel.
  await page.setInputFiles("#file", {
    name: "long.wav",
    mimeType: "audio/wav",
    buffer: await repeatedClip(60),
  });
  await page.click("#start");
  await page.waitForSelector("#text:not(:empty)");
  await page.click("#cancel");
  await page.waitForSelector("#start:enabled");
  assert.equal(await page.textContent("#status"), "Cancelled.");
  await page.click('[value="sample"]');
  const receipt = await transcribe(page);
  assert.deepEqual(receipt.tokenIds, expected.tokenIds);
  assert.equal(receipt.seconds.load, null, "the model stayed loaded");
  assert.deepEqual(complaints, []);
});

test("the page says what is wrong with a file, and takes the next one", { skip }, async () => {
  const { page } = await visit({ isolated: true });
  const files: readonly (FilePayload & { says: RegExp })[] = [
    {
      name: "notes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("no sound at all"),
      says: /notes\.txt: this browser finds no audio/,
    },
    {
      name: "cut.wav",
      mimeType: "audio/wav",
      buffer: Buffer.from("RIFF\0\0\0\0WAVEfmt \x10\0\0\0"),
      says: /wav: truncated: chunk "fmt "/,
    },
  ];
  for (const { says, ...file } of files) {
    await page.setInputFiles("#file", file);
    await page.click("#start");
    await page.waitForSelector("#error:not([hidden])");
    assert.match((await page.textContent("#error"))!, says);
  }
  await page.click('[value="sample"]');
  assert.deepEqual((await transcribe(page)).tokenIds, expected.tokenIds);
});

test(
  "the page transcribes a chosen file",
  { skip: missing("peers", "browser", "shared") },
  async () => {
    const { page } = await visit({ isolated: true });
    await page.setInputFiles("#file", sharedClip("jfk.wav"));
    await transcribe(page);
    assert.equal(
      await page.textContent("#text"),
      "And so my fellow Americans ask not what your country can do for you, ask what you can do for your country.",
    );
  },
);
