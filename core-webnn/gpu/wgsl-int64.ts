/** 64-bit integers as `vec2<u32>`, low word first. Signed ones are two's complement. See wgsl-library.ts. */
import type { WgslFunctions } from "./wgsl-functions.ts";

export const int64Functions: WgslFunctions = {
  i64_neg: `
fn i64_neg(x: vec2<u32>) -> vec2<u32> { return i64_sub(vec2<u32>(), x); }`,

  i64_abs: `
fn i64_abs(x: vec2<u32>) -> vec2<u32> { return select(x, i64_neg(x), i64_is_negative(x)); }`,

  i64_sign: `
fn i64_sign(x: vec2<u32>) -> vec2<u32> {
  return select(vec2<u32>(u32(any(x != vec2<u32>())), 0u), vec2<u32>(0xffffffffu), i64_is_negative(x));
}`,

  u64_sign: `
fn u64_sign(x: vec2<u32>) -> vec2<u32> { return vec2<u32>(u32(any(x != vec2<u32>())), 0u); }`,

  i64_is_negative: `
fn i64_is_negative(x: vec2<u32>) -> bool { return (x.y >> 31u) == 1u; }`,

  i64_add: `
fn i64_add(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}`,

  i64_sub: `
fn i64_sub(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}`,

  // The whole product of two words, from 16-bit halves.
  u32_wide_mul: `
fn u32_wide_mul(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return vec2<u32>(a * b, (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u));
}`,

  i64_mul: `
fn i64_mul(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = u32_wide_mul(a.x, b.x);
  return vec2<u32>(low.x, low.y + a.x * b.y + a.y * b.x);
}`,

  u64_lt: `
fn u64_lt(a: vec2<u32>, b: vec2<u32>) -> bool { return a.y < b.y || (a.y == b.y && a.x < b.x); }`,

  i64_lt: `
fn i64_lt(a: vec2<u32>, b: vec2<u32>) -> bool {
  return u64_lt(a ^ vec2<u32>(0u, 0x80000000u), b ^ vec2<u32>(0u, 0x80000000u));
}`,

  i64_min: `
fn i64_min(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(b, a, i64_lt(a, b)); }`,

  i64_max: `
fn i64_max(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(a, b, i64_lt(a, b)); }`,

  u64_min: `
fn u64_min(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(b, a, u64_lt(a, b)); }`,

  u64_max: `
fn u64_max(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(a, b, u64_lt(a, b)); }`,

  i64_shift_left: `
fn i64_shift_left(x: vec2<u32>, by: u32) -> vec2<u32> {
  let n = by & 31u;
  let carried = select(x.x >> ((32u - n) & 31u), 0u, n == 0u);
  let shifted = vec2<u32>(x.x << n, (x.y << n) | carried);
  return select(shifted, vec2<u32>(0u, x.x << n), (by & 32u) != 0u);
}`,

  u64_shift_right: `
fn u64_shift_right(x: vec2<u32>, by: u32) -> vec2<u32> {
  let n = by & 31u;
  let carried = select(x.y << ((32u - n) & 31u), 0u, n == 0u);
  let shifted = vec2<u32>((x.x >> n) | carried, x.y >> n);
  return select(shifted, vec2<u32>(x.y >> n, 0u), (by & 32u) != 0u);
}`,

  i64_shift_right: `
fn i64_shift_right(x: vec2<u32>, by: u32) -> vec2<u32> {
  let sign = vec2<u32>(select(0u, 0xffffffffu, i64_is_negative(x)));
  return u64_shift_right(x ^ sign, by) ^ sign;
}`,

  // Quotient in xy, remainder in zw: one bit a step. The divisor is not 0.
  u64_long_division: `
fn u64_long_division(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  if (a.y == 0u && b.y == 0u) { return vec4<u32>(a.x / b.x, 0u, a.x % b.x, 0u); }
  var quotient = a;
  var rest = vec2<u32>();
  for (var i = 0; i < 64; i++) {
    let carry = rest.y >> 31u;
    rest = vec2<u32>((rest.x << 1u) | (quotient.y >> 31u), (rest.y << 1u) | (rest.x >> 31u));
    quotient = vec2<u32>(quotient.x << 1u, (quotient.y << 1u) | (quotient.x >> 31u));
    if (carry == 1u || !u64_lt(rest, b)) {
      rest = i64_sub(rest, b);
      quotient.x |= 1u;
    }
  }
  return vec4<u32>(quotient, rest);
}`,

  u64_div: `
fn u64_div(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return b; }
  return u64_long_division(a, b).xy;
}`,

  u64_rem: `
fn u64_rem(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (all(b == vec2<u32>())) { return b; }
  return u64_long_division(a, b).zw;
}`,

  i64_div: `
fn i64_div(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let quotient = u64_div(i64_abs(a), i64_abs(b));
  return select(quotient, i64_neg(quotient), i64_is_negative(a) != i64_is_negative(b));
}`,

  i64_rem: `
fn i64_rem(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let rest = u64_rem(i64_abs(a), i64_abs(b));
  return select(rest, i64_neg(rest), i64_is_negative(a));
}`,

  i64_from_i32: `
fn i64_from_i32(x: i32) -> vec2<u32> { return vec2<u32>(bitcast<u32>(x), bitcast<u32>(x >> 31u)); }`,

  // Truncates and saturates; NaN gives 0.
  u64_from_f32: `
fn u64_from_f32(x: f32) -> vec2<u32> {
  let bits = bitcast<u32>(x);
  if (bits < 0x3f800000u || bits > 0x7f800000u) { return vec2<u32>(); }
  if (bits >= 0x5f800000u) { return vec2<u32>(0xffffffffu); }
  let significand = vec2<u32>((bits & 0x7fffffu) | 0x800000u, 0u);
  let exponent = bits >> 23u;
  if (exponent < 150u) { return vec2<u32>(significand.x >> (150u - exponent), 0u); }
  return i64_shift_left(significand, exponent - 150u);
}`,

  i64_from_f32: `
fn i64_from_f32(x: f32) -> vec2<u32> {
  let magnitude = u64_from_f32(bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu));
  let negative = (bitcast<u32>(x) >> 31u) == 1u;
  let limit = select(vec2<u32>(0xffffffffu, 0x7fffffffu), vec2<u32>(0u, 0x80000000u), negative);
  let clamped = u64_min(magnitude, limit);
  return select(clamped, i64_neg(clamped), negative);
}`,

  // To nearest even: the top word keeps all bits that decide, the rest joins as one sticky bit.
  f32_from_u64: `
fn f32_from_u64(x: vec2<u32>) -> f32 {
  if (x.y == 0u) { return f32_from_u32(x.x); }
  let zeros = countLeadingZeros(x.y);
  let top = i64_shift_left(x, zeros);
  return f32_from_u32(top.y | u32(top.x != 0u)) * bitcast<f32>((159u - zeros) << 23u);
}`,

  f32_from_i64: `
fn f32_from_i64(x: vec2<u32>) -> f32 {
  let magnitude = f32_from_u64(i64_abs(x));
  return select(magnitude, -magnitude, i64_is_negative(x));
}`,
};
