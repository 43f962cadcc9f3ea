// reduceMax, sub, exp, reduceSum, div: 1 workgroups
struct Sizes {
  s0: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;
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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 4i) { return; }
  var v_s0_0: f32 = f32_from_bits(0xff800000u);
  let t1 = index * sizes.s0;
  for (var i_k0 = 0i; i_k0 < sizes.s0; i_k0++) {
    let t2 = b0[t1 + i_k0];
    let t3 = f32_max(v_s0_0, t2);
    v_s0_0 = t3;
  }
  var v_s1_4: f32 = 0f;
  for (var i_k1 = 0i; i_k1 < sizes.s0; i_k1++) {
    let t5 = b0[t1 + i_k1];
    let t6 = f32_exp(t5 - v_s0_0);
    v_s1_4 = v_s1_4 + t6;
  }
  for (var i_k2 = 0i; i_k2 < sizes.s0; i_k2++) {
    let t7 = b0[t1 + i_k2];
    let t8 = f32_exp(t7 - v_s0_0);
    let t9 = t8 / v_s1_4;
    b1[t1 + i_k2] = t9;
  }
}
