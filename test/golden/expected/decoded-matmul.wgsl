// matmul: 1 workgroups
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 12i) { return; }
  let t0 = index % 12i;
  let t1 = (index / 12i) % 1i;
  let t2 = (index / 12i) / 1i;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  for (var i_k0 = 0i; i_k0 < 32i; i_k0++) {
    let t3 = b1[t0 + (12i * i_k0)];
    let t4 = bitcast<i32>(t3 << 24u) >> 24u;
    let t5 = bitcast<i32>(t3 << 16u) >> 24u;
    let t6 = bitcast<i32>(t3 << 8u) >> 24u;
    let t7 = bitcast<i32>(t3) >> 24u;
    let t8 = vec4<f32>(f32(t4 - 0i), f32(t5 - 0i), f32(t6 - 0i), f32(t7 - 0i));
    let t9 = b0[i_k0];
    sum0 += t9 * t8;
    let t10 = b0[32i + i_k0];
    sum1 += t10 * t8;
    let t11 = b0[64i + i_k0];
    sum2 += t11 * t8;
    let t12 = b0[96i + i_k0];
    sum3 += t12 * t8;
  }
  let t13 = t1 * 4i;
  let t16 = t0 * 4i;
  for (var i = 0i; i < 4i; i++) {
    let t14 = t13 + i;
    let t15 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
    let t21 = 48i * t14;
    for (var j = 0i; j < 4i; j++) {
      let t17 = t16 + j;
      let t18 = t15[j];
      let t19 = b2[t17];
      let t20 = t18 * t19;
      b3[t21 + t17] = t20;
    }
  }
}
