/** Functions of float32 whose result NaN, infinities or signed zeros decide: all on bits. See wgsl-library.ts. */
import type { WgslFunctions } from "./wgsl-functions.ts";

export const floatFunctions: WgslFunctions = {
  // A literal NaN or infinity is an error in WGSL; this is how one is written.
  f32_from_bits: `
fn f32_from_bits(bits: u32) -> f32 { return bitcast<f32>(bits); }`,

  f32_is_nan: `
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }`,

  f32_is_infinite: `
fn f32_is_infinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }`,

  f32_is_zero: `
fn f32_is_zero(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0u; }`,

  f32_nan_if: `
fn f32_nan_if(condition: bool, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(x), 0x7fc00000u, condition));
}`,

  // Integers in the order of the floats; -0 comes just before +0.
  f32_order: `
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}`,

  f32_min: `
fn f32_min(a: f32, b: f32) -> f32 {
  let least = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) < f32_order(b));
  return bitcast<f32>(select(least, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}`,

  f32_max: `
fn f32_max(a: f32, b: f32) -> f32 {
  let most = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) > f32_order(b));
  return bitcast<f32>(select(most, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}`,

  // The same order with both zeros at 0; only meant for numbers.
  f32_rank: `
fn f32_rank(x: f32) -> i32 {
  let magnitude = bitcast<i32>(x) & 0x7fffffff;
  return select(magnitude, -magnitude, bitcast<i32>(x) < 0);
}`,

  f32_eq: `
fn f32_eq(a: f32, b: f32) -> bool { return !f32_is_nan(a) && !f32_is_nan(b) && f32_rank(a) == f32_rank(b); }`,

  f32_lt: `
fn f32_lt(a: f32, b: f32) -> bool { return !f32_is_nan(a) && !f32_is_nan(b) && f32_rank(a) < f32_rank(b); }`,

  f32_le: `
fn f32_le(a: f32, b: f32) -> bool { return !f32_is_nan(a) && !f32_is_nan(b) && f32_rank(a) <= f32_rank(b); }`,

  f32_neg: `
fn f32_neg(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u); }`,

  f32_abs: `
fn f32_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }`,

  f32_with_sign_of: `
fn f32_with_sign_of(magnitude: f32, x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(magnitude) & 0x7fffffffu) | (bitcast<u32>(x) & 0x80000000u));
}`,

  f32_sign: `
fn f32_sign(x: f32) -> f32 {
  let keeps = f32_is_nan(x) || f32_is_zero(x);
  return bitcast<f32>(select(bitcast<u32>(f32_with_sign_of(1.0f, x)), bitcast<u32>(x), keeps));
}`,

  // x * 0 and x - x: drivers fold both to 0.
  f32_times_zero: `
fn f32_times_zero(x: f32, zero: f32) -> f32 {
  let sign = (bitcast<u32>(x) ^ bitcast<u32>(zero)) & 0x80000000u;
  return f32_nan_if((bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u, bitcast<f32>(sign));
}`,

  f32_minus_itself: `
fn f32_minus_itself(x: f32) -> f32 {
  return f32_nan_if((bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u, 0.0f);
}`,

  // The remainder of truncated division, exact: long division on the significands, bit by bit.
  f32_rem: `
fn f32_rem(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  if (a >= 0x7f800000u || b > 0x7f800000u || b == 0u) { return f32_from_bits(0x7fc00000u); }
  if (a < b) { return x; }
  let exponent = max(b >> 23u, 1u);
  let divisor = select(b & 0x7fffffu, (b & 0x7fffffu) | 0x800000u, b >= 0x800000u);
  var rest = select(a & 0x7fffffu, (a & 0x7fffffu) | 0x800000u, a >= 0x800000u) % divisor;
  for (var i = exponent; i < max(a >> 23u, 1u); i++) { rest = (rest << 1u) % divisor; }
  var bits = 0u;
  if (rest != 0u) {
    // Back to a normal number where the exponent allows it.
    let shift = min(countLeadingZeros(rest) - 8u, exponent - 1u);
    let significand = rest << shift;
    bits = select(significand, (significand & 0x7fffffu) | ((exponent - shift) << 23u), significand >= 0x800000u);
  }
  return bitcast<f32>(bits | (bitcast<u32>(x) & 0x80000000u));
}`,

  i32_from_f32: `
fn i32_from_f32(x: f32) -> i32 {
  let magnitude = u32_from_f32(f32_abs(x));
  let negative = (bitcast<u32>(x) >> 31u) == 1u;
  let limit = select(0x7fffffffu, 0x80000000u, negative);
  let clamped = bitcast<i32>(min(magnitude, limit));
  return select(clamped, -clamped, negative);
}`,

  u32_from_f32: `
fn u32_from_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if (bits < 0x3f800000u || bits > 0x7f800000u) { return 0u; }
  if (bits >= 0x4f800000u) { return 0xffffffffu; }
  let significand = (bits & 0x7fffffu) | 0x800000u;
  let exponent = i32(bits >> 23u) - 150;
  return select(significand >> (u32(-exponent) & 31u), significand << (u32(exponent) & 31u), exponent >= 0);
}`,

  // Round to nearest even; a driver's own conversion may round twice.
  f32_from_u32: `
fn f32_from_u32(x: u32) -> f32 {
  let high = x >> 24u;
  if (high == 0u) { return f32(x); }
  let shift = 8u - countLeadingZeros(x);
  let rest = x & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let kept = x >> shift;
  let rounded = kept + u32(rest > half || (rest == half && (kept & 1u) == 1u));
  return f32(rounded) * f32(1u << shift);
}`,

  f32_from_i32: `
fn f32_from_i32(x: i32) -> f32 {
  let magnitude = f32_from_u32(bitcast<u32>(select(x, -x, x < 0)));
  return select(magnitude, -magnitude, x < 0);
}`,

  // 0 where the divisor is; the smallest integer over -1 is itself already.
  i32_div: `
fn i32_div(a: i32, b: i32) -> i32 { return select(a / b, 0, b == 0); }`,

  u32_div: `
fn u32_div(a: u32, b: u32) -> u32 { return select(a / b, 0u, b == 0u); }`,

  i32_rem: `
fn i32_rem(a: i32, b: i32) -> i32 { return select(a % b, 0, b == 0); }`,

  u32_rem: `
fn u32_rem(a: u32, b: u32) -> u32 { return select(a % b, 0u, b == 0u); }`,

  // Rounds towards minus infinity; the divisor is positive.
  floor_div: `
fn floor_div(a: i32, b: i32) -> i32 { return a / b - i32(a % b < 0); }`,

  floor_mod: `
fn floor_mod(a: i32, b: i32) -> i32 { let rest = a % b; return select(rest, rest + b, rest < 0); }`,
};
