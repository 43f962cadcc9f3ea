/** Softmax, its logarithm and Hardmax: along an axis, before opset 13 over all dimensions from an axis on. */
import { multiplySizes } from "../core.ts";
import { formulaOf } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { HostArray } from "../host/array.ts";
import { mapLines } from "../host/lines.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { positions } from "./positions.ts";
import { op, type OpRow } from "./row.ts";

/** What an op makes of an operand along an axis. */
type AlongAxis = (node: NodeContext, x: Operand, axis: number) => Operand;

function alongAxis(
  name: string,
  write: AlongAxis,
  ofLine: (line: Float64Array) => ArrayLike<number>,
): readonly OpRow[] {
  return [
    op(name, {
      until: 12,
      empties: "elementwise",
      convert: (node) => ofRows(node, write),
      compute(node, [input]) {
        const { shape } = input!;
        const axis = axisOf(node, node.int("axis", 1), shape.length);
        const rows = shape.slice(0, axis).reduce((a, b) => a * b, 1);
        const columns = shape.slice(axis).reduce((a, b) => a * b, 1);
        const matrix: HostArray = { ...input!, shape: [rows, columns] };
        return [{ ...mapLines(matrix, 1, ofLine), shape }];
      },
    }),
    op(name, {
      since: 13,
      empties: "elementwise",
      convert(node) {
        const axis = axisOf(node, node.int("axis", -1), node.rank(0));
        return node.result(write(node, node.operand(0), axis));
      },
      compute(node, [input]) {
        const axis = axisOf(node, node.int("axis", -1), input!.shape.length);
        return [mapLines(input!, axis, ofLine)];
      },
    }),
  ];
}

function ofRows(node: NodeContext, write: AlongAxis): Value {
  const { builder, label } = node;
  const shape = node.shape(0);
  const axis = axisOf(node, node.int("axis", 1), shape.length);
  const x = node.operand(0);
  if (axis === shape.length - 1) return node.result(write(node, x, axis));
  const rows = multiplySizes(...shape.slice(0, axis));
  const columns = multiplySizes(...shape.slice(axis));
  const result = write(node, builder.reshape(x, [rows, columns], { label }), 1);
  return node.result(builder.reshape(result, shape, { label }));
}

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

function largestOf(line: Float64Array): number {
  return line.reduce((a, b) => Math.max(a, b), -Infinity);
}

function softmaxOfLine(line: Float64Array): Float64Array {
  const largest = largestOf(line);
  const powers = line.map((x) => Math.exp(x - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
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

export const softmaxRows: readonly OpRow[] = [
  ...alongAxis(
    "Softmax",
    ({ builder, label }, x, axis) => builder.softmax(x, axis, { label }),
    softmaxOfLine,
  ),
  ...alongAxis("LogSoftmax", logSoftmax, logSoftmaxOfLine),
  ...alongAxis("Hardmax", hardmax, hardmaxOfLine),
];
