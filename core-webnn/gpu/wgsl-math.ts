/**
 * Transcendental functions of float32, from +, -, *, / and bits only.
 *
 * WGSL's own are too coarse for us: SwiftShader's `sin` is wrong by 1e-4, lavapipe's `log(1.0001)` by 500
 * ulp, and `tanh` of both by 2000 ulp near 0. Range reduction as in fdlibm and Payne and Hanek;
 * the coefficients are minimax fits of our own (test/unit/gpu/wgsl-math.test.ts says how good).
 */
import type { WgslFunctions } from "./wgsl-functions.ts";

export const mathFunctions: WgslFunctions = {
  // e^x = 2^n e^r with |r| <= ln(2) / 2.
  f32_exp: `
fn f32_exp(x: f32) -> f32 {
  let within = clamp(x, -105.0f, 89.0f);
  let n = round(within * 1.4426950408889634f);
  let r = (within - n * 0.693145751953125f) - n * 1.4286068202862268e-6f;
  return f32_nan_if(f32_is_nan(x), f32_exp2_scale(f32_exp_near_zero(r), i32(n)));
}`,

  f32_exp_near_zero: `
fn f32_exp_near_zero(r: f32) -> f32 {
  var p = 0.0013946177205070853f + 0.00019918521866202354f * r;
  p = 0.041666269302368164f + r * (0.008333263918757439f + r * p);
  p = 0.5f + r * (0.1666666716337204f + r * p);
  return 1.0f + (r + r * r * p);
}`,

  // In two steps, for 2^128 is no float.
  f32_exp2_scale: `
fn f32_exp2_scale(x: f32, n: i32) -> f32 {
  let half = n / 2;
  return x * bitcast<f32>(u32(half + 127) << 23u) * bitcast<f32>(u32(n - half + 127) << 23u);
}`,

  // x = 2^e m with sqrt(1/2) <= m < sqrt(2); subnormals are read as integers, for a driver may flush them.
  f32_log: `
fn f32_log(x: f32) -> f32 {
  let subnormal = bitcast<u32>(x) < 0x00800000u;
  let normal = select(bitcast<u32>(x), bitcast<u32>(f32(bitcast<u32>(x) & 0x7fffffu)), subnormal);
  let shifted = normal + 0x004afb0du;
  let e = f32(i32(shifted >> 23u) - 127 - select(0, 149, subnormal));
  let f = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  var p = -0.11675651371479034f + 0.0674663856625557f * f;
  p = -0.1240558922290802f + f * (0.11888162791728973f + f * p);
  p = -0.1666799634695053f + f * (0.14219552278518677f + f * p);
  p = -0.25000008940696716f + f * (0.2000211924314499f + f * p);
  p = 0.3333331346511841f + f * p;
  let tail = f * f * (f * p) + e * 1.4286068202862268e-6f - 0.5f * f * f;
  let result = bitcast<u32>((f + tail) + e * 0.693145751953125f);
  let finite = select(result, 0xff800000u, f32_is_zero(x));
  let positive = select(finite, bitcast<u32>(x), bitcast<u32>(x) == 0x7f800000u);
  let isNumber = f32_is_zero(x) || bitcast<u32>(x) <= 0x7f800000u;
  return bitcast<f32>(select(0x7fc00000u, positive, isNumber));
}`,

  f32_tanh: `
fn f32_tanh(x: f32) -> f32 {
  let t = f32_abs(x);
  let u = t * t;
  var p = 0.020650584250688553f - 0.005717041902244091f * u;
  p = -0.3333328366279602f + u * (0.13331490755081177f + u * (-0.05374349653720856f + u * p));
  let large = 1.0f - 2.0f / (f32_exp(2.0f * min(t, 10.0f)) + 1.0f);
  let result = f32_with_sign_of(select(large, t + t * (u * p), t < 0.625f), x);
  return f32_nan_if(f32_is_nan(x), result);
}`,

  // Near 0 a polynomial; beyond, 1 - e^(t q(t)), where the fit is of the logarithm of 1 - erf.
  f32_erf: `
fn f32_erf(x: f32) -> f32 {
  let t = min(f32_abs(x), 4.0f);
  let u = t * t;
  var p = 0.004984379280358553f - 0.000594314478803426f * u;
  p = 0.11281681805849075f + u * (-0.02676110714673996f + u * p);
  p = 0.12837915122509003f + u * (-0.3761248290538788f + u * p);
  var q = 0.0003228038549423218f - 0.000011231305506953504f * t;
  q = 0.023762062191963196f + t * (-0.0036424591671675444f + t * q);
  q = -0.6351513266563416f + t * (-0.10623687505722046f + t * q);
  q = -1.1286485195159912f + t * q;
  let magnitude = select(1.0f - f32_exp(t * q), t + t * p, t < 0.93f);
  return f32_nan_if(f32_is_nan(x), f32_with_sign_of(magnitude, x));
}`,

  // x mod pi/2 in [-pi/4, pi/4], and the quadrant (mod 4) as an integer in y: exact 2/pi for all floats.
  // The window of 96 bits of 2/pi starts where the product's unit is 4.
  f32_quadrant: `
fn f32_quadrant(magnitude: f32) -> vec2<f32> {
  if (magnitude < 0.78539816f) { return vec2<f32>(magnitude, 0.0f); }
  var bits = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);
  let exponent = min(bitcast<u32>(magnitude) >> 23u, 254u);
  let significand = (bitcast<u32>(magnitude) & 0x7fffffu) | 0x800000u;
  let start = exponent - 120u;
  let word = start >> 5u;
  let by = start & 31u;
  let first = i64_shift_left(vec2<u32>(bits[word + 1u], bits[word]), by).y;
  let second = i64_shift_left(vec2<u32>(bits[word + 2u], bits[word + 1u]), by).y;
  let third = i64_shift_left(vec2<u32>(bits[word + 3u], bits[word + 2u]), by).y;
  let high = vec2<u32>(0u, significand * first);
  let product = i64_add(i64_add(high, u32_wide_mul(significand, second)), vec2<u32>(u32_wide_mul(significand, third).y, 0u));
  let quadrant = ((product.y + 0x20000000u) >> 30u) & 3u;
  let turn = f32_from_i64(i64_shift_left(product, 2u));
  return vec2<f32>(turn * 8.515304187176306e-20f + turn * -2.3695991071419347e-27f, f32(quadrant));
}`,

  f32_sin_near_zero: `
fn f32_sin_near_zero(r: f32) -> f32 {
  let u = r * r;
  return r + r * (u * (-0.1666666716337204f + u * (0.008333329111337662f + u * (-0.00019839327433146536f + u * 2.71823728326126e-6f))));
}`,

  f32_cos_near_zero: `
fn f32_cos_near_zero(r: f32) -> f32 {
  let u = r * r;
  return 1.0f - (0.5f * u - u * u * (0.04166664555668831f + u * (-0.001388736185617745f + u * 0.000024437729734927416f)));
}`,

  f32_sin: `
fn f32_sin(x: f32) -> f32 {
  let reduced = f32_quadrant(f32_abs(x));
  let quadrant = u32(reduced.y);
  let value = select(f32_sin_near_zero(reduced.x), f32_cos_near_zero(reduced.x), (quadrant & 1u) == 1u);
  let sign = ((quadrant >> 1u) << 31u) ^ (bitcast<u32>(x) & 0x80000000u);
  return f32_nan_if(f32_is_nan(x) || f32_is_infinite(x), bitcast<f32>(bitcast<u32>(value) ^ sign));
}`,

  f32_cos: `
fn f32_cos(x: f32) -> f32 {
  let reduced = f32_quadrant(f32_abs(x));
  let quadrant = u32(reduced.y);
  let value = select(f32_cos_near_zero(reduced.x), f32_sin_near_zero(reduced.x), (quadrant & 1u) == 1u);
  let sign = (((quadrant + 1u) >> 1u) << 31u);
  return f32_nan_if(f32_is_nan(x) || f32_is_infinite(x), bitcast<f32>(bitcast<u32>(value) ^ sign));
}`,

  f32_tan: `
fn f32_tan(x: f32) -> f32 {
  let reduced = f32_quadrant(f32_abs(x));
  let s = f32_sin_near_zero(reduced.x);
  let c = f32_cos_near_zero(reduced.x);
  let odd = (u32(reduced.y) & 1u) == 1u;
  let value = select(s, -c, odd) / select(c, s, odd);
  let sign = bitcast<u32>(x) & 0x80000000u;
  return f32_nan_if(f32_is_nan(x) || f32_is_infinite(x), bitcast<f32>(bitcast<u32>(value) ^ sign));
}`,
};
