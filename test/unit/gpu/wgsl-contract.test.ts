/** Contractions around the edges of tiles, words and vectors, with both tiles, against the interpreter. */
import assert from "node:assert/strict";
import { contractCases } from "../cpu-contract/contract-cases.ts";
import { buildCase, type ContractCase } from "../cpu-contract/contract-kernel.ts";
import { compareBuffers } from "../kernel/compare-buffers.ts";
import { onEachAdapter } from "./adapters.ts";
import { interpreted } from "./interpreted.ts";
import { openDevice, runKernel } from "./run-kernel.ts";

/** Tiles have 1, 4 or 8 rows and up to 4 columns; words and vectors have 2 or 4 elements. */
const ownCases: readonly ContractCase[] = [
  ...[1, 3, 4, 5, 31, 32, 33, 40].map((m) => ({ why: `${m} rows in vectors`, m, n: 8, k: 3 })),
  ...[1, 4, 9].flatMap((m) =>
    [4, 6, 12].flatMap((k) =>
      ["kn", "nk"].map((b) => ({
        why: `words of bytes, ${m} rows, k = ${k}, b as ${b}`,
        ...({ m, n: 8, k, b, aType: "uint8", bType: "int8" } as const),
      })),
    ),
  ),
  ...(["float16", "uint8"] as const).flatMap((epilogue) =>
    [5, 6, 8].flatMap((n) =>
      [undefined, "nm"].map((out) => ({
        why: `${epilogue} stored in rows of ${n}${out === undefined ? "" : ", transposed"}`,
        m: 7,
        n,
        k: 4,
        epilogue,
        ...(out && { out }),
      })),
    ),
  ),
  { why: "halves in words", m: 5, n: 8, k: 8, aType: "float16", bType: "float16" },
];

/** One in so many cases: lavapipe compiles for 0.3 s each. WEBNN_SEEDS asks for all. */
const strides: Readonly<Record<string, { readonly own: number; readonly others: number }>> = {
  swiftshader: { own: 1, others: 7 },
  other: { own: 4, others: 53 },
  all: { own: 1, others: 1 },
};

await onEachAdapter("contractions", async ({ name, gpu }) => {
  const device = await openDevice(gpu);
  const { own, others } = strides[process.env["WEBNN_SEEDS"] ? "all" : name] ?? strides["other"]!;
  const failures: string[] = [];
  const rows = [...every(own, ownCases), ...every(others, contractCases)];
  for (const row of rows) {
    const { kernel, sizes, inputs } = buildCase(row);
    const wanted = interpreted(kernel, sizes, inputs);
    for (const maxRows of row.m === 1 || row.symbolic ? [Infinity, 1] : [Infinity]) {
      const hasHalf = row.epilogue !== "float16" && device.features.has("shader-f16");
      const actual = await runKernel(device, kernel, sizes, inputs, { hasHalf, maxRows });
      const difference = compareBuffers(kernel, wanted, actual, 0);
      if (difference !== undefined) failures.push(`${row.why} (${maxRows}): ${difference}`);
    }
  }
  device.destroy();
  assert.deepEqual(failures, []);
});

function every<T>(stride: number, rows: readonly T[]): T[] {
  return rows.filter((_, i) => i % stride === 0);
}
