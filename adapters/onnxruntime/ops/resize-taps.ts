/**
 * Resize along one dimension as numbers: which elements of the input each element of the output is made of, and with
 * which weights (https://onnx.ai/onnx/operators/onnx__Resize.html). Coordinates are float32 after every step, so that
 * ties fall as they do in onnxruntime.
 */
export type ResizeMode = "nearest" | "linear" | "cubic";

export type Coordinates =
  | "half_pixel"
  | "half_pixel_symmetric"
  | "pytorch_half_pixel"
  | "align_corners"
  | "asymmetric"
  | "tf_half_pixel_for_nn"
  | "tf_crop_and_resize";

export type NearestMode =
  | "round_prefer_floor"
  | "round_prefer_ceil"
  | "floor"
  | "ceil"
  /** Of opset 10: down where the dimension grows, up where it shrinks. */
  | "simple";

export interface ResizeForm {
  readonly mode: ResizeMode;
  readonly coordinates: Coordinates;
  readonly nearest: NearestMode;
  /** The cubic filter's parameter a. */
  readonly cubic: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

export interface ResizedAxis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  /** The region of interest, in parts of the size. */
  readonly start: number;
  readonly end: number;
}

export interface Taps {
  /** By tap, then by output element. */
  readonly indices: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
  /** Output elements whose coordinate is outside the input. */
  readonly outside: readonly boolean[];
}

const f = Math.fround;

export function tapsOf(form: ResizeForm, axis: ResizedAxis): Taps {
  const { from, to } = axis;
  const coordinates = Array.from({ length: to }, (_, i) => coordinateOf(form, axis, i));
  const found = coordinates.map((x) => tapsAt(form, axis, x));
  const count = Math.max(...found.map((taps) => taps.length));
  const clamp = (index: number) => Math.min(Math.max(index, 0), from - 1);
  const byTap = <T>(pick: (taps: readonly Tap[], tap: number) => T) =>
    Array.from({ length: count }, (_, tap) => found.map((taps) => pick(taps, tap)));
  return {
    indices: byTap((taps, tap) => clamp(taps[tap]?.index ?? 0)),
    weights: byTap((taps, tap) => taps[tap]?.weight ?? 0),
    outside: coordinates.map((x) => x < 0 || x > from - 1),
  };
}

/** Where output element `i` lies in the input; pixel centres are whole numbers. */
function coordinateOf({ coordinates }: ResizeForm, axis: ResizedAxis, i: number): number {
  const { from, to, scale, start, end } = axis;
  const halfPixel = f(f(f(i + 0.5) / scale) - 0.5);
  switch (coordinates) {
    case "half_pixel":
      return halfPixel;
    case "half_pixel_symmetric": {
      const adjustment = f(to / f(scale * from));
      return f(f(f(from / 2) * f(1 - adjustment)) + halfPixel);
    }
    case "pytorch_half_pixel":
      return to > 1 ? halfPixel : 0;
    case "align_corners":
      // As in ONNX's reference the resized length is not rounded; onnxruntime rounds it.
      return to > 1 ? f(f(i * (from - 1)) / f(f(scale * from) - 1)) : 0;
    case "asymmetric":
      return f(i / scale);
    case "tf_half_pixel_for_nn":
      return f(f(i + 0.5) / scale);
    case "tf_crop_and_resize":
      return to > 1
        ? f(f(start * (from - 1)) + f(f(f(i * f(end - start)) * (from - 1)) / f(to - 1)))
        : f(0.5 * f(f(start + end) * (from - 1)));
    default:
      return coordinates satisfies never;
  }
}

interface Tap {
  readonly index: number;
  readonly weight: number;
}

function tapsAt(form: ResizeForm, axis: ResizedAxis, x: number): readonly Tap[] {
  if (form.mode === "nearest")
    return [{ index: nearestTo(form.nearest, x, axis.scale), weight: 1 }];
  const inside = ({ index }: Tap) => !form.excludeOutside || (index >= 0 && index < axis.from);
  return normalised(windowAt(form, axis, x).filter(inside));
}

function nearestTo(mode: NearestMode, x: number, scale: number): number {
  switch (mode) {
    case "round_prefer_floor":
      return Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    case "simple":
      return scale < 1 ? Math.ceil(x) : Math.floor(x);
    default:
      return mode satisfies never;
  }
}

/** The filter around x. Where the dimension shrinks, an antialiasing filter is stretched as much. */
function windowAt(form: ResizeForm, { from, scale }: ResizedAxis, x: number): readonly Tap[] {
  const filter = form.mode === "linear" ? triangle : (d: number) => cubicFilter(d, form.cubic);
  const reach = form.mode === "linear" ? 1 : 2;
  const stretch = form.antialias ? Math.max(1, 1 / scale) : 1;
  const centre = form.mode === "linear" && !form.antialias ? clampTo(x, from) : x;
  const support = reach * stretch;
  const first = Math.floor(centre - support) + 1;
  const taps: Tap[] = [];
  for (let index = first; index < centre + support || taps.length < 2 * reach; index++) {
    taps.push({ index, weight: filter((index - centre) / stretch) });
  }
  return taps;
}

function clampTo(x: number, size: number): number {
  return Math.min(Math.max(x, 0), size - 1);
}

function triangle(distance: number): number {
  return Math.max(0, 1 - Math.abs(distance));
}

/** Keys' cubic convolution. */
function cubicFilter(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function normalised(taps: readonly Tap[]): readonly Tap[] {
  const total = taps.reduce((sum, { weight }) => sum + weight, 0);
  return total === 0 ? taps : taps.map(({ index, weight }) => ({ index, weight: weight / total }));
}
