// concat: 6*past + 6*sequence workgroups
struct Sizes {
  s0: i32, // 384*past + 384*sequence
  s1: i32, // past + sequence
  s2: i32, // past
  s3: i32, // 64*past + 64*sequence
  s4: i32, // 64*past
  s5: i32, // 64*sequence
  s6: i32, // -64*past
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = b0[((index / sizes.s3) * sizes.s4) + (index % sizes.s3)];
  let t1 = b1[(((index / sizes.s3) * sizes.s5) + (index % sizes.s3)) + sizes.s6];
  b2[index] = select(t1, t0, ((index >> 6u) % sizes.s1) < sizes.s2);
}
