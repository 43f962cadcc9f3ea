/**
 * quantizeLinear and dequantizeLinear (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-quantizelinear).
 * `scale` and `zeroPoint` repeat blockwise. Sums with the zero point are exact in integers wide enough.
 */
import { binary, cast, constantOf, unary, valueTypeOf } from "../kernel/expr.ts";
import type { Expr } from "../kernel/ir.ts";
import { bitsPerElement, isUnsigned, type StorageType } from "../util/data-type.ts";
import { integerRange } from "./cast-number.ts";
import { floatTypes, operand, quantizedTypes } from "./operands.ts";
import { op, type Claims, type Descriptor, type Row } from "./row.ts";
import { claimBlockwise, claimSameShape } from "./shapes.ts";
import { add, div, mul, sub } from "./values.ts";

/** (input - zeroPoint) · scale: the difference is exact, so only the product rounds. */
export const dequantizeLinear = op("dequantizeLinear", {
  args: {
    input: operand(quantizedTypes),
    scale: { kind: "operand", types: floatTypes, ranks: { sameAs: "input" } },
    zeroPoint: { kind: "operand", types: { sameAs: "input" }, ranks: { sameAs: "input" } },
  },
  outputs: { output: { types: { sameAs: "scale" }, ranks: { sameAs: "input" } } },
  infer({ input, scale, zeroPoint }, claims) {
    claimParameters(input, scale, zeroPoint, claims);
    return [{ dataType: scale.dataType, shape: input.shape }];
  },
  lower: {
    kind: "scalar",
    blockwise: true,
    value({ input, scale, zeroPoint }, { input: { dataType } }) {
      const exact = bitsPerElement(dataType) === 32 ? "i64" : "i32";
      const difference = sub(cast(exact, input!), cast(exact, zeroPoint!));
      return mul(cast("f32", difference), scale!);
    },
  },
  role: "decode",
  ulp: 2,
});

/** input / scale rounded half to even, plus zeroPoint, saturated. */
export const quantizeLinear = op("quantizeLinear", {
  args: {
    input: operand(floatTypes),
    scale: { kind: "operand", types: { sameAs: "input" }, ranks: { sameAs: "input" } },
    zeroPoint: { kind: "operand", types: quantizedTypes, ranks: { sameAs: "input" } },
  },
  outputs: { output: { types: { sameAs: "zeroPoint" }, ranks: { sameAs: "input" } } },
  infer({ input, scale, zeroPoint }, claims) {
    claimParameters(input, scale, zeroPoint, claims);
    return [{ dataType: zeroPoint.dataType, shape: input.shape }];
  },
  lower: {
    kind: "scalar",
    blockwise: true,
    value({ input, scale, zeroPoint }, _, [output]) {
      const rounded = unary("roundEven", div(input!, scale!));
      return saturate(rounded, zeroPoint!, output!.dataType);
    },
  },
  role: "encode",
  ulp: 1,
});

export const quantizeRows: readonly Row[] = [quantizeLinear, dequantizeLinear];

function claimParameters(
  input: Descriptor,
  scale: Descriptor,
  zeroPoint: Descriptor,
  claims: Claims,
): void {
  claimSameShape(scale.shape, zeroPoint.shape, claims, "scale and zeroPoint");
  claimBlockwise(scale.shape, input.shape, claims, "scale and input");
}

/**
 * Up to 8 bits the sum is taken in float, where it is exact unless it saturates anyway. 32 bits need
 * i64; the quotient is bounded first, so that adding the zero point cannot wrap.
 */
function saturate(rounded: Expr, zeroPoint: Expr, dataType: StorageType): Expr {
  const bits = bitsPerElement(dataType);
  const [low, high] = integerRange(bits, isUnsigned(dataType));
  const type = valueTypeOf(dataType);
  if (bits < 32) {
    const sum = add(rounded, cast("f32", zeroPoint));
    return cast(type, clamp(sum, constantOf("f32", Number(low)), constantOf("f32", Number(high))));
  }
  const far = constantOf("f32", 2 ** 40);
  const near = clamp(rounded, unary("neg", far), far);
  const sum = add(cast("i64", near), cast("i64", zeroPoint));
  return cast(type, clamp(sum, constantOf("i64", low), constantOf("i64", high)));
}

function clamp(x: Expr, low: Expr, high: Expr): Expr {
  return binary("min", binary("max", x, low), high);
}
