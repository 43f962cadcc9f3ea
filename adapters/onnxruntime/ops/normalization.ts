/** Normalisations of images, of vectors and of what surrounds an element; LayerNormalization stands with the reductions. */
import { isEmptyShape } from "../convert/broadcast.ts";
import { NeedsNumbers } from "../convert/decisions.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { divideExactly, multiplySizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { calculatorOf } from "./calculate.ts";
import { op, type OpRow } from "./row.ts";

export const normalizationRows: readonly OpRow[] = [
  op("BatchNormalization", { empties: true, convert: keepingEmpty(batchNormalization) }),
  op("InstanceNormalization", { empties: true, convert: keepingEmpty(instanceNormalization) }),
  op("GroupNormalization", {
    since: 18,
    until: 20,
    empties: true,
    convert: keepingEmpty(groupNormalizationByGroup),
  }),
  op("GroupNormalization", { since: 21, empties: true, convert: keepingEmpty(groupNormalization) }),
  {
    ...op("GroupNorm", { empties: true, convert: keepingEmpty(groupNorm) }),
    domain: "com.microsoft",
  },
  { ...op("SkipGroupNorm", { convert: skipGroupNorm }), domain: "com.microsoft" },
  op("LRN", { empties: true, convert: keepingEmpty(localResponse) }),
  op("LpNormalization", { empties: true, convert: keepingEmpty(lpNormalization) }),
  op("MeanVarianceNormalization", { empties: true, convert: keepingEmpty(meanVariance) }),
];

/** No elements stay none. */
function keepingEmpty(convert: (node: NodeContext) => Value | readonly Value[]) {
  return (node: NodeContext): Value | readonly Value[] => {
    const shape = node.shape(0);
    return isEmptyShape(shape) ? { kind: "empty", type: node.type(0), shape } : convert(node);
  };
}

const epsilonOf = (node: NodeContext): number => node.float("epsilon", 1e-5);

/** The operand with as many dimensions as x, its elements along the channels. */
function perChannel(node: NodeContext, operand: Operand, x: Operand, axis = 1): Operand {
  const shape = x.shape.map((_, i) => (i === axis ? operand.shape[0]! : 1));
  return calculatorOf(node).reshape(operand, shape);
}

/** Training shows itself by an attribute since opset 14, by `is_test` before 7. */
function batchNormalization(node: NodeContext): Value | readonly Value[] {
  const { cast } = calculatorOf(node);
  const x = node.operand(0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((input) => node.operand(input));
  if (node.opset >= 14 && node.int("training_mode", 0) !== 0) return trained(node);
  if (node.opset < 7 && node.int("is_test", 0) === 0 && hasOutput(node, 1)) {
    node.fail("is_test 0, which asks for the means of training");
  }
  if (node.opset < 14 && hasOutput(node, 1)) node.fail("the outputs of training");
  if (node.opset < 9 && node.int("spatial", 1) === 0) {
    return node.result(scaled(node, x, mean!, variance!, scale!, bias!));
  }
  const wide = widest(x, mean!, scale!);
  const [m, v, s, b] = [mean!, variance!, scale!, bias!].map((operand) => cast(operand, wide));
  const result = node.builder.batchNormalization(cast(x, wide), m!, v!, {
    scale: s!,
    bias: b!,
    epsilon: epsilonOf(node),
    label: node.label,
  });
  return node.result(cast(result, x.dataType));
}

function hasOutput(node: NodeContext, output: number): boolean {
  return (node.node.outputs[output] ?? "") !== "";
}

/** Scale and mean may be float32 where x is float16. */
function widest(...operands: readonly Operand[]): "float16" | "float32" {
  return operands.every(({ dataType }) => dataType === "float16") ? "float16" : "float32";
}

/** (x − mean) / √(variance + epsilon) · scale + bias, in float32 */
function scaled(
  node: NodeContext,
  x: Operand,
  ...[mean, variance, scale, bias]: readonly [Operand, Operand, Operand, Operand]
): Operand {
  const { add, cast, div, mul, sqrt, sub } = calculatorOf(node);
  const [m, v, s, b] = [mean, variance, scale, bias].map((each) => cast(each, "float32"));
  const deviation = sqrt(add(v!, epsilonOf(node)));
  const normal = div(sub(cast(x, "float32"), m!), deviation);
  return cast(add(mul(normal, s!), b!), x.dataType);
}

/** The statistics of the batch itself, and the running ones moved towards them. */
function trained(node: NodeContext): readonly Value[] {
  const { add, cast, mul, reduce, reshape, sub } = calculatorOf(node);
  const x = node.operand(0);
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const wide = cast(x, "float32");
  const mean = reduce("reduceMean", wide, axes);
  const centred = sub(wide, mean);
  const variance = reduce("reduceMean", mul(centred, centred), axes);
  const [scale, bias] = [1, 2].map((input) => perChannel(node, node.operand(input), x));
  const momentum = node.float("momentum", 0.9);
  const moved = (input: number, now: Operand): Value => {
    const running = node.operand(input);
    const kept = mul(cast(running, "float32"), momentum);
    const next = add(kept, mul(reshape(now, running.shape), 1 - momentum));
    return node.result(cast(next, running.dataType), node.type(input));
  };
  return [
    node.result(scaled(node, x, mean, variance, scale!, bias!)),
    moved(3, mean),
    moved(4, variance),
  ];
}

/** All dimensions behind the channels are one. */
function instanceNormalization(node: NodeContext): Value {
  const { reshape } = calculatorOf(node);
  const x = node.operand(0);
  const [batch, channels, ...sizes] = x.shape;
  const image = reshape(x, [batch!, channels!, multiplySizes(...sizes), 1]);
  const options = { epsilon: epsilonOf(node), label: node.label };
  const [scale, bias] = [node.operand(1), node.operand(2)];
  const result = node.builder.instanceNormalization(image, { ...options, scale, bias });
  return node.result(reshape(result, x.shape));
}

/** [batch, channels, …] as [batch, groups, channels of a group, all others]. */
function inGroups(node: NodeContext, x: Operand, axis: number, groups: number): readonly Size[] {
  const channels = x.shape[axis]!;
  if (typeof channels !== "number") throw new NeedsNumbers([channels]);
  if (groups < 1 || channels % groups !== 0) {
    node.fail(`${channels} channels cannot be put into ${groups} equal groups`);
  }
  const each = channels / groups;
  const outer = x.shape.slice(0, axis);
  return [multiplySizes(...outer), groups, each, multiplySizes(...x.shape.slice(axis + 1))];
}

/** Since opset 21 scale and bias are per channel. */
function groupNormalization(node: NodeContext): Value {
  const { add, cast, mul, reshape } = calculatorOf(node);
  const x = node.operand(0);
  const type = node.int("stash_type", 1) === 1 ? "float32" : x.dataType;
  const shape = inGroups(node, x, 1, node.int("num_groups", 0));
  const normal = node.builder.instanceNormalization(reshape(cast(x, type), shape), {
    epsilon: epsilonOf(node),
    label: node.label,
  });
  const [scale, bias] = [1, 2].map((input) => cast(perChannel(node, node.operand(input), x), type));
  return node.result(cast(add(mul(reshape(normal, x.shape), scale!), bias!), x.dataType));
}

/** In opset 18 they are per group. */
function groupNormalizationByGroup(node: NodeContext): Value {
  const { reshape } = calculatorOf(node);
  const x = node.operand(0);
  const shape = inGroups(node, x, 1, node.int("num_groups", 0));
  const [scale, bias] = [node.operand(1), node.operand(2)];
  const options = { epsilon: epsilonOf(node), scale, bias, label: node.label };
  return node.result(
    reshape(node.builder.instanceNormalization(reshape(x, shape), options), x.shape),
  );
}

function groupNorm(node: NodeContext): Value {
  return node.result(groupsOfImages(node, node.operand(0)));
}

/** GroupNorm of a sum, which is the second output. */
function skipGroupNorm(node: NodeContext): readonly Value[] {
  const { add, reshape } = calculatorOf(node);
  const x = node.operand(0);
  const skip = node.operand(3);
  const [batch, channels] = [skip.shape[0]!, skip.shape.at(-1)!];
  // What is skipped may be one pixel for each image.
  const pixels = skip.shape.length === 2 ? reshape(skip, [batch, 1, 1, channels]) : skip;
  const both = add(x, pixels);
  const sum = node.has(4) ? add(both, node.operand(4)) : both;
  return [node.result(groupsOfImages(node, sum)), node.result(sum)];
}

/** Inputs: images, gamma, beta. Channels are last unless `channels_last` is 0; `activation` 1 is x · sigmoid(x). */
function groupsOfImages(node: NodeContext, x: Operand): Operand {
  const { builder, label } = node;
  const { add, cast, mul, reshape } = calculatorOf(node);
  const axis = node.int("channels_last", 1) === 0 ? 1 : x.shape.length - 1;
  const [outer, groups, each, inner] = inGroups(node, x, axis, node.int("groups", 0));
  const [batch] = x.shape;
  const places = axis === 1 ? inner! : divideExactly(outer!, batch!)!;
  const shape = axis === 1 ? [batch!, groups!, each!, places] : [batch!, places, groups!, each!];
  const normal = builder.layerNormalization(reshape(cast(x, "float32"), shape), {
    axes: axis === 1 ? [2, 3] : [1, 3],
    epsilon: epsilonOf(node),
    label,
  });
  const [gamma, beta] = [1, 2].map((input) =>
    cast(perChannel(node, node.operand(input), x, axis), "float32"),
  );
  const y = add(mul(reshape(normal, x.shape), gamma!), beta!);
  const activation = node.int("activation", 0);
  if (activation !== 0 && activation !== 1) node.fail(`activation ${activation}`);
  return cast(activation === 1 ? mul(y, builder.sigmoid(y, { label })) : y, x.dataType);
}

/** x / (bias + alpha / size · Σ x²)^beta; the sum is over `size` channels around each, of which there may be fewer. */
function localResponse(node: NodeContext): Value {
  const { builder, label } = node;
  const { add, div, mul, pow, reshape } = calculatorOf(node);
  const x = node.operand(0);
  const size = node.int("size", 0);
  if (size < 1 || size > 2 ** 20) node.fail(`size ${size} is not between 1 and ${2 ** 20}`);
  const [batch, channels, ...sizes] = x.shape;
  const squares = reshape(mul(x, x), [batch!, 1, channels!, multiplySizes(...sizes)]);
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const padded = builder.pad(squares, [0, 0, before, 0], [0, 0, after, 0], { label });
  const mean = builder.averagePool2d(padded, {
    windowDimensions: [size, 1],
    padding: [0, 0, 0, 0],
    strides: [1, 1],
    dilations: [1, 1],
    label,
  });
  const [alpha, beta] = [node.float("alpha", 1e-4), node.float("beta", 0.75)];
  const around = add(mul(mean, alpha), node.float("bias", 1));
  return node.result(div(x, pow(reshape(around, x.shape), beta)));
}

/** A vector of zeros stays as it is. */
function lpNormalization(node: NodeContext): Value {
  const { div, equal, reduce, where } = calculatorOf(node);
  const x = node.operand(0);
  const p = node.int("p", 2);
  if (p !== 1 && p !== 2) node.fail(`p ${p} is neither 1 nor 2`);
  const axis = axisOf(node, node.int("axis", -1), x.shape.length);
  const norm = reduce(p === 1 ? "reduceL1" : "reduceL2", x, [axis]);
  return node.result(div(x, where(equal(norm, 0), 1, norm)));
}

/** (x − mean) / (deviation + 1e-9); axes are said otherwise in opset 1. */
function meanVariance(node: NodeContext): Value {
  const { add, div, mul, reduce, sqrt, sub } = calculatorOf(node);
  const x = node.operand(0);
  const rank = x.shape.length;
  const all = x.shape.map((_, axis) => axis);
  const old = node.int("across_channels", 0) === 0 ? all.filter((axis) => axis !== 1) : all;
  const given = (node.ints("axes") ?? [0, 2, 3]).map((axis) => axisOf(node, axis, rank));
  const axes = node.opset < 9 ? old : given;
  const centred = sub(x, reduce("reduceMean", x, axes));
  if (node.opset < 9 && node.int("normalize_variance", 1) === 0) return node.result(centred);
  const variance = reduce("reduceMean", mul(centred, centred), axes);
  return node.result(div(centred, add(sqrt(variance), 1e-9)));
}
