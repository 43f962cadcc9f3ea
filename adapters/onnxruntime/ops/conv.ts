/** Convolutions over any number of dimensions, channels first. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, multiplySizes } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { fusedActivation } from "./fused-activation.ts";
import { op, type OpRow } from "./row.ts";
import { stackWindows, unstackImages } from "./sliding.ts";
import { groupsOf, imageOptions, onImages, windowCounts, windowsOf } from "./window.ts";

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

/** The node's convolution of `input` with `filter`. */
export function convolution(
  node: NodeContext,
  input: Operand,
  filter: Operand,
  bias: Operand | undefined,
  label: string,
): Operand {
  const windows = windowsOf(node, input.shape.slice(2), filter.shape.slice(2));
  windowCounts(node, input.shape.slice(2), windows);
  const before = windows.slice(0, -2);
  const options = {
    ...imageOptions(windows.slice(-2)),
    groups: groupsOf(node),
    label,
    ...(bias === undefined ? {} : { bias }),
  };
  if (before.length === 0) {
    return onImages(node, [input, filter], ([image, kernel]) =>
      node.builder.conv2d(image!, kernel!, options),
    );
  }
  // The filter holds its window in the order in which the channels are stacked.
  const { images, places } = stackWindows(node, input, before);
  const kernel = before.map((window) => window.kernel);
  const flat = calculatorOf(node).reshape(filter, [
    filter.shape[0]!,
    multiplySizes(filter.shape[1]!, ...kernel),
    ...filter.shape.slice(-2),
  ]);
  const result = node.builder.conv2d(images, flat, options);
  return unstackImages(node, result, input.shape[0]!, places);
}

/** A convolution, what is added to it, and an activation: what ONNX Runtime's optimiser writes into files. */
function fusedConv(node: NodeContext): Value {
  const calculate = calculatorOf(node);
  const sum = node.has(3) ? calculate.add(ofInputs(node), node.operand(3)) : ofInputs(node);
  return node.result(fusedActivation(node, sum));
}
