/**
 * Speed of the matrix kernels on one thread, for shapes of Whisper tiny: `node --import tsx bench.ts [WORD]`.
 * The best of many runs of each few units, so that a busy machine disturbs it little.
 */
import { detectFeatures } from "../../../core-webnn/cpu/features.ts";
import { buildCase } from "./contract-kernel.ts";
import type { ContractCase } from "./contract-kernel.ts";
import { compile, prepare } from "./run-contract.ts";
import type { Prepared } from "./run-contract.ts";

const bytes = { b: "nk", aType: "uint8", bType: "uint8" } as const;

const rows: readonly ContractCase[] = [
  { why: "f32, packed", m: 1500, n: 384, k: 384, b: "panels", epilogue: "bias" },
  { why: "f32, packed, deep", m: 1500, n: 384, k: 1536, b: "panels", epilogue: "bias" },
  { why: "q·k, 6 heads", m: 1500, n: 1500, k: 64, axes: { q: 6 }, a: "mqk", b: "nqk" },
  { why: "p·v, 6 heads", m: 1500, n: 64, k: 1500, axes: { q: 6 }, a: "qmk", b: "kqn", out: "mqn" },
  { why: "uint8·uint8", m: 1500, n: 384, k: 384, ...bytes },
  { why: "uint8·uint8, wide", m: 1500, n: 1536, k: 384, ...bytes },
  { why: "uint8·uint8, deep", m: 1500, n: 384, k: 1536, ...bytes },
  {
    why: "logits, uint8 weights",
    m: 1,
    n: 51865,
    k: 384,
    b: "nk",
    bType: "uint8",
    decode: "centred",
  },
  { why: "uint8·uint8, one row", m: 1, n: 1536, k: 384, ...bytes },
  { why: "uint8·uint8, one row, deep", m: 1, n: 384, k: 1536, ...bytes },
  { why: "f32, packed, one row", m: 1, n: 1536, k: 384, b: "panels" },
  { why: "f32, rows, one row", m: 1, n: 1536, k: 384 },
  { why: "q·k of one token", m: 1, n: 1500, k: 64, axes: { q: 6 }, a: "mqk", b: "qnk" },
  { why: "p·v of one token", m: 1, n: 64, k: 1500, axes: { q: 6 }, a: "qmk", b: "qkn", out: "mqn" },
];

/** Units of one call: short enough for V8's optimising compiler to take over early. */
const unitsPerCall = 8;

const features = detectFeatures(false);
console.log(`relaxed SIMD: ${features.relaxedSimd}`);
const wanted = process.argv[2] ?? "";
for (const row of rows.filter(({ why }) => why.includes(wanted))) {
  const built = buildCase(row);
  const prepared = prepare(compile(built.kernel, features)!, built, 0);
  const seconds = bestTime(prepared);
  const batch = row.axes?.q ?? 1;
  const operations = 2 * row.m * row.n * row.k * batch;
  const weights = row.n * row.k * batch * (row.bType === "uint8" ? 1 : 4);
  const speed = `${(operations / seconds / 1e9).toFixed(1)} Gop/s`;
  const stream = row.m === 1 ? `, ${(weights / seconds / 1e9).toFixed(1)} GB/s` : "";
  console.log(`${row.why.padEnd(28)} ${(seconds * 1e3).toFixed(3)} ms, ${speed}${stream}`);
}

/** The sum of the best times of each call. */
function bestTime({ units, run }: Prepared): number {
  const best = new Float64Array(Math.ceil(units / unitsPerCall)).fill(Infinity);
  const end = performance.now() + 1000;
  while (performance.now() < end) {
    for (const call of best.keys()) {
      const begin = call * unitsPerCall;
      const start = performance.now();
      run(begin, Math.min(units, begin + unitsPerCall));
      best[call] = Math.min(best[call]!, performance.now() - start);
    }
  }
  return best.reduce((a, b) => a + b) / 1e3;
}
