/** The op table: every ONNX op that this execution provider runs, by name and opset range. */
import type { Model, Node } from "../model/model.ts";
import { blockRows } from "./blocks.ts";
import { activationRows } from "./activations.ts";
import { argExtremeRows } from "./arg-extreme.ts";
import { arithmeticRows } from "./arithmetic.ts";
import { bitwiseRows } from "./bitwise.ts";
import { castRows } from "./cast.ts";
import { convRows } from "./conv.ts";
import { detectionRows } from "./detection.ts";
import { elementwiseRows } from "./elementwise.ts";
import { experimentalRows } from "./experimental.ts";
import { layoutRows } from "./layout.ts";
import { lossRows } from "./loss.ts";
import { matmulRows } from "./matmul.ts";
import { normalizationRows } from "./normalization.ts";
import { padRows } from "./pad.ts";
import { matrixRows } from "./matrix.ts";
import { pieceRows } from "./pieces.ts";
import { unpoolRows } from "./pool-places.ts";
import { poolRows } from "./pool.ts";
import { qlinearRows } from "./qlinear.ts";
import { powerRows } from "./power.ts";
import { quantizedRows } from "./quantized.ts";
import { recurrentRows } from "./recurrent.ts";
import { randomRows } from "./random.ts";
import { reduceRows } from "./reduce.ts";
import { resizeRows } from "./resize.ts";
import type { OpRow } from "./row.ts";
import { shapeRows } from "./shape.ts";
import { softmaxRows } from "./softmax.ts";
import { trigonometricRows } from "./trigonometric.ts";

export const rows: readonly OpRow[] = [
  ...blockRows,
  ...activationRows,
  ...argExtremeRows,
  ...arithmeticRows,
  ...bitwiseRows,
  ...castRows,
  ...convRows,
  ...detectionRows,
  ...elementwiseRows,
  ...experimentalRows,
  ...layoutRows,
  ...lossRows,
  ...matmulRows,
  ...normalizationRows,
  ...padRows,
  ...pieceRows,
  ...poolRows,
  ...unpoolRows,
  ...qlinearRows,
  ...matrixRows,
  ...powerRows,
  ...quantizedRows,
  ...recurrentRows,
  ...randomRows,
  ...reduceRows,
  ...resizeRows,
  ...shapeRows,
  ...softmaxRows,
  ...trigonometricRows,
];

/** Rows by domain and op name; made once, never changed. */
const byName: ReadonlyMap<string, readonly OpRow[]> = groupByName();

function groupByName(): ReadonlyMap<string, readonly OpRow[]> {
  const groups = new Map<string, OpRow[]>();
  for (const row of rows) {
    const key = `${row.domain}:${row.op}`;
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return groups;
}

/** The row for a node under the model's opsets, or undefined. */
export function rowOf(node: Node, opsets: Model["opsets"]): OpRow | undefined {
  const version = opsets.get(node.domain) ?? 0;
  const candidates = byName.get(`${node.domain}:${node.op}`) ?? [];
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
