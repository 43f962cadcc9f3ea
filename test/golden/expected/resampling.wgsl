// resample2d: 18 workgroups
struct Sizes {
  s0: i32, // 6*sequence
  s1: i32, // 2*sequence
  s2: i32, // sequence - 32
  s3: i32, // 64*sequence - 64
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
  if (index >= 1152i) { return; }
  let t0 = max(0i, min((((index / 9i) & 31i) * sizes.s1) + sizes.s2, sizes.s3)) >> 6u;
  let t1 = (((index / 288i) * sizes.s0) + (t0 * 6i)) + (max(0i, min(30i, ((index % 9i) * 4i) - 1i)) / 6i);
  let t2 = b0[t1];
  let t3 = f32(((max(0i, min(30i, ((index % 9i) * 4i) - 1i)) % 6i) * -1i) + 6i) / 6f;
  let t4 = (((index / 288i) * sizes.s0) + (t0 * 6i)) + ((max(0i, min(30i, ((index % 9i) * 4i) - 1i)) + 5i) / 6i);
  let t5 = b0[t4];
  let t6 = (t2 * t3) + (t5 * (f32(max(0i, min(30i, ((index % 9i) * 4i) - 1i)) % 6i) / 6f));
  let t7 = max(0i, min((((index / 9i) & 31i) * sizes.s1) + sizes.s2, sizes.s3)) & 63i;
  let t8 = max(0i, min((((index / 9i) & 31i) * sizes.s1) + sizes.s2, sizes.s3)) + 63i;
  let t9 = (((index / 288i) * sizes.s0) + ((t8 >> 6u) * 6i)) + (max(0i, min(30i, ((index % 9i) * 4i) - 1i)) / 6i);
  let t10 = b0[t9];
  let t11 = (((index / 288i) * sizes.s0) + ((t8 >> 6u) * 6i)) + ((max(0i, min(30i, ((index % 9i) * 4i) - 1i)) + 5i) / 6i);
  let t12 = b0[t11];
  let t13 = (t10 * t3) + (t12 * (f32(max(0i, min(30i, ((index % 9i) * 4i) - 1i)) % 6i) / 6f));
  b1[index] = (t6 * (f32((t7 * -1i) + 64i) / 64f)) + (t13 * (f32(t7) / 64f));
}

// resample2d: floor((72*sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 72*sequence
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
  let t0 = b0[((index / 18i) * 6i) + (((index % 9i) * 2i) / 3i)];
  b1[index] = t0;
}
