/** The op table: every ONNX op that this execution provider runs, by name and opset range. */
import type { Model, Node } from "../model/model.ts";
import { activationRows } from "./activations.ts";
import { argExtremeRows } from "./arg-extreme.ts";
import { arithmeticRows } from "./arithmetic.ts";
import { bitCastRows } from "./bit-cast.ts";
import { bitwiseRows } from "./bitwise.ts";
import { blockRows } from "./blocks.ts";
import { castRows } from "./cast.ts";
import { convRows } from "./conv.ts";
import { cumulativeRows } from "./cumulative.ts";
import { detectionRows } from "./detection.ts";
import { einsumRows } from "./einsum.ts";
import { elementwiseRows } from "./elementwise.ts";
import { experimentalRows } from "./experimental.ts";
import { fourierRows } from "./fourier.ts";
import { gatherRows } from "./gather.ts";
import { gridSampleRows } from "./grid-sample.ts";
import { layoutRows } from "./layout.ts";
import { lossRows } from "./loss.ts";
import { matmulRows } from "./matmul.ts";
import { matrixRows } from "./matrix.ts";
import { normalizationRows } from "./normalization.ts";
import { oneHotRows } from "./one-hot.ts";
import { padRows } from "./pad.ts";
import { pieceRows } from "./pieces.ts";
import { poolRows } from "./pool.ts";
import { unpoolRows } from "./pool-places.ts";
import { powerRows } from "./power.ts";
import { qlinearRows } from "./qlinear.ts";
import { quantizedRows } from "./quantized.ts";
import { randomRows } from "./random.ts";
import { recurrentRows } from "./recurrent.ts";
import { reduceRows } from "./reduce.ts";
import { regionRows } from "./regions.ts";
import { resizeRows } from "./resize.ts";
import type { OpRow } from "./row.ts";
import { scatterRows } from "./scatter.ts";
import { selectRows } from "./select.ts";
import { shapeRows } from "./shape.ts";
import { softmaxRows } from "./softmax.ts";
import { tfIdfRows } from "./tf-idf.ts";
import { trigonometricRows } from "./trigonometric.ts";
import { windowRows } from "./windows.ts";

export const rows: readonly OpRow[] = [
  ...activationRows,
  ...argExtremeRows,
  ...arithmeticRows,
  ...bitCastRows,
  ...bitwiseRows,
  ...blockRows,
  ...castRows,
  ...convRows,
  ...cumulativeRows,
  ...detectionRows,
  ...einsumRows,
  ...elementwiseRows,
  ...experimentalRows,
  ...fourierRows,
  ...gatherRows,
  ...gridSampleRows,
  ...layoutRows,
  ...lossRows,
  ...matmulRows,
  ...matrixRows,
  ...normalizationRows,
  ...oneHotRows,
  ...padRows,
  ...pieceRows,
  ...poolRows,
  ...powerRows,
  ...qlinearRows,
  ...quantizedRows,
  ...randomRows,
  ...recurrentRows,
  ...reduceRows,
  ...regionRows,
  ...resizeRows,
  ...scatterRows,
  ...selectRows,
  ...shapeRows,
  ...softmaxRows,
  ...tfIdfRows,
  ...trigonometricRows,
  ...unpoolRows,
  ...windowRows,
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
