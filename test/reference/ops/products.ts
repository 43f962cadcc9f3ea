/** matmul, gemm and the normalizations of the reference. */
import {
  addUp,
  buildSums,
  broadcast,
  castOption,
  evaluator,
  indicesOf,
  numberAt,
  type Evaluate,
  type Result,
  type Shape,
  type Sum,
  type Tensor,
} from "./tensor.ts";

interface Gemm {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c?: Tensor;
  readonly alpha?: number;
  readonly beta?: number;
  readonly aTranspose?: boolean;
  readonly bTranspose?: boolean;
}

export const products: Readonly<Record<string, Evaluate>> = {
  matmul: evaluator(({ a, b }: Pick<Gemm, "a" | "b">) => {
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const depth = a.shape.at(-1)!;
    const shape = [...batch, a.shape.at(-2)!, b.shape.at(-1)!];
    return [
      buildSums(a.dataType, shape, (index) => {
        const [outer, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
        return addUp(
          range(depth).map((k) => atMatrix(a, outer, row, k) * atMatrix(b, outer, k, column)),
        );
      }),
    ];
  }),
  gemm: evaluator((args: Gemm) => {
    const { a, b, c, aTranspose = false, bTranspose = false } = args;
    const [alpha, beta] = [args.alpha ?? 1, args.beta ?? 1].map((x) =>
      Number(castOption(a.dataType, x)),
    ) as [number, number];
    const [rows, depth] = aTranspose ? a.shape.toReversed() : a.shape;
    const columns = b.shape[bTranspose ? 0 : 1]!;
    return [
      buildSums(a.dataType, [rows!, columns], ([row, column]) => {
        const terms = range(depth!).map((k) => {
          const x = numberAt(a, aTranspose ? [k, row!] : [row!, k]);
          return alpha * x * numberAt(b, bTranspose ? [column!, k] : [k, column!]);
        });
        const sum = addUp(
          c === undefined ? terms : [...terms, beta * numberAt(c, [row!, column!])],
        );
        // What alpha makes smaller may have been too large before.
        const isOpen = sum.magnitude > Math.abs(alpha) * 2 ** 126;
        return { ...sum, slack: isOpen ? Infinity : 0 };
      }),
    ];
  }),
  batchNormalization: evaluator((args: BatchNorm) => {
    const { input, mean, variance, scale, bias, axis = 1, epsilon = 1e-5 } = args;
    return [
      buildSums(input.dataType, input.shape, (index) => {
        const channel = [index[axis]!];
        const moments = {
          mean: numberAt(mean, channel),
          variance: numberAt(variance, channel),
          size: Math.abs(numberAt(mean, channel)),
        };
        const x = numberAt(input, index);
        const cast = Number(castOption(input.dataType, epsilon));
        return normalised(x, moments, cast, valueOr(scale, channel, 1), valueOr(bias, channel, 0));
      }),
    ];
  }),
  instanceNormalization: evaluator((args: InstanceNorm) => {
    const [channel, ...spatial] = args.layout === "nhwc" ? [3, 1, 2] : [1, 2, 3];
    return [overAxes(args, spatial, [channel!])];
  }),
  layerNormalization: evaluator((args: Normalization & { axes?: Shape }) => {
    const axes = args.axes ?? range(args.input.shape.length).slice(1);
    return [overAxes(args, axes, axes)];
  }),
};

interface Normalization {
  readonly input: Tensor;
  readonly scale?: Tensor;
  readonly bias?: Tensor;
  readonly epsilon?: number;
}
interface BatchNorm extends Normalization {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly axis?: number;
}
interface InstanceNorm extends Normalization {
  readonly layout?: string;
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
  /** The mean of the magnitudes: what the mean's rounding error is relative to. */
  readonly size: number;
}

/** Mean and variance over `axes`; scale and bias are indexed by `parameterAxes`, in their order. */
function overAxes(args: Normalization, axes: Shape, parameterAxes: Shape): Result {
  const { input, scale, bias, epsilon = 1e-5 } = args;
  const cast = Number(castOption(input.dataType, epsilon));
  const points = indicesOf(axes.map((d) => input.shape[d]!));
  const known = new Map<string, Moments>();
  const momentsAt = (index: Shape): Moments => {
    const key = index.filter((_, d) => !axes.includes(d)).join();
    let found = known.get(key);
    if (found === undefined) {
      found = momentsOf(
        points.map((point) =>
          numberAt(
            input,
            axes.reduce<Shape>((list, d, i) => list.with(d, point[i]!), index),
          ),
        ),
      );
      known.set(key, found);
    }
    return found;
  };
  return buildSums(input.dataType, input.shape, (index) => {
    const parameter = parameterAxes.map((d) => index[d]!);
    const [factor, offset] = [valueOr(scale, parameter, 1), valueOr(bias, parameter, 0)];
    return normalised(numberAt(input, index), momentsAt(index), cast, factor, offset);
  });
}

function momentsOf(values: readonly number[]): Moments {
  const sum = addUp(values);
  const mean = sum.value / values.length;
  const squares = addUp(values.map((x) => (x - mean) ** 2));
  return { mean, variance: squares.value / values.length, size: sum.magnitude / values.length };
}

function normalised(
  x: number,
  { mean, variance, size }: Moments,
  epsilon: number,
  scale: number,
  bias: number,
): Sum {
  const factor = scale / Math.sqrt(variance + epsilon);
  const value = (x - mean) * factor + bias;
  return { value, magnitude: (Math.abs(x) + size) * Math.abs(factor) + Math.abs(bias) };
}

function valueOr(tensor: Tensor | undefined, index: Shape, absent: number): number {
  return tensor === undefined ? absent : numberAt(tensor, index);
}

/** A matrix of a batch, whose dimensions of 1 repeat. */
function atMatrix({ shape, ...rest }: Tensor, outer: Shape, row: number, column: number): number {
  const own = shape.length - 2;
  const batch = outer.slice(outer.length - own).map((i, d) => (shape[d] === 1 ? 0 : i));
  return numberAt({ shape, ...rest }, [...batch, row, column]);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
