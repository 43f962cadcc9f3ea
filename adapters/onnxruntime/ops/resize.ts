/**
 * Resize and Upsample of any rank, one dimension after the other: by WebNN's resample2d where that has the same
 * meaning, which keeps sizes symbolic; else as weighted sums of elements that numbers of the sizes say.
 */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { multiplySizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { changesOf, type Change } from "./resize-sizes.ts";
import { tapsOf, type ResizeForm, type Taps } from "./resize-taps.ts";
import { op, type OpRow } from "./row.ts";

export const resizeRows: readonly OpRow[] = [
  op("Resize", { since: 10, empties: true, convert: resize }),
  op("Upsample", { convert: resize }),
];

/** Elements of a matrix that resizes one dimension; where there would be more, each tap is a gather. */
const largestMatrix = 2 ** 24;
/** Up to so many taps are gathered one by one. */
const fewTaps = 4;

function resize(node: NodeContext): Value {
  const form = formOf(node);
  const changes = changesOf(node, form);
  if (isEmptyShape(node.shape(0))) {
    const sizes = new Map(changes.map(({ axis, to }) => [axis, to]));
    const shape = node.shape(0).map((size, axis) => sizes.get(axis) ?? size);
    return { kind: "empty", type: node.type(0), shape };
  }
  const x = node.operand(0);
  const { cast } = calculatorOf(node);
  const isFloat = x.dataType === "float32" || x.dataType === "float16";
  const isWebNN = isFloat || (form.mode === "nearest" && ["uint8", "int8"].includes(x.dataType));
  const exact = isWebNN ? changes.filter((change) => isResample(node, form, change)) : [];
  const others = changes.filter((change) => !exact.includes(change));
  const resampled = resample(node, x, form, exact);
  if (others.length === 0) return node.result(resampled);
  const isWeighted = form.mode !== "nearest";
  const wide = isWeighted ? cast(resampled, "float32") : resampled;
  const taps = others.map((change) => ({ axis: change.axis, ...numbersOf(node, form, change) }));
  const weighted = taps.reduce((y, { axis, ...tap }) => applyTaps(node, y, axis, tap), wide);
  const whole = isWeighted && !isFloat ? toIntegers(node, weighted, x) : weighted;
  const narrow = cast(whole, x.dataType);
  return node.result(
    form.coordinates === "tf_crop_and_resize" ? extrapolated(node, narrow, taps) : narrow,
  );
}

/** Upsample and Resize of opset 10 have no more than a mode, and coordinates without an offset. */
function formOf(node: NodeContext): ResizeForm {
  const isSimple = node.node.op === "Upsample" || node.opset < 11;
  const mode = node.text("mode", "nearest");
  const modes: Readonly<Record<string, ResizeForm["mode"]>> = {
    nearest: "nearest",
    linear: "linear",
    bilinear: "linear",
    cubic: "cubic",
  };
  return {
    mode: modes[mode] ?? node.fail(`mode '${mode}'`),
    coordinates: isSimple
      ? "asymmetric"
      : oneOf(node, "coordinate_transformation_mode", "half_pixel", [
          "half_pixel_symmetric",
          "pytorch_half_pixel",
          "align_corners",
          "asymmetric",
          "tf_half_pixel_for_nn",
          "tf_crop_and_resize",
        ]),
    nearest: isSimple
      ? "simple"
      : oneOf(node, "nearest_mode", "round_prefer_floor", ["round_prefer_ceil", "floor", "ceil"]),
    cubic: node.float("cubic_coeff_a", -0.75),
    excludeOutside: node.int("exclude_outside", 0) !== 0,
    antialias: node.int("antialias", 0) !== 0,
  };
}

function oneOf<const T extends string>(
  node: NodeContext,
  name: string,
  otherwise: T,
  others: readonly T[],
): T {
  const given = node.text(name, otherwise);
  const known = [otherwise, ...others].find((value) => value === given);
  return known ?? node.fail(`${name} '${given}'`);
}

/** Whether resample2d means the same along this dimension. */
function isResample(node: NodeContext, form: ResizeForm, change: Change): boolean {
  const { decisions } = node;
  if (!change.isExact()) return false;
  const { coordinates, mode, nearest } = form;
  const isCentred =
    coordinates === "half_pixel" ||
    coordinates === "half_pixel_symmetric" ||
    (coordinates === "pytorch_half_pixel" && decisions.less(1, change.to));
  if (mode === "linear") {
    return isCentred && !(form.antialias && decisions.less(change.to, change.from));
  }
  if (mode === "cubic") return false;
  if (isCentred) return nearest === "round_prefer_floor";
  const isDown = nearest === "floor" || nearest === "simple";
  return coordinates === "asymmetric" && isDown && change.isWholeFactor();
}

function resample(
  node: NodeContext,
  input: Operand,
  form: ResizeForm,
  changes: readonly Change[],
): Operand {
  const { builder, label } = node;
  const { reshape } = calculatorOf(node);
  const mode = form.mode === "linear" ? "linear" : "nearest-neighbor";
  let x = input;
  for (let i = 0; i < changes.length; i++) {
    const { axis, to } = changes[i]!;
    const next = changes[i + 1];
    // Two neighbours go at once; a single dimension goes with what is behind it, which stays.
    const isPair = next?.axis === axis + 1;
    if (isPair) i++;
    const shape = isPair ? x.shape.with(axis, to).with(axis + 1, next.to) : x.shape.with(axis, to);
    if (x.shape.length === 4 && isPair) {
      x = builder.resample2d(x, { mode, axes: [axis, axis + 1], sizes: [to, next.to], label });
      continue;
    }
    const inner = multiplySizes(...x.shape.slice(axis + 1));
    const [width, rest]: readonly Size[] = isPair
      ? [x.shape[axis + 1]!, multiplySizes(...x.shape.slice(axis + 2))]
      : [inner, 1];
    const image = reshape(x, [
      multiplySizes(...x.shape.slice(0, axis)),
      x.shape[axis]!,
      width!,
      rest!,
    ]);
    const sizes = [to, isPair ? next.to : width!];
    x = reshape(builder.resample2d(image, { mode, axes: [1, 2], sizes, label }), shape);
  }
  return x;
}

function numbersOf({ decisions }: NodeContext, form: ResizeForm, change: Change): Taps {
  const [from, to] = [decisions.number(change.from), decisions.number(change.to)];
  const { scale = Math.fround(to / from), start, end } = change;
  return tapsOf(form, { from, to, scale, start, end });
}

function applyTaps(node: NodeContext, x: Operand, axis: number, taps: Taps): Operand {
  const { builder, label } = node;
  const { add, floats, integers, mul } = calculatorOf(node);
  const { indices, weights } = taps;
  const to = indices[0]!.length;
  const from = x.shape[axis]!;
  if (indices.length > fewTaps && typeof from === "number" && from * to <= largestMatrix) {
    return multiplyAxis(node, x, axis, taps);
  }
  const along = x.shape.map((_, i) => (i === axis ? to : 1));
  const parts = indices.map((index, tap) => {
    const part = builder.gather(x, integers([to], index), { axis, label });
    const weight = weights[tap]!;
    return weight.every((w) => w === 1) ? part : mul(part, floats(along, weight));
  });
  return parts.reduce(add);
}

/** The dimension times a matrix of all weights. */
function multiplyAxis(node: NodeContext, x: Operand, axis: number, taps: Taps): Operand {
  const { floats, matmul, reshape, transpose } = calculatorOf(node);
  const [from, to] = [x.shape[axis] as number, taps.indices[0]!.length];
  const matrix = new Array<number>(from * to).fill(0);
  taps.indices.forEach((index, tap) =>
    index.forEach((at, i) => (matrix[at * to + i]! += taps.weights[tap]![i]!)),
  );
  const swapped = x.shape.map((_, i) => i);
  swapped[axis] = x.shape.length - 1;
  swapped[x.shape.length - 1] = axis;
  const weights = floats([from, to], matrix);
  if (x.shape.length === 1) return reshape(matmul(reshape(x, [1, from]), weights), [to]);
  return transpose(matmul(transpose(x, swapped), weights), swapped);
}

/** Sums of integers, as integers of the input's type. */
function toIntegers(node: NodeContext, x: Operand, { dataType }: Operand): Operand {
  const { clamp } = calculatorOf(node);
  if (dataType === "uint8") return clamp(x, 0, 255);
  return dataType === "int8" ? clamp(x, -128, 127) : x;
}

function extrapolated(
  node: NodeContext,
  x: Operand,
  taps: readonly { readonly axis: number; readonly outside: readonly boolean[] }[],
): Operand {
  const { equal, integers, max, where } = calculatorOf(node);
  const masks = taps.map(({ axis, outside }) => {
    const shape = x.shape.map((_, i) => (i === axis ? outside.length : 1));
    return integers(shape, outside.map(Number));
  });
  if (taps.every(({ outside }) => !outside.includes(true))) return x;
  const isInside = equal(masks.reduce(max), 0);
  return where(isInside, x, node.float("extrapolation_value", 0));
}
