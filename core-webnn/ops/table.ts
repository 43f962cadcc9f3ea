/** The op table: every op the core knows, each told by its row. */
import { unreachable } from "../util/unreachable.ts";
import { activationRows } from "./activation.ts";
import { argMinMaxRows } from "./arg-min-max.ts";
import { binaryRows } from "./binary.ts";
import { convRows } from "./conv2d.ts";
import { convTransposeParts, convTransposeRows } from "./conv-transpose2d.ts";
import { cumulativeSumRows, runningSum } from "./cumulative-sum.ts";
import { gatherRows } from "./gather.ts";
import { iota } from "./iota.ts";
import { logicalRows } from "./logical.ts";
import { matmulRows } from "./matmul.ts";
import { normalizationRows } from "./normalization.ts";
import { padRows } from "./pad.ts";
import { poolRows } from "./pool2d.ts";
import { quantizeRows } from "./quantize.ts";
import { recurrentRows } from "./recurrent.ts";
import { recurrentStepRows } from "./recurrent-steps.ts";
import { reduceRows } from "./reduce.ts";
import { resampleRows } from "./resample2d.ts";
import type { Row } from "./row.ts";
import { scatterPartRows, scatterRows } from "./scatter.ts";
import { softmaxRows } from "./softmax.ts";
import { unaryRows } from "./unary.ts";
import { viewRows } from "./view.ts";

/** The ops of the standard: methods of MLGraphBuilder and members of opSupportLimits. */
export const standardRows: readonly Row[] = [
  ...binaryRows,
  ...unaryRows,
  ...logicalRows,
  ...activationRows,
  ...matmulRows,
  ...convRows,
  ...convTransposeRows,
  ...viewRows,
  ...gatherRows,
  ...padRows,
  ...reduceRows,
  ...argMinMaxRows,
  ...poolRows,
  ...resampleRows,
  ...softmaxRows,
  ...normalizationRows,
  ...quantizeRows,
  ...cumulativeSumRows,
  ...recurrentRows,
  ...scatterRows,
];

/** What rows of the standard are told in terms of where no other row of it will do. */
const parts: readonly Row[] = [
  ...convTransposeParts,
  runningSum,
  ...recurrentStepRows,
  ...scatterPartRows,
];

export const rows: readonly Row[] = [...standardRows, iota, ...parts];

const byName: ReadonlyMap<string, Row> = new Map(rows.map((row) => [row.name, row]));

export function rowNamed(name: string): Row {
  return byName.get(name) ?? unreachable(`no row for ${name}`);
}
