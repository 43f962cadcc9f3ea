// matmul: floor((96*floor((sequence + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 96*floor((sequence + 3)/(4))
  s1: i32, // floor((sequence + 3)/(4))
  s2: i32, // sequence - 1
  s3: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = index % 96i;
  let t1 = (index / 96i) % sizes.s1;
  let t2 = (index / 96i) / sizes.s1;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let t4 = t1 * 1536i;
  let t6 = min((t1 * 4i) + 1i, sizes.s2) * 384i;
  let t8 = min((t1 * 4i) + 2i, sizes.s2) * 384i;
  let t10 = min((t1 * 4i) + 3i, sizes.s2) * 384i;
  for (var i_k0 = 0i; i_k0 < 384i; i_k0++) {
    let t3 = b1[t0 + (96i * i_k0)];
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
    let t18 = 384i * t13;
    if (t13 < sizes.s3) {
      let t14 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      for (var j = 0i; j < 4i; j++) {
        let t16 = t15 + j;
        let t17 = t14[j];
        b2[t18 + t16] = t17;
      }
    }
  }
}

// transpose: 6*sequence workgroups
struct Sizes {
  s0: i32, // 384*sequence
  s1: i32, // sequence
  s2: i32, // 64*sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = ((((index >> 6u) % sizes.s1) * 384i) + ((index / sizes.s2) * 64i)) + (index & 63i);
  let t1 = b0[t0];
  b1[index] = t1;
}
