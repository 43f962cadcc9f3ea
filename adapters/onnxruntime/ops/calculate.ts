/**
 * Formulas of operands and numbers, with what rows need beside them: other shapes, sizes, constants. Every op carries the
 * node's label.
 */
import { formulaOf, type Formula, type Term } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Size } from "../core.ts";
import type { StoredType } from "../model/element-type.ts";
import type { Operand, ReduceMethod } from "../webnn.ts";

export interface Calculator extends Formula {
  readonly and: Formula["logicalAnd"];
  readonly matmul: (a: Operand, b: Operand) => Operand;
  readonly clamp: (x: Operand, least: Term, most: Term) => Operand;
  readonly reshape: (x: Operand, shape: readonly Size[]) => Operand;
  readonly transpose: (x: Operand, permutation: readonly number[]) => Operand;
  readonly expand: (x: Operand, shape: readonly Size[]) => Operand;
  readonly reduce: (method: ReduceMethod, x: Operand, axes: readonly number[]) => Operand;
  /** A number, or a size that may be symbolic, of rank 0. */
  readonly size: (size: Size, type: StoredType) => Operand;
  /** 0, 1, … as int32. */
  readonly count: (length: Size) => Operand;
  readonly floats: (shape: readonly number[], data: readonly number[]) => Operand;
  readonly integers: (shape: readonly number[], data: readonly number[]) => Operand;
}

export function calculatorOf(node: NodeContext): Calculator {
  const { builder, label, writer } = node;
  const f = formulaOf(node);
  const integers = (shape: readonly number[], data: readonly number[]): Operand =>
    builder.constant({ dataType: "int32", shape }, new Uint8Array(Int32Array.from(data).buffer));
  return {
    ...f,
    and: f.logicalAnd,
    matmul: (a, b) => builder.matmul(a, b, { label }),
    clamp: (x, least, most) => f.min(f.max(x, least), most),
    integers,
    reshape: (x, shape) => builder.reshape(x, shape, { label }),
    transpose: (x, permutation) =>
      permutation.every((from, to) => from === to)
        ? x
        : builder.transpose(x, { permutation, label }),
    expand: (x, shape) => builder.expand(x, shape, { label }),
    reduce: (method, x, axes) => builder[method](x, { axes, keepDimensions: true, label }),
    size(size, type) {
      if (typeof size === "number") return writer.filled(type, size, []);
      const one = writer.iota({ dataType: "int32", length: 1, start: size });
      return builder.cast(builder.reshape(one, [], { label }), type, { label });
    },
    count: (length) =>
      typeof length === "number"
        ? integers(
            [length],
            Array.from({ length }, (_, i) => i),
          )
        : writer.iota({ dataType: "int32", length }),
    floats(shape, data) {
      const numbers = Float32Array.from(data);
      return builder.constant({ dataType: "float32", shape }, new Uint8Array(numbers.buffer));
    },
  };
}
