/** Reductions over axes, and the normalisations that are made of them. */
import { multiplySizes, type Size } from "../core.ts";
import { makeReduction } from "../host/reduce.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { ReduceMethod } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { op, type OpRow } from "./row.ts";

/** Axes are an attribute at first; ReduceSum takes them as an input since opset 13, the others since 18. */
function reduction(name: string, method: ReduceMethod): OpRow {
  const asInputSince = name === "ReduceSum" ? 13 : 18;
  return op(name, {
    convert(node) {
      const { axes, keepDimensions } = reductionOf(node, asInputSince);
      if (axes === undefined) return node.value(0);
      const options = { axes, keepDimensions, label: node.label };
      return node.result(node.builder[method](node.operand(0), options));
    },
    host(node, [input]) {
      if (input === undefined) return undefined;
      const { axes, keepDimensions } = reductionOf(node, asInputSince);
      return axes === undefined
        ? input
        : makeReduction(node.decisions, method, input, axes, keepDimensions);
    },
  });
}

/** `axes` is undefined where the node asks to do nothing. */
function reductionOf(
  node: NodeContext,
  asInputSince: number,
): { readonly axes: readonly number[] | undefined; readonly keepDimensions: boolean } {
  const rank = node.rank(0);
  const given =
    node.opset < asInputSince
      ? node.ints("axes")
      : node.has(1)
        ? node.integers(1).map(node.decisions.number)
        : undefined;
  const keepDimensions = node.int("keepdims", 1) !== 0;
  if (given === undefined || given.length === 0) {
    const isNothing = node.int("noop_with_empty_axes", 0) !== 0;
    const all = Array.from({ length: rank }, (_, axis) => axis);
    return { axes: isNothing ? undefined : all, keepDimensions };
  }
  return { axes: given.map((axis) => axisOf(node, axis, rank)), keepDimensions };
}

/** Before opset 13 softmax runs over all dimensions from `axis` on, as if they were one. */
function softmaxOfRows(node: NodeContext): Value {
  const { builder, label } = node;
  const shape = node.shape(0);
  const axis = axisOf(node, node.int("axis", 1), shape.length);
  const x = node.operand(0);
  if (axis === shape.length - 1) return node.result(builder.softmax(x, axis, { label }));
  const rows: Size = multiplySizes(...shape.slice(0, axis));
  const columns: Size = multiplySizes(...shape.slice(axis));
  const matrix = builder.reshape(x, [rows, columns], { label });
  const result = builder.softmax(matrix, 1, { label });
  return node.result(builder.reshape(result, shape, { label }));
}

function layerNormalization(node: NodeContext): Value {
  const extra = node.node.outputs.slice(1).find((name) => name !== "");
  if (extra !== undefined) node.fail(`its output '${extra}' (mean or inverse deviation)`);
  const shape = node.shape(0);
  const first = axisOf(node, node.int("axis", -1), shape.length);
  const normalised = shape.slice(first);
  const fit = (input: number) => {
    const operand = node.operand(input);
    return operand.shape.length === normalised.length
      ? operand
      : node.writer.reshaped(node.value(input), normalised, node.label);
  };
  return node.result(
    node.builder.layerNormalization(node.operand(0), {
      axes: normalised.map((_, i) => first + i),
      epsilon: node.float("epsilon", 1e-5),
      scale: fit(1),
      label: node.label,
      ...(node.has(2) ? { bias: fit(2) } : {}),
    }),
  );
}

export const reduceRows: readonly OpRow[] = [
  reduction("ReduceL1", "reduceL1"),
  reduction("ReduceL2", "reduceL2"),
  reduction("ReduceLogSum", "reduceLogSum"),
  reduction("ReduceLogSumExp", "reduceLogSumExp"),
  reduction("ReduceMax", "reduceMax"),
  reduction("ReduceMean", "reduceMean"),
  reduction("ReduceMin", "reduceMin"),
  reduction("ReduceProd", "reduceProduct"),
  reduction("ReduceSum", "reduceSum"),
  reduction("ReduceSumSquare", "reduceSumSquare"),
  op("Softmax", { until: 12, convert: softmaxOfRows }),
  op("Softmax", {
    since: 13,
    convert(node) {
      const axis = axisOf(node, node.int("axis", -1), node.rank(0));
      return node.result(node.builder.softmax(node.operand(0), axis, { label: node.label }));
    },
  }),
  op("LayerNormalization", { since: 17, convert: layerNormalization }),
];
