// runningSum: 1 workgroups
struct Sizes {
  s0: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read_write> b0: array<i32>;
@group(0) @binding(1) var<storage, read> b1: array<i32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 6i) { return; }
  let t0 = (index * sizes.s0) - 1i;
  let t2 = index * sizes.s0;
  for (var i_step = 0i; i_step < sizes.s0; i_step++) {
    let m1 = b0[t0 + i_step];
    let t3 = b1[t2 + i_step];
    let t4 = select(t3, m1 + t3, i_step > 0i);
    b0[t2 + i_step] = t4;
  }
}
