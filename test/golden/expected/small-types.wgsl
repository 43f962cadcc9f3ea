// cast: 1 workgroups
@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
fn f32_from_half(half: u32) -> f32 {
  let sign = (half & 0x8000u) << 16u;
  let magnitude = half & 0x7fffu;
  if (magnitude < 0x400u) {
    // Zero and subnormals, in units of 2^-24.
    return bitcast<f32>(bitcast<u32>(f32(magnitude) * 5.9604644775390625e-8f) | sign);
  }
  let bias = select(0x38000000u, 0x70000000u, magnitude >= 0x7c00u);
  return bitcast<f32>(((magnitude << 13u) + bias) | sign);
}
fn u32_from_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if (bits < 0x3f800000u || bits > 0x7f800000u) { return 0u; }
  if (bits >= 0x4f800000u) { return 0xffffffffu; }
  let significand = (bits & 0x7fffffu) | 0x800000u;
  let exponent = i32(bits >> 23u) - 150;
  return select(significand >> (u32(-exponent) & 31u), significand << (u32(exponent) & 31u), exponent >= 0);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 4i) { return; }
  let t0 = index * 4i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  for (var lane = 0i; lane < 4i; lane++) {
    let t4 = t0 + lane;
    let t5 = t4 >> 1u;
    let t7 = u32(t4 & 1i) << 4u;
    let t10 = (u32(t4) & 3u) << 3u;
    if (t4 < 15i) {
      let t6 = b0[t5];
      let t8 = f32_from_half((t6 >> t7) & 65535u);
      let t9 = u32_from_f32(t8);
      bits1 |= (u32(min(t9, 255u) & 255u) & 0xffu) << t10;
      mask2 |= 0xffu << t10;
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

// reduceSum: 1 workgroups
@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<u32>;
fn f32_from_half(half: u32) -> f32 {
  let sign = (half & 0x8000u) << 16u;
  let magnitude = half & 0x7fffu;
  if (magnitude < 0x400u) {
    // Zero and subnormals, in units of 2^-24.
    return bitcast<f32>(bitcast<u32>(f32(magnitude) * 5.9604644775390625e-8f) | sign);
  }
  let bias = select(0x38000000u, 0x70000000u, magnitude >= 0x7c00u);
  return bitcast<f32>(((magnitude << 13u) + bias) | sign);
}
fn half_from_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return sign | 0x7e00u; }
  if (magnitude >= 0x477ff000u) { return sign | 0x7c00u; }
  if (magnitude >= 0x38800000u) {
    return sign | ((magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13u) & 1u)) >> 13u);
  }
  // Subnormals: the significand shifted into units of 2^-24, then rounded.
  let shift = 126u - max(magnitude >> 23u, 101u);
  let significand = (magnitude & 0x7fffffu) | 0x800000u;
  let kept = significand >> shift;
  let rest = significand & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let rounded = kept + u32(rest > half || (rest == half && (kept & 1u) == 1u));
  return sign | select(rounded, 0u, magnitude < 0x33000000u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 2i) { return; }
  let t0 = index * 2i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  for (var lane = 0i; lane < 2i; lane++) {
    let t4 = t0 + lane;
    let t6 = 5i * t4;
    let t9 = (u32(t4) & 1u) << 4u;
    if (t4 < 3i) {
      var v_s0_5: f32 = 0f;
      for (var i_k0 = 0i; i_k0 < 5i; i_k0++) {
        let t7 = b0[(t6 + i_k0) >> 1u];
        let t8 = f32_from_half((t7 >> (u32((t6 + i_k0) & 1i) << 4u)) & 65535u);
        v_s0_5 = v_s0_5 + t8;
      }
      let t10 = half_from_f32(v_s0_5);
      bits1 |= t10 << t9;
      mask2 |= 0xffffu << t9;
      at3 = t4 >> 1u;
    }
  }
  if (mask2 == 0xffffffffu) {
    b1[at3] = bits1;
  }
  else if (mask2 != 0u) {
    b1[at3] = (b1[at3] & ~mask2) | bits1;
  }
}
