/**
 * Constructors of addresses. What they return is canonical: a sum as `address-sum.ts` writes it, with
 * divisions simplified by the rules of `address-division.ts`. Equal addresses print equal as far as
 * these rules prove them equal.
 *
 * For integers the rules of algebra hold (`x*0 = 0`), and an address never overflows: it counts
 * elements, and a tensor has fewer than 2³¹.
 */
import { divide } from "./address-division.ts";
import { boundsOf, provablyAtMost } from "./address-range.ts";
import { recombine } from "./address-recombine.ts";
import {
  addressOf,
  addSums,
  constant,
  multiplySums,
  scaleSum,
  sizeOf,
  sumOf,
} from "./address-sum.ts";
import type { Address, Axis, Expr } from "./ir.ts";
import { printAddress } from "./print.ts";
import { unreachable } from "../util/unreachable.ts";

export function axisAddress(axis: Axis): Address {
  return axis.extent === 1 ? constant(0) : { kind: "axis", axis };
}

/** The integer that an expression computes; index(address) and i32 constants are addresses themselves. */
export function valueAddress(expr: Expr): Address {
  if (expr.kind === "index") return expr.address;
  if (expr.kind === "const" && expr.type !== "f32") return constant(Number(expr.value));
  if (expr.type === "f32") unreachable("an address is computed as an integer, not as f32");
  return { kind: "value", value: expr };
}

export function addAddress(a: Address, b: Address): Address {
  if (a.kind === "const" && b.kind === "const") return constant(a.value + b.value);
  if (a.kind === "const" && a.value === 0) return b;
  if (b.kind === "const" && b.value === 0) return a;
  return addressOf(recombine(addSums(sumOf(a), sumOf(b))));
}

export function subtractAddress(a: Address, b: Address): Address {
  return addAddress(a, mulAddress(b, constant(-1)));
}

export function mulAddress(a: Address, b: Address): Address {
  if (a.kind === "const" && b.kind === "const") return constant(a.value * b.value);
  if (a.kind === "const" && a.value === 1) return b;
  if (b.kind === "const" && b.value === 1) return a;
  return addressOf(multiplySums(sumOf(a), sumOf(b)));
}

export function floorDivAddress(a: Address, b: Address): Address {
  const divisor = sizeOf(sumOf(b));
  if (divisor === undefined) return { kind: "floorDiv", a, b };
  return addressOf(divide(sumOf(a), divisor).quotient);
}

export function modAddress(a: Address, b: Address): Address {
  const divisor = sizeOf(sumOf(b));
  if (divisor === undefined) return { kind: "mod", a, b };
  return addressOf(divide(sumOf(a), divisor).remainder);
}

export function minAddress(a: Address, b: Address): Address {
  if (isAtMost(a, b)) return a;
  if (isAtMost(b, a)) return b;
  return { kind: "min", ...inOrder(a, b) };
}

export function maxAddress(a: Address, b: Address): Address {
  if (isAtMost(a, b)) return b;
  if (isAtMost(b, a)) return a;
  return { kind: "max", ...inOrder(a, b) };
}

function isAtMost(a: Address, b: Address): boolean {
  const difference = addSums(sumOf(a), scaleSum(sumOf(b), -1));
  return provablyAtMost(boundsOf(difference).upper, 0);
}

function inOrder(a: Address, b: Address): { readonly a: Address; readonly b: Address } {
  return printAddress(a) <= printAddress(b) ? { a, b } : { a: b, b: a };
}
