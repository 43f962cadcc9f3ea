/** Reductions of the reference over whole dimensions, argMin, argMax and softmax. */
import { isFloat, type StorageType } from "../../../core-webnn/util/data-type.ts";
import type { Numeric } from "../values.ts";
import {
  addUp,
  at,
  build,
  buildSums,
  evaluator,
  indicesOf,
  mean,
  numberAt,
  rootOfSquares,
  wrap,
  type Evaluate,
  type Shape,
  type Sum,
  type Tensor,
} from "./tensor.ts";

interface Reduce {
  readonly input: Tensor;
  readonly axes?: Shape;
  readonly keepDimensions?: boolean;
}

function reduction(
  real: (values: readonly number[]) => Sum,
  whole?: (values: readonly bigint[]) => bigint,
): Evaluate {
  return evaluator(({ input, axes: given, keepDimensions = false }: Reduce) => {
    const axes = given ?? [...input.shape.keys()];
    const { shape, members } = reduced(input, axes, keepDimensions);
    if (isFloat(input.dataType)) {
      return [buildSums(input.dataType, shape, (index) => real(members(index).map(Number)))];
    }
    const total = (index: number[]): Numeric =>
      wrap(input.dataType, whole!(members(index).map(BigInt)));
    return [build(input.dataType, shape, total)];
  });
}

/** The shape that is left, and the elements behind each of its indices. */
function reduced(input: Tensor, axes: Shape, keep: boolean) {
  const kept = [...input.shape.keys()].filter((d) => !axes.includes(d));
  const shape = keep
    ? input.shape.map((size, d) => (axes.includes(d) ? 1 : size))
    : kept.map((d) => input.shape[d]!);
  const points = indicesOf(axes.map((d) => input.shape[d]!));
  const members = (index: Shape): Numeric[] =>
    points.map((point) => {
      const source = input.shape.map((_, d) => {
        const along = axes.indexOf(d);
        return along >= 0 ? point[along]! : index[keep ? d : kept.indexOf(d)]!;
      });
      return at(input, source);
    });
  return { shape, members };
}

const square = (x: number): number => x * x;
/** All terms have one sign, so nothing cancels. */
const plain = (value: number): Sum => ({ value, magnitude: 0 });
const total = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

export const reductions: Readonly<Record<string, Evaluate>> = {
  reduceL1: reduction(
    (values) => plain(addUp(values.map(Math.abs)).value),
    (values) => total(values.map((x) => (x < 0n ? -x : x))),
  ),
  reduceL2: reduction(rootOfSquares),
  reduceLogSum: reduction((values) => {
    const { value, magnitude } = addUp(values);
    return { value: Math.log(value), magnitude: magnitude / Math.abs(value) };
  }),
  reduceLogSumExp: reduction((values) => {
    const greatest = Math.max(...values);
    if (!Number.isFinite(greatest)) return plain(greatest);
    const rest = Math.log(addUp(values.map((x) => Math.exp(x - greatest))).value);
    // An error of the sum, relative to it, is one of its logarithm, relative to 1.
    return { value: greatest + rest, magnitude: Math.max(1, Math.abs(greatest) + rest) };
  }),
  reduceMax: reduction(
    (values) => plain(Math.max(...values)),
    (values) => values.reduce((a, b) => (a > b ? a : b)),
  ),
  reduceMean: reduction(mean),
  reduceMin: reduction(
    (values) => plain(Math.min(...values)),
    (values) => values.reduce((a, b) => (a < b ? a : b)),
  ),
  reduceProduct: reduction(
    (values) => {
      const largest = values.reduce((a, b) => a * Math.max(1, Math.abs(b)), 1);
      const smallest = values.reduce((a, b) => (b === 0 ? a : a * Math.min(1, Math.abs(b))), 1);
      // Whether a part leaves float32's range depends on the order.
      const isOpen = largest > 2 ** 126 || smallest < 2 ** -120;
      const value = values.reduce((a, b) => a * b, 1);
      return { value, magnitude: 0, slack: isOpen ? Infinity : 0 };
    },
    (values) => values.reduce((a, b) => a * b, 1n),
  ),
  reduceSum: reduction(addUp, total),
  reduceSumSquare: reduction(
    (values) => plain(addUp(values.map(square)).value),
    (values) => total(values.map((x) => x * x)),
  ),
  argMin: extreme((a, b) => a < b),
  argMax: extreme((a, b) => a > b),
  softmax: evaluator(({ input, axis }: { input: Tensor; axis: number }) => {
    const row = (index: Shape): number[] =>
      Array.from({ length: input.shape[axis]! }, (_, i) => numberAt(input, index.with(axis, i)));
    const element = (index: number[]): number => {
      const greatest = Math.max(...row(index));
      const sum = addUp(row(index).map((x) => Math.exp(x - greatest))).value;
      return Math.exp(numberAt(input, index) - greatest) / sum;
    };
    return [build(input.dataType, input.shape, element)];
  }),
};

interface Extreme {
  readonly input: Tensor;
  readonly axis: number;
  readonly keepDimensions?: boolean;
  readonly outputDataType?: StorageType;
}

/** Of equal elements the spec allows any; all known implementations give the first. A row with a NaN is left open. */
function extreme(beats: (a: Numeric, b: Numeric) => boolean): Evaluate {
  return evaluator((args: Extreme) => {
    const { input, axis, keepDimensions = false, outputDataType = "int32" } = args;
    const { shape, members } = reduced(input, [axis], keepDimensions);
    const position = (index: number[]): Numeric => {
      const row = members(index);
      const best = row.reduce((a, b) => (beats(b, a) ? b : a));
      const isOpen = row.some((x) => Number.isNaN(x));
      return isOpen ? NaN : wrap(outputDataType, BigInt(row.indexOf(best)));
    };
    return [build(outputDataType, shape, position)];
  });
}
