// reduceMax, reduceMin: floor((sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
fn f32_from_bits(bits: u32) -> f32 { return bitcast<f32>(bits); }
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn f32_max(a: f32, b: f32) -> f32 {
  let most = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) > f32_order(b));
  return bitcast<f32>(select(most, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn f32_min(a: f32, b: f32) -> f32 {
  let least = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) < f32_order(b));
  return bitcast<f32>(select(least, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  var v_s0_0: f32 = f32_from_bits(0xff800000u);
  var v_s1_1: f32 = f32_from_bits(0x7f800000u);
  let t2 = index * 384i;
  for (var i_k0 = 0i; i_k0 < 384i; i_k0++) {
    let t3 = b0[t2 + i_k0];
    let t4 = f32_max(v_s0_0, t3);
    let t5 = f32_min(v_s1_1, t3);
    v_s0_0 = t4;
    v_s1_1 = t5;
  }
  b1[index] = v_s0_0;
  b2[index] = v_s1_1;
}

// reduceMax, max, reduceMin, min, sub, div, neg, div, roundEven, clamp, cast: 1 workgroups
struct Sizes {
  s0: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<f32>;
@group(0) @binding(4) var<storage, read_write> b4: array<u32>;
fn f32_from_bits(bits: u32) -> f32 { return bitcast<f32>(bits); }
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn f32_max(a: f32, b: f32) -> f32 {
  let most = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) > f32_order(b));
  return bitcast<f32>(select(most, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn f32_min(a: f32, b: f32) -> f32 {
  let least = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) < f32_order(b));
  return bitcast<f32>(select(least, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn f32_neg(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u); }
fn u32_from_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if (bits < 0x3f800000u || bits > 0x7f800000u) { return 0u; }
  if (bits >= 0x4f800000u) { return 0xffffffffu; }
  let significand = (bits & 0x7fffffu) | 0x800000u;
  let exponent = i32(bits >> 23u) - 150;
  return select(significand >> (u32(-exponent) & 31u), significand << (u32(exponent) & 31u), exponent >= 0);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 1i) { return; }
  let t0 = index * 4i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  let t23 = 0i;
  let t24 = (u32(t23) & 3u) << 3u;
  for (var lane = 0i; lane < 4i; lane++) {
    let t4 = t0 + lane;
    if (t4 < 1i) {
      var v_s0_5: f32 = f32_from_bits(0xff800000u);
      var v_s1_6: f32 = f32_from_bits(0x7f800000u);
      for (var i_k0 = 0i; i_k0 < sizes.s0; i_k0++) {
        let t7 = b0[i_k0];
        let t8 = b1[i_k0];
        let t9 = f32_max(v_s0_5, t7);
        let t10 = f32_min(v_s1_6, t8);
        v_s0_5 = t9;
        v_s1_6 = t10;
      }
      let t11 = f32_max(v_s0_5, 0f);
      let t12 = f32_min(v_s1_6, 0f);
      let t13 = t11 - t12;
      let t14 = b2[0i];
      let t15 = t13 / t14;
      let t16 = f32_neg(t12);
      let t17 = t16 / t15;
      let t18 = round(t17);
      let t19 = f32_max(t18, 0f);
      let t20 = f32_min(t19, 255f);
      let t21 = u32_from_f32(t20);
      let t22 = min(t21, 255u) & 255u;
      b3[0i] = t15;
      bits1 |= (u32(t22) & 0xffu) << t24;
      mask2 |= 0xffu << t24;
      at3 = t23 >> 2u;
    }
  }
  if (mask2 == 0xffffffffu) {
    b4[at3] = bits1;
  }
  else if (mask2 != 0u) {
    b4[at3] = (b4[at3] & ~mask2) | bits1;
  }
}

// quantizeLinear: floor((96*sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 96*sequence
  s1: i32, // 384*sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn f32_max(a: f32, b: f32) -> f32 {
  let most = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) > f32_order(b));
  return bitcast<f32>(select(most, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn f32_min(a: f32, b: f32) -> f32 {
  let least = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) < f32_order(b));
  return bitcast<f32>(select(least, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn u32_from_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if (bits < 0x3f800000u || bits > 0x7f800000u) { return 0u; }
  if (bits >= 0x4f800000u) { return 0xffffffffu; }
  let significand = (bits & 0x7fffffu) | 0x800000u;
  let exponent = i32(bits >> 23u) - 150;
  return select(significand >> (u32(-exponent) & 31u), significand << (u32(exponent) & 31u), exponent >= 0);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = index * 4i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  for (var lane = 0i; lane < 4i; lane++) {
    let t4 = t0 + lane;
    let t12 = (u32(t4) & 3u) << 3u;
    if (t4 < sizes.s1) {
      let t5 = b0[t4];
      let t6 = b1[0i];
      let t7 = b2[0i];
      let t8 = t7 & 255u;
      let t9 = f32_max(round(t5 / t6) + f32(t8), 0f);
      let t10 = f32_min(t9, 255f);
      let t11 = u32_from_f32(t10);
      bits1 |= (u32(t11 & 255u) & 0xffu) << t12;
      mask2 |= 0xffu << t12;
      at3 = t4 >> 2u;
    }
  }
  if (mask2 == 0xffffffffu) {
    b3[at3] = bits1;
  }
  else if (mask2 != 0u) {
    b3[at3] = (b3[at3] & ~mask2) | bits1;
  }
}
