/** The command as a person calls it: output, exit codes, messages. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { repeatedClip } from "./clips.ts";
import { missing } from "./requirements.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const peer = ["--runtime", "onnxruntime-node", "--threads", "1"];

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

function transcribe(args: readonly string[], onFirstOutput?: (kill: () => void) => void) {
  const child = spawn(
    process.execPath,
    ["--import", "./test/setup/typescript.mjs", "demos/cli/transcribe.ts", ...args],
    {
      cwd: root,
    },
  );
  let out = "";
  let errors = "";
  child.stdout.once("data", () => onFirstOutput?.(() => child.kill("SIGINT")));
  child.stdout.on("data", (data: Buffer) => void (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => void (errors += data.toString()));
  return new Promise<Result>((resolve) => {
    child.on("close", (code) => resolve({ code, out, errors }));
  });
}

test(
  "without a file our clip is heard; --json adds one last line",
  {
    skip: missing("peers"),
  },
  async () => {
    const { code, out, errors } = await transcribe([...peer, "--json", "--language", "en"]);
    assert.equal(errors, "");
    assert.equal(code, 0);
    const [text, json, rest] = out.split("\n");
    assert.match(text!, /^A browser can now understand speech\. .* server\.$/);
    assert.equal(rest, "");
    const receipt = JSON.parse(json!) as Record<string, unknown>;
    assert.deepEqual(Object.keys(receipt), [
      "text",
      "tokenIds",
      "device",
      "threads",
      "nodes",
      "bytes",
      "seconds",
      "tokensPerSecond",
      "devices",
      "dispatches",
      "ranIn",
    ]);
    assert.equal((receipt["text"] as string).trim(), text);
    assert.equal((receipt["tokenIds"] as number[]).length, 19);
    assert.equal(receipt["threads"], 1);
    assert.deepEqual(Object.keys(receipt["seconds"] as object), ["load", "encode", "decode"]);
  },
);

test("Ctrl-C ends it with 130", { skip: missing("peers") }, async () => {
  // It speaks for minutes, so that there is always something left to cancel.
  const file = path.join(await mkdtemp(path.join(tmpdir(), "whisper-")), "long.wav");
  await writeFile(file, await repeatedClip(60));
  const { code, out, errors } = await transcribe([...peer, file], (kill) => kill());
  assert.equal(code, 130);
  assert.match(errors, /cancelled/);
  assert.ok(out.split("server").length < 30, out);
});

test("--help tells the options", async () => {
  const { code, out } = await transcribe(["--help"]);
  assert.equal(code, 0);
  assert.match(out, /--device cpu\|gpu/);
});

const wrong: readonly { args: readonly string[]; code: number; says: RegExp }[] = [
  { args: ["--device", "tpu"], code: 2, says: /--device is "tpu"; expected cpu or gpu/ },
  { args: ["--threads", "none"], code: 2, says: /--threads is "none"; expected a whole number/ },
  { args: ["--nope"], code: 2, says: /--nope/ },
  { args: ["a.wav", "b.wav"], code: 2, says: /one file at a time/ },
  { args: ["absent.wav"], code: 1, says: /absent\.wav/ },
  { args: ["package.json"], code: 1, says: /package\.json: wav: not a wav file: .* a JSON file/ },
];

for (const { args, code, says } of wrong) {
  test(`transcribe ${args.join(" ")} fails with ${code}`, async () => {
    const result = await transcribe(args);
    assert.equal(result.code, code);
    assert.match(result.errors, says);
    assert.doesNotMatch(result.errors, /\n {4}at /, "no stack for what the caller can mend");
    assert.equal(result.out, "");
  });
}

test(
  "an unknown language fails with the known ones named",
  {
    skip: missing("peers"),
  },
  async () => {
    const { code, errors } = await transcribe([...peer, "--language", "english"]);
    assert.equal(code, 1);
    assert.match(errors, /language "english" is unknown to this model; it knows .*en/);
  },
);

test("a wav that is cut off is named", async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), "whisper-")), "cut.wav");
  await writeFile(file, "RIFF\0\0\0\0WAVEfmt \x10\0\0\0");
  const { code, errors } = await transcribe([file]);
  assert.equal(code, 1);
  assert.match(errors, /cut\.wav: wav: truncated: chunk "fmt "/);
});
