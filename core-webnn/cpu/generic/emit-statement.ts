/** Statements at the points of a body, in order. */
import { binary, constantOf, local, valueTypeOf } from "../../kernel/expr.ts";
import type { Axis, Contract, Local, Reduce, Stmt } from "../../kernel/ir.ts";
import { castLanes } from "./casts.ts";
import type { Emission } from "./emission.ts";
import { lanesAt } from "./emit-expr.ts";
import { emitReduce } from "./emit-reduce.ts";
import { overAxes, overStrip } from "./loops.ts";
import { withLocals } from "./point.ts";
import type { Point } from "./point.ts";
import { settle } from "./settle.ts";
import { storeAll } from "./store.ts";
import { stretchOf, stripsOf } from "./strips.ts";
import type { Stretch } from "./strips.ts";
import { unrollOf } from "./unroll.ts";
import { chooseInnerAxis } from "./vector-axis.ts";
import type { Looping } from "./vector-axis.ts";

type StmtOf<Kind extends Stmt["kind"]> = Extract<Stmt, { readonly kind: Kind }>;

/** All statements, each at all points before the next. */
export function emitBody(
  emission: Emission,
  points: readonly Point[],
  body: readonly Stmt[],
): void {
  body.reduce((here, stmt) => settle(emission, emitStatement(emission, here, stmt), stmt), points);
}

/** A body at every element of a stretch of an axis, by vectors. */
export function emitStretch(
  emission: Emission,
  point: Point,
  stretch: Stretch,
  body: readonly Stmt[],
): void {
  for (const strip of stripsOf(emission.nest, stretch, unrollOf(body, emission.kernel.buffers))) {
    overStrip(emission, point, stretch.axis, strip, [], (points) => {
      emitBody(emission, points, body);
      return [];
    });
  }
}

/** The points as the next statement sees them. */
function emitStatement(emission: Emission, points: readonly Point[], stmt: Stmt): readonly Point[] {
  switch (stmt.kind) {
    case "let":
      return points.map((point) =>
        withLocals(point, [stmt.local.name], [lanesAt(emission, point, stmt.value)]),
      );
    case "store":
      emitStore(emission, points, stmt);
      return points;
    case "loop":
      emitLoop(emission, points, stmt);
      return points;
    case "scan":
      overAxes(emission, points, [stmt.axis], [], (inside) => {
        emitBody(emission, inside, stmt.body);
        return [];
      });
      return points;
    case "reduce":
      return emitReduceStatement(emission, points, stmt);
    case "contract":
      return emitReduceStatement(emission, points, asReduction(stmt));
    default:
      return stmt satisfies never;
  }
}

function emitStore(
  emission: Emission,
  points: readonly Point[],
  { buffer, address, value }: StmtOf<"store">,
): void {
  const type = valueTypeOf(emission.kernel.buffers[buffer]!.dataType);
  const values = points.map((point) =>
    castLanes(emission.nest.graph, type, lanesAt(emission, point, value)),
  );
  storeAll(emission, points, buffer, address, values);
}

function emitLoop(emission: Emission, points: readonly Point[], stmt: StmtOf<"loop">): void {
  const { axes, body } = stmt;
  const axis = innerAxis(emission, points, stmt);
  const outer = axes.filter((other) => other !== axis);
  overAxes(emission, points, outer, [], (inside) => {
    if (axis === undefined) emitBody(emission, inside, body);
    else emitStretch(emission, inside[0]!, stretchOf(axis), body);
    return [];
  });
}

function emitReduceStatement(
  emission: Emission,
  points: readonly Point[],
  stmt: Reduce,
): readonly Point[] {
  const axis = innerAxis(emission, points, stmt);
  const unroll = axis === undefined ? 1 : unrollOf([stmt], emission.kernel.buffers);
  return emitReduce(emission, points, stmt, axis && { axis, unroll });
}

/** Vectors run along one axis at most: inside a vectorised body there is no other. */
function innerAxis(
  { choices }: Emission,
  points: readonly Point[],
  stmt: Looping,
): Axis | undefined {
  const isFree = points.length === 1 && !points[0]!.isVector;
  return isFree ? chooseInnerAxis(stmt, choices ?? new Map()) : undefined;
}

/** A contraction where no matrix kernel takes it: the sum it is. */
export function asReduction({ k, a, b, accumulator }: Contract): Reduce {
  const product: Local = { ...accumulator, name: `${accumulator.name}'product` };
  return {
    kind: "reduce",
    axes: k,
    lets: [],
    state: [accumulator],
    incoming: [product],
    init: [constantOf(accumulator.type, 0)],
    map: [binary("mul", a, b)],
    combine: [binary("add", local(accumulator), local(product))],
  };
}
