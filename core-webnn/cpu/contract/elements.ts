/**
 * What an operand of a contraction is made of: numbers as they lie in memory, or numbers that are each
 * computed from one that lies there.
 */
import { local } from "../../kernel/expr.ts";
import type { Address, Axis, BufferUse, Expr } from "../../kernel/ir.ts";
import { axesOf, mapExpr, visitExprs } from "../../kernel/visit.ts";
import { bitsPerElement } from "../../util/data-type.ts";

export type Elements = PlainFloats | Bytes | Decoded;

interface Loaded {
  readonly buffer: number;
  readonly address: Address;
}

/** float32, multiplied as it is. */
export interface PlainFloats extends Loaded {
  readonly kind: "f32";
}

/** Integers of 8 bits in an integer sum. */
export interface Bytes extends Loaded {
  readonly kind: "bytes";
  readonly storage: "int8" | "uint8";
}

/** f32, each computed from one smaller element and from what does not change along k. */
export interface Decoded extends Loaded {
  readonly kind: "decoded";
  readonly storage: "int8" | "uint8" | "float16";
  /** In terms of the local `encodedElement`. */
  readonly value: Expr;
}

/** Stands for the loaded element in the value of decoded elements. */
export const encodedElement = "'element";

/** Undefined where the operand is none of these. */
export function elementsOf(
  x: Expr,
  sum: "f32" | "i32",
  buffers: readonly BufferUse[],
  k: readonly Axis[],
): Elements | undefined {
  const element = movingLoad(x, k);
  if (element === undefined) return undefined;
  const { buffer, address } = element;
  const storage = buffers[buffer]!.dataType;
  switch (storage) {
    case "float32":
      return x === element ? { kind: "f32", buffer, address } : undefined;
    case "int8":
    case "uint8":
      if (sum === "f32") break;
      return withoutCasts(x) === element ? { kind: "bytes", storage, buffer, address } : undefined;
    case "float16":
      break;
    default:
      return undefined;
  }
  const value = replaceLoad(x, element);
  const isFree = k.every(({ name }) => !axesOf(value).has(name));
  return isFree && !hasGuard(value)
    ? { kind: "decoded", storage, value, buffer, address }
    : undefined;
}

export function byteLengthOf(elements: Elements): number {
  return elements.kind === "f32" ? 4 : bitsPerElement(elements.storage) / 8;
}

type Load = Extract<Expr, { kind: "load" }>;

/** The one load that changes along k; where k is a single point, the only load. */
function movingLoad(x: Expr, k: readonly Axis[]): Load | undefined {
  const loads: Load[] = [];
  visitExprs(x, (part) => part.kind === "load" && loads.push(part));
  if (loads.length === 1) return loads[0];
  const moving = loads.filter(({ address }) => k.some(({ name }) => axesOf(address).has(name)));
  return moving.length === 1 ? moving[0] : undefined;
}

/** Conversions between i32 and u32 keep the bits, and an integer sum is modulo 2³². */
function withoutCasts(x: Expr): Expr {
  return x.kind === "cast" && (x.type === "i32" || x.type === "u32") ? withoutCasts(x.x) : x;
}

function replaceLoad(x: Expr, element: Load): Expr {
  return mapExpr(x, (part) =>
    part === element ? local({ name: encodedElement, type: element.type }) : undefined,
  );
}

/** What a guard keeps from being evaluated must not be. */
function hasGuard(x: Expr): boolean {
  let found = false;
  visitExprs(x, (part) => (found ||= part.kind === "guard"));
  return found;
}
