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

export function formulaOf(node: NodeContext): Formula {
  const { builder, writer, label } = node;
  const operand = (term: Term, like: Term): Operand =>
    typeof term === "number" ? writer.filled((like as Operand).dataType, term, []) : term;
  const written: Pick<Formula, "where" | "cast" | "polynomial"> = {
    where: (condition, a, b) => builder.where(condition, operand(a, b), operand(b, a), { label }),
    cast: (x, dataType) => (x.dataType === dataType ? x : builder.cast(x, dataType, { label })),
    polynomial(x, coefficients) {
      const [highest, ...lower] = [...coefficients].reverse();
      return lower.reduce<Term>(
        (sum, c) => formula.add(formula.mul(sum, x), c),
        highest!,
      ) as Operand;
    },
  };
  // Any other method is the builder's, with numbers made operands and the node's label.
  const formula = new Proxy(written as Formula, {
    get(own, name: BinaryMethod) {
      if (Object.hasOwn(own, name)) return own[name as keyof Formula];
      return (a: Term, b?: Term) =>
        b === undefined
          ? (builder[name] as unknown as (x: Term, options: object) => Operand)(a, { label })
          : builder[name](operand(a, b), operand(b, a), { label });
    },
  });
  return formula;
}

/** What `f` makes of an operand, computed in float32 where that is of another type. */
export function inFloat32(node: NodeContext, x: Operand, f: (x: Operand) => Operand): Operand {
  const { cast } = formulaOf(node);
  return cast(f(cast(x, "float32")), x.dataType);
}
