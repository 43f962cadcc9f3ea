/**
 * The normal distribution's tail as a density and a factor: Φ(-a) = e^(-a²/2) · q(a), for a ≥ 0.
 *
 * Both keep their relative accuracy where 1 + erf(x/√2), which is 2·Φ(x), has cancelled to nothing. The factor is
 * r · p(t) with r = 1/(a + 5/2) and t = (a - 5/2) · r, where p is a minimax fit of our own on 0 ≤ a ≤ 15 (relative
 * error 2⁻²⁶, of the weighted residual at 600 Chebyshev nodes in 40 digits). Beyond 15 the density is 0 in float32.
 */
import { binary, f32, unary } from "../kernel/expr.ts";
import type { Expr } from "../kernel/ir.ts";
import { add, div, mul, polynomial, sub } from "./values.ts";

const last = 15;
const middle = 2.5;
const coefficients = [
  0.7066566348075867, -0.43369200825691223, 0.13198697566986084, 0.009235875681042671,
  -0.016386184841394424, -0.0016008300008252263, 0.0025239328388124704, 0.0006844127783551812,
  -0.0003116228908766061, -0.00015770239406265318,
]; // prettier-ignore

/** Their product is Φ(-|x|); about 4 units in the last place. */
export function normalTail(x: Expr): { readonly density: Expr; readonly factor: Expr } {
  const a = binary("min", unary("abs", x), f32(last));
  // h has 12 significant bits, so that h² is exact; d = (a² - h²)/2 is at most 0.03.
  const h = mul(unary("roundEven", mul(a, f32(256))), f32(1 / 256));
  const d = mul(mul(sub(a, h), add(a, h)), f32(0.5));
  const r = div(f32(1), add(a, f32(middle)));
  const q = mul(r, polynomial(mul(sub(a, f32(middle)), r), coefficients));
  return {
    density: unary("exp", mul(mul(h, h), f32(-0.5))),
    factor: mul(q, polynomial(d, [1, -1, 1 / 2, -1 / 6, 1 / 24])),
  };
}
