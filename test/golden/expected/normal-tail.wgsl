// gelu: floor((32*sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 32*sequence
  s1: i32, // 64*sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
fn f32_from_half(half: u32) -> f32 {
  let sign = (half & 0x8000u) << 16u;
  let magnitude = half & 0x7fffu;
  if (magnitude < 0x400u) {
    // Zero and subnormals, in units of 2^-24.
    return bitcast<f32>(bitcast<u32>(f32(magnitude) * 5.9604644775390625e-8f) | sign);
  }
  let bias = select(0x38000000u, 0x70000000u, magnitude >= 0x7c00u);
  return bitcast<f32>(((magnitude << 13u) + bias) | sign);
}
fn f32_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn f32_min(a: f32, b: f32) -> f32 {
  let least = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) < f32_order(b));
  return bitcast<f32>(select(least, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn f32_nan_if(condition: bool, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(x), 0x7fc00000u, condition));
}
fn f32_exp2_scale(x: f32, n: i32) -> f32 {
  let half = n / 2;
  return x * bitcast<f32>(u32(half + 127) << 23u) * bitcast<f32>(u32(n - half + 127) << 23u);
}
fn f32_exp_near_zero(r: f32) -> f32 {
  var p = 0.0013946177205070853f + 0.00019918521866202354f * r;
  p = 0.041666269302368164f + r * (0.008333263918757439f + r * p);
  p = 0.5f + r * (0.1666666716337204f + r * p);
  return 1.0f + (r + r * r * p);
}
fn f32_exp(x: f32) -> f32 {
  let within = clamp(x, -105.0f, 89.0f);
  let n = round(within * 1.4426950408889634f);
  let r = (within - n * 0.693145751953125f) - n * 1.4286068202862268e-6f;
  return f32_nan_if(f32_is_nan(x), f32_exp2_scale(f32_exp_near_zero(r), i32(n)));
}
fn f32_rank(x: f32) -> i32 {
  let magnitude = bitcast<i32>(x) & 0x7fffffff;
  return select(magnitude, -magnitude, bitcast<i32>(x) < 0);
}
fn f32_lt(a: f32, b: f32) -> bool { return !f32_is_nan(a) && !f32_is_nan(b) && f32_rank(a) < f32_rank(b); }
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
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = index * 2i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  for (var lane = 0i; lane < 2i; lane++) {
    let t4 = t0 + lane;
    let t5 = t4 >> 1u;
    let t7 = u32(t4 & 1i) << 4u;
    let t23 = (u32(t4) & 1u) << 4u;
    if (t4 < sizes.s1) {
      let t6 = b0[t5];
      let t8 = f32_from_half((t6 >> t7) & 65535u);
      let t9 = f32_abs(t8);
      let t10 = f32_min(t9, 15f);
      let t11 = (-0.00015770239406265318f * ((t10 - 2.5f) * (1f / (t10 + 2.5f)))) + -0.0003116228908766061f;
      let t12 = ((t11 * ((t10 - 2.5f) * (1f / (t10 + 2.5f)))) + 0.0006844127783551812f) * ((t10 - 2.5f) * (1f / (t10 + 2.5f)));
      let t13 = ((t12 + 0.0025239328388124704f) * ((t10 - 2.5f) * (1f / (t10 + 2.5f)))) + -0.0016008300008252263f;
      let t14 = ((t13 * ((t10 - 2.5f) * (1f / (t10 + 2.5f)))) + -0.016386184841394424f) * ((t10 - 2.5f) * (1f / (t10 + 2.5f)));
      let t15 = ((t14 + 0.009235875681042671f) * ((t10 - 2.5f) * (1f / (t10 + 2.5f)))) + 0.13198697566986084f;
      let t16 = ((t15 * ((t10 - 2.5f) * (1f / (t10 + 2.5f)))) + -0.43369200825691223f) * ((t10 - 2.5f) * (1f / (t10 + 2.5f)));
      let t17 = (t10 - (round(t10 * 256f) * 0.00390625f)) * (t10 + (round(t10 * 256f) * 0.00390625f));
      let t18 = ((0.0416666679084301f * (t17 * 0.5f)) + -0.1666666716337204f) * (t17 * 0.5f);
      let t19 = ((1f / (t10 + 2.5f)) * (t16 + 0.7066566348075867f)) * (((((t18 + 0.5f) * (t17 * 0.5f)) + -1f) * (t17 * 0.5f)) + 1f);
      let t20 = ((round(t10 * 256f) * 0.00390625f) * (round(t10 * 256f) * 0.00390625f)) * -0.5f;
      let t21 = f32_exp(t20);
      let t22 = f32_lt(t8, 0f);
      let t24 = half_from_f32(select(t8 * (1f - (t19 * t21)), (t8 * t19) * t21, t22));
      bits1 |= t24 << t23;
      mask2 |= 0xffffu << t23;
      at3 = t4 >> 1u;
    }
  }
  if (mask2 == 0xffffffffu) {
    b1[at3] = bits1;
  }
  else if (mask2 != 0u) {
    b1[at3] = (b1[at3] & ~mask2) | bits1;
  }
}
