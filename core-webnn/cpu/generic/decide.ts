/**
 * Whether four neighbouring points agree on a condition, asked with few instructions: the addresses
 * that a condition compares rise or fall evenly, so the first and the last lane answer for all.
 */
import {
  addAddress,
  affine,
  constant,
  floorDivAddress,
  substituteAddress,
  subtractAddress,
} from "../../kernel/address.ts";
import type { Address, Expr } from "../../kernel/ir.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { integerOf } from "./emit-address.ts";
import { laneCount, toVector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import { laneAxis, readsVarying, varies } from "./point.ts";
import type { Point } from "./point.ts";
import type { Value } from "./value-graph.ts";

/**
 * `all` implies that the condition holds at all points, and where it holds at one of them `any` is true.
 * They are the same value if the points surely agree.
 */
export interface Decision {
  readonly all: Value;
  readonly any: Value;
}

type Evaluate = (emission: Emission, point: Point, expr: Expr) => Lanes;

export function decide(
  emission: Emission,
  point: Point,
  condition: Expr,
  evaluate: Evaluate,
): Decision {
  const { graph } = emission.nest;
  if (point.isVector && condition.kind === "unary" && condition.op === "not") {
    const { all, any } = decide(emission, point, condition.x, evaluate);
    return { all: graph.op("i32.eqz", any), any: graph.op("i32.eqz", all) };
  }
  if (point.isVector && condition.kind === "binary" && condition.op !== "xor") {
    const a = decide(emission, point, condition.a, evaluate);
    const b = decide(emission, point, condition.b, evaluate);
    const name = condition.op === "and" ? "i32.and" : "i32.or";
    return { all: graph.op(name, a.all, b.all), any: graph.op(name, a.any, b.any) };
  }
  const difference = point.isVector ? differenceOf(point, condition) : undefined;
  if (difference !== undefined) return decideBySign(emission, point, difference);
  const lanes = evaluate(emission, point, condition);
  if (lanes.kind === "uniform") return { all: lanes.value, any: lanes.value };
  const mask = toVector(graph, lanes);
  return { all: graph.op("i32x4.all_true", mask), any: graph.op("v128.any_true", mask) };
}

/** A condition that is `address < 0` or, if not `isNegative`, `address >= 0`. */
interface Difference {
  readonly address: Address;
  readonly isNegative: boolean;
}

/** Undefined for other conditions, and where lanes are not evenly apart. */
function differenceOf(point: Point, condition: Expr): Difference | undefined {
  if (condition.kind !== "compare" || condition.op === "eq" || condition.op === "ne") {
    return undefined;
  }
  const [a, b] = [addressIn(condition.a), addressIn(condition.b)];
  if (a === undefined || b === undefined) return undefined;
  const { op } = condition;
  // x <= y is x - y - 1 < 0.
  const strict = constant(op === "le" || op === "gt" ? -1 : 0);
  const address = substituteAddress(addAddress(subtractAddress(a, b), strict), point.axes);
  const stride = affine(address, [laneAxis])?.strides[0];
  if (readsVarying(address, point) || stride?.kind !== "const") return undefined;
  return { address, isNegative: op === "lt" || op === "le" };
}

function decideBySign(
  emission: Emission,
  point: Point,
  { address, isNegative }: Difference,
): Decision {
  const { graph } = emission.nest;
  const scope = addressesAt(emission, point);
  const test = (at: Address): Value => {
    return graph.op(isNegative ? "i32.lt_s" : "i32.ge_s", integerOf(scope, at), graph.i32(0));
  };
  // A quarter, rounded down, has the same sign, and often is the same for all lanes.
  const quarter = floorDivAddress(address, constant(laneCount));
  if (!varies(quarter, point)) {
    const answer = test(quarter);
    return { all: answer, any: answer };
  }
  const lane = (l: number): Address => {
    return substituteAddress(address, new Map([[laneAxis.name, constant(l)]]));
  };
  const [first, last] = [test(lane(0)), test(lane(laneCount - 1))];
  return { all: graph.op("i32.and", first, last), any: graph.op("i32.or", first, last) };
}

function addressIn(expr: Expr): Address | undefined {
  if (expr.kind === "index") return expr.address;
  if (expr.kind !== "const" || expr.type !== "i32") return undefined;
  return constant(Number(expr.value));
}
