/**
 * Losses that models keep when they are exported with them: NegativeLogLikelihoodLoss, and SoftmaxCrossEntropyLoss, which is
 * that of LogSoftmax. Classes are dimension 1.
 */
import { formulaOf } from "../convert/formula.ts";
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { makeArray, type HostArray } from "../host/array.ts";
import { mapLines } from "../host/lines.ts";
import { storeOf } from "../host/map-array.ts";
import type { Operand } from "../webnn.ts";
import { logSoftmax, logSoftmaxOfLine } from "./softmax-kin.ts";
import { op, type OpRow } from "./row.ts";

/** What the node's labels have of log probabilities. */
function negativeLogLikelihood(node: NodeContext, logProbabilities: Operand): Value {
  const { builder, label } = node;
  const f = formulaOf(node);
  const reduction = reductionOf(node);
  const ignored = ignoredLabel(node);
  if (node.rank(0) !== node.rank(1) + 1 || node.rank(0) < 2) {
    node.fail(`scores of rank ${node.rank(0)} with labels of rank ${node.rank(1)}`);
  }
  const given = node.operand(1);
  const isCounted = ignored === undefined ? undefined : f.notEqual(given, ignored);
  // An ignored label may be no class: any class will do in its place, and counts for nothing.
  const labels = isCounted === undefined ? given : f.where(isCounted, given, 0);
  const [batch, ...places] = labels.shape;
  const column = builder.reshape(labels, [batch!, 1, ...places], { label });
  const chosen = builder.gatherElements(logProbabilities, column, { axis: 1, label });
  const loss = f.neg(builder.reshape(chosen, labels.shape, { label }));
  const weights = weightsOf(node, labels, isCounted, loss.dataType);
  const weighted = weights === undefined ? loss : f.mul(loss, weights);
  const counted = isCounted === undefined ? weighted : f.where(isCounted, weighted, 0);
  if (reduction === "none") return node.result(counted);
  const all = { axes: labels.shape.map((_, axis) => axis), label };
  if (reduction === "mean" && weights === undefined) {
    return node.result(builder.reduceMean(counted, all));
  }
  const sum = builder.reduceSum(counted, all);
  return node.result(reduction === "sum" ? sum : f.div(sum, builder.reduceSum(weights!, all)));
}

/** Weights of the labels' classes; 0 and 1 where only some labels count; undefined where all count alike. */
function weightsOf(
  node: NodeContext,
  labels: Operand,
  isCounted: Operand | undefined,
  dataType: Operand["dataType"],
): Operand | undefined {
  const f = formulaOf(node);
  if (!node.has(2)) return isCounted && f.cast(isCounted, dataType);
  const weights = node.builder.gather(node.operand(2), labels, { axis: 0, label: node.label });
  return isCounted === undefined ? weights : f.where(isCounted, weights, 0);
}

function reductionOf(node: HostNode): "none" | "sum" | "mean" {
  const reduction = node.text("reduction", "mean");
  if (reduction === "none" || reduction === "sum" || reduction === "mean") return reduction;
  return node.fail(`reduction '${reduction}', expected none, sum or mean`);
}

/** The label that does not count, if any. */
function ignoredLabel(node: HostNode): number | undefined {
  return node.node.attributes.has("ignore_index") ? node.int("ignore_index", 0) : undefined;
}

/** The same of arrays on the host. */
function lossOfArrays(
  node: HostNode,
  { type, shape, data }: HostArray,
  labels: HostArray | undefined,
  weights: HostArray | undefined,
): HostArray {
  const reduction = reductionOf(node);
  const ignored = ignoredLabel(node);
  const [, classes = 1, ...places] = shape;
  const inner = places.reduce((a, b) => a * b, 1);
  let [total, count] = [0, 0];
  const each = makeArray(type, labels!.shape);
  const store = storeOf(each);
  labels!.data.forEach((given: number | bigint, i: number) => {
    const label = Number(given);
    if (label === ignored) return;
    if (!(label >= 0 && label < classes)) node.fail(`label ${label} of ${classes} classes`);
    const at = (Math.floor(i / inner) * classes + label) * inner + (i % inner);
    const weight = Number(weights?.data[label] ?? 1);
    const loss = -Number(data[at]) * weight;
    store(i, loss);
    total += loss;
    count += weight;
  });
  if (reduction === "none") return each;
  const result = makeArray(type, []);
  storeOf(result)(0, reduction === "sum" ? total : total / count);
  return result;
}

export const lossRows: readonly OpRow[] = [
  op("NegativeLogLikelihoodLoss", {
    since: 12,
    convert: (node) => negativeLogLikelihood(node, node.operand(0)),
    compute: (node, [input, labels, weights]) => [lossOfArrays(node, input!, labels, weights)],
  }),
  op("SoftmaxCrossEntropyLoss", {
    since: 12,
    convert(node) {
      const logarithms = logSoftmax(node, node.operand(0), 1);
      return [negativeLogLikelihood(node, logarithms), node.result(logarithms)];
    },
    compute(node, [scores, labels, weights]) {
      const logarithms = mapLines(scores!, 1, logSoftmaxOfLine);
      return [lossOfArrays(node, logarithms, labels, weights), logarithms];
    },
  }),
];
