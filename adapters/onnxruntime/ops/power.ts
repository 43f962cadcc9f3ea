/** Pow, whose operands may be integers. */
import { formulaOf } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { isFloatType } from "../model/element-type.ts";
import { aligned, alignedOperands } from "./arithmetic.ts";
import { each } from "./compute.ts";
import { op, type OpRow } from "./row.ts";

/** The result has the base's type, whatever the exponent's is. */
function power(node: NodeContext): Value {
  const [base, exponent] = alignedOperands(node);
  const f = formulaOf(node);
  const isWhole = !isFloatType(node.type(0));
  if (!isWhole || !isFloatType(node.type(1))) {
    const wide = base.dataType === "float16" && exponent.dataType !== "float16";
    const type = wide ? "float32" : base.dataType;
    return node.result(f.cast(f.pow(f.cast(base, type), f.cast(exponent, type)), base.dataType));
  }
  // Floats as exponents of integers are mostly whole, and then integers have the result exactly.
  const x = f.cast(exponent, "float32");
  const roots = f.cast(f.pow(f.cast(base, "float32"), x), base.dataType);
  const powers = f.pow(base, f.cast(x, base.dataType));
  return node.result(f.where(f.equal(x, f.floor(x)), powers, roots));
}

export const powerRows: readonly OpRow[] = [
  op("Pow", {
    empties: "elementwise",
    convert: power,
    compute: aligned(each((base, exponent) => base! ** exponent!)),
  }),
];
