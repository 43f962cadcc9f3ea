/** Formulas over operands, with numbers among them: what conversions that are arithmetic are written with. */
import type { Operand, UnaryMethod, BinaryMethod } from "../webnn.ts";
import type { NodeContext } from "./node-context.ts";

/** A number stands for a constant of the other term's type. */
export type Term = Operand | number;

type Two = (a: Term, b: Term) => Operand;
type One = (x: Operand) => Operand;

export interface Formula
  extends
    Readonly<Record<Exclude<BinaryMethod, "matmul" | "prelu">, Two>>,
    Readonly<Record<UnaryMethod, One>> {
  /** `a` where the condition holds, else `b`; one of them is an operand. */
  readonly where: (condition: Operand, a: Term, b: Term) => Operand;
  readonly cast: (x: Operand, dataType: Operand["dataType"]) => Operand;
  /** c0 + c1·x + c2·x² + … */
  readonly polynomial: (x: Operand, coefficients: readonly number[]) => Operand;
}

const twoOperands = [
  "add", "sub", "mul", "div", "max", "min", "pow", "equal", "greater", "greaterOrEqual", "lesser", "lesserOrEqual",
  "notEqual", "logicalAnd", "logicalOr", "logicalXor",
] as const satisfies readonly BinaryMethod[]; // prettier-ignore

const oneOperand = [
  "abs", "ceil", "cos", "erf", "exp", "floor", "gelu", "hardSwish", "identity", "isInfinite", "isNaN", "log",
  "logicalNot", "neg", "reciprocal", "relu", "roundEven", "sigmoid", "sign", "sin", "softplus", "softsign", "sqrt",
  "tan", "tanh",
] as const satisfies readonly UnaryMethod[]; // prettier-ignore

export function formulaOf(node: NodeContext): Formula {
  const { builder, writer, label } = node;
  const operand = (term: Term, like: Term): Operand =>
    typeof term === "number" ? writer.filled((like as Operand).dataType, term, []) : term;
  const two =
    (method: BinaryMethod): Two =>
    (a, b) =>
      builder[method](operand(a, b), operand(b, a), { label });
  const one =
    (method: UnaryMethod): One =>
    (x) =>
      builder[method](x, { label });
  const methods = {
    ...Object.fromEntries(twoOperands.map((method) => [method, two(method)])),
    ...Object.fromEntries(oneOperand.map((method) => [method, one(method)])),
  } as Pick<Formula, (typeof twoOperands)[number] | (typeof oneOperand)[number]>;
  return {
    ...methods,
    where: (condition, a, b) => builder.where(condition, operand(a, b), operand(b, a), { label }),
    cast: (x, dataType) => (x.dataType === dataType ? x : builder.cast(x, dataType, { label })),
    polynomial(x, coefficients) {
      const [highest, ...lower] = [...coefficients].reverse();
      const { add, mul } = methods;
      return lower.reduce<Term>((sum, c) => add(mul(sum, x), c), highest!) as Operand;
    },
  };
}

/** What `f` makes of an operand, computed in float32 where that is of another type. */
export function inFloat32(node: NodeContext, x: Operand, f: (x: Operand) => Operand): Operand {
  const { cast } = formulaOf(node);
  return cast(f(cast(x, "float32")), x.dataType);
}
