/** Clip, and IsInf: what has to do with the ends of the numbers. */
import { formulaOf } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { numbersOf } from "../host/host-tensor.ts";
import { each, eachBy } from "./compute.ts";
import { op, type OpRow } from "./row.ts";

/** Clip's bounds are attributes at first, scalars that may be computed since opset 11. */
function clip(node: NodeContext): Value {
  const attributes = node.opset < 11;
  const lowest = attributes ? node.float("min", -Infinity) : bound(node, 1, -Infinity);
  const highest = attributes ? node.float("max", Infinity) : bound(node, 2, Infinity);
  const { builder, label } = node;
  let x = node.operand(0);
  if (lowest !== undefined && highest !== undefined && lowest <= highest) {
    return node.result(builder.clamp(x, { minValue: lowest, maxValue: highest, label }));
  }
  // Bounds that only the device knows, or whose order makes the upper one win.
  const limit = (input: number, value: number | undefined, method: "max" | "min") => {
    if (attributes) x = formulaOf(node)[method](x, value!);
    else if (node.has(input)) x = builder[method](x, node.operand(input), { label });
  };
  limit(1, lowest, "max");
  limit(2, highest, "min");
  return node.result(x);
}

/** A bound as a number, or undefined where only the device knows it, or it is an integer that no double holds. */
function bound(node: NodeContext, input: number, otherwise: number): number | undefined {
  if (!node.has(input)) return otherwise;
  const tensor = node.host(input);
  const number = tensor === undefined ? undefined : numbersOf(tensor)?.[0];
  const isExact = tensor?.type === "float32" || Number.isSafeInteger(number);
  return isExact ? number : undefined;
}

/** Bounds that are left out do not limit. */
const clipArrays: NonNullable<OpRow["compute"]> = (node, [input, low, high], library) => {
  const limits = node.opset < 11 ? [node.float("min", -Infinity), node.float("max", Infinity)] : [];
  const lowest = limits[0] ?? Number(low?.data[0] ?? -Infinity);
  const highest = limits[1] ?? Number(high?.data[0] ?? Infinity);
  return each((x) => Math.min(Math.max(x!, lowest), highest))(node, [input], library);
};

function isInfinite(node: NodeContext): Value {
  const { builder, label } = node;
  const x = node.operand(0);
  const f = formulaOf(node);
  const { positive, negative } = infiniteSides(node);
  if (positive && negative) return node.result(builder.isInfinite(x, { label }), "bool");
  if (positive) return node.result(f.equal(x, Infinity), "bool");
  if (negative) return node.result(f.equal(x, -Infinity), "bool");
  const none = node.writer.filled("uint8", 0, node.shape(0));
  return { kind: "operand", type: "bool", operand: none };
}

function infiniteSides(node: Pick<NodeContext, "int">) {
  return {
    positive: node.int("detect_positive", 1) !== 0,
    negative: node.int("detect_negative", 1) !== 0,
  };
}

export const limitRows: readonly OpRow[] = [
  op("Clip", { empties: "elementwise", convert: clip, compute: clipArrays }),
  op("IsInf", {
    since: 10,
    empties: "elementwise",
    results: "bool",
    convert: isInfinite,
    compute: eachBy((node) => {
      const { positive, negative } = infiniteSides(node);
      return (x) => Number((positive && x === Infinity) || (negative && x === -Infinity));
    }, "bool"),
  }),
];
