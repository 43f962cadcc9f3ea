/** Pad in all modes and of all types, and the ops that pad or crop around the centre or the border. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { addSizes, subtractSizes, type Size } from "../core.ts";
import { arrayOfBytes, makeArray, type HostArray } from "../host/array.ts";
import { coordinatesOf } from "../host/index-math.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { calculatorOf } from "./calculate.ts";
import { op, type OpRow } from "./row.ts";

export const padRows: readonly OpRow[] = [
  op("Pad", { empties: true, convert: pad, compute: padOnHost }),
  op("CenterCropPad", { since: 18, convert: centre }),
  op("Crop", { convert: crop }),
];

type Mode = "constant" | "edge" | "reflect" | "wrap";

/** How much is added along each dimension; negative is cut off. */
interface Amounts {
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

/** More than any model pads; the product with the other sizes is the device's to check. */
const largestPad = 2 ** 31;

function modeOf(node: HostNode): Mode {
  const mode = node.text("mode", "constant");
  const modes: readonly Mode[] = ["constant", "edge", "reflect", "wrap"];
  return modes.find((known) => known === mode) ?? node.fail(`mode '${mode}'`);
}

/** Attributes (of two names) before opset 11. */
function padsAttribute(node: HostNode): readonly number[] {
  return node.ints(node.opset < 2 ? "paddings" : "pads") ?? node.fail("pads are missing");
}

/** Begins, then ends, of the axes that are given or of all. */
function amountsOf(
  node: HostNode,
  pads: readonly number[],
  axes: readonly number[] | undefined,
  rank: number,
): Amounts {
  const along =
    axes?.map((axis) => axisOf(node, axis, rank)) ?? Array.from({ length: rank }, (_, i) => i);
  if (pads.length !== 2 * along.length) {
    node.fail(`pads has ${pads.length} numbers, ${2 * along.length} are expected`);
  }
  const wrong = pads.find((size) => Math.abs(size) > largestPad);
  if (wrong !== undefined) node.fail(`${wrong} in pads is more than ${largestPad}`);
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  along.forEach((axis, i) => {
    begin[axis] = pads[i]!;
    end[axis] = pads[i + along.length]!;
  });
  return { begin, end };
}

function pad(node: NodeContext): Value {
  const { decisions } = node;
  const mode = modeOf(node);
  const numbers = (input: number) => node.integers(input).map((size) => decisions.number(size));
  const pads = node.opset < 11 ? padsAttribute(node) : numbers(1);
  const axes = node.opset >= 18 && node.has(3) ? numbers(3) : undefined;
  const { begin, end } = amountsOf(node, pads, axes, node.rank(0));
  const shape = node.shape(0).map((size, d) => addSizes(size, begin[d]!, end[d]!));
  shape.forEach((size, d) => {
    if (decisions.less(size, 0)) node.fail(`pads cut more than dimension ${d} has`);
  });
  if (shape.some((size) => decisions.equal(size, 0))) {
    return { kind: "empty", type: node.type(0), shape };
  }
  if (isEmptyShape(node.shape(0))) return ofNothing(node, mode, shape);
  const x = cutOff(node, node.operand(0), begin, end);
  const [before, after] = [begin, end].map((sizes) => sizes.map((size) => Math.max(0, size)));
  if (mode === "constant") return node.result(filled(node, x, before!, after!));
  return node.result(mirrored(node, x, mode, before!, after!));
}

/** There is nothing to take elements from, so all of them are the value. */
function ofNothing(node: NodeContext, mode: Mode, shape: readonly Size[]): Value {
  if (mode !== "constant") node.fail(`mode '${mode}' of an empty tensor`);
  const { builder, label } = node;
  const value = valueOf(node);
  if (typeof value === "object") return node.result(builder.expand(value, shape, { label }));
  const { dataType } = node.operand(2);
  return node.result(node.writer.filled(dataType, value, shape), node.type(0));
}

/** Negative pads, before any others. */
function cutOff(
  node: NodeContext,
  x: Operand,
  begin: readonly number[],
  end: readonly number[],
): Operand {
  if ([...begin, ...end].every((size) => size >= 0)) return x;
  const cut = (size: number) => Math.min(0, size);
  const starts = begin.map((size) => Math.max(0, -size));
  const sizes = x.shape.map((size, d) => addSizes(size, cut(begin[d]!), cut(end[d]!)));
  return node.builder.slice(x, starts, sizes, { label: node.label });
}

function filled(
  node: NodeContext,
  x: Operand,
  before: readonly number[],
  after: readonly number[],
): Operand {
  const { builder, label, writer } = node;
  const value = valueOf(node);
  if (typeof value === "number") return builder.pad(x, before, after, { value, label });
  // A value that only the device knows goes where a mask of ones was padded.
  const inside = builder.pad(writer.filled("uint8", 1, x.shape), before, after, { label });
  return builder.where(inside, builder.pad(x, before, after, { label }), value, { label });
}

/** The padding's value: a number, or an operand of rank 0 if only the device knows it. */
function valueOf(node: NodeContext): number | Operand {
  if (node.opset < 11) return node.float("value", 0);
  if (!node.has(2)) return 0;
  const value = node.value(2);
  if (value.kind === "constant" && value.constant.bytes !== undefined) {
    const { type, shape, bytes } = value.constant;
    return Number(arrayOfBytes(type, shape, bytes).data[0] ?? 0);
  }
  return calculatorOf(node).reshape(node.operand(2), []);
}

/** Modes that repeat elements. WebNN's reflection reaches no further than the other end, and it does not wrap. */
function mirrored(
  node: NodeContext,
  input: Operand,
  mode: Exclude<Mode, "constant">,
  before: readonly number[],
  after: readonly number[],
): Operand {
  const { builder, decisions, label } = node;
  if (mode === "edge") return builder.pad(input, before, after, { mode, label });
  const reach = input.shape.map((_, d) => Math.max(before[d]!, after[d]!));
  const isNear = (d: number) =>
    mode === "reflect" && (reach[d] === 0 || decisions.less(reach[d]!, input.shape[d]!));
  const near = input.shape.map((_, d) => isNear(d));
  const only = (sizes: readonly number[]) => sizes.map((size, d) => (near[d]! ? size : 0));
  let x = near.some((is, d) => is && reach[d]! > 0)
    ? builder.pad(input, only(before), only(after), { mode: "reflection", label })
    : input;
  near.forEach((is, axis) => {
    if (is || reach[axis] === 0) return;
    x =
      mode === "wrap" && !decisions.less(x.shape[axis]!, reach[axis]!)
        ? wrapped(node, x, axis, before[axis]!, after[axis]!)
        : gathered(node, x, axis, mode, before[axis]!, after[axis]!);
  });
  return x;
}

/** Its own end before it and its own beginning behind it. */
function wrapped(
  node: NodeContext,
  x: Operand,
  axis: number,
  before: number,
  after: number,
): Operand {
  const { builder, label } = node;
  const part = (start: Size, size: number) =>
    builder.slice(
      x,
      x.shape.map((_, d) => (d === axis ? start : 0)),
      x.shape.with(axis, size),
      { label },
    );
  const parts = [
    ...(before > 0 ? [part(subtractSizes(x.shape[axis]!, before), before)] : []),
    x,
    ...(after > 0 ? [part(0, after)] : []),
  ];
  return builder.concat(parts, axis, { label });
}

function gathered(
  node: NodeContext,
  x: Operand,
  axis: number,
  mode: Mode,
  before: number,
  after: number,
): Operand {
  const size = node.decisions.number(x.shape[axis]!);
  const count = before + size + after;
  if (count > 2 ** 24) node.fail(`${count} elements along dimension ${axis}`);
  const indices = Array.from({ length: count }, (_, i) => sourceOf(mode, i - before, size));
  const operand = calculatorOf(node).integers([count], indices);
  return node.builder.gather(x, operand, { axis, label: node.label });
}

/** The element that stands at `at`, which may be outside; -1 is the value. */
function sourceOf(mode: Mode, at: number, size: number): number {
  if (at >= 0 && at < size) return at;
  switch (mode) {
    case "constant":
      return -1;
    case "edge":
      return at < 0 ? 0 : size - 1;
    case "wrap":
      return ((at % size) + size) % size;
    case "reflect": {
      const period = Math.max(1, 2 * size - 2);
      const place = ((at % period) + period) % period;
      return place < size ? place : period - place;
    }
    default:
      return mode satisfies never;
  }
}

/** For types that WebNN lacks. */
function padOnHost(
  node: HostNode,
  [input, padsInput, value, axesInput]: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const mode = modeOf(node);
  const x = input ?? node.fail("its input is missing");
  const numbers = (array: HostArray | undefined) => array && Array.from(array.data, Number);
  const pads = node.opset < 11 ? padsAttribute(node) : (numbers(padsInput) ?? []);
  const { begin, end } = amountsOf(node, pads, numbers(axesInput), x.shape.length);
  const shape = x.shape.map((size, d) => size + begin[d]! + end[d]!);
  if (shape.some((size) => size < 0)) node.fail(`pads cut more than [${x.shape.join(", ")}] has`);
  // Negative pads are cut off first.
  const start = begin.map((size) => Math.max(0, -size));
  const kept = x.shape.map((size, d) => size - start[d]! + Math.min(0, end[d]!));
  const result = makeArray(x.type, shape);
  const { data } = result;
  const fill = value?.data[0] ?? (typeof data[0] === "bigint" ? 0n : node.float("value", 0));
  for (let i = 0; i < data.length; i++) {
    const at = coordinatesOf(i, shape).map((c, d) =>
      sourceOf(mode, c - Math.max(0, begin[d]!), kept[d]!),
    );
    const isInside = !at.includes(-1);
    const source = at.reduce((offset, c, d) => offset * x.shape[d]! + c + start[d]!, 0);
    data[i] = isInside ? x.data[source]! : fill;
  }
  return [result];
}

/** Pads or cuts on both sides, one more at the end. */
function centre(node: NodeContext): Value {
  const { decisions } = node;
  const x = node.operand(0);
  const rank = x.shape.length;
  const axes =
    node.ints("axes")?.map((axis) => axisOf(node, axis, rank)) ?? x.shape.map((_, d) => d);
  const target = node.integers(1);
  if (target.length !== axes.length) {
    node.fail(`shape has ${target.length} sizes for ${axes.length} axes`);
  }
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  axes.forEach((axis, i) => {
    const more = decisions.number(subtractSizes(target[i]!, x.shape[axis]!));
    if (Math.abs(more) > largestPad) node.fail(`${more} more elements along dimension ${axis}`);
    begin[axis] = more > 0 ? Math.floor(more / 2) : -Math.floor(-more / 2);
    end[axis] = more - begin[axis]!;
  });
  const [before, after] = [begin, end].map((sizes) => sizes.map((size) => Math.max(0, size)));
  const cut = cutOff(node, x, begin, end);
  return node.result(node.builder.pad(cut, before!, after!, { label: node.label }));
}

/** Of ONNX's first years: cuts borders off images, or a part of size `scale` from there on. */
function crop(node: NodeContext): Value {
  const [left, top, right, bottom] = node.ints("border") ?? [];
  const x = node.operand(0);
  if (bottom === undefined || x.shape.length !== 4) node.fail("it needs four borders of images");
  const [batch, channels, height, width] = x.shape;
  const scale = node.ints("scale");
  const sizes = [
    batch!,
    channels!,
    scale?.[0] ?? addSizes(height!, -top!, -bottom!),
    scale?.[1] ?? addSizes(width!, -left!, -right!),
  ];
  return node.result(node.builder.slice(x, [0, 0, top!, left!], sizes, { label: node.label }));
}
