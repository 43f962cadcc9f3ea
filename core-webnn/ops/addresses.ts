/** Index arithmetic that several families of rows use. */
import { constant, maxAddress, minAddress, sizeAddress, valueAddress } from "../kernel/address.ts";
import { binary, bool, cast, compare, i32, i64, index, select, u32 } from "../kernel/expr.ts";
import type { Address, CompareOp, Expr } from "../kernel/ir.ts";
import { subtractSizes, type Size } from "../util/size.ts";

/** Where an operand of this shape is read for an output index: dimensions align at the end, 1 repeats. */
export function broadcastIndex(at: readonly Address[], shape: readonly Size[]): Address[] {
  const skipped = at.length - shape.length;
  return shape.map((size, d) => (size === 1 ? constant(0) : at[d + skipped]!));
}

/** The last index of a dimension. */
export function lastIndex(size: Size): Address {
  return sizeAddress(subtractSizes(size, 1));
}

/** The nearest index inside a dimension. */
export function clampIndex(at: Address, size: Size): Address {
  return maxAddress(constant(0), minAddress(at, lastIndex(size)));
}

export function compareAddresses(op: CompareOp, a: Address, b: Address): Expr {
  return compare(op, index(a), index(b));
}

/** 0 ≤ at < size. */
export function insideDimension(at: Address, size: Size): Expr {
  return binary(
    "and",
    compareAddresses("ge", at, constant(0)),
    compareAddresses("lt", at, sizeAddress(size)),
  );
}

export function allOf(conditions: readonly Expr[]): Expr {
  return conditions.reduce((a, b) => binary("and", a, b), bool(true));
}

/**
 * An index that was loaded as data, for a dimension of `size`: negative ones count from the end, and what
 * lies outside is clamped (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-gather).
 */
export function loadedIndex(loaded: Expr, size: Size): Address {
  const at = toI32(loaded);
  if (loaded.type === "u32") return clampIndex(valueAddress(at), size);
  const fromEnd = binary("add", at, index(sizeAddress(size)));
  return clampIndex(valueAddress(select(compare("lt", at, i32(0)), fromEnd, at)), size);
}

/** Saturates, since a dimension is less than 2³¹. */
function toI32(x: Expr): Expr {
  if (x.type === "u32") return cast("i32", binary("min", x, u32(2 ** 31 - 1)));
  if (x.type !== "i64") return x;
  const low = binary("max", x, i64(-(2n ** 31n)));
  return cast("i32", binary("min", low, i64(2n ** 31n - 1n)));
}
