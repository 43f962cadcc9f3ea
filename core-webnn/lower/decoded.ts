/**
 * Operands of contractions that are decoded from integers: real = (q - zero) · scale.
 *
 * A decode is found by its row's role, also behind views, transposes and slices. Where scale and zero
 * do not change along k, they leave the sum.
 */
import { i32, cast } from "../kernel/expr.ts";
import type { Address, Expr } from "../kernel/ir.ts";
import { axesOf } from "../kernel/visit.ts";
import type { Value } from "../graph/ir.ts";
import type { Descriptor } from "../ops/row.ts";
import { bitsPerElement } from "../util/data-type.ts";
import { scalarOf, zeroOf } from "./literals.ts";
import type { Member, Roots } from "./roots.ts";
import { broadcastIndex, type KernelWriter } from "./writer.ts";

export interface Decoded {
  readonly member: Member;
  readonly encoded: Value;
  /** The index in the decode's output that the traced index reads. */
  readonly at: readonly Address[];
}

/** The decode behind a value at an index; undefined where it is computed otherwise. */
export function traceDecode(
  roots: Roots,
  value: Value,
  at: readonly Address[],
): Decoded | undefined {
  const member = roots.producerOf(value);
  if (member === undefined) return undefined;
  const { row, args, outputs } = member;
  if (isShortDecode(member)) return { member, encoded: args["input"] as Value, at };
  if (row.lower.kind !== "index" || !member.isPlainIndex()) return undefined;
  let found: Decoded | undefined;
  row.lower.value(
    (operand: Descriptor, index) => {
      found = traceDecode(roots, operand as Value, index);
      return zeroOf(operand.dataType);
    },
    at,
    args,
    outputs,
    outputs.indexOf(value),
  );
  return found;
}

/** A decode of at most 8 bits: contractions read what it decodes. */
export function isShortDecode({ row, args }: Member): boolean {
  return row.role === "decode" && bitsPerElement((args["input"] as Value).dataType) <= 8;
}

/** The parts of a decode, read through a kernel. */
export interface DecodedParts {
  readonly q: Expr;
  readonly zero: Expr;
  readonly scale: Expr;
}

export function readDecoded(writer: KernelWriter, { member, encoded, at }: Decoded): DecodedParts {
  const shape = member.outputs[0]!.shape;
  const scale = member.args["scale"] as Value;
  const zero = member.args["zeroPoint"] as Value | undefined;
  return {
    q: cast("i32", writer.element(encoded, at)),
    zero: zero ? readZero(writer, zero, broadcastIndex(at, shape, zero.shape, true)) : i32(0),
    scale: writer.element(scale, broadcastIndex(at, shape, scale.shape, true)),
  };
}

function readZero(writer: KernelWriter, zero: Value, at: readonly Address[]): Expr {
  return scalarOf(zero) === 0 ? i32(0) : cast("i32", writer.element(zero, at));
}

export function isFree(expr: Expr, names: ReadonlySet<string>): boolean {
  return ![...axesOf(expr)].some((name) => names.has(name));
}
