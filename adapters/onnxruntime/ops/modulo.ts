/** Mod, whose rules differ for integers and floats. */
import { formulaOf, type Formula } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import * as host from "../host/elementwise.ts";
import { floorMod } from "../host/functions.ts";
import { isFloatType } from "../model/element-type.ts";
import type { Operand } from "../webnn.ts";
import { alignedOperands, mapOnHost } from "./arithmetic.ts";
import { eachBy } from "./compute.ts";
import { op, type OpRow } from "./row.ts";

/** Integers by the divisor's sign unless `fmod` asks for the dividend's; floats have C's fmod. */
function modulo(node: NodeContext): Value {
  const [a, b] = alignedOperands(node);
  const f = formulaOf(node);
  const type = node.type(0);
  if (isFloatType(type)) {
    if (node.int("fmod", 0) === 0) node.fail(`data of type ${type} needs the attribute fmod = 1`);
    const rest = remainder(f, f.cast(a, "float32"), f.cast(b, "float32"));
    return node.result(f.cast(rest, a.dataType));
  }
  const rest = f.sub(a, f.mul(f.div(a, b), b));
  if (node.int("fmod", 0) !== 0 || type.startsWith("uint")) return node.result(rest);
  const differs = f.logicalXor(f.lesser(rest, 0), f.lesser(b, 0));
  return node.result(f.where(f.logicalAnd(f.notEqual(rest, 0), differs), f.add(rest, b), rest));
}

/** Bits of the quotient that one step of `remainder` takes off; 26 steps are all that two float32 can differ in. */
const bitsPerStep = 11;
const steps = 26;

/**
 * a - b · trunc(a / b), exactly, by long division: from the highest digit of the quotient to the lowest, each of `bitsPerStep`
 * bits. With the divisor in two halves of 12 bits its products with a digit are exact, and so are the differences.
 */
function remainder(f: Formula, a: Operand, b: Operand): Operand {
  const divisor = f.abs(b);
  // Dekker's splitting multiplies by 2^12 + 1, for which the largest are too large.
  const shrink = f.where(f.greater(divisor, 2 ** 100), 2 ** -24, f.add(f.mul(divisor, 0), 1));
  const small = f.mul(divisor, shrink);
  const spread = f.mul(small, 2 ** 12 + 1);
  const high = f.div(f.sub(spread, f.sub(spread, small)), shrink);
  const low = f.sub(divisor, high);
  const scaled = [{ divisor, high, low }];
  for (let i = 1; i < steps; i++) {
    const last = scaled.at(-1)!;
    const more = (x: Operand) => f.mul(x, 2 ** bitsPerStep);
    scaled.push({ divisor: more(last.divisor), high: more(last.high), low: more(last.low) });
  }
  let rest = f.abs(a);
  for (const step of scaled.reverse()) {
    const digit = f.floor(f.div(rest, step.divisor));
    const less = f.sub(f.sub(rest, f.mul(digit, step.high)), f.mul(digit, step.low));
    // A quotient just below an integer may have been rounded to it.
    const mended = f.where(f.lesser(less, 0), f.add(less, step.divisor), less);
    rest = f.where(f.lesser(rest, step.divisor), rest, mended);
  }
  const signed = f.where(f.lesser(a, 0), f.neg(rest), rest);
  return f.where(f.isNaN(b), b, signed);
}

export const moduloRows: readonly OpRow[] = [
  op("Mod", {
    since: 10,
    empties: "elementwise",
    convert: modulo,
    host: (node, inputs) =>
      node.int("fmod", 0) === 0 ? mapOnHost(2, host.mod)(node, inputs) : undefined,
    compute: eachBy((node) =>
      node.int("fmod", 0) === 0 ? (a, b) => floorMod(a!, b!) : (a, b) => a! % b!,
    ),
  }),
];
