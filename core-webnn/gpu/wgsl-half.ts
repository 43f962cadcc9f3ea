/** float16 as 16 bits of a u32, by integers only: `unpack2x16float` and `f16()` may flush subnormals and differ for what overflows. */
import type { WgslFunctions } from "./wgsl-functions.ts";

export const halfFunctions: WgslFunctions = {
  f32_from_half: `
fn f32_from_half(half: u32) -> f32 {
  let sign = (half & 0x8000u) << 16u;
  let magnitude = half & 0x7fffu;
  if (magnitude < 0x400u) {
    // Zero and subnormals, in units of 2^-24.
    return bitcast<f32>(bitcast<u32>(f32(magnitude) * 5.9604644775390625e-8f) | sign);
  }
  let bias = select(0x38000000u, 0x70000000u, magnitude >= 0x7c00u);
  return bitcast<f32>(((magnitude << 13u) + bias) | sign);
}`,

  // To nearest even; what is 65520 or more becomes infinity, NaN stays a quiet NaN.
  half_from_f32: `
fn half_from_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return sign | 0x7e00u; }
  if (magnitude >= 0x477ff000u) { return sign | 0x7c00u; }
  if (magnitude >= 0x38800000u) {
    return sign | ((magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13u) & 1u)) >> 13u);
  }
  // Subnormals: the significand shifted into units of 2^-24, then rounded.
  let shift = 126u - max(magnitude >> 23u, 101u);
  let significand = (magnitude & 0x7fffffu) | 0x800000u;
  let kept = significand >> shift;
  let rest = significand & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let rounded = kept + u32(rest > half || (rest == half && (kept & 1u) == 1u));
  return sign | select(rounded, 0u, magnitude < 0x33000000u);
}`,

  f32_to_half_precision: `
fn f32_to_half_precision(x: f32) -> f32 { return f32_from_half(half_from_f32(x)); }`,
};
