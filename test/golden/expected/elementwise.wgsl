// max: 1 workgroups
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn f32_max(a: f32, b: f32) -> f32 {
  let most = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) > f32_order(b));
  return bitcast<f32>(select(most, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 60i) { return; }
  let t0 = b0[index];
  let t1 = b1[index];
  let t2 = f32_max(t0 + t1, 0f);
  b2[index] = t2;
}
