/** LogSoftmax and Hardmax. */
import { formulaOf } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand } from "../webnn.ts";
import { positions } from "./positions.ts";
import type { OpRow } from "./row.ts";
import { alongAxis, largestOf } from "./softmax.ts";

export const softmaxKinRows: readonly OpRow[] = [
  ...alongAxis("LogSoftmax", logSoftmax, logSoftmaxOfLine),
  ...alongAxis("Hardmax", hardmax, hardmaxOfLine),
];

/** x - max - ln Σ e^(x - max) */
export function logSoftmax(node: NodeContext, x: Operand, axis: number): Operand {
  const { builder, label } = node;
  const f = formulaOf(node);
  const options = { axes: [axis], keepDimensions: true, label };
  const centred = f.sub(x, builder.reduceMax(x, options));
  return f.sub(centred, f.log(builder.reduceSum(f.exp(centred), options)));
}

/** 1 at the first of the largest, else 0. */
function hardmax(node: NodeContext, x: Operand, axis: number): Operand {
  const { builder, label } = node;
  const f = formulaOf(node);
  const largest = builder.argMax(x, axis, { keepDimensions: true, label });
  const places = positions(node, "int32", x.shape[axis]!, x.shape.length, axis);
  return f.cast(f.equal(largest, places), x.dataType);
}

export function logSoftmaxOfLine(line: Float64Array): Float64Array {
  const largest = largestOf(line);
  const sum = line.reduce((total, x) => total + Math.exp(x - largest), 0);
  return line.map((x) => x - largest - Math.log(sum));
}

function hardmaxOfLine(line: Float64Array): Float64Array {
  const first = line.indexOf(largestOf(line));
  return line.map((_, i) => Number(i === first));
}
