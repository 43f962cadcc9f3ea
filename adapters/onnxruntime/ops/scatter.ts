/**
 * Scatter, ScatterElements, ScatterND and TensorScatter.
 *
 * WebNN's scatters let the last of several updates to one element stand. A `reduction` joins them all: every
 * element is compared with every update that could be its own. Where those are too many, the host joins them.
 */
import { isEmptyShape } from "../convert/broadcast.ts";
import { fixedSize } from "../convert/decisions.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { addSizes, formatShape, multiplySizes, subtractSizes, type Size } from "../core.ts";
import type { HostArray } from "../host/array.ts";
import { scatterElementsOf, scatterPoints, type Join } from "../host/array-points.ts";
import { stridesOf, walk, type Elements } from "../host/walk.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { elementsAxis } from "./gather-points.ts";
import { fromStart, indexType, positions, sizesOperand, stridesOfSizes } from "./positions.ts";
import { op, type HostNode, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const scatterRows: readonly OpRow[] = [
  scatterElementsRow("Scatter", 9, 10),
  scatterElementsRow("ScatterElements", 11),
  op("ScatterND", {
    elements: "written",
    since: 11,
    empties: true,
    convert: scatterND,
    compute(node, inputs) {
      const { input, indices, updates } = writing(node, inputs);
      checkPoints(sizedNode(node, inputs));
      return [scatterPoints(node, input, indices, updates, joinOf(node))];
    },
  }),
  op("TensorScatter", {
    elements: "written",
    since: 24,
    empties: true,
    convert: tensorScatter,
    compute: tensorScatterOnHost,
  }),
];

function scatterElementsRow(name: string, since: number, until = Infinity): OpRow {
  return op(name, {
    since,
    until,
    elements: "written",
    empties: true,
    convert: scatterElements,
    compute(node, inputs) {
      const { input, indices, updates } = writing(node, inputs);
      const axis = elementsAxis(sizedNode(node, inputs));
      return [scatterElementsOf(node, input, indices, updates, axis, joinOf(node))];
    },
  });
}

/** What is written, where and into what: all of it is there, and of one type. */
function writing(node: HostNode, [input, indices, updates]: readonly (HostArray | undefined)[]) {
  if (input === undefined || indices === undefined || updates === undefined) {
    return node.fail("it lacks one of its three inputs");
  }
  if (updates.type !== input.type) {
    node.fail(`updates of type ${updates.type} for data of type ${input.type}`);
  }
  return { input, indices, updates };
}

/** The reductions: WebNN's of many updates and of two elements, and what changes nothing. */
const reductions = {
  add: { all: "reduceSum", two: "add", neutral: 0 },
  mul: { all: "reduceProduct", two: "mul", neutral: 1 },
  // The element itself is neutral.
  max: { all: "reduceMax", two: "max", neutral: undefined },
  min: { all: "reduceMin", two: "min", neutral: undefined },
} as const;

type Reduction = (typeof reductions)[keyof typeof reductions];

const joins: Readonly<Record<string, Join>> = {
  none: (_, update) => update,
  // Both are numbers or both are bigint.
  add: (x, update) => (x as number) + (update as number),
  mul: (x, update) => (x as number) * (update as number),
  max: (x, update) => (x !== x || x > update ? x : update),
  min: (x, update) => (x !== x || x < update ? x : update),
};

function joinOf(node: HostNode): Join {
  const name = node.text("reduction", "none");
  return joins[name] ?? node.fail(`reduction '${name}', expected none, add, mul, max or min`);
}

/** Undefined is none. */
function reductionOf(node: HostNode): Reduction | undefined {
  joinOf(node);
  const name = node.text("reduction", "none");
  return name === "none" ? undefined : reductions[name as keyof typeof reductions];
}

/** More comparisons than this take longer than a round trip to the host, which needs one step an update. */
const mostComparisons = 2 ** 22;

/** Leaves the node to the host where its reduction is none for the device. */
function checkReduction(node: NodeContext, reduction: Reduction, ...sizes: readonly Size[]): void {
  const type = node.type(0);
  const isNarrow = type === "int8" || type === "uint8" || type === "bool";
  if (isNarrow && reduction.neutral !== undefined) {
    node.leaveToHost(`WebNN does not sum or multiply many ${type}`);
  }
  if (node.decisions.less(mostComparisons, multiplySizes(...sizes))) {
    node.leaveToHost("it has more updates to join than a device does well");
  }
}

/** Joins to `x` the updates where `isHit`: both broadcast to [… , updates, …] with the updates along `axis`. */
function joinUpdates(
  { builder, writer, label }: NodeContext,
  reduction: Reduction,
  x: Operand,
  { isHit, updates, axis }: { isHit: Operand; updates: Operand; axis: number },
): Operand {
  const wide = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)];
  const neutral =
    reduction.neutral === undefined
      ? builder.reshape(x, wide, { label })
      : writer.filled(x.dataType, reduction.neutral, []);
  const parts = builder.where(isHit, updates, neutral, { label });
  const joined = builder[reduction.all](parts, { axes: [axis], keepDimensions: false, label });
  return builder[reduction.two](x, joined, { label });
}

function scatterElements(node: NodeContext): Value {
  const axis = elementsAxis(node);
  const [from, shape, given] = [node.shape(0), node.shape(1), node.shape(2)];
  const isSame =
    given.length === shape.length && given.every((s, d) => node.decisions.equal(s, shape[d]!));
  if (!isSame) node.fail(`updates ${formatShape(given)} for indices ${formatShape(shape)}`);
  if (isEmptyShape(from) || isEmptyShape(shape)) return node.value(0);
  const reduction = reductionOf(node);
  if (reduction !== undefined) checkReduction(node, reduction, ...shape, from[axis]!);
  return node.result(scatterStart(node, node.operand(0), reduction, axis));
}

/** Scatters into the part of x that the indices can reach; the rest stays. */
function scatterStart(
  node: NodeContext,
  x: Operand,
  reduction: Reduction | undefined,
  axis: number,
): Operand {
  const { builder, label, decisions } = node;
  const shape = node.shape(1);
  const shorter = shape.findIndex((size, d) => d !== axis && !decisions.equal(size, x.shape[d]!));
  if (shorter < 0) return scatterWhole(node, x, reduction, axis);
  const size = shape[shorter]!;
  const whole = x.shape[shorter]!;
  if (decisions.less(whole, size)) {
    node.fail(`indices ${formatShape(shape)} are larger than ${formatShape(x.shape)}`);
  }
  const part = (start: Size, length: Size) =>
    builder.slice(
      x,
      x.shape.map((_, d) => (d === shorter ? start : 0)),
      x.shape.map((s, d) => (d === shorter ? length : s)),
      { label },
    );
  const reached = scatterStart(node, part(0, size), reduction, axis);
  return builder.concat([reached, part(size, subtractSizes(whole, size))], shorter, { label });
}

function scatterWhole(
  node: NodeContext,
  x: Operand,
  reduction: Reduction | undefined,
  axis: number,
): Operand {
  const { builder, label } = node;
  const [indices, updates] = [node.operand(1), node.operand(2)];
  if (reduction === undefined) return builder.scatterElements(x, indices, updates, { axis, label });
  // [before, elements, updates, after]: each element sees each update along the axis.
  const dataType = indexType(node, indices);
  const size = x.shape[axis]!;
  const rank = x.shape.length;
  const across = (operand: Operand) => {
    const wide = [...operand.shape.slice(0, axis), 1, ...operand.shape.slice(axis)];
    return builder.reshape(operand, wide, { label });
  };
  const target = fromStart(node, indices, sizesOperand(node, dataType, [size]));
  const places = positions(node, dataType, size, rank + 1, axis);
  const isHit = builder.equal(across(target), places, { label });
  return joinUpdates(node, reduction, x, { isHit, updates: across(updates), axis: axis + 1 });
}

/** The number of coordinates of a point. */
function checkPoints(node: Pick<NodeContext, "shape" | "decisions" | "fail">): number {
  const [from, at, given] = [node.shape(0), node.shape(1), node.shape(2)];
  const depth = fixedSize(at.at(-1) ?? node.fail("indices are a scalar"));
  if (!(depth >= 1 && depth <= from.length)) {
    node.fail(`indices of ${depth} coordinates for rank ${from.length}`);
  }
  const expected = [...at.slice(0, -1), ...from.slice(depth)];
  const isSame =
    given.length === expected.length &&
    given.every((size, d) => node.decisions.equal(size, expected[d]!));
  if (!isSame) node.fail(`updates ${formatShape(given)}, expected ${formatShape(expected)}`);
  return depth;
}

function scatterND(node: NodeContext): Value {
  const { builder, label } = node;
  const depth = checkPoints(node);
  const [from, at] = [node.shape(0), node.shape(1)];
  if (isEmptyShape(from) || isEmptyShape(node.shape(2))) return node.value(0);
  const [x, indices, updates] = [node.operand(0), node.operand(1), node.operand(2)];
  const reduction = reductionOf(node);
  if (reduction === undefined)
    return node.result(builder.scatterND(x, indices, updates, { label }));

  const elements = multiplySizes(...from.slice(0, depth));
  const points = multiplySizes(...at.slice(0, -1));
  const block = multiplySizes(...from.slice(depth));
  checkReduction(node, reduction, elements, points, block);
  const dataType = indexType(node, indices);
  const sizes = from.slice(0, depth);
  const list = builder.reshape(indices, [points, depth], { label });
  const coordinates = fromStart(node, list, sizesOperand(node, dataType, sizes));
  const strides = sizesOperand(node, dataType, stridesOfSizes(sizes));
  const flat = builder.reduceSum(builder.mul(coordinates, strides, { label }), {
    axes: [1],
    label,
  });
  const isHit = builder.equal(
    builder.reshape(flat, [1, points, 1], { label }),
    positions(node, dataType, elements, 3, 0),
    { label },
  );
  const joined = joinUpdates(node, reduction, builder.reshape(x, [elements, block], { label }), {
    isHit,
    updates: builder.reshape(updates, [1, points, block], { label }),
    axis: 1,
  });
  return node.result(builder.reshape(joined, from, { label }));
}

interface CacheForm {
  readonly axis: number;
  readonly isCircular: boolean;
}

function cacheForm(node: SizedNode): CacheForm {
  const [cache, update] = [node.shape(0), node.shape(1)];
  const axis = axisOf(node, node.int("axis", -2), cache.length);
  if (axis === 0) node.fail("axis 0, which is the batch");
  const mode = node.text("mode", "linear");
  if (mode !== "linear" && mode !== "circular") node.fail(`mode '${mode}'`);
  const isSame =
    update.length === cache.length &&
    update.every((size, d) => d === axis || node.decisions.equal(size, cache[d]!));
  if (!isSame || node.decisions.less(cache[axis]!, update[axis]!)) {
    node.fail(`an update ${formatShape(update)} of a cache ${formatShape(cache)} along ${axis}`);
  }
  return { axis, isCircular: mode === "circular" };
}

/**
 * A cache with new steps written from `write_indices` of each entry of the batch on. Each step of the cache looks
 * whether a new one belongs there.
 */
function tensorScatter(node: NodeContext): Value {
  const { builder, label } = node;
  const { axis, isCircular } = cacheForm(node);
  const [cache, update] = [node.shape(0), node.shape(1)];
  if (isEmptyShape(cache) || isEmptyShape(update)) return node.value(0);
  const [batch, steps, length] = [cache[0]!, update[axis]!, cache[axis]!];
  const number = (size: Size) => sizesOperand(node, "int64", [size]);
  const zero = number(0);
  // [batch, length]: which new step belongs to each step of the cache, negative or too large for none.
  let source = builder.expand(positions(node, "int64", length, 2, 1), [batch, length], { label });
  if (node.has(2)) {
    const starts = builder.reshape(node.operand(2), [batch, 1], { label });
    source = builder.sub(source, starts, { label });
  }
  if (isCircular) source = modulo(node, source, number(length));
  const isNew = builder.logicalAnd(
    builder.greaterOrEqual(source, zero, { label }),
    builder.lesser(source, number(steps), { label }),
    { label },
  );
  const last = number(addSizes(steps, -1));
  const taken = builder.min(builder.max(source, zero, { label }), last, { label });
  // [batch, 1, …, length, 1, …], and the new steps in the places of the cache.
  const wide = cache.map((size, d) => (d === 0 || d === axis ? size : 1));
  const indices = builder.expand(builder.reshape(taken, wide, { label }), cache, { label });
  const moved = builder.gatherElements(node.operand(1), indices, { axis, label });
  const here = builder.reshape(isNew, wide, { label });
  return node.result(builder.where(here, moved, node.operand(0), { label }));
}

function tensorScatterOnHost(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const { axis, isCircular } = cacheForm(sizedNode(node, inputs));
  const [cache, update, starts] = [inputs[0]!, inputs[1]!, inputs[2]];
  const output = { ...cache, data: cache.data.slice() };
  const [from, to]: [Elements, Elements] = [update.data, output.data];
  const [length, strides] = [cache.shape[axis]!, stridesOf(cache.shape)];
  const perEntry = stridesOf(update.shape)[0]!;
  const perStep = stridesOf(update.shape)[axis]!;
  walk(update.shape, [strides.with(axis, 0)], ([offset], i) => {
    const start = Number(starts?.data[Math.floor(i / perEntry)] ?? 0);
    const step = start + (Math.floor(i / perStep) % update.shape[axis]!);
    const at = isCircular ? ((step % length) + length) % length : step;
    if (at >= 0 && at < length) to[offset! + at * strides[axis]!] = from[i]!;
  });
  return [output];
}

/** x mod n for whole x of any sign; n is positive. */
function modulo({ builder, label }: NodeContext, x: Operand, n: Operand): Operand {
  // The quotient is cut towards 0, so that the rest has the sign of x.
  const quotient = builder.div(x, n, { label });
  const rest = builder.sub(x, builder.mul(quotient, n, { label }), { label });
  const shifted = builder.add(rest, n, { label });
  const isNegative = builder.lesser(rest, builder.sub(n, n, { label }), { label });
  return builder.where(isNegative, shifted, rest, { label });
}
