// gemm, relu: floor((4*floor((batch + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 4*floor((batch + 3)/(4))
  s1: i32, // floor((batch + 3)/(4))
  s2: i32, // batch - 1
  s3: i32, // batch
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<f32>;
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
  if (index >= sizes.s0) { return; }
  let t0 = index % 4i;
  let t1 = (index / 4i) % sizes.s1;
  let t2 = (index / 4i) / sizes.s1;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let t4 = t1 * 32i;
  let t6 = min((t1 * 4i) + 1i, sizes.s2) * 8i;
  let t8 = min((t1 * 4i) + 2i, sizes.s2) * 8i;
  let t10 = min((t1 * 4i) + 3i, sizes.s2) * 8i;
  for (var i_k0 = 0i; i_k0 < 8i; i_k0++) {
    let t3 = b1[t0 + (4i * i_k0)];
    let t5 = b0[t4 + i_k0];
    sum0 += t5 * t3;
    let t7 = b0[t6 + i_k0];
    sum1 += t7 * t3;
    let t9 = b0[t8 + i_k0];
    sum2 += t9 * t3;
    let t11 = b0[t10 + i_k0];
    sum3 += t11 * t3;
  }
  let t12 = t1 * 4i;
  let t15 = t0 * 4i;
  for (var i = 0i; i < 4i; i++) {
    let t13 = t12 + i;
    let t21 = 16i * t13;
    if (t13 < sizes.s3) {
      let t14 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      for (var j = 0i; j < 4i; j++) {
        let t16 = t15 + j;
        let t17 = t14[j];
        let t18 = b2[t16];
        let t19 = t17 + t18;
        let t20 = f32_max(t19, 0f);
        b3[t21 + t16] = t20;
      }
    }
  }
}

// gemm: floor((floor((batch + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // floor((batch + 3)/(4))
  s1: i32, // batch - 1
  s2: i32, // batch
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
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
  let t0 = index % 1i;
  let t1 = (index / 1i) % sizes.s0;
  let t2 = (index / 1i) / sizes.s0;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let t4 = t1 * 64i;
  let t6 = min((t1 * 4i) + 1i, sizes.s1) * 16i;
  let t8 = min((t1 * 4i) + 2i, sizes.s1) * 16i;
  let t10 = min((t1 * 4i) + 3i, sizes.s1) * 16i;
  for (var i_k0 = 0i; i_k0 < 16i; i_k0++) {
    let t3 = b1[i_k0];
    let t5 = b0[t4 + i_k0];
    sum0 += t5 * t3;
    let t7 = b0[t6 + i_k0];
    sum1 += t7 * t3;
    let t9 = b0[t8 + i_k0];
    sum2 += t9 * t3;
    let t11 = b0[t10 + i_k0];
    sum3 += t11 * t3;
  }
  let t12 = t1 * 4i;
  let t15 = t0 * 4i;
  for (var i = 0i; i < 4i; i++) {
    let t13 = t12 + i;
    let t20 = 4i * t13;
    if (t13 < sizes.s2) {
      let t14 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      for (var j = 0i; j < 4i; j++) {
        let t16 = t15 + j;
        let t17 = t14[j];
        let t18 = b2[t16];
        let t19 = t17 + t18;
        b3[t20 + t16] = t19;
      }
    }
  }
}
