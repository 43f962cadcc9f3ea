/** Reductions over axes, and layer normalisation. */
import { multiplySizes, sizesEqual, type Size } from "../core.ts";
import { isEmptyShape } from "../convert/broadcast.ts";
import { formulaOf, type Formula } from "../convert/formula.ts";
import { stored } from "../convert/graph-writer.ts";
import { oneElement } from "../convert/one-element.ts";
import type { HostArray } from "../host/array.ts";
import { scalar } from "../host/host-tensor.ts";
import { makeReduction } from "../host/reduce.ts";
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { isFloatType, type ElementType } from "../model/element-type.ts";
import type { Operand, ReduceMethod, ReduceOptions } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { op, type OpRow, type HostLibrary } from "./row.ts";

interface Reduction {
  readonly method: ReduceMethod;
  /** Of doubles. */
  readonly numbers: (line: Float64Array) => number;
  /** Of no elements at all. */
  readonly none: (type: ElementType) => number | bigint;
  /** Axes are an attribute at first. */
  readonly axesAreInputSince?: number;
  /** Of one element the element itself, so that there is nothing to do without axes. */
  readonly keepsOne?: true;
  /** For integers, of which WebNN's reduction takes none. */
  readonly integers?: (
    node: NodeContext,
    f: Formula,
    x: Operand,
    options: ReduceOptions,
  ) => Operand;
}

function reduction(name: string, row: Reduction): OpRow {
  const since = row.axesAreInputSince ?? 18;
  return op(name, {
    empties: true,
    convert(node) {
      const { axes, keepDimensions } = axesOf(node, since);
      if (axes.length === 0 && row.keepsOne) return node.value(0);
      if (isEmptyShape(node.shape(0))) return emptyReduction(node, row, axes, keepDimensions);
      const options = { axes, keepDimensions, label: node.label };
      const x = node.operand(0);
      return node.result(
        row.integers !== undefined && !isFloatType(node.type(0))
          ? row.integers(node, formulaOf(node), x, options)
          : node.builder[row.method](x, options),
      );
    },
    host(node, [input]) {
      if (input === undefined) return undefined;
      const { axes, keepDimensions } = axesOf(node, since);
      return axes.length === 0 && row.keepsOne
        ? input
        : makeReduction(node.decisions, row.method, input, axes, keepDimensions);
    },
    compute(node, [input, given], library) {
      const axes = node.opset < since ? node.ints("axes") : given && Array.from(given.data, Number);
      const chosen = chosenAxes(node, input!.shape.length, axes);
      return [reduceArray(node, input!, row, chosen, library)];
    },
  });
}

function reduceArray(
  node: HostNode,
  input: HostArray,
  row: Reduction,
  axes: readonly number[],
  { reduceLines }: HostLibrary,
): HostArray {
  const keepDimensions = node.int("keepdims", 1) !== 0;
  return reduceLines(input, input.type, axes, keepDimensions, (line) =>
    line.length === 0 ? Number(row.none(input.type)) : row.numbers(line),
  );
}

/** No axes where the node asks for none. */
function axesOf(
  node: NodeContext,
  asInputSince: number,
): { readonly axes: readonly number[]; readonly keepDimensions: boolean } {
  const given =
    node.opset < asInputSince
      ? node.ints("axes")
      : node.has(1)
        ? node.integers(1).map(node.decisions.number)
        : undefined;
  return {
    axes: chosenAxes(node, node.rank(0), given),
    keepDimensions: node.int("keepdims", 1) !== 0,
  };
}

function chosenAxes(
  node: HostNode,
  rank: number,
  given: readonly number[] | undefined,
): readonly number[] {
  if (given !== undefined && given.length > 0) return given.map((axis) => axisOf(node, axis, rank));
  const isNothing = node.int("noop_with_empty_axes", 0) !== 0;
  return isNothing ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** Where something is left to reduce to, it has what the reduction gives for no elements. */
function emptyReduction(
  node: NodeContext,
  row: Reduction,
  axes: readonly number[],
  keepDimensions: boolean,
): Value {
  const type = node.type(0);
  const shape = node
    .shape(0)
    .flatMap((size, axis) => (!axes.includes(axis) ? [size] : keepDimensions ? [1] : []));
  if (isEmptyShape(shape)) return { kind: "empty", type, shape };
  const dataType = stored(type);
  const ones = shape.map(() => 1);
  const bytes = oneElement(dataType, row.none(type));
  const one = node.builder.constant({ dataType, shape: ones }, bytes);
  return node.result(node.builder.expand(one, shape, { label: node.label }));
}

/** The smallest and the largest number of a type. */
function rangeOf(type: ElementType): readonly [number | bigint, number | bigint] {
  if (type.includes("float")) return [-Infinity, Infinity];
  if (type === "bool") return [0, 1];
  const bits = BigInt(/\d+/.exec(type)![0]);
  const [low, high] = type.startsWith("uint")
    ? [0n, 2n ** bits - 1n]
    : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  return bits === 64n ? [low, high] : [Number(low), Number(high)];
}

/** The quotient of integers, cut towards 0. */
function integerMean(node: NodeContext, f: Formula, x: Operand, options: ReduceOptions): Operand {
  const { builder, writer } = node;
  const count = multiplySizes(...options.axes!.map((axis) => x.shape[axis]!));
  const divisor = writer.operand({ kind: "host", host: scalar("int64", count) });
  return f.div(builder.reduceSum(x, options), f.cast(divisor, x.dataType));
}

/** Logarithms of integers, cut to integers again. */
function throughFloats(method: ReduceMethod): NonNullable<Reduction["integers"]> {
  return ({ builder }, f, x, options) =>
    f.cast(builder[method](f.cast(x, "float32"), options), x.dataType);
}

/** ⌊√Σx²⌋: the float's root is a first guess; Newton's step and a comparison make it exact. */
function integerNorm(node: NodeContext, f: Formula, x: Operand, options: ReduceOptions): Operand {
  const sum = node.builder.reduceSumSquare(x, options);
  const guess = f.max(f.cast(f.sqrt(f.cast(sum, "float32")), x.dataType), 1);
  const better = f.div(f.add(guess, f.div(sum, guess)), 2);
  const isOver = f.greater(better, f.div(sum, f.max(better, 1)));
  return f.where(isOver, f.sub(better, 1), better);
}

const sum = (line: Float64Array) => line.reduce((a, b) => a + b, 0);
const sumOf = (line: Float64Array, f: (x: number) => number) =>
  line.reduce((total, x) => total + f(x), 0);

/** Of the differences to the largest, so that no power overflows. */
function logSumExp(line: Float64Array): number {
  const largest = line.reduce((a, b) => Math.max(a, b));
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(sumOf(line, (x) => Math.exp(x - largest)));
}

function layerNormalization(node: NodeContext): readonly Value[] {
  const shape = node.shape(0);
  const first = axisOf(node, node.int("axis", -1), shape.length);
  const axes = shape.slice(first).map((_, i) => first + i);
  const result = node.builder.layerNormalization(node.operand(0), {
    axes,
    epsilon: node.float("epsilon", 1e-5),
    scale: spread(node, 1, shape.slice(first)),
    label: node.label,
    ...(node.has(2) ? { bias: spread(node, 2, shape.slice(first)) } : {}),
  });
  const isMore = node.node.outputs.slice(1).some((name) => name !== "");
  return [node.result(result), ...(isMore ? deviations(node, axes) : [])];
}

/** The input, which broadcasts to the dimensions that are normalised, in their shape. */
function spread(node: NodeContext, input: number, shape: readonly Size[]): Operand {
  const given = node.shape(input).slice(-shape.length || Infinity);
  const ones = new Array<Size>(shape.length - given.length).fill(1);
  const operand = node.writer.reshaped(node.value(input), [...ones, ...given], node.label);
  node.broadcast(operand.shape, shape);
  const isWhole = operand.shape.every((size, axis) => sizesEqual(size, shape[axis]!));
  return isWhole ? operand : node.builder.expand(operand, shape, { label: node.label });
}

/** The other outputs, in float32: the mean, and the reciprocal of the deviation. */
function deviations(node: NodeContext, axes: readonly number[]): readonly Value[] {
  const f = formulaOf(node);
  const options = { axes, keepDimensions: true, label: node.label };
  const x = f.cast(node.operand(0), "float32");
  const mean = node.builder.reduceMean(x, options);
  const centred = f.sub(x, mean);
  const variance = node.builder.reduceMean(f.mul(centred, centred), options);
  const inverse = f.reciprocal(f.sqrt(f.add(variance, node.float("epsilon", 1e-5))));
  return [node.result(mean, "float32"), node.result(inverse, "float32")];
}

const zero = () => 0;
const minusInfinity = () => -Infinity;

export const reduceRows: readonly OpRow[] = [
  reduction("ReduceL1", {
    method: "reduceL1",
    numbers: (line) => sumOf(line, Math.abs),
    none: zero,
  }),
  reduction("ReduceL2", {
    method: "reduceL2",
    numbers: (line) => Math.sqrt(sumOf(line, (x) => x * x)),
    none: zero,
    integers: integerNorm,
  }),
  reduction("ReduceLogSum", {
    method: "reduceLogSum",
    numbers: (line) => Math.log(sum(line)),
    none: minusInfinity,
    integers: throughFloats("reduceLogSum"),
  }),
  reduction("ReduceLogSumExp", {
    method: "reduceLogSumExp",
    numbers: logSumExp,
    none: minusInfinity,
    integers: throughFloats("reduceLogSumExp"),
  }),
  reduction("ReduceMax", {
    method: "reduceMax",
    numbers: (line) => line.reduce((a, b) => Math.max(a, b)),
    none: (type) => rangeOf(type)[0],
    keepsOne: true,
  }),
  reduction("ReduceMean", {
    method: "reduceMean",
    numbers: (line) => sum(line) / line.length,
    none: () => NaN,
    keepsOne: true,
    integers: integerMean,
  }),
  reduction("ReduceMin", {
    method: "reduceMin",
    numbers: (line) => line.reduce((a, b) => Math.min(a, b)),
    none: (type) => rangeOf(type)[1],
    keepsOne: true,
  }),
  reduction("ReduceProd", {
    method: "reduceProduct",
    numbers: (line) => line.reduce((a, b) => a * b, 1),
    none: () => 1,
    keepsOne: true,
  }),
  reduction("ReduceSum", {
    method: "reduceSum",
    numbers: sum,
    none: zero,
    axesAreInputSince: 13,
    keepsOne: true,
  }),
  reduction("ReduceSumSquare", {
    method: "reduceSumSquare",
    numbers: (line) => sumOf(line, (x) => x * x),
    none: zero,
  }),
  op("LayerNormalization", { convert: layerNormalization }),
];
