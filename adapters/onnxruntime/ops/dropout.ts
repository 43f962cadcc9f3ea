/** Dropout, which at inference passes its input on. */
import { stored } from "../convert/graph-writer.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { op, type OpRow } from "./row.ts";

/** At inference nothing is dropped: the mask, if anyone asks, is all true (before opset 10 of ones). */
function dropout(node: NodeContext): readonly Value[] {
  const isTraining = node.has(2) && node.decisions.number(node.integers(2)[0] ?? 0) !== 0;
  if (isTraining && !dropsNothing(node)) node.fail("training_mode is true, and ratio is not 0");
  const value = node.value(0);
  if ((node.node.outputs[1] ?? "") === "") return [value];
  const type = node.opset < 10 ? node.type(0) : "bool";
  const shape = node.shape(0);
  if (shape.includes(0)) return [value, { kind: "empty", type, shape }];
  const mask = node.writer.filled(stored(type), 1, shape);
  return [value, { kind: "operand", type, operand: mask }];
}

function dropsNothing(node: NodeContext): boolean {
  return node.has(1) && node.integers(1)[0] === 0;
}

export const dropoutRows: readonly OpRow[] = [
  op("Dropout", { empties: true, convert: dropout, host: (_, [input]) => input }),
];
