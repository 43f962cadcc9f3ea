/**
 * Floats of 16, 8 and 4 bits by their layout (https://onnx.ai/onnx/technical/float8.html): bits in a number to the
 * value they stand for, and back to the nearest, ties to even.
 */
import { roundEven } from "./round-even.ts";

interface Layout {
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
  /**
   * What lies beyond the finite numbers: infinities and NaNs as in IEEE 754 ("ieee"), one NaN in place of the largest
   * numbers ("nan"), a NaN in place of -0 ("nanAtMinusZero"), or nothing ("none").
   */
  readonly special: "ieee" | "nan" | "nanAtMinusZero" | "none";
}

const layouts = {
  float16: { exponent: 5, mantissa: 10, bias: 15, special: "ieee" },
  bfloat16: { exponent: 8, mantissa: 7, bias: 127, special: "ieee" },
  float8e4m3fn: { exponent: 4, mantissa: 3, bias: 7, special: "nan" },
  float8e4m3fnuz: { exponent: 4, mantissa: 3, bias: 8, special: "nanAtMinusZero" },
  float8e5m2: { exponent: 5, mantissa: 2, bias: 15, special: "ieee" },
  float8e5m2fnuz: { exponent: 5, mantissa: 2, bias: 16, special: "nanAtMinusZero" },
  float4e2m1: { exponent: 2, mantissa: 1, bias: 1, special: "none" },
} as const satisfies Readonly<Record<string, Layout>>;

export type SmallFloat = keyof typeof layouts;

export function isSmallFloat(type: string): type is SmallFloat {
  return type in layouts;
}

export function floatOfBits(type: SmallFloat, bits: number): number {
  const { exponent, mantissa, bias, special }: Layout = layouts[type];
  const signBit = 2 ** (exponent + mantissa);
  const magnitude = bits % signBit;
  const sign = bits >= signBit ? -1 : 1;
  if (special === "nanAtMinusZero" && bits === signBit) return NaN;
  if (special === "nan" && magnitude === signBit - 1) return NaN;
  const fraction = magnitude % 2 ** mantissa;
  const power = Math.floor(magnitude / 2 ** mantissa);
  if (special === "ieee" && power === 2 ** exponent - 1) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  if (power === 0) return sign * fraction * 2 ** (1 - bias - mantissa);
  return sign * (2 ** mantissa + fraction) * 2 ** (power - bias - mantissa);
}

/** Numbers that are too large become infinity, or NaN where there is none; float4e2m1, which has neither, gives its largest. */
export function bitsOfFloat(type: SmallFloat, value: number): number {
  const { exponent, mantissa, bias, special }: Layout = layouts[type];
  const signBit = 2 ** (exponent + mantissa);
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? signBit : 0;
  if (special === "none" && Number.isNaN(value)) return largest(layouts[type]);
  if (Number.isNaN(value)) return notANumber(layouts[type]);
  const magnitude = Math.abs(value);
  const power = Math.max(exponentOf(magnitude), 1 - bias);
  // Past the mantissa's range the significand carries into the exponent, as it should.
  const bits =
    magnitude === Infinity
      ? Infinity
      : (power + bias - 1) * 2 ** mantissa + roundEven(magnitude / 2 ** (power - mantissa));
  if (bits > largest(layouts[type])) {
    if (special === "none") return sign + largest(layouts[type]);
    if (special === "ieee") return sign + (2 ** exponent - 1) * 2 ** mantissa;
    return special === "nan" ? sign + signBit - 1 : signBit;
  }
  if (special === "nanAtMinusZero" && bits === 0) return 0;
  return sign + bits;
}

/** The value that a number has once it is stored in the type. */
export function roundToSmallFloat(type: SmallFloat, value: number): number {
  return floatOfBits(type, bitsOfFloat(type, value));
}

/** Bits of the largest finite number. */
function largest({ exponent, mantissa, special }: Layout): number {
  const all = 2 ** (exponent + mantissa) - 1;
  if (special === "ieee") return all - 2 ** mantissa;
  return special === "nan" ? all - 1 : all;
}

function notANumber({ exponent, mantissa, special }: Layout): number {
  const signBit = 2 ** (exponent + mantissa);
  if (special === "nanAtMinusZero") return signBit;
  // The quiet NaN has the mantissa's first bit set; where there is one NaN all bits are.
  return special === "ieee" ? signBit - 2 ** (mantissa - 1) : signBit - 1;
}

/** e of 2^e ≤ x < 2^(e+1); -Infinity for 0. */
function exponentOf(x: number): number {
  const estimate = Math.floor(Math.log2(x));
  if (2 ** estimate > x) return estimate - 1;
  return 2 ** (estimate + 1) <= x ? estimate + 1 : estimate;
}
