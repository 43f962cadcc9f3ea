// gather: floor((32*sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 32*sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<i32>;
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
  if (index >= sizes.s0) { return; }
  let t0 = b0[index >> 5u];
  let t1 = (max(0i, min(99i, select(t0, t0 + 100i, t0 < 0i))) * 8i) + ((index >> 2u) & 7i);
  let t2 = b1[t1];
  let t3 = bitcast<i32>(t2 << (24u - (u32(index & 3i) << 3u))) >> 24u;
  let t4 = b2[0i];
  b3[index] = f32(t3 - 0i) * t4;
}

// matmul: floor((25*floor((sequence + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 25*floor((sequence + 3)/(4))
  s1: i32, // floor((sequence + 3)/(4))
  s2: i32, // sequence - 1
  s3: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<vec4<f32>>;
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
  if (index >= sizes.s0) { return; }
  let t0 = index % 25i;
  let t1 = (index / 25i) % sizes.s1;
  let t2 = (index / 25i) / sizes.s1;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let t3 = t0 * 32i;
  let t6 = (t0 * 32i) + 8i;
  let t9 = (t0 * 32i) + 16i;
  let t12 = (t0 * 32i) + 24i;
  let t16 = t1 * 32i;
  let t18 = min((t1 * 4i) + 1i, sizes.s2) * 8i;
  let t20 = min((t1 * 4i) + 2i, sizes.s2) * 8i;
  let t22 = min((t1 * 4i) + 3i, sizes.s2) * 8i;
  for (var i_k0_32group = 0i; i_k0_32group < 8i; i_k0_32group++) {
    let t4 = b1[t3 + i_k0_32group];
    let t5 = bitcast<i32>(t4 << 24u) >> 24u;
    let t7 = b1[t6 + i_k0_32group];
    let t8 = bitcast<i32>(t7 << 24u) >> 24u;
    let t10 = b1[t9 + i_k0_32group];
    let t11 = bitcast<i32>(t10 << 24u) >> 24u;
    let t13 = b1[t12 + i_k0_32group];
    let t14 = bitcast<i32>(t13 << 24u) >> 24u;
    let t15 = vec4<f32>(f32(t5 - 0i), f32(t8 - 0i), f32(t11 - 0i), f32(t14 - 0i));
    let t17 = b0[t16 + i_k0_32group];
    sum0 += t17.x * t15;
    let t19 = b0[t18 + i_k0_32group];
    sum1 += t19.x * t15;
    let t21 = b0[t20 + i_k0_32group];
    sum2 += t21.x * t15;
    let t23 = b0[t22 + i_k0_32group];
    sum3 += t23.x * t15;
    let t24 = bitcast<i32>(t4 << 16u) >> 24u;
    let t25 = bitcast<i32>(t7 << 16u) >> 24u;
    let t26 = bitcast<i32>(t10 << 16u) >> 24u;
    let t27 = bitcast<i32>(t13 << 16u) >> 24u;
    let t28 = vec4<f32>(f32(t24 - 0i), f32(t25 - 0i), f32(t26 - 0i), f32(t27 - 0i));
    sum0 += t17.y * t28;
    sum1 += t19.y * t28;
    sum2 += t21.y * t28;
    sum3 += t23.y * t28;
    let t29 = bitcast<i32>(t4 << 8u) >> 24u;
    let t30 = bitcast<i32>(t7 << 8u) >> 24u;
    let t31 = bitcast<i32>(t10 << 8u) >> 24u;
    let t32 = bitcast<i32>(t13 << 8u) >> 24u;
    let t33 = vec4<f32>(f32(t29 - 0i), f32(t30 - 0i), f32(t31 - 0i), f32(t32 - 0i));
    sum0 += t17.z * t33;
    sum1 += t19.z * t33;
    sum2 += t21.z * t33;
    sum3 += t23.z * t33;
    let t34 = bitcast<i32>(t4) >> 24u;
    let t35 = bitcast<i32>(t7) >> 24u;
    let t36 = bitcast<i32>(t10) >> 24u;
    let t37 = bitcast<i32>(t13) >> 24u;
    let t38 = vec4<f32>(f32(t34 - 0i), f32(t35 - 0i), f32(t36 - 0i), f32(t37 - 0i));
    sum0 += t17.w * t38;
    sum1 += t19.w * t38;
    sum2 += t21.w * t38;
    sum3 += t23.w * t38;
  }
  let t39 = t1 * 4i;
  let t42 = t0 * 4i;
  for (var i = 0i; i < 4i; i++) {
    let t40 = t39 + i;
    let t47 = 100i * t40;
    if (t40 < sizes.s3) {
      let t41 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      let t45 = b2[0i];
      for (var j = 0i; j < 4i; j++) {
        let t43 = t42 + j;
        let t44 = t41[j];
        let t46 = t44 * t45;
        b3[t47 + t43] = t46;
      }
    }
  }
}
