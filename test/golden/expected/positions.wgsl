// lesserOrEqual: floor((floor((past + sequence + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // floor((past + sequence + 3)/(4))
  s1: i32, // past + sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<i32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = index * 4i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  for (var lane = 0i; lane < 4i; lane++) {
    let t4 = t0 + lane;
    let t6 = (u32(t4) & 3u) << 3u;
    if (t4 < sizes.s1) {
      let t5 = b0[0i];
      bits1 |= (u32(u32(t4 <= t5) & 255u) & 0xffu) << t6;
      mask2 |= 0xffu << t6;
      at3 = t4 >> 2u;
    }
  }
  if (mask2 == 0xffffffffu) {
    b1[at3] = bits1;
  }
  else if (mask2 != 0u) {
    b1[at3] = (b1[at3] & ~mask2) | bits1;
  }
}

// add: floor((32*sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 32*sequence
  s1: i32, // 32*past
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
  let t0 = b0[index];
  let t1 = b1[index + sizes.s1];
  b2[index] = t0 + t1;
}
