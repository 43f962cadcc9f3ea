/**
 * Prints where two runs of ONNX's operator cases differ, as a Markdown table by op:
 *
 *     npm run onnx-cases -- --device cpu --json ours.json
 *     npm run onnx-cases -- --peer --json peer.json
 *     node --import ./test/setup/typescript.mjs test/onnx-cases/compare-peer.ts ours.json peer.json
 */
import { readFileSync } from "node:fs";
import type { Result } from "./run-case.ts";

interface Row {
  cases: number;
  ours: number;
  peer: number;
}

const [ours, peer] = process.argv.slice(2).map(readResults);
if (ours === undefined || peer === undefined) throw new TypeError("give the JSON of two runs");
print(rowsOf(ours, peer));

function readResults(file: string): ReadonlyMap<string, Result> {
  const results = JSON.parse(readFileSync(file, "utf8")) as readonly Result[];
  return new Map(results.map((result) => [result.name, result]));
}

/** By the case's first op; a case that neither runs is none. */
function rowsOf(
  ours: ReadonlyMap<string, Result>,
  peer: ReadonlyMap<string, Result>,
): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const [name, { ops, outcome }] of ours) {
    if (outcome === "skipped") continue;
    const row = rows.get(ops[0]!) ?? { cases: 0, ours: 0, peer: 0 };
    row.cases += 1;
    row.ours += Number(outcome === "passed");
    row.peer += Number(peer.get(name)?.outcome === "passed");
    rows.set(ops[0]!, row);
  }
  return rows;
}

function print(rows: ReadonlyMap<string, Row>): void {
  const all = [...rows.values()];
  const total = (key: keyof Row) => all.reduce((sum, row) => sum + row[key], 0);
  console.log("| first op of the case | cases | this | onnxruntime-node |");
  console.log("| --- | ---: | ---: | ---: |");
  console.log(`| all | ${total("cases")} | ${total("ours")} | ${total("peer")} |`);
  for (const [op, { cases, ours: mine, peer: theirs }] of [...rows].sort()) {
    if (mine !== theirs) console.log(`| ${op} | ${cases} | ${mine} | ${theirs} |`);
  }
}
