// mul: 24*sequence workgroups
struct Sizes {
  s0: i32, // 1536*sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
fn f32_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
fn f32_nan_if(condition: bool, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(x), 0x7fc00000u, condition));
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
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
fn f32_with_sign_of(magnitude: f32, x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(magnitude) & 0x7fffffffu) | (bitcast<u32>(x) & 0x80000000u));
}
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
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = b0[index];
  let t1 = b1[0i];
  let t2 = f32_erf(t0 / t1);
  b2[index] = (t0 * (t2 + 1f)) * 0.5f;
}
