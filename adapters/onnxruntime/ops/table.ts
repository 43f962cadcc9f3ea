/**
 * The op table: every ONNX op that this execution provider runs, by name and opset range. What most models are made of
 * is here; the rest is a file that is loaded with the first model that has such an op.
 */
import { subgraphsOf, type Graph, type Model, type Node } from "../model/model.ts";
import { arithmeticRows } from "./arithmetic.ts";
import { castRows } from "./cast.ts";
import { elementwiseRows } from "./elementwise.ts";
import { gatherRows } from "./gather.ts";
import { layoutRows } from "./layout.ts";
import { matmulRows } from "./matmul.ts";
import { pieceRows } from "./pieces.ts";
import { powerRows } from "./power.ts";
import { quantizedRows } from "./quantized.ts";
import { reduceRows } from "./reduce.ts";
import { shapeRows } from "./shape.ts";
import { softmaxRows } from "./softmax.ts";
import type { OpRow } from "./row.ts";

const commonRows: readonly OpRow[] = [
  ...arithmeticRows,
  ...castRows,
  ...elementwiseRows,
  ...gatherRows,
  ...layoutRows,
  ...matmulRows,
  ...pieceRows,
  ...powerRows,
  ...quantizedRows,
  ...reduceRows,
  ...shapeRows,
  ...softmaxRows,
];

/** Rows by domain and op name. */
const byName = new Map<string, readonly OpRow[]>();
addRows(commonRows);

function addRows(rows: readonly OpRow[]): void {
  for (const row of rows) {
    const key = `${row.domain}:${row.op}`;
    byName.set(key, [...(byName.get(key) ?? []), row]);
  }
}

let more: Promise<void> | undefined;

/** Loads the rows that are not among the common ones, once. */
export function loadAllRows(): Promise<void> {
  more ??= import("../rare.ts").then(
    ({ moreRows }) => addRows(moreRows),
    (error: unknown) => {
      // The next model may try again.
      more = undefined;
      throw error;
    },
  );
  return more;
}

/** Loads the rows that a model needs and that are not here yet. */
export async function loadRows(model: Model): Promise<void> {
  const lacksRow = (graph: Graph): boolean =>
    graph.nodes.some(
      (node) =>
        (controlOf(node) === undefined && !byName.has(keyOf(node))) ||
        subgraphsOf(node).some(lacksRow),
    );
  if (lacksRow(model.graph)) await loadAllRows();
}

/** The model with its functions in place of their calls. A model without functions loads nothing for it. */
export async function expandFunctions(model: Model): Promise<Model> {
  if (model.functions.length === 0) return model;
  await loadAllRows();
  const { inlineFunctions } = await import("../rare.ts");
  return inlineFunctions(model, (node) => hasRow(node, model.opsets));
}

/** Whether a node runs as what it says; control flow does. */
export function hasRow(node: Node, opsets: Model["opsets"]): boolean {
  return controlOf(node) !== undefined || rowOf(node, opsets) !== undefined;
}

/** The rows that are loaded. */
export function loadedRows(): readonly OpRow[] {
  return [...byName.values()].flat();
}

function keyOf({ domain, op }: Node): string {
  return `${domain}:${op}`;
}

/** The version of a node's domain: by its function, or by the model's opsets. */
export function opsetOf(node: Node, opsets: Model["opsets"]): number | undefined {
  return (node.opsets ?? opsets).get(node.domain);
}

/** The row for a node under the model's opsets, or undefined. */
export function rowOf(node: Node, opsets: Model["opsets"]): OpRow | undefined {
  const version = opsetOf(node, opsets) ?? 0;
  const candidates = byName.get(keyOf(node)) ?? [];
  return candidates.find(({ since, until }) => since <= version && version <= until);
}

const controlOps: ReadonlyMap<string, "if" | "loop" | "scan"> = new Map([
  ["If", "if"],
  ["Loop", "loop"],
  ["Scan", "scan"],
]);

/** Control flow is no row: it decides which graphs run, and how often. */
export function controlOf(node: Node): "if" | "loop" | "scan" | undefined {
  return node.domain === "" ? controlOps.get(node.op) : undefined;
}
