/**
 * Inverse and hyperbolic functions, which WebNN does not have, from arithmetic, sqrt, exp and log of float32.
 *
 * Each is a polynomial near 0, where its formula would cancel, and elsewhere its formula. The coefficients are minimax fits of
 * our own; the largest relative error of each stands beside it. The test holds all of them to 4 ulp of the truth on the
 * CPU device, from the smallest to the largest numbers; elsewhere they are as good as the device's exp and log.
 */
import { formulaOf, inFloat32, type Formula } from "../convert/formula.ts";
import type { Operand } from "../webnn.ts";
import { each } from "./compute.ts";
import { op, type OpRow } from "./row.ts";

/** Of (f(x) / x - 1) / x² as a polynomial of x². */
const odd = {
  // |x| ≤ tan(π/8), 3e-9
  atan: [-0.3333331943, 0.1999862194, -0.1424590945, 0.1060906425, -0.06112638488],
  // |x| ≤ 1/2, 2e-9
  asin: [0.166666612, 0.07500424981, 0.04452979192, 0.03171347827, 0.0147596458, 0.03710358217],
  // |x| ≤ 1/2, 4e-9
  atanh: [0.333333075, 0.2000212073, 0.1422923654, 0.1177609563, 0.05298379436, 0.1745976061],
  // |x| ≤ 3/4, 2e-9
  asinh: [
    -0.1666665971, 0.07499617338, -0.04457477853, 0.02981705219, -0.01981925592, 0.01059943717,
    -0.003055030713,
  ],
  // |x| ≤ 1, 4e-9
  sinh: [0.1666666716, 0.008333332837, 0.000198412934, 2.755231435e-6, 2.551984934e-8],
} as const;

/** acosh(1 + t) / √(2t) = 1 + t · this, for t ≤ 1/2: 2e-9 */
const acoshNearOne = [
  -0.08333323896, 0.01874699071, -0.005550039466, 0.00176497153, -0.0004171135661,
];

/** Beyond this x² + 1 is x², and would overflow before long. */
const large = 2 ** 24;

/** π/2 = upper + lower, where upper is a float32. */
const upperHalfPi = 1.5707963705062866;
const lowerHalfPi = -4.371139000186241e-8;

/** x + x · x² · p(x²) */
function near(f: Formula, x: Operand, coefficients: readonly number[]): Operand {
  const square = f.mul(x, x);
  return f.add(x, f.mul(f.mul(x, square), f.polynomial(square, coefficients)));
}

/** An odd function of x from its values for |x|: keeps -0 and NaN. */
function withSign(f: Formula, x: Operand, ofMagnitude: Operand): Operand {
  const negative = f.where(f.lesser(x, 0), f.neg(ofMagnitude), x);
  return f.where(f.greater(x, 0), ofMagnitude, negative);
}

/** Beyond tan(3π/8) by π/2 - atan(1/x), beyond tan(π/8) by π/4 + atan((x - 1) / (x + 1)). */
function atan(f: Formula, x: Operand): Operand {
  const size = f.abs(x);
  const [isFar, isMiddle] = [
    f.greater(size, 2.414213562373095),
    f.greater(size, 0.4142135623730951),
  ];
  const middle = f.where(isMiddle, f.div(f.sub(size, 1), f.add(size, 1)), size);
  const reduced = f.where(isFar, f.div(-1, size), middle);
  const quarters = f.where(isMiddle, Math.PI / 4, f.mul(size, 0));
  const start = f.where(isFar, Math.PI / 2, quarters);
  return withSign(f, x, f.add(start, near(f, reduced, odd.atan)));
}

/** asin(√((1 - |x|) / 2)), and that it is the half of. */
function asinOfHalf(f: Formula, size: Operand): Operand {
  return near(f, f.sqrt(f.mul(f.sub(1, size), 0.5)), odd.asin);
}

/** Beyond 1/2 it is π/2 - 2 asin(√((1 - x) / 2)). */
function asin(f: Formula, x: Operand): Operand {
  const size = f.abs(x);
  const upper = f.sub(upperHalfPi, f.sub(f.mul(asinOfHalf(f, size), 2), lowerHalfPi));
  return withSign(f, x, f.where(f.greater(size, 0.5), upper, near(f, size, odd.asin)));
}

function acos(f: Formula, x: Operand): Operand {
  const outer = f.mul(asinOfHalf(f, f.abs(x)), 2);
  const left = f.sub(2 * upperHalfPi, f.sub(outer, 2 * lowerHalfPi));
  const inner = f.sub(upperHalfPi, f.sub(near(f, x, odd.asin), lowerHalfPi));
  return f.where(f.greater(x, 0.5), outer, f.where(f.lesser(x, -0.5), left, inner));
}

/** ln((1 + x) / (1 - x)) / 2 */
function atanh(f: Formula, x: Operand): Operand {
  const size = f.abs(x);
  const ratio = f.div(f.add(size, 1), f.sub(1, size));
  const far = f.mul(f.log(ratio), 0.5);
  return withSign(f, x, f.where(f.greater(size, 0.5), far, near(f, size, odd.atanh)));
}

/** ln(2 x) of large numbers, which 2 x may be too large for. */
function logOfTwice(f: Formula, x: Operand): Operand {
  return f.add(f.log(x), Math.LN2);
}

/** ln(x + √(x² + 1)) */
function asinh(f: Formula, x: Operand): Operand {
  const size = f.abs(x);
  const far = f.log(f.add(size, f.sqrt(f.add(f.mul(size, size), 1))));
  const further = f.where(f.greater(size, large), logOfTwice(f, size), far);
  return withSign(f, x, f.where(f.greater(size, 0.75), further, near(f, size, odd.asinh)));
}

/** ln(x + √(x² - 1)) */
function acosh(f: Formula, x: Operand): Operand {
  const t = f.sub(x, 1);
  const far = f.log(f.add(x, f.sqrt(f.mul(t, f.add(x, 1)))));
  const further = f.where(f.greater(x, large), logOfTwice(f, x), far);
  const root = f.sqrt(f.mul(t, 2));
  const close = f.add(root, f.mul(f.mul(root, t), f.polynomial(t, acoshNearOne)));
  return f.where(f.greater(x, 1.5), further, close);
}

/** e^x / 2 and e^-x / 2; beyond 88, where e^x overflows before its half, as a product. */
function halves(f: Formula, size: Operand): readonly [Operand, Operand] {
  const within = f.where(f.greater(size, 88), 88, size);
  const beyond = f.exp(f.sub(size, within));
  const e = f.exp(within);
  return [f.mul(f.mul(e, 0.5), beyond), f.div(0.5, e)];
}

function sinh(f: Formula, x: Operand): Operand {
  const size = f.abs(x);
  const far = f.sub(...halves(f, size));
  return withSign(f, x, f.where(f.greater(size, 1), far, near(f, size, odd.sinh)));
}

function cosh(f: Formula, x: Operand): Operand {
  return f.add(...halves(f, f.abs(x)));
}

function trigonometric(
  name: string,
  since: number,
  write: (f: Formula, x: Operand) => Operand,
  numbers: (x: number) => number,
): OpRow {
  return op(name, {
    since,
    empties: "elementwise",
    convert: (node) =>
      node.result(inFloat32(node, node.operand(0), (x) => write(formulaOf(node), x))),
    compute: each((x) => numbers(x!)),
  });
}

export const trigonometricRows: readonly OpRow[] = [
  trigonometric("Acos", 7, acos, Math.acos),
  trigonometric("Acosh", 9, acosh, Math.acosh),
  trigonometric("Asin", 7, asin, Math.asin),
  trigonometric("Asinh", 9, asinh, Math.asinh),
  trigonometric("Atan", 7, atan, Math.atan),
  trigonometric("Atanh", 9, atanh, Math.atanh),
  trigonometric("Cosh", 9, cosh, Math.cosh),
  trigonometric("Sinh", 9, sinh, Math.sinh),
];
