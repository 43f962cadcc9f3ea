/**
 * Expressions as lanes. What is equal at all four points is computed once, as a scalar; the rest on
 * vectors where there are vector instructions, else lane by lane.
 */
import type { Expr } from "../../kernel/ir.ts";
import { unreachable } from "../../util/unreachable.ts";
import { castLanes, narrowLanes } from "./casts.ts";
import { shiftByUniform } from "./compositions.ts";
import type { Emission } from "./emission.ts";
import { boundLanes } from "./extremes.ts";
import { floatBounds } from "./float-bounds.ts";
import { guardLanes } from "./emit-guard.ts";
import { indexLanes } from "./emit-index.ts";
import { apply, toVector, uniform, vector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import { load } from "./load.ts";
import * as math from "./math.ts";
import { binaryOperation, compareOperation, unaryOperation } from "./operations.ts";
import type { Point } from "./point.ts";
import { power } from "./power-of-constant.ts";
import type { Value } from "./value-graph.ts";

export function lanesAt(emission: Emission, point: Point, expr: Expr): Lanes {
  const known = point.built.get(expr);
  if (known !== undefined) return known;
  const lanes = build(emission, point, expr);
  point.built.set(expr, lanes);
  return lanes;
}

/** An integer expression at a single point, as an i32. */
export function integerAt(emission: Emission, point: Point, expr: Expr): Value {
  const lanes = castLanes(emission.nest.graph, "i32", lanesAt(emission, point, expr));
  return lanes.kind === "uniform" ? lanes.value : unreachable("an address that differs by lane");
}

function build(emission: Emission, point: Point, expr: Expr): Lanes {
  const at = (x: Expr): Lanes => lanesAt(emission, point, x);
  const { graph } = emission.nest;
  switch (expr.kind) {
    case "const":
      return constant(emission, expr);
    case "local":
      return point.locals.get(expr.name) ?? unreachable(`local ${expr.name} is not set`);
    case "load":
      return load(emission, point, expr.buffer, expr.address);
    case "index":
      return indexLanes(emission, point, expr.address);
    case "unary":
      return unary(emission, expr, at(expr.x));
    case "binary":
      return binary(emission, expr, at(expr.a), at(expr.b));
    case "compare":
      return apply(graph, compareOperation(graph, expr.op, expr.a.type), at(expr.a), at(expr.b));
    case "select":
      return emission.arithmetic.select(at(expr.condition), at(expr.a), at(expr.b));
    case "guard":
      return guardLanes(emission, point, expr, lanesAt);
    case "cast":
      return cast(emission, expr, at(expr.x));
    case "narrow":
      return narrowLanes(emission.arithmetic, expr.storage, at(expr.x));
    default:
      return expr satisfies never;
  }
}

type ExprOf<Kind extends Expr["kind"]> = Extract<Expr, { readonly kind: Kind }>;

function constant({ nest: { graph } }: Emission, { type, value }: ExprOf<"const">): Lanes {
  if (type === "i64" || type === "u64") {
    return uniform(type, graph.constant("i64", BigInt.asIntN(64, BigInt(value))));
  }
  if (type === "f32") return uniform(type, graph.constant("f32", Number(value)));
  return uniform(type, graph.i32(Number(value)));
}

function cast(emission: Emission, { type, x }: ExprOf<"cast">, lanes: Lanes): Lanes {
  if (x.type === "f32" && (type === "i32" || type === "u32")) {
    const { min, max } = floatBounds(x);
    const fits = max < 2 ** 31 && min >= (type === "i32" ? -(2 ** 31) : 0);
    if (fits) return { ...emission.arithmetic.truncateFitting(lanes), type };
  }
  return castLanes(emission.nest.graph, type, lanes);
}

function unary(emission: Emission, { op }: ExprOf<"unary">, x: Lanes): Lanes {
  const { arithmetic, nest, helper } = emission;
  if (x.type === "f64") return unreachable("an expression of type f64");
  const operation = unaryOperation(nest.graph, op, x.type);
  if (operation !== undefined) return apply(nest.graph, operation, x);
  switch (op) {
    case "exp":
    case "log":
    case "tanh":
    case "erf":
      return math[op](arithmetic, x);
    case "sin":
    case "cos":
    case "tan":
      return arithmetic.call(helper(op), "f32", x);
    default:
      return unreachable(`${op} of ${x.type}`);
  }
}

function binary(emission: Emission, expr: ExprOf<"binary">, a: Lanes, b: Lanes): Lanes {
  const { op, type } = expr;
  const { graph } = emission.nest;
  if (op === "pow") return power(emission, type, a, b);
  if (op === "rem" && type === "f32") {
    return emission.arithmetic.call(emission.helper("rem"), "f32", a, b);
  }
  if (op.startsWith("shift") && a.kind === "vector" && b.kind === "uniform") {
    return vector(type, shiftByUniform(graph, op, type)(toVector(graph, a), b.value));
  }
  if (type === "f32" && (op === "min" || op === "max")) {
    const bounded = boundLanes(graph, op, a, b);
    if (bounded !== undefined) return bounded;
  }
  const operation = binaryOperation(graph, op, type) ?? unreachable(`${op} of ${type}`);
  return apply(graph, operation, a, b);
}
