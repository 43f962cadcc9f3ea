/** Conv and FusedConv. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { convolution } from "./convolution.ts";
import { fusedActivation } from "./fused-activation.ts";
import { op, type OpRow } from "./row.ts";
import { windowCounts, windowsOf } from "./window.ts";

export const convRows: readonly OpRow[] = [
  op("Conv", { empties: true, convert: (node) => ofNothing(node) ?? node.result(ofInputs(node)) }),
  { ...op("FusedConv", { convert: fusedConv }), domain: "com.microsoft" },
];

/** The result of no images. */
function ofNothing(node: NodeContext): Value | undefined {
  const [shape, filter] = [node.shape(0), node.shape(1)];
  if (!isEmptyShape(shape)) return undefined;
  if (shape.slice(1).includes(0) || isEmptyShape(filter)) {
    return node.fail(`a filter ${formatShape(filter)} over ${formatShape(shape)}`);
  }
  const sizes = shape.slice(2);
  const counts = windowCounts(node, sizes, windowsOf(node, sizes, filter.slice(2)));
  return { kind: "empty", type: node.type(0), shape: [0, filter[0]!, ...counts] };
}

function ofInputs(node: NodeContext): Operand {
  const bias = node.has(2) ? node.operand(2) : undefined;
  return convolution(node, node.operand(0), node.operand(1), bias, node.label);
}

/** A convolution, what is added to it, and an activation: what ONNX Runtime's optimiser writes into files. */
function fusedConv(node: NodeContext): Value {
  const calculate = calculatorOf(node);
  const sum = node.has(3) ? calculate.add(ofInputs(node), node.operand(3)) : ofInputs(node);
  return node.result(fusedActivation(node, sum));
}
