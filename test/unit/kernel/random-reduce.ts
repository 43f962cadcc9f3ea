/** Random reductions whose result does not depend on the order: exact sums, extremes, places of extremes. */
import { linearAddress } from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  bool,
  cast,
  compare,
  constantOf,
  i32,
  index,
  local,
  select,
} from "../../../core-webnn/kernel/expr.ts";
import type { Axis, BinaryOp, Expr, Local, Reduce } from "../../../core-webnn/kernel/ir.ts";
import { evaluateSize, productOf } from "../../../core-webnn/util/size.ts";
import { addressesOf, extentsOf, freshName, randomAxes, type Draft } from "./random-draft.ts";
import { growValues, randomLoad, toType, type Value } from "./random-values.ts";

export interface RandomReduce {
  readonly stmt: Reduce;
  /** Its states, as values of what follows. */
  readonly results: readonly Value[];
}

/** Over one or two new axes, at a point of `outer`; `known` are values that may take part. */
export function randomReduce(
  draft: Draft,
  outer: readonly Axis[],
  known: readonly Value[],
): RandomReduce {
  const axes = randomAxes(draft, 1 + draft.random.below(2), 300, "k");
  const inner = [...outer, ...axes];
  const pool = [randomLoad(draft, inner), ...known];
  if (draft.random.chance(0.4)) pool.push(randomLoad(draft, axes));
  const x = growValues(draft, pool, draft.random.below(3)).at(-1)!;
  const named: Local = { name: freshName(draft, "x"), type: x.expr.type };
  const lets = [{ local: named, value: x.expr }];
  const fold = draft.random.pick(folds)(draft, axes, { ...x, expr: local(named) });
  const locals = (stem: string): Local[] =>
    fold.map(({ map }) => ({ name: freshName(draft, stem), type: map.type }));
  const [state, incoming] = [locals("state"), locals("incoming")];
  const combine = fold.map(({ combine: f }) => f(state.map(local), incoming.map(local)));
  const [init, map] = [fold.map((part) => part.init), fold.map((part) => part.map)];
  const results = fold.map(({ max, step }, i) => ({ expr: local(state[i]!), max, step }));
  return { stmt: { kind: "reduce", axes, lets, state, incoming, init, map, combine }, results };
}

/** One state of a reduction. */
interface Part {
  readonly init: Expr;
  readonly map: Expr;
  readonly combine: (state: readonly Expr[], incoming: readonly Expr[]) => Expr;
  readonly max: number;
  readonly step: number;
}

type Fold = (draft: Draft, axes: readonly Axis[], x: Value) => readonly Part[];

const folds: readonly Fold[] = [
  (draft, axes, x) => [sumOf(draft, axes, x, 0)],
  (draft, axes, x) => {
    const sum = sumOf(draft, axes, x, 0);
    return [sum, sumOf(draft, axes, { ...x, expr: sum.map }, 1)];
  },
  (draft, _, x) => [extreme(draft.random.pick(["min", "max"]), x)],
  (draft, _, x) => {
    const op = draft.random.pick<BinaryOp>(["bitAnd", "bitOr", "bitXor"]);
    const { expr } = toType(x, draft.random.pick(["i32", "u32", "i64", "u64"]));
    const init = constantOf(expr.type, op === "bitAnd" ? -1n : 0n);
    return [{ init, map: expr, combine: pairwise(op), max: Infinity, step: 1 }];
  },
  (draft, _, x) => {
    const op = draft.random.pick<BinaryOp>(["and", "or", "xor"]);
    const { expr } = toType(x, "bool");
    return [{ init: bool(op === "and"), map: expr, combine: pairwise(op), max: 1, step: 1 }];
  },
  (draft, axes, x) => placeOfExtreme(draft, axes, x),
];

/** A sum, or a product of integers; floats that would round are summed as integers. */
function sumOf(draft: Draft, axes: readonly Axis[], x: Value, part: number): Part {
  const count = evaluateSize(productOf(extentsOf(axes)), draft.sizes);
  const isExact = (x.max * count) / x.step <= 2 ** 23;
  const keeps = x.expr.type !== "bool" && (x.expr.type !== "f32" || isExact);
  const { expr, max, step } = keeps ? x : toType(x, "i32");
  const op: BinaryOp = expr.type !== "f32" && draft.random.chance(0.2) ? "mul" : "add";
  const init = constantOf(expr.type, op === "mul" ? 1n : 0n);
  const bound = op === "add" && max * count < 2 ** 31 ? max * count : Infinity;
  return { init, map: expr, combine: pairwise(op, part), max: bound, step };
}

function extreme(op: "min" | "max", x: Value): Part {
  const { expr, max, step } = x.expr.type === "bool" ? toType(x, "u32") : x;
  const init = constantOf(expr.type, op === "min" ? Infinity : -Infinity);
  return { init, map: expr, combine: pairwise(op), max, step };
}

/** The largest or smallest value and where it is; of equal ones the first. */
function placeOfExtreme(draft: Draft, axes: readonly Axis[], x: Value): readonly Part[] {
  const op = draft.random.pick(["min", "max"] as const);
  const best = extreme(op, x);
  const place = index(linearAddress(addressesOf(axes), extentsOf(axes)));
  const isBetter = (state: readonly Expr[], incoming: readonly Expr[]): Expr => {
    const [a, b] = [incoming[0]!, state[0]!];
    const isEarlier = compare("lt", incoming[1]!, state[1]!);
    const wins = compare(op === "min" ? "lt" : "gt", a, b);
    return binary("or", wins, binary("and", compare("eq", a, b), isEarlier));
  };
  const pick =
    (part: number): Part["combine"] =>
    (state, incoming) =>
      select(isBetter(state, incoming), incoming[part]!, state[part]!);
  return [
    { ...best, combine: pick(0) },
    { init: i32(2 ** 31 - 1), map: cast("i32", place), combine: pick(1), max: 2 ** 20, step: 1 },
  ];
}

function pairwise(op: BinaryOp, part = 0): Part["combine"] {
  return (state, incoming) => binary(op, state[part]!, incoming[part]!);
}
