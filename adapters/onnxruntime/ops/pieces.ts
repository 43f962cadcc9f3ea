/** Ops that take tensors apart and put them together: Concat, Slice, Split. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import {
  addSizes,
  divideExactly,
  floorDivideSizes,
  formatShape,
  multiplySizes,
  subtractSizes,
  type Size,
} from "../core.ts";
import type { HostArray } from "../host/array.ts";
import type { HostTensor } from "../host/host-tensor.ts";
import { rearrange } from "../host/index-math.ts";
import { stridesOf } from "../host/walk.ts";
import { axisOf } from "./axes.ts";
import { op, type OpRow, type HostLibrary } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const pieceRows: readonly OpRow[] = [
  op("Concat", {
    elements: "appended",
    empties: true,
    convert: concat,
    host: concatOnHost,
    compute(node, inputs, { concatArrays }) {
      const parts = inputs.filter((input) => input !== undefined);
      const axis = concatAxis(sizedNode(node, inputs));
      return [concatArrays(parts, axis)];
    },
  }),
  op("Slice", {
    elements: "moved",
    empties: true,
    convert: slice,
    host: sliceOnHost,
    compute: (node, inputs, library) => [
      cutArray(inputs[0]!, cutsOf(sizedNode(node, inputs)), library),
    ],
  }),
  op("Split", {
    elements: "moved",
    empties: true,
    convert: split,
    host: splitOnHost,
    compute: (node, inputs, library) =>
      splitsOf(sizedNode(node, inputs)).map((cuts) => cutArray(inputs[0]!, cuts, library)),
  }),
];

/** The axis is 1 unless given, before opset 4. All parts have one shape but for it. */
function concatAxis(node: SizedNode): number {
  const given = node.int("axis", node.opset < 4 ? 1 : 0);
  const first = node.shape(0);
  const axis = axisOf(node, given, first.length);
  node.node.inputs.forEach((_, i) => {
    if (!node.has(i)) return;
    const shape = node.shape(i);
    const isAlike =
      shape.length === first.length &&
      shape.every((size, d) => d === axis || node.decisions.equal(size, first[d]!));
    if (!isAlike) {
      node.fail(`${formatShape(shape)} does not fit ${formatShape(first)} along axis ${axis}`);
    }
  });
  return axis;
}

/** Empty parts add nothing and never reach the device. */
function concat(node: NodeContext): Value {
  const parts = node.node.inputs.map((_, i) => i).filter((i) => node.has(i));
  const axis = concatAxis(node);
  const filled = parts.filter((i) => !isEmptyShape(node.shape(i)));
  if (filled.length === 0) {
    const total = addSizes(...parts.map((i) => node.shape(i)[axis]!));
    const shape = node.shape(0).map((size, i) => (i === axis ? total : size));
    return { kind: "empty", type: node.type(0), shape };
  }
  if (filled.length === 1) return node.value(filled[0]!);
  const operands = filled.map((i) => node.operand(i));
  return node.result(node.builder.concat(operands, axis, { label: node.label }));
}

function concatOnHost(
  _node: NodeContext,
  inputs: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  const parts = inputs.filter((input) => input !== undefined);
  const [first] = parts;
  if (first === undefined || first.shape.length !== 1) return undefined;
  const elements = parts.flatMap((part) => part.elements);
  return { type: first.type, shape: [elements.length], elements };
}

/** The longest stride that WebNN takes. */
const longestStep = 2 ** 31 - 1;

/** What a slice takes of one dimension: `extent` elements from `start`, every `step`-th. */
interface Cut {
  readonly start: Size;
  readonly extent: Size;
  /** Negative: backwards from the last element of the extent. */
  readonly step: number;
}

function slice(node: NodeContext): Value {
  return cutOperand(node, cutsOf(node));
}

/** The cuts of input 0 as WebNN's slice; backward ones are reversed first. */
function cutOperand(node: NodeContext, cuts: readonly Cut[]): Value {
  const { builder, label } = node;
  if (isEmptyShape(node.shape(0)) || cuts.some(({ extent }) => extent === 0)) {
    const shape = cuts.map(({ extent, step }) => countOf(extent, Math.abs(step)));
    return { kind: "empty", type: node.type(0), shape };
  }
  const backward = cuts.flatMap(({ step }, axis) => (step < 0 ? [axis] : []));
  let x = builder.slice(
    node.operand(0),
    cuts.map(({ start }) => start),
    cuts.map(({ extent }) => extent),
    { label, ...(backward.length > 0 ? {} : strides(cuts)) },
  );
  if (backward.length === 0) return node.result(x);
  x = builder.reverse(x, { axes: backward, label });
  if (cuts.every(({ step }) => Math.abs(step) === 1)) return node.result(x);
  const none = cuts.map(() => 0);
  return node.result(builder.slice(x, none, x.shape, { label, ...strides(cuts) }));
}

function strides(cuts: readonly Cut[]): { readonly strides?: readonly number[] } {
  const steps = cuts.map(({ step }) => Math.abs(step));
  return steps.every((step) => step === 1) ? {} : { strides: steps };
}

function countOf(extent: Size, step: number): Size {
  return step === 1 ? extent : floorDivideSizes(addSizes(extent, step - 1), step);
}

function sliceOnHost(
  node: NodeContext,
  [input]: readonly (HostTensor | undefined)[],
): HostTensor | undefined {
  return input && cutHost(node, input, cutsOf(node));
}

function cutHost(node: NodeContext, input: HostTensor, cuts: readonly Cut[]): HostTensor {
  const numbers = cuts.map(({ start, extent, step }) => ({
    start: node.decisions.number(start),
    extent: node.decisions.number(extent),
    step,
  }));
  const shape = numbers.map(({ extent, step }) => Math.ceil(extent / Math.abs(step)));
  return rearrange(input, shape, (at) =>
    at.map((i, axis) => {
      const { start, extent, step } = numbers[axis]!;
      return step > 0 ? start + i * step : start + extent - 1 + i * step;
    }),
  );
}

/** Cuts of numbers, of any array. */
function cutArray(input: HostArray, cuts: readonly Cut[], { viewArray }: HostLibrary): HostArray {
  const own = stridesOf(input.shape);
  const begin = cuts.reduce((offset, { start, extent, step }, axis) => {
    const from = Number(start) + (step > 0 ? 0 : Number(extent) - 1);
    return offset + from * own[axis]!;
  }, 0);
  const shape = cuts.map(({ extent, step }) => Math.ceil(Number(extent) / Math.abs(step)));
  return viewArray(
    input,
    shape,
    cuts.map(({ step }, axis) => step * own[axis]!),
    begin,
  );
}

/** Starts, ends and axes are attributes before opset 10; steps came with the inputs. */
function cutsOf(node: SizedNode): readonly Cut[] {
  const shape = node.shape(0);
  const isAttribute = node.opset < 10;
  const list = (name: string, input: number): readonly Size[] | undefined =>
    isAttribute ? node.ints(name) : node.has(input) ? node.integers(input) : undefined;
  const starts = list("starts", 1) ?? node.fail("starts are missing");
  const ends = list("ends", 2) ?? node.fail("ends are missing");
  const axes = list("axes", 3) ?? starts.map((_, i) => i);
  const steps = isAttribute ? undefined : list("steps", 4);
  const lengths = [ends.length, axes.length, steps?.length ?? starts.length];
  if (lengths.some((length) => length !== starts.length)) {
    node.fail(`${starts.length} starts, but ${lengths.join(", ")} ends, axes and steps`);
  }
  const cuts: Cut[] = shape.map((extent) => ({ start: 0, extent, step: 1 }));
  axes.forEach((given, i) => {
    const axis = axisOf(node, node.decisions.number(given), shape.length);
    // Steps over more than any size take one element.
    const asked = node.decisions.number(steps?.[i] ?? 1);
    const step = Math.max(-longestStep, Math.min(longestStep, asked));
    if (step === 0) node.fail("a step of 0");
    const cut = step > 0 ? cutForward : cutBackward;
    cuts[axis] = cut(node, shape[axis]!, starts[i]!, ends[i]!, step);
  });
  return cuts;
}

function cutForward(node: SizedNode, size: Size, start: Size, end: Size, step: number): Cut {
  const from = clampIndex(node, start, size, 0);
  const to = clampIndex(node, end, size, 0);
  const extent = node.decisions.less(from, to) ? subtractSizes(to, from) : 0;
  return { start: from, extent, step };
}

/** From `start` down to, but not including, `end`: the elements end + 1 … start, last first. */
function cutBackward(node: SizedNode, size: Size, start: Size, end: Size, step: number): Cut {
  const last = clampIndex(node, start, subtractSizes(size, 1), -1, size);
  const before = clampIndex(node, end, subtractSizes(size, 1), -1, size);
  const extent = node.decisions.less(before, last) ? subtractSizes(last, before) : 0;
  return { start: addSizes(before, 1), extent, step };
}

/** An index that counts from the end when negative, brought into [lowest, highest]. */
function clampIndex(
  { decisions }: SizedNode,
  index: Size,
  highest: Size,
  lowest: number,
  size: Size = highest,
): Size {
  const normal = decisions.less(index, 0) ? addSizes(index, size) : index;
  if (decisions.less(normal, lowest)) return lowest;
  return decisions.less(highest, normal) ? highest : normal;
}

function split(node: NodeContext): readonly Value[] {
  return splitsOf(node).map((cuts) => cutOperand(node, cuts));
}

function splitOnHost(
  node: NodeContext,
  [input]: readonly (HostTensor | undefined)[],
): readonly HostTensor[] | undefined {
  return input && splitsOf(node).map((cuts) => cutHost(node, input, cuts));
}

/**
 * The cuts of each output. Sizes are an attribute before opset 13, then an input (as in opset 1 also), or equal parts,
 * of which since opset 18 `num_outputs` says the number.
 */
function splitsOf(node: SizedNode): readonly (readonly Cut[])[] {
  const shape = node.shape(0);
  const axis = axisOf(node, node.int("axis", 0), shape.length);
  const isAttribute = node.opset < 13 && !node.has(1);
  const given = isAttribute ? node.ints("split") : node.has(1) ? node.integers(1) : undefined;
  const count = node.node.outputs.length;
  const asked = node.opset < 18 ? count : node.int("num_outputs", count);
  if (asked !== count && given === undefined) {
    node.fail(`num_outputs ${asked}, but it has ${count} outputs`);
  }
  const sizes = given ?? equalParts(shape[axis]!, count);
  const total = addSizes(...sizes);
  const isNone = sizes.some((size) => node.decisions.less(size, 0));
  if (sizes.length !== count || isNone || !node.decisions.equal(total, shape[axis]!)) {
    node.fail(`parts ${formatShape(sizes)} of ${formatShape(shape)} along axis ${axis}`);
  }
  let start: Size = 0;
  return sizes.map((extent) => {
    const cuts = shape.map((whole, i) =>
      i === axis ? { start, extent, step: 1 } : { start: 0, extent: whole, step: 1 },
    );
    start = addSizes(start, extent);
    return cuts;
  });
}

/** Equal parts; where they do not divide the size, the last one is smaller. */
function equalParts(size: Size, count: number): readonly Size[] {
  const exact = divideExactly(size, count);
  const part = exact ?? floorDivideSizes(addSizes(size, count - 1), count);
  const last = subtractSizes(size, multiplySizes(part, count - 1));
  return Array.from({ length: count }, (_, i) => (i < count - 1 ? part : last));
}
