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
import { maxHostElements, numbersOf, type HostTensor } from "../host/host-tensor.ts";
import { broadcastTo, rearrange } from "../host/index-math.ts";
import { elementCount } from "../model/model.ts";
import { axesSince13, axisOf } from "./axes.ts";
import { op, type OpRow } from "./row.ts";

export const layoutRows: readonly OpRow[] = [
  reshaping("Reshape", reshapedShape, 5),
  reshaping("Flatten", flattenedShape),
  reshaping("Squeeze", squeezedShape),
  reshaping("Unsqueeze", unsqueezedShape),
  op("Transpose", { empties: true, convert: transpose, host: transposeOnHost }),
  op("Expand", { since: 8, empties: true, convert: expand, host: expandOnHost }),
  op("Tile", { since: 6, convert: tile }),
  op("Gather", { convert: gather, host: gatherOnHost }),
];

/** An op that gives the same elements in another shape. */
function reshaping(
  name: string,
  shapeOf: (node: NodeContext) => readonly Size[],
  since = 1,
): OpRow {
  return op(name, {
    since,
    empties: true,
    convert(node) {
      const shape = shapeOf(node);
      const value = node.value(0);
      if (isEmptyShape(node.shape(0))) return { kind: "empty", type: node.type(0), shape };
      return value.kind !== "product" && sizesEqualAll(node.shape(0), shape)
        ? value
        : node.result(node.writer.reshaped(value, shape, node.label));
    },
    host(node, [input]) {
      const shape = shapeOf(node);
      const isKnown = shape.every((size): size is number => typeof size === "number");
      return input && isKnown ? { ...input, shape } : undefined;
    },
  });
}

function sizesEqualAll(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, axis) => sizesEqual(size, b[axis]!));
}

/** 0 keeps the input's dimension (unless `allowzero`), -1 is what is left. */
function reshapedShape(node: NodeContext): readonly Size[] {
  const from = node.shape(0);
  const keepsZero = node.int("allowzero", 0) !== 0;
  const asked = node
    .integers(1)
    .map((size, axis) =>
      size === 0 && !keepsZero
        ? (from[axis] ?? node.fail(`dimension ${axis} of ${formatShape(from)} does not exist`))
        : size,
    );
  const open = asked.indexOf(-1);
  if (open < 0) return asked;
  const total = multiplySizes(...from);
  const known = multiplySizes(...asked.filter((_, axis) => axis !== open));
  if (known === 0) return node.fail(`-1 in ${formatShape(asked)} could be any size`);
  const rest = divideExactly(total, known) ?? floorDivideSizes(total, known);
  return asked.map((size, axis) => (axis === open ? rest : size));
}

function flattenedShape(node: NodeContext): readonly Size[] {
  const shape = node.shape(0);
  const axis = node.int("axis", 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return [multiplySizes(...shape.slice(0, at)), multiplySizes(...shape.slice(at))];
}

function squeezedShape(node: NodeContext): readonly Size[] {
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

function unsqueezedShape(node: NodeContext): readonly Size[] {
  const shape = [...node.shape(0)];
  const axes = axesSince13(node) ?? node.fail("axes are missing");
  const rank = shape.length + axes.length;
  const normal = axes.map((axis) => axisOf(node, axis, rank)).sort((a, b) => a - b);
  for (const axis of normal) shape.splice(axis, 0, 1);
  return shape;
}

function permutationOf(node: NodeContext): readonly number[] {
  const rank = node.rank(0);
  return node.ints("perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
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
function expand(node: NodeContext): Value {
  const shape = node.broadcast(node.shape(0), node.integers(1));
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

function tile(node: NodeContext): Value {
  const repetitions = node.integers(1).map(node.decisions.number);
  return node.result(node.builder.tile(node.operand(0), repetitions, { label: node.label }));
}

function gather(node: NodeContext): Value {
  const axis = axisOf(node, node.int("axis", 0), node.rank(0));
  const [input, indices] = [node.operand(0), node.operand(1)];
  return node.result(node.builder.gather(input, indices, { axis, label: node.label }));
}

function gatherOnHost(
  node: NodeContext,
  [input, indices]: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  const picked = indices && numbersOf(indices);
  if (input === undefined || indices === undefined || picked === undefined) return undefined;
  const axis = axisOf(node, node.int("axis", 0), input.shape.length);
  const size = input.shape[axis]!;
  const outside = picked.find((index) => index < -size || index >= size);
  if (outside !== undefined) node.fail(`index ${outside} is out of range for size ${size}`);
  const rank = indices.shape.length;
  const shape = [...input.shape.slice(0, axis), ...indices.shape, ...input.shape.slice(axis + 1)];
  return rearrange(input, shape, (at) => {
    const index =
      picked[
        at.slice(axis, axis + rank).reduce((offset, c, i) => offset * indices.shape[i]! + c, 0)
      ]!;
    return [...at.slice(0, axis), index < 0 ? index + size : index, ...at.slice(axis + rank)];
  });
}
