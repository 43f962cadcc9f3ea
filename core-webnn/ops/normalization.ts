/** Batch, instance and layer normalization: (x - mean) / √(variance + epsilon) · scale + bias. */
import { unary } from "../kernel/expr.ts";
import type { Address } from "../kernel/ir.ts";
import type { Size } from "../util/size.ts";
import { add as addRow, div as divRow, mul as mulRow, sub as subRow } from "./binary.ts";
import { castNumber } from "./cast-number.ts";
import { exactRank, floatTypes, operand, operandLike } from "./operands.ts";
import { reduceMean } from "./reduce.ts";
import { op, type AddNode, type Descriptor, type Row } from "./row.ts";
import { checkAxes, checkAxis, checkLength, claimSameShape, termCount } from "./shapes.ts";
import { sqrt } from "./unary.ts";
import { add, div, mul, numberOf, sub } from "./values.ts";
import { reshape, transpose } from "./view.ts";
import { inFloat32, widen } from "./widen.ts";

const perChannel = operandLike("input", exactRank(1));
const optionalPerChannel = { ...perChannel, optional: true } as const;
const epsilon = { kind: "double", default: 1e-5 } as const;

/** https://www.w3.org/TR/webnn/#api-mlgraphbuilder-batchnorm */
export const batchNormalization = op("batchNormalization", {
  args: { input: operand(floatTypes, { min: 1 }), mean: perChannel, variance: perChannel },
  options: {
    scale: optionalPerChannel,
    bias: optionalPerChannel,
    axis: { kind: "u32", default: 1 },
    epsilon,
  },
  infer({ input, axis, mean, variance, scale, bias }, claims) {
    checkAxis(axis, input.shape.length);
    const expected = [input.shape[axis]!];
    for (const [name, given] of Object.entries({ mean, variance, scale, bias })) {
      if (!given) continue;
      claimSameShape(given.shape, expected, claims, `${name} and dimension ${axis} of input`);
    }
    return [input];
  },
  lower: {
    kind: "scalar",
    value({ input, mean, variance, scale, bias }, args) {
      const offset = add(variance!, numberOf(args.input.dataType, args.epsilon));
      const normal = div(sub(input!, mean!), unary("sqrt", offset));
      const scaled = scale === undefined ? normal : mul(normal, scale);
      return bias === undefined ? scaled : add(scaled, bias);
    },
    operandIndex: (name, index, { axis }): readonly Address[] | undefined =>
      name === "input" ? undefined : [index[axis]!],
  },
  ulp: 8,
});

/** https://www.w3.org/TR/webnn/#api-mlgraphbuilder-instancenorm */
export const instanceNormalization = op("instanceNormalization", {
  args: { input: operand(floatTypes, exactRank(4)) },
  options: {
    scale: optionalPerChannel,
    bias: optionalPerChannel,
    epsilon,
    layout: { kind: "enum", values: ["nchw", "nhwc"], default: "nchw" },
  },
  outputs: { output: { types: { sameAs: "input" }, ranks: exactRank(4) } },
  infer({ input, scale, bias, layout }, claims) {
    const axis = layout === "nchw" ? 1 : 3;
    for (const [name, given] of Object.entries({ scale, bias })) {
      if (!given) continue;
      claimSameShape(given.shape, [input.shape[axis]!], claims, `${name} and channels of input`);
    }
    return [input];
  },
  lower: {
    kind: "decompose",
    into: (add, { layout, ...args }) =>
      normalised(add, {
        ...args,
        axes: layout === "nchw" ? [2, 3] : [1, 2],
        parameterAxes: layout === "nchw" ? [1] : [3],
      }),
  },
  role: "normalise",
  ulp: ({ input }) => 2 * termCount(input.shape.slice(1)) + 16,
});

/** https://www.w3.org/TR/webnn/#api-mlgraphbuilder-layernorm */
export const layerNormalization = op("layerNormalization", {
  args: { input: operand(floatTypes) },
  options: {
    scale: { ...operandLike("input"), optional: true },
    bias: { ...operandLike("input"), optional: true },
    axes: { kind: "u32List", optional: true },
    epsilon,
  },
  resolve: ({ input, axes }) => ({ axes: axes ?? [...input.shape.keys()].slice(1) }),
  infer({ input, scale, bias, axes }, claims) {
    checkAxes(axes, input.shape.length);
    const expected = axes.map((axis) => input.shape[axis]!);
    for (const [name, given] of Object.entries({ scale, bias })) {
      if (!given) continue;
      checkLength(given.shape, axes.length, `the shape of ${name}`);
      claimSameShape(given.shape, expected, claims, `${name} and axes of input`);
    }
    return [input];
  },
  lower: {
    kind: "decompose",
    into: (add, args) => normalised(add, { ...args, parameterAxes: args.axes }),
  },
  role: "normalise",
  ulp: ({ input, axes }) => 2 * termCount(axes.map((axis) => input.shape[axis]!)) + 16,
});

export const normalizationRows: readonly Row[] = [
  batchNormalization,
  instanceNormalization,
  layerNormalization,
];

interface Normalization {
  readonly input: Descriptor;
  readonly scale: Descriptor | undefined;
  readonly bias: Descriptor | undefined;
  /** Reduced for mean and variance. */
  readonly axes: readonly number[];
  /** The dimensions of the input that those of scale and bias run along. */
  readonly parameterAxes: readonly number[];
  readonly epsilon: number;
}

function normalised(add: AddNode, args: Normalization): Descriptor {
  const { input, scale, bias, axes, parameterAxes } = args;
  const smallest = castNumber(args.epsilon, input.dataType);
  return inFloat32(add, input, (x) => {
    const rows = { axes, keepDimensions: true };
    const centred = add(subRow, { a: x, b: add(reduceMean, { input: x, ...rows }) });
    const squares = add(mulRow, { a: centred, b: centred });
    const variance = add(reduceMean, { input: squares, ...rows });
    const offset = add(addRow, { a: variance, b: add.scalar("float32", smallest) });
    const normal = add(divRow, { a: centred, b: add(sqrt, { input: offset }) });
    const parameter = (given: Descriptor): Descriptor =>
      alongAxes(add, widen(add, given), parameterAxes, x.shape.length);
    const scaled = scale ? add(mulRow, { a: normal, b: parameter(scale) }) : normal;
    return bias ? add(addRow, { a: scaled, b: parameter(bias) }) : scaled;
  });
}

/** Turns a parameter whose dimensions run along `axes` of the input into one that broadcasts with it. */
function alongAxes(
  add: AddNode,
  parameter: Descriptor,
  axes: readonly number[],
  rank: number,
): Descriptor {
  const permutation = [...axes.keys()].sort((i, j) => axes[i]! - axes[j]!);
  const isSorted = permutation.every((from, to) => from === to);
  const ordered = isSorted ? parameter : add(transpose, { input: parameter, permutation });
  const newShape = Array.from({ length: rank }, (_, d): Size => {
    const at = axes.indexOf(d);
    return at < 0 ? 1 : parameter.shape[at]!;
  });
  // Leading dimensions of 1 are what broadcasting adds by itself.
  const first = newShape.findIndex((_, d) => axes.includes(d));
  const needed = first < 0 ? [] : newShape.slice(first);
  const fits = needed.length === ordered.shape.length;
  return fits ? ordered : add(reshape, { input: ordered, newShape: needed });
}
