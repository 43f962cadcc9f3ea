/**
 * Powers. That of floats goes through integers: log2 with 60 bits, so that multiplying it by a large
 * exponent leaves the fraction right (2 ulp; `exp(y * log(x))` would lose 6 bits). Whole powers of whole
 * numbers are exact, where they are no larger than 2^24. Integer powers wrap; a negative one is 1 / a^|b| by
 * integer division: 0 but for a = 1 and -1.
 */
import type { WgslFunctions } from "./wgsl-functions.ts";

export const powerFunctions: WgslFunctions = {
  // The high word of the 64-bit product.
  i32_mul_high: `
fn i32_mul_high(a: i32, b: i32) -> i32 {
  let high = bitcast<i32>(u32_wide_mul(bitcast<u32>(a), bitcast<u32>(b)).y);
  return high - select(0, b, a < 0) - select(0, a, b < 0);
}`,

  // log2 of a positive finite number, in units of 2^-54: e + f * g(f), where x = 2^e (1 + f) with 1 + f
  // between sqrt(1/2) and sqrt(2), and g by a polynomial of f (here in units of 2^-32) in units of 2^-30.
  i64_log2: `
fn i64_log2(x: f32) -> vec2<u32> {
  let zeros = countLeadingZeros(bitcast<u32>(x));
  let subnormal = zeros > 8u;
  let significand = select((bitcast<u32>(x) & 0x7fffffu) | 0x800000u, (bitcast<u32>(x) << (zeros & 31u)) >> 8u, subnormal);
  let exponent = select(i32(bitcast<u32>(x) >> 23u), 9 - i32(zeros), subnormal) - 127;
  let upper = significand >= 0xb504f3u;
  let f = select(bitcast<i32>((significand - 0x800000u) << 9u), bitcast<i32>(significand - 0x1000000u) << 8u, upper);
  var coefficients = array<i32, 12>(
    -95304311, 168005020, -168191555, 170335834, -192255242, 221325729,
    -258240437, 309817090, -387269432, 516360653, -774541008, 1549082005,
  );
  var g = coefficients[0];
  for (var i = 1; i < 12; i++) { g = coefficients[i] + i32_mul_high(f, g); }
  let product = vec2<u32>(bitcast<u32>(f * g), bitcast<u32>(i32_mul_high(f, g)));
  return i64_add(i64_shift_right(product, 8u), vec2<u32>(0u, bitcast<u32>(exponent + i32(upper)) << 22u));
}`,

  // 2^(log2 * y) for a positive y; the product in units of 2^-32, then split at the nearest integer.
  f32_exp2_of_product: `
fn f32_exp2_of_product(log2: vec2<u32>, y: f32) -> f32 {
  let magnitude = i64_abs(log2);
  let negative = i64_is_negative(log2);
  let zeros = select(countLeadingZeros(magnitude.y), 32u + countLeadingZeros(magnitude.x), magnitude.y == 0u);
  let top = i64_shift_left(magnitude, zeros).y;
  let subnormal = bitcast<u32>(y) < 0x800000u;
  let significand = select((bitcast<u32>(y) & 0x7fffffu) | 0x800000u, bitcast<u32>(y), subnormal);
  // magnitude * y = top * significand * 2^scale, in units of 2^-32.
  let scale = i32(max(bitcast<u32>(y) >> 23u, 1u)) - 150 + 32 - i32(zeros) - 54 + 32;
  let product = u32_wide_mul(top, significand);
  let overflows = scale > -14 && any(magnitude != vec2<u32>());
  let fixed = u64_shift_right(product, u32(clamp(-scale, 0, 63)));
  let turned = select(fixed, i64_neg(fixed), negative);
  let n = bitcast<i32>(turned.y) + i32(turned.x >> 31u);
  let r = f32(bitcast<i32>(turned.x)) * 1.6138590464009894e-10f;
  let scaled = f32_exp2_scale(f32_exp_near_zero(r), clamp(n, -151, 129));
  let extreme = select(0x7f800000u, 0u, negative);
  return bitcast<f32>(select(bitcast<u32>(scaled), extreme, overflows || n > 128 || n < -150));
}`,

  f32_pow: `
fn f32_pow(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  if (b == 0u || bitcast<u32>(x) == 0x3f800000u) { return 1.0f; }
  if (a > 0x7f800000u || b > 0x7f800000u) { return f32_from_bits(0x7fc00000u); }
  let whole = b >= 0x4b800000u || (b >= 0x3f800000u && (b & (0x7fffffu >> ((b >> 23u) - 127u))) == 0u);
  let odd = whole && b < 0x4b800000u && ((((b & 0x7fffffu) | 0x800000u) >> (150u - (b >> 23u))) & 1u) == 1u;
  let negative = (bitcast<u32>(x) >> 31u) == 1u;
  if (negative && !whole && a != 0u && a < 0x7f800000u && b < 0x7f800000u) { return f32_from_bits(0x7fc00000u); }
  let sign = select(0u, 0x80000000u, negative && odd);
  let inverse = (bitcast<u32>(y) >> 31u) == 1u;
  if (a == 0x3f800000u) { return bitcast<f32>(a | sign); }
  if (a == 0u || a == 0x7f800000u || b == 0x7f800000u) {
    return f32_from_bits(select(0u, 0x7f800000u, (a > 0x3f800000u) != inverse) | sign);
  }
  if (whole && !inverse && a < 0x4b800000u && a >= 0x3f800000u && floor(x) == x) {
    var product = x;
    for (var i = 1.0f; i < y && f32_abs(product) <= 16777216.0f; i += 1.0f) { product *= x; }
    if (f32_abs(product) <= 16777216.0f) { return product; }
  }
  let log2 = i64_log2(bitcast<f32>(a));
  let power = f32_exp2_of_product(select(log2, i64_neg(log2), inverse), bitcast<f32>(b));
  return bitcast<f32>(bitcast<u32>(power) | sign);
}`,

  u32_pow: `
fn u32_pow(a: u32, b: u32) -> u32 {
  var power = 1u;
  var square = a;
  for (var rest = b; rest != 0u; rest >>= 1u) {
    if ((rest & 1u) == 1u) { power *= square; }
    square *= square;
  }
  return power;
}`,

  i32_pow: `
fn i32_pow(a: i32, b: i32) -> i32 {
  if (b < 0 && a != 1 && a != -1) { return 0; }
  return bitcast<i32>(u32_pow(bitcast<u32>(a), bitcast<u32>(abs(b))));
}`,

  u64_pow: `
fn u64_pow(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  var power = vec2<u32>(1u, 0u);
  var square = a;
  for (var rest = b; any(rest != vec2<u32>()); rest = u64_shift_right(rest, 1u)) {
    if ((rest.x & 1u) == 1u) { power = i64_mul(power, square); }
    square = i64_mul(square, square);
  }
  return power;
}`,

  i64_pow: `
fn i64_pow(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let unit = all(i64_abs(a) == vec2<u32>(1u, 0u));
  if (i64_is_negative(b) && !unit) { return vec2<u32>(); }
  return u64_pow(a, i64_abs(b));
}`,
};
