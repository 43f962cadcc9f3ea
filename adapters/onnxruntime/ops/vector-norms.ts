/** Normalisations of vectors: by their root mean square, and what is fused with one (a sum, embeddings). */
import type { NodeContext } from "../convert/node-context.ts";
import { typeOf, type Value } from "../convert/value.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { calculatorOf } from "./calculate.ts";
import { contribOp, op, type OpRow } from "./row.ts";

export const vectorNormRows: readonly OpRow[] = [
  op("RMSNormalization", { since: 23, convert: (node) => rmsResults(node)[0]! }),
  op("SimplifiedLayerNormalization", { convert: rmsResults }),
  contribOp("SkipLayerNormalization", { convert: skipLayerNormalization }),
  contribOp("SkipSimplifiedLayerNormalization", { convert: skipRms }),
  contribOp("EmbedLayerNormalization", { convert: embed }),
];

const epsilonOf = (node: NodeContext, otherwise: number): number =>
  node.float("epsilon", otherwise);
const isAsked = (node: NodeContext, output: number): boolean =>
  (node.node.outputs[output] ?? "") !== "";

/** The dimensions from `axis` on. */
function normalisedAxes(node: NodeContext, x: Operand): readonly number[] {
  const rank = x.shape.length;
  const first = axisOf(node, node.int("axis", -1), rank);
  return x.shape.map((_, axis) => axis).slice(first);
}

/** (x − mean) / √(variance + epsilon) · scale + bias, with these inputs as scale and bias. */
function normalised(
  node: NodeContext,
  x: Operand,
  axes: readonly number[],
  scale: number,
  bias: number,
): Operand {
  const { cast } = calculatorOf(node);
  const given = (input: number) => cast(node.operand(input), x.dataType);
  return node.builder.layerNormalization(x, {
    axes,
    epsilon: epsilonOf(node, 1e-12),
    scale: given(scale),
    label: node.label,
    ...(node.has(bias) && { bias: given(bias) }),
  });
}

/** The result, and what else is asked for: means and reciprocals of deviations as float32. */
function withStatistics(
  node: NodeContext,
  y: Operand,
  x: Operand,
  axes: readonly number[],
): readonly Value[] {
  const { add, cast, div, mul, reduce, sqrt, sub } = calculatorOf(node);
  const result = node.result(y);
  if (!isAsked(node, 1) && !isAsked(node, 2)) return [result];
  const wide = cast(x, "float32");
  const mean = reduce("reduceMean", wide, axes);
  const centred = sub(wide, mean);
  const variance = reduce("reduceMean", mul(centred, centred), axes);
  const inverse = div(1, sqrt(add(variance, epsilonOf(node, 1e-12))));
  return [result, node.result(mean, "float32"), node.result(inverse, "float32")];
}

/** x / √(mean of x² + epsilon) in float32, and 1 / √(…). */
function rms(
  node: NodeContext,
  x: Operand,
  axes: readonly number[],
  epsilon: number,
): { readonly normal: Operand; readonly inverse: Operand } {
  const { add, cast, div, mul, reduce, sqrt } = calculatorOf(node);
  const wide = cast(x, "float32");
  const mean = reduce("reduceMean", mul(wide, wide), axes);
  const inverse = div(1, sqrt(add(mean, epsilon)));
  return { normal: mul(wide, inverse), inverse };
}

function rmsResults(node: NodeContext): readonly Value[] {
  const { cast, mul } = calculatorOf(node);
  const x = node.operand(0);
  const axes = normalisedAxes(node, x);
  const { normal, inverse } = rms(node, x, axes, epsilonOf(node, 1e-5));
  const scale = node.operand(1);
  const y = cast(mul(normal, cast(scale, "float32")), scale.dataType);
  return [node.result(y, node.type(1)), node.result(inverse, "float32")];
}

/** The sum that is normalised: input, skip (one for all of a batch, if it is smaller) and bias. */
function skipSum(node: NodeContext, bias: number): Operand {
  const { add } = calculatorOf(node);
  node.broadcast(node.shape(0), node.shape(1));
  const sum = add(node.operand(0), node.operand(1));
  return node.has(bias) ? add(sum, node.operand(bias)) : sum;
}

function skipLayerNormalization(node: NodeContext): readonly Value[] {
  const sum = skipSum(node, 4);
  const axes = [sum.shape.length - 1];
  const [y, mean, inverse] = withStatistics(node, normalised(node, sum, axes, 2, 3), sum, axes);
  const none = node.result(sum, node.type(0));
  return [y!, mean ?? none, inverse ?? none, node.result(sum)];
}

function skipRms(node: NodeContext): readonly Value[] {
  const { cast, mul } = calculatorOf(node);
  const sum = skipSum(node, 3);
  const { normal, inverse } = rms(node, sum, [sum.shape.length - 1], epsilonOf(node, 1e-12));
  if (isAsked(node, 1)) node.fail("its output 'mean'");
  const y = cast(mul(normal, cast(node.operand(2), "float32")), sum.dataType);
  return [node.result(y), node.result(sum), node.result(inverse, "float32"), node.result(sum)];
}

/** Inputs: ids, segments, three tables (words, positions, segments), scale, bias, mask, positions. */
function embed(node: NodeContext): readonly Value[] {
  const { builder, label } = node;
  const { add, cast, equal, reduce, reshape } = calculatorOf(node);
  const lookUp = (table: number, ids: Operand) =>
    builder.gather(node.operand(table), ids, { label });
  const [batch, length] = node.shape(0);
  const words = lookUp(2, node.operand(0));
  const places = node.has(8) ? node.operand(8) : calculatorOf(node).count(length!);
  const placed = add(words, lookUp(3, places));
  const sum = node.has(1) && node.has(4) ? add(placed, lookUp(4, node.operand(1))) : placed;
  const type = typeOf(node.value(2));
  const y = normalised(node, sum, [sum.shape.length - 1], 5, 6);
  // How many words of each sequence are none that only fill it up.
  const isWord = node.has(7) && cast(equal(node.operand(7), 1), "int32");
  const lengths = isWord
    ? reshape(reduce("reduceSum", isWord, [1]), [batch!])
    : node.writer.filled("int32", 0, [batch!]);
  return [node.result(y, type), node.result(lengths, "int32"), node.result(sum, type)];
}
