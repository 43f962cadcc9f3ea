/**
 * A language model of Llama's form against onnxruntime-node: the logits of 200 tokens, with a cache that grows and with
 * one that has room for all from the start. One graph serves every token after the prompt.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Tensor } from "onnxruntime-common";
import type * as Ort from "onnxruntime-common";
import { ml, type MLContext } from "../../../core-webnn/index.ts";
import { openContext, openSession } from "../../adapters/onnxruntime/open-session.ts";
import { missing } from "../whisper/requirements.ts";
import { cacheNames, llama, makeLlama } from "./make-model.ts";

/** The largest difference of a logit, as a part of the range of all logits of its token. */
const limit = 2e-3;
const tokenCount = 200;
const promptLength = 20;

type CacheKind = "growing" | "fixed";
type Runner = (feeds: Record<string, Tensor>) => Promise<Record<string, Tensor>>;

const tokens = Array.from({ length: tokenCount }, (_, i) => (i * i * 37 + i * 11 + 5) % 1000);

const integers = (values: readonly number[]): Tensor =>
  new Tensor("int64", BigInt64Array.from(values.map(BigInt)), [1, values.length]);

/** The logits of the last token of each run: of the prompt, then of each token. */
async function generate(
  run: Runner,
  kind: CacheKind,
  count: number,
): Promise<readonly Float32Array[]> {
  const rows = kind === "growing" ? 0 : llama.longest;
  const { kvHeads, headSize } = llama;
  let past = cacheNames.map(
    (): Tensor =>
      new Tensor("float32", new Float32Array(kvHeads * rows * headSize), [
        1,
        kvHeads,
        rows,
        headSize,
      ]),
  );
  const logits: Float32Array[] = [];
  for (let done = 0; done < count;) {
    const next = done === 0 ? promptLength : 1;
    const results = await run({
      input_ids: integers(tokens.slice(done, done + next)),
      attention_mask: integers(new Array<number>(done + next).fill(1)),
      ...Object.fromEntries(cacheNames.map((name, i) => [`past_key_values.${name}`, past[i]!])),
    });
    past.forEach((tensor) => tensor.dispose());
    past = cacheNames.map((name) => results[`present.${name}`]!);
    logits.push((results["logits"]!.data as Float32Array).slice(-llama.vocabulary));
    done += next;
  }
  past.forEach((tensor) => tensor.dispose());
  return logits;
}

let golden: Promise<readonly Float32Array[]> | undefined;

/** What onnxruntime-node gives without graph optimisations. */
function goldenLogits(): Promise<readonly Float32Array[]> {
  golden ??= (async () => {
    const require = createRequire(new URL("../../peers/package.json", import.meta.url));
    const ort = require("onnxruntime-node") as typeof Ort;
    const session = await ort.InferenceSession.create(makeLlama(), {
      graphOptimizationLevel: "disabled",
      intraOpNumThreads: 1,
    });
    const logits = await generate((feeds) => session.run(feeds), "growing", tokenCount);
    await session.release();
    return logits;
  })();
  return golden;
}

function assertAlike(actual: readonly Float32Array[], expected: readonly Float32Array[]): number {
  let worst = 0;
  actual.forEach((logits, step) => {
    const known = expected[step]!;
    const sorted = Float32Array.from(known).sort();
    const range = sorted.at(-1)! - sorted[0]!;
    const bound = limit * range;
    const difference = known.reduce((most, x, i) => Math.max(most, Math.abs(x - logits[i]!)), 0);
    worst = Math.max(worst, difference / range);
    assert.ok(difference <= bound, `step ${step}: ${difference} of a range of ${range}`);
    if (sorted.at(-1)! - sorted.at(-2)! > 2 * bound) {
      const best = (all: Float32Array) => all.indexOf(all.reduce((a, b) => Math.max(a, b)));
      assert.equal(best(logits), best(known), `step ${step}: another token`);
    }
  });
  return worst;
}

async function check(context: MLContext, kind: CacheKind, count: number): Promise<string> {
  const model = makeLlama();
  const session = openSession(model, context, {
    preferredOutputLocation: Object.fromEntries(
      cacheNames.map((name) => [`present.${name}`, "ml-tensor" as const]),
    ),
  });
  try {
    const logits = await generate((feeds) => session.fetch(feeds), kind, count);
    const worst = assertAlike(logits, await goldenLogits());
    const { graphs, bytes, caches, fixedSizes } = session.report();
    // One for the prompt, one for all tokens after it.
    assert.ok(graphs <= 2, `${graphs} graphs: ${JSON.stringify(fixedSizes)}`);
    assert.equal(caches.length, cacheNames.length);
    // Weights of 4 bits are given to the device as they are in the file.
    assert.ok(bytes.constants <= model.length, `${bytes.constants} bytes of ${model.length}`);
    const ofCache = Object.entries(bytes.byName).filter(([name]) => /^(past|present)/.test(name));
    const copied = ofCache.reduce((sum, [, { read, written }]) => sum + read + written, 0);
    const first = kind === "fixed" ? llama.kvHeads * llama.longest * llama.headSize * 4 : 0;
    // What the caller's first cache of zeros has; nothing after it.
    assert.equal(copied, first * cacheNames.length);
    return `${kind}: ${logits.length} runs, ${graphs} graphs, difference ${worst.toExponential(1)} of the range`;
  } finally {
    await session.dispose();
  }
}

for (const kind of ["growing", "fixed"] as const) {
  test(`200 tokens with a ${kind} cache`, { skip: missing("peers") }, async (t) => {
    const context = await openContext();
    try {
      t.diagnostic(await check(context, kind, tokenCount));
    } finally {
      context.destroy();
    }
  });
}

// Fewer tokens than on the CPU: the GPU of tests is software.
test("30 tokens on the GPU", { skip: missing("peers", "gpu") }, async (t) => {
  const context = await ml.createContext({ deviceType: "gpu" });
  try {
    for (const kind of ["growing", "fixed"] as const) t.diagnostic(await check(context, kind, 30));
  } finally {
    context.destroy();
  }
});
