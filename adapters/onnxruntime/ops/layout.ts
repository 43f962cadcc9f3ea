/** Ops that move elements, or only say another shape of them. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import {
  divideExactly,
  floorDivideSizes,
  formatShape,
  multiplySizes,
  sizesEqual,
  type Size,
} from "../core.ts";
import type { HostArray } from "../host/array.ts";
import { maxHostElements, numbersOf, type HostTensor } from "../host/host-tensor.ts";
import { broadcastTo, rearrange } from "../host/index-math.ts";
import { elementCount } from "../model/model.ts";
import { axesSince13, axisOf } from "./axes.ts";
import { op, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const layoutRows: readonly OpRow[] = [
  reshaping("Reshape", reshapedShape),
  reshaping("Flatten", flattenedShape),
  reshaping("Squeeze", squeezedShape),
  reshaping("Unsqueeze", unsqueezedShape),
  op("Transpose", {
    elements: "moved",
    empties: true,
    convert: transpose,
    host: transposeOnHost,
    compute: (node, inputs, { transposeArray }) => [
      transposeArray(inputs[0]!, permutationOf(sizedNode(node, inputs))),
    ],
  }),
  op("Expand", {
    since: 8,
    empties: true,
    convert: expand,
    host: expandOnHost,
    compute(node, inputs, { expandArray }) {
      const shape = expandedShape(sizedNode(node, inputs));
      return [expandArray(inputs[0]!, shape as readonly number[])];
    },
  }),
  op("Tile", {
    empties: true,
    convert: tile,
    compute(node, inputs, { tileArray }) {
      const repetitions = repetitionsOf(sizedNode(node, inputs));
      return [tileArray(inputs[0]!, repetitions as readonly number[])];
    },
  }),
];

/** An op that gives the same elements in another shape. */
function reshaping(name: string, shapeOf: (node: SizedNode) => readonly Size[]): OpRow {
  return op(name, {
    elements: "moved",
    empties: true,
    convert(node) {
      const shape = shapeOf(node);
      const value = node.value(0);
      if (isEmptyShape(node.shape(0)) !== isEmptyShape(shape)) {
        node.fail(`${formatShape(node.shape(0))} does not have the size of ${formatShape(shape)}`);
      }
      if (isEmptyShape(shape)) return { kind: "empty", type: node.type(0), shape };
      return value.kind !== "product" && sizesEqualAll(node.shape(0), shape)
        ? value
        : node.result(node.writer.reshaped(value, shape, node.label));
    },
    host(node, [input]) {
      const shape = shapeOf(node);
      const isKnown = shape.every((size): size is number => typeof size === "number");
      if (!input || !isKnown) return undefined;
      if (elementCount(shape) !== input.elements.length) {
        node.fail(`${formatShape(input.shape)} does not have the size of ${formatShape(shape)}`);
      }
      return { ...input, shape };
    },
    compute(node, inputs): readonly HostArray[] {
      const shape = shapeOf(sizedNode(node, inputs)) as readonly number[];
      if (elementCount(shape) !== inputs[0]!.data.length) {
        node.fail(
          `${formatShape(inputs[0]!.shape)} does not have the size of ${formatShape(shape)}`,
        );
      }
      return [{ ...inputs[0]!, shape }];
    },
  });
}

function sizesEqualAll(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, axis) => sizesEqual(size, b[axis]!));
}

/** 0 keeps the input's dimension (unless `allowzero`), -1 is what is left. An attribute before opset 5. */
function reshapedShape(node: SizedNode): readonly Size[] {
  const from = node.shape(0);
  const keepsZero = node.int("allowzero", 0) !== 0;
  const given =
    node.opset < 5 ? (node.ints("shape") ?? node.fail("shape is missing")) : node.integers(1);
  const asked = given.map((size, axis) =>
    size === 0 && !keepsZero
      ? (from[axis] ?? node.fail(`dimension ${axis} of ${formatShape(from)} does not exist`))
      : size,
  );
  const open = asked.indexOf(-1);
  const isNone = (size: Size, axis: number) => axis !== open && node.decisions.less(size, 0);
  if (asked.lastIndexOf(-1) !== open || asked.some(isNone)) {
    node.fail(`the shape ${formatShape(given)}, expected sizes and at most one -1`);
  }
  const total = multiplySizes(...from);
  const isSame = (shape: readonly Size[]) =>
    node.decisions.equal(multiplySizes(...shape), total)
      ? shape
      : node.fail(`${formatShape(from)} does not have the size of ${formatShape(shape)}`);
  if (open < 0) return isSame(asked);
  const known = multiplySizes(...asked.filter((_, axis) => axis !== open));
  if (known === 0) return node.fail(`-1 in ${formatShape(asked)} could be any size`);
  const rest = divideExactly(total, known) ?? floorDivideSizes(total, known);
  return isSame(asked.map((size, axis) => (axis === open ? rest : size)));
}

function flattenedShape(node: SizedNode): readonly Size[] {
  const shape = node.shape(0);
  // The axis may also be behind the last one.
  const axis = node.int("axis", 1);
  const at = axis === shape.length ? axis : axisOf(node, axis, shape.length);
  return [multiplySizes(...shape.slice(0, at)), multiplySizes(...shape.slice(at))];
}

function squeezedShape(node: SizedNode): readonly Size[] {
  const shape = node.shape(0);
  const axes = axesSince13(node)?.map((axis) => axisOf(node, axis, shape.length));
  // Without axes every 1 goes; with them the dimension must be 1.
  if (axes === undefined) return shape.filter((size) => !node.decisions.equal(size, 1));
  for (const axis of axes) {
    if (!node.decisions.equal(shape[axis]!, 1)) {
      node.fail(`dimension ${axis} of ${formatShape(shape)} is not 1`);
    }
  }
  return shape.filter((_, axis) => !axes.includes(axis));
}

function unsqueezedShape(node: SizedNode): readonly Size[] {
  const shape = [...node.shape(0)];
  const axes = axesSince13(node) ?? node.fail("axes are missing");
  const rank = shape.length + axes.length;
  const normal = axes.map((axis) => axisOf(node, axis, rank)).sort((a, b) => a - b);
  if (new Set(normal).size < normal.length) node.fail(`axes [${axes.join(", ")}] name one twice`);
  for (const axis of normal) shape.splice(axis, 0, 1);
  return shape;
}

function permutationOf(node: SizedNode): readonly number[] {
  const rank = node.rank(0);
  const axes = Array.from({ length: rank }, (_, i) => i);
  const given = node.ints("perm");
  // Some exporters write an empty list for none.
  if (given === undefined || (given.length === 0 && rank > 0)) return axes.reverse();
  if (given.length !== rank || !axes.every((axis) => given.includes(axis))) {
    node.fail(`perm [${given.join(", ")}] for rank ${rank}`);
  }
  return given;
}

function transpose(node: NodeContext): Value {
  const permutation = permutationOf(node);
  const shape = node.shape(0);
  if (isEmptyShape(shape)) {
    return { kind: "empty", type: node.type(0), shape: permutation.map((axis) => shape[axis]!) };
  }
  return node.result(node.builder.transpose(node.operand(0), { permutation, label: node.label }));
}

function transposeOnHost(
  node: NodeContext,
  [input]: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  if (input === undefined) return undefined;
  const permutation = permutationOf(node);
  const shape = permutation.map((axis) => input.shape[axis]!);
  return rearrange(input, shape, (at) => input.shape.map((_, i) => at[permutation.indexOf(i)]!));
}

/** Both sides broadcast: a 1 in the asked shape keeps the input's dimension. */
function expandedShape(node: SizedNode): readonly Size[] {
  const asked = node.integers(1);
  if (asked.some((size) => node.decisions.less(size, 0))) {
    node.fail(`the shape ${formatShape(asked)} has a negative size`);
  }
  return node.broadcast(node.shape(0), asked);
}

function expand(node: NodeContext): Value {
  const shape = expandedShape(node);
  if (isEmptyShape(shape)) return { kind: "empty", type: node.type(0), shape };
  return node.result(node.builder.expand(node.operand(0), shape, { label: node.label }));
}

function expandOnHost(
  node: NodeContext,
  [input, target]: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  const asked = target && numbersOf(target);
  if (input === undefined || asked === undefined) return undefined;
  const shape = node.broadcast(input.shape, asked) as readonly number[];
  return elementCount(shape) > maxHostElements ? undefined : broadcastTo(input, shape);
}

/** One number for each dimension; before opset 6 one for an axis that is an input. */
function repetitionsOf(node: SizedNode): readonly Size[] {
  const rank = node.rank(0);
  const given = node.integers(1);
  let repetitions = given;
  if (node.opset < 6) {
    const axis = axisOf(node, node.decisions.number(node.integers(2)[0] ?? 0), rank);
    repetitions = Array.from({ length: rank }, (_, d) => (d === axis ? (given[0] ?? 1) : 1));
  }
  const isNone = repetitions.some((times) => node.decisions.less(times, 0));
  if (isNone || repetitions.length !== rank) {
    node.fail(`repetitions ${formatShape(given)} for rank ${rank}`);
  }
  return repetitions;
}

/** WebNN's limit of a dimension. */
const largestSize = 2 ** 31 - 1;

function tile(node: NodeContext): Value {
  const repetitions = repetitionsOf(node);
  const shape = node.shape(0).map((size, d) => multiplySizes(size, repetitions[d]!));
  if (shape.some((size) => node.decisions.less(largestSize, size))) {
    node.fail(`repetitions ${formatShape(repetitions)} of ${formatShape(node.shape(0))}`);
  }
  if (isEmptyShape(shape)) return { kind: "empty", type: node.type(0), shape };
  return node.result(node.builder.tile(node.operand(0), repetitions, { label: node.label }));
}
