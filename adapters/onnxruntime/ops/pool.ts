/** Pools over any number of dimensions, channels first. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, multiplySizes } from "../core.ts";
import type { Operand, PoolMethod, ReduceMethod } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { op, type OpRow } from "./row.ts";
import { pooledPlaces } from "./pool-places.ts";
import {
  asPair,
  imageOptions,
  kernelShape,
  onImages,
  windowCounts,
  windowsOf,
  type Window,
} from "./window.ts";

export const poolRows: readonly OpRow[] = [
  op("MaxPool", { empties: true, convert: takingNothing(maxPool) }),
  op("AveragePool", { empties: true, convert: takingNothing(averagePool) }),
  op("LpPool", { empties: true, convert: takingNothing(lpPool) }),
  op("GlobalAveragePool", { convert: overAll("reduceMean") }),
  op("GlobalMaxPool", { convert: overAll("reduceMax") }),
  op("GlobalLpPool", { convert: globalLpPool }),
];

/** Windows as the attributes say them, with those that are cut where `ceil_mode` asks for them. */
function windowsOfPool(node: NodeContext): readonly Window[] {
  const sizes = node.shape(0).slice(2);
  const windows = windowsOf(node, sizes, kernelShape(node));
  windowCounts(node, sizes, windows);
  return node.int("ceil_mode", 0) === 0 ? windows : windows.map(withCutWindow);
}

/**
 * Padding with which rounding down gives what `ceil_mode` asks for: a last window that is cut, if it begins before
 * the padding behind does. (WebNN's own rounding up takes one that begins there, too.)
 */
function withCutWindow(window: Window): Window {
  const { kernel, dilation, stride, end } = window;
  return { ...window, end: Math.min(end + stride - 1, (kernel - 1) * dilation) };
}

/** No images give none. */
function takingNothing(convert: (node: NodeContext) => Value | readonly Value[]) {
  return (node: NodeContext): Value | readonly Value[] => {
    const shape = node.shape(0);
    if (!isEmptyShape(shape)) return convert(node);
    const sizes = shape.slice(2);
    if (sizes.includes(0)) return node.fail(`images ${formatShape(shape)}`);
    const counts = windowCounts(node, sizes, windowsOfPool(node));
    const result = { kind: "empty", shape: [...shape.slice(0, 2), ...counts] } as const;
    const value: Value = { ...result, type: node.type(0) };
    const hasPlaces = (node.node.outputs[1] ?? "") !== "";
    return hasPlaces ? [value, { ...result, type: "int64" }] : value;
  };
}

function maxPool(node: NodeContext): Value | readonly Value[] {
  const windows = windowsOfPool(node);
  const x = node.operand(0);
  if ((node.node.outputs[1] ?? "") !== "") return pooledPlaces(node, x, windows);
  return node.result(pooled(node, "maxPool2d", x, windows));
}

function averagePool(node: NodeContext): Value {
  return node.result(averages(node, node.operand(0)));
}

/**
 * The averages of `x`, which has the shape of the node's first input. WebNN's leave padding out; padding that counts is
 * put around the input first.
 */
export function averages(node: NodeContext, x: Operand): Operand {
  const windows = windowsOfPool(node);
  if (node.int("count_include_pad", 0) === 0) return pooled(node, "averagePool2d", x, windows);
  const given = windowsOf(node, node.shape(0).slice(2), kernelShape(node));
  const counted = given.map(({ end }, i) => Math.min(end, windows[i]!.end));
  const begin = [0, 0, ...windows.map((window) => window.begin)];
  const padded = node.builder.pad(x, begin, [0, 0, ...counted], { label: node.label });
  const cut = windows.map((window, i) => ({ ...window, begin: 0, end: window.end - counted[i]! }));
  return pooled(node, "averagePool2d", padded, cut);
}

/** (Σ |x|^p)^(1/p) = √(Σ (|x|^(p/2))²)^(2/p) */
function lpPool(node: NodeContext): Value {
  const p = exponent(node);
  const windows = windowsOfPool(node);
  const { abs, pow } = calculatorOf(node);
  const x = node.operand(0);
  if (p === 2) return node.result(pooled(node, "l2Pool2d", x, windows));
  return node.result(pow(pooled(node, "l2Pool2d", pow(abs(x), p / 2), windows), 2 / p));
}

/** A float in opset 1, an integer since. */
function exponent(node: NodeContext): number {
  const p = node.opset < 2 ? node.float("p", 2) : node.int("p", 2);
  return p > 0 ? p : node.fail(`p ${p} is not positive`);
}

/** All these pools can be taken along one dimension after the other: the last two at once, those before each by itself. */
function pooled(
  node: NodeContext,
  method: PoolMethod,
  x: Operand,
  windows: readonly Window[],
): Operand {
  const { reshape } = calculatorOf(node);
  const before = windows.slice(0, -2).reduce((image, window, i) => {
    const [batch, ...shape] = image.shape;
    const outer = multiplySizes(...shape.slice(0, 1 + i));
    const inner = multiplySizes(...shape.slice(2 + i));
    const rows = reshape(image, [batch!, outer, shape[1 + i]!, inner]);
    const still = { kernel: 1, begin: 0, end: 0, stride: 1, dilation: 1 };
    const result = poolImages(node, method, rows, [window, still]);
    return reshape(result, image.shape.with(2 + i, result.shape[2]!));
  }, x);
  const last = windows.slice(-2);
  if (windows.length < 3) return poolImages(node, method, before, last);
  const { shape } = before;
  const flat = [multiplySizes(...shape.slice(0, -3)), ...shape.slice(-3)];
  const result = poolImages(node, method, reshape(before, flat), last);
  return reshape(result, [...shape.slice(0, -2), ...result.shape.slice(-2)]);
}

function poolImages(
  node: NodeContext,
  method: PoolMethod,
  x: Operand,
  windows: readonly Window[],
): Operand {
  const windowDimensions = asPair(
    windows.map(({ kernel }) => kernel),
    1,
  );
  const options = { ...imageOptions(windows), windowDimensions, label: node.label };
  return onImages(node, [x], ([image]) => node.builder[method](image!, options));
}

/** A pool whose window is the whole image. */
function overAll(method: ReduceMethod) {
  return (node: NodeContext): Value =>
    node.result(calculatorOf(node).reduce(method, node.operand(0), imageAxes(node)));
}

function globalLpPool(node: NodeContext): Value {
  const p = exponent(node);
  const { abs, pow, reduce } = calculatorOf(node);
  const [x, axes] = [node.operand(0), imageAxes(node)];
  if (p === 1) return node.result(reduce("reduceL1", x, axes));
  if (p === 2) return node.result(reduce("reduceL2", x, axes));
  return node.result(pow(reduce("reduceSum", pow(abs(x), p), axes), 1 / p));
}

function imageAxes(node: NodeContext): readonly number[] {
  return node
    .shape(0)
    .map((_, axis) => axis)
    .slice(2);
}
