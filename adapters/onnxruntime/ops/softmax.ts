/** Softmax and its kin: along an axis, before opset 13 over all dimensions from an axis on. */
import { multiplySizes } from "../core.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { HostArray } from "../host/array.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { op, type OpRow } from "./row.ts";

/** What an op makes of an operand along an axis. */
type AlongAxis = (node: NodeContext, x: Operand, axis: number) => Operand;

export function alongAxis(
  name: string,
  write: AlongAxis,
  ofLine: (line: Float64Array) => ArrayLike<number>,
): readonly OpRow[] {
  return [
    op(name, {
      until: 12,
      empties: "elementwise",
      convert: (node) => ofRows(node, write),
      compute(node, [input], { mapLines }) {
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
      compute(node, [input], { mapLines }) {
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

export function largestOf(line: Float64Array): number {
  return line.reduce((a, b) => Math.max(a, b), -Infinity);
}

function softmaxOfLine(line: Float64Array): Float64Array {
  const largest = largestOf(line);
  const powers = line.map((x) => Math.exp(x - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export const softmaxRows: readonly OpRow[] = [
  ...alongAxis(
    "Softmax",
    ({ builder, label }, x, axis) => builder.softmax(x, axis, { label }),
    softmaxOfLine,
  ),
];
