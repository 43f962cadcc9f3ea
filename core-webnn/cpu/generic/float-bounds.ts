/** Bounds that the text of an expression shows: a clamped value fits an integer without saturation. */
import type { Expr } from "../../kernel/ir.ts";

export interface FloatBounds {
  readonly min: number;
  readonly max: number;
}

/** Of a value that is no NaN; a NaN can be any. */
export function floatBounds(expr: Expr): FloatBounds {
  switch (expr.kind) {
    case "const":
      return { min: Number(expr.value), max: Number(expr.value) };
    case "unary":
      return unaryBounds(expr.op, floatBounds(expr.x));
    case "binary":
      return binaryBounds(expr.op, floatBounds(expr.a), floatBounds(expr.b));
    case "select":
    case "guard":
      return either(floatBounds(expr.a), floatBounds(expr.b));
    default:
      return unknown;
  }
}

const unknown: FloatBounds = { min: -Infinity, max: Infinity };

function unaryBounds(
  op: Extract<Expr, { readonly kind: "unary" }>["op"],
  { min, max }: FloatBounds,
): FloatBounds {
  switch (op) {
    case "floor":
    case "ceil":
    case "trunc":
    case "roundEven":
      return { min: Math.floor(min), max: Math.ceil(max) };
    case "neg":
      return { min: -max, max: -min };
    default:
      return unknown;
  }
}

function binaryBounds(
  op: Extract<Expr, { readonly kind: "binary" }>["op"],
  a: FloatBounds,
  b: FloatBounds,
): FloatBounds {
  switch (op) {
    case "min":
      return { min: Math.min(a.min, b.min), max: Math.min(a.max, b.max) };
    case "max":
      return { min: Math.max(a.min, b.min), max: Math.max(a.max, b.max) };
    default:
      return unknown;
  }
}

function either(a: FloatBounds, b: FloatBounds): FloatBounds {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
