/** Powers: small constant exponents of floats are products and roots, others call a function. */
import type { ValueType } from "../../kernel/ir.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { castLanes } from "./casts.ts";
import type { Emission } from "./emission.ts";
import { constantOf } from "./integers.ts";
import type { Lanes } from "./lanes.ts";

export function power(emission: Emission, type: ValueType, a: Lanes, b: Lanes): Lanes {
  const { arithmetic, helper } = emission;
  if (type === "f32") {
    const exponent = b.kind === "uniform" ? constantOf(b.value) : undefined;
    const known = exponent === undefined ? undefined : knownPower(arithmetic, a, exponent);
    return known ?? arithmetic.call(helper("pow"), "f32", a, b);
  }
  const wide = type === "i32" || type === "i64" ? "i64" : "u64";
  const name = wide === "i64" ? "powSigned" : "powUnsigned";
  const { graph } = emission.nest;
  const [x, y] = [castLanes(graph, wide, a), castLanes(graph, wide, b)];
  return castLanes(graph, type, arithmetic.call(helper(name), wide, x, y));
}

/** Within 2 ulp, also where the result is subnormal; special values as of IEEE 754's pow. */
function knownPower(m: Arithmetic, x: Lanes, exponent: number): Lanes | undefined {
  switch (exponent) {
    case -1:
      return m.div(1, x);
    case 0:
      return m.f32(1);
    case 0.5: {
      // Unlike the square root, pow takes -0 to +0 and -∞ to ∞.
      const root = m.sqrt(m.add(x, 0));
      return m.select(m.equal(x, -Infinity), m.f32(Infinity), root);
    }
    case 1:
      return x;
    case 2:
      return m.mul(x, x);
    case 3:
      return m.mul(m.mul(x, x), x);
    default:
      return undefined;
  }
}
