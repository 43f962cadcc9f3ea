/**
 * Arithmetic of operands and numbers for rows that need more than a few ops: numbers take the type of the operand
 * beside them, and every op carries the node's label.
 */
import type { NodeContext } from "../convert/node-context.ts";
import type { Size } from "../core.ts";
import type { StoredType } from "../model/element-type.ts";
import type { BinaryMethod, Operand, ReduceMethod, UnaryMethod } from "../webnn.ts";

export type Term = Operand | number;
type Dyadic = (a: Term, b: Term) => Operand;
type Monadic = (x: Operand) => Operand;

export interface Calculator extends Arithmetic {
  readonly cast: (x: Operand, type: StoredType) => Operand;
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

export interface Arithmetic {
  readonly add: Dyadic;
  readonly sub: Dyadic;
  readonly mul: Dyadic;
  readonly div: Dyadic;
  readonly min: Dyadic;
  readonly max: Dyadic;
  readonly pow: Dyadic;
  readonly equal: Dyadic;
  readonly greater: Dyadic;
  readonly lesser: Dyadic;
  readonly greaterOrEqual: Dyadic;
  readonly lesserOrEqual: Dyadic;
  readonly and: Dyadic;
  readonly abs: Monadic;
  readonly ceil: Monadic;
  readonly floor: Monadic;
  readonly roundEven: Monadic;
  readonly sqrt: Monadic;
  readonly matmul: (a: Operand, b: Operand) => Operand;
  readonly where: (condition: Operand, a: Term, b: Term) => Operand;
  readonly clamp: (x: Operand, least: Term, most: Term) => Operand;
}

export function calculatorOf(node: NodeContext): Calculator {
  const { builder, label, writer } = node;
  const integers = (shape: readonly number[], data: readonly number[]): Operand =>
    builder.constant({ dataType: "int32", shape }, new Uint8Array(Int32Array.from(data).buffer));
  return {
    ...arithmeticOf(node),
    integers,
    cast: (x, type) => (x.dataType === type ? x : builder.cast(x, type, { label })),
    reshape: (x, shape) => builder.reshape(x, shape, { label }),
    transpose: (x, permutation) =>
      permutation.every((from, to) => from === to)
        ? x
        : builder.transpose(x, { permutation, label }),
    expand: (x, shape) => builder.expand(x, shape, { label }),
    reduce: (method, x, axes) => builder[method](x, { axes, keepDimensions: true, label }),
    size(size, type) {
      if (typeof size === "number") return numberOperand(node, size, type);
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

function numberOperand(
  { builder, label, writer }: NodeContext,
  number: number,
  type: StoredType,
): Operand {
  if (type !== "float16") return writer.filled(type, number, []);
  return builder.cast(writer.filled("float32", number, []), type, { label });
}

function arithmeticOf(node: NodeContext): Arithmetic {
  const { builder, label } = node;
  const operandOf = (term: Term, type: StoredType): Operand =>
    typeof term === "number" ? numberOperand(node, term, type) : term;
  const binary =
    (method: BinaryMethod): Dyadic =>
    (a, b) => {
      const type = (typeof a === "number" ? (b as Operand) : a).dataType;
      return builder[method](operandOf(a, type), operandOf(b, type), { label });
    };
  const unary =
    (method: UnaryMethod): Monadic =>
    (x) =>
      builder[method](x, { label });
  const [min, max] = [binary("min"), binary("max")];
  return {
    add: binary("add"),
    sub: binary("sub"),
    mul: binary("mul"),
    div: binary("div"),
    min,
    max,
    pow: binary("pow"),
    equal: binary("equal"),
    greater: binary("greater"),
    lesser: binary("lesser"),
    greaterOrEqual: binary("greaterOrEqual"),
    lesserOrEqual: binary("lesserOrEqual"),
    and: binary("logicalAnd"),
    abs: unary("abs"),
    ceil: unary("ceil"),
    floor: unary("floor"),
    roundEven: unary("roundEven"),
    sqrt: unary("sqrt"),
    matmul: (a, b) => builder.matmul(a, b, { label }),
    where(condition, a, b) {
      const type = (typeof a === "number" ? (b as Operand) : a).dataType;
      return builder.where(condition, operandOf(a, type), operandOf(b, type), { label });
    },
    clamp: (x, least, most) => min(max(x, least), most),
  };
}
