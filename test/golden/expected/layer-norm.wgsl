// reduceMean, sub, pow, reduceMean, add, sqrt, div, mul, add: floor((sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read> b3: array<f32>;
@group(0) @binding(4) var<storage, read_write> b4: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  var v_s0_0: f32 = 0f;
  let t1 = index * 384i;
  for (var i_k0 = 0i; i_k0 < 384i; i_k0++) {
    let t2 = b0[t1 + i_k0];
    v_s0_0 = v_s0_0 + t2;
  }
  let t3 = v_s0_0 / 384f;
  var v_s1_4: f32 = 0f;
  for (var i_k1 = 0i; i_k1 < 384i; i_k1++) {
    let t5 = b0[t1 + i_k1];
    let t6 = t5 - t3;
    let t7 = t6 * t6;
    v_s1_4 = v_s1_4 + t7;
  }
  let t8 = v_s1_4 / 384f;
  let t9 = b1[0i];
  let t10 = t8 + t9;
  let t11 = sqrt(t10);
  for (var i_k2 = 0i; i_k2 < 384i; i_k2++) {
    let t12 = b0[t1 + i_k2];
    let t13 = b2[i_k2];
    let t14 = b3[i_k2];
    let t15 = (((t12 - t3) / t11) * t13) + t14;
    b4[t1 + i_k2] = t15;
  }
}
