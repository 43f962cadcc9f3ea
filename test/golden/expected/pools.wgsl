// averagePool2d: 5 workgroups
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 288i) { return; }
  var v_s0_0: f32 = 0f;
  var v_s1_1: f32 = 0f;
  let t2 = (((index / 6i) % 6i) * 2i) - 1i;
  let t3 = ((index % 6i) * 2i) - 1i;
  let t5 = (((index / 6i) * 24i) + ((index % 6i) * 2i)) - 13i;
  for (var i_k0 = 0i; i_k0 < 3i; i_k0++) {
    let t4 = (t2 + i_k0) >= 0i;
    let t6 = t5 + (12i * i_k0);
    for (var i_k1 = 0i; i_k1 < 3i; i_k1++) {
      let t7 = b0[t6 + i_k1];
      let t8 = select(0f, t7, t4 && ((t3 + i_k1) >= 0i));
      let t9 = select(0f, 1f, t4 && ((t3 + i_k1) >= 0i));
      let t10 = v_s0_0 + t8;
      let t11 = v_s1_1 + t9;
      v_s0_0 = t10;
      v_s1_1 = t11;
    }
  }
  b1[index] = v_s0_0 / v_s1_1;
}

// maxPool2d: 5 workgroups
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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 288i) { return; }
  var v_s0_0: f32 = f32_from_bits(0xff800000u);
  let t1 = (((index / 6i) % 6i) * 2i) - 1i;
  let t2 = ((index % 6i) * 2i) - 1i;
  let t4 = (((index / 6i) * 24i) + ((index % 6i) * 2i)) - 13i;
  let t7 = f32_from_bits(0xff800000u);
  for (var i_k0 = 0i; i_k0 < 3i; i_k0++) {
    let t3 = (t1 + i_k0) >= 0i;
    let t5 = t4 + (12i * i_k0);
    for (var i_k1 = 0i; i_k1 < 3i; i_k1++) {
      let t6 = b0[t5 + i_k1];
      let t8 = select(t7, t6, t3 && ((t2 + i_k1) >= 0i));
      let t9 = f32_max(v_s0_0, t8);
      v_s0_0 = t9;
    }
  }
  b1[index] = v_s0_0;
}
