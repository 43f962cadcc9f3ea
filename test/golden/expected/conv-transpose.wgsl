// filterProducts: 1 workgroups
@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
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

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 35i) { return; }
  let t0 = index % 7i;
  let t1 = (index / 7i) % 5i;
  let t2 = (index / 7i) / 5i;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  var sum4 = vec4<f32>();
  var sum5 = vec4<f32>();
  var sum6 = vec4<f32>();
  var sum7 = vec4<f32>();
  let t3 = t0 * 2i;
  let t6 = min(24i, (t0 * 4i) + 1i);
  let t9 = min(24i, (t0 * 4i) + 2i);
  let t12 = min(24i, (t0 * 4i) + 3i);
  let t16 = t1 * 4i;
  let t20 = (t1 * 4i) + 1i;
  let t24 = min(35i, (t1 * 8i) + 4i) >> 1u;
  let t26 = u32(min(35i, (t1 * 8i) + 4i) & 1i) << 4u;
  let t28 = min(35i, (t1 * 8i) + 5i) >> 1u;
  let t30 = u32(min(35i, (t1 * 8i) + 5i) & 1i) << 4u;
  let t32 = min(35i, (t1 * 8i) + 6i) >> 1u;
  let t34 = u32(min(35i, (t1 * 8i) + 6i) & 1i) << 4u;
  let t36 = min(35i, (t1 * 8i) + 7i) >> 1u;
  let t38 = u32(min(35i, (t1 * 8i) + 7i) & 1i) << 4u;
  for (var i_k0 = 0i; i_k0 < 8i; i_k0++) {
    let t4 = b1[t3 + ((25i * i_k0) >> 1u)];
    let t5 = f32_from_half((t4 >> (u32((25i * i_k0) & 1i) << 4u)) & 65535u);
    let t7 = b1[(t6 + (25i * i_k0)) >> 1u];
    let t8 = f32_from_half((t7 >> (u32((t6 + (25i * i_k0)) & 1i) << 4u)) & 65535u);
    let t10 = b1[(t9 + (25i * i_k0)) >> 1u];
    let t11 = f32_from_half((t10 >> (u32((t9 + (25i * i_k0)) & 1i) << 4u)) & 65535u);
    let t13 = b1[(t12 + (25i * i_k0)) >> 1u];
    let t14 = f32_from_half((t13 >> (u32((t12 + (25i * i_k0)) & 1i) << 4u)) & 65535u);
    let t15 = vec4<f32>(t5, t8, t11, t14);
    let t17 = b0[t16 + (18i * i_k0)];
    let t18 = f32_from_half(t17 & 65535u);
    sum0 += t18 * t15;
    let t19 = f32_from_half(t17 >> 16u);
    sum1 += t19 * t15;
    let t21 = b0[t20 + (18i * i_k0)];
    let t22 = f32_from_half(t21 & 65535u);
    sum2 += t22 * t15;
    let t23 = f32_from_half(t21 >> 16u);
    sum3 += t23 * t15;
    let t25 = b0[t24 + (18i * i_k0)];
    let t27 = f32_from_half((t25 >> t26) & 65535u);
    sum4 += t27 * t15;
    let t29 = b0[t28 + (18i * i_k0)];
    let t31 = f32_from_half((t29 >> t30) & 65535u);
    sum5 += t31 * t15;
    let t33 = b0[t32 + (18i * i_k0)];
    let t35 = f32_from_half((t33 >> t34) & 65535u);
    sum6 += t35 * t15;
    let t37 = b0[t36 + (18i * i_k0)];
    let t39 = f32_from_half((t37 >> t38) & 65535u);
    sum7 += t39 * t15;
  }
  let t40 = t1 * 8i;
  let t44 = t0 * 4i;
  for (var i = 0i; i < 8i; i++) {
    let t41 = t40 + i;
    let t47 = 25i * t41;
    if (t41 < 36i) {
      let t42 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      let t43 = select(select(select(select(t42, sum4, i == 4i), sum5, i == 5i), sum6, i == 6i), sum7, i == 7i);
      for (var j = 0i; j < 4i; j++) {
        let t45 = t44 + j;
        let t46 = t43[j];
        if (t45 < 25i) {
          b2[t47 + t45] = t46;
        }
      }
    }
  }
}

// gatherProducts: 4 workgroups
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read_write> b2: array<u32>;
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
  if (index >= 200i) { return; }
  let t0 = index * 2i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  for (var lane = 0i; lane < 2i; lane++) {
    let t4 = t0 + lane;
    var v_s0_5: f32 = 0f;
    let t6 = (1i + ((t4 / 10i) % 10i)) & 1i;
    let t7 = (1i + ((t4 / 10i) % 10i)) >> 1u;
    let t9 = (1i + (t4 % 10i)) & 1i;
    let t10 = (1i + (t4 % 10i)) >> 1u;
    let t12 = ((225i * (t4 / 100i)) + (75i * ((1i + ((t4 / 10i) % 10i)) & 1i))) + (25i * ((1i + (t4 % 10i)) & 1i));
    let t13 = (t12 + (5i * ((1i + ((t4 / 10i) % 10i)) >> 1u))) + ((1i + (t4 % 10i)) >> 1u);
    for (var i_k0 = 0i; i_k0 < 2i; i_k0++) {
      let t8 = ((t6 + (2i * i_k0)) < 3i) && (((t7 + (-1i * i_k0)) >= 0i) && ((t7 + (-1i * i_k0)) < 5i));
      let t14 = t13 + (145i * i_k0);
      for (var i_k1 = 0i; i_k1 < 2i; i_k1++) {
        let t11 = ((t9 + (2i * i_k1)) < 3i) && (((t10 + (-1i * i_k1)) >= 0i) && ((t10 + (-1i * i_k1)) < 5i));
        let t15 = b0[t14 + (49i * i_k1)];
        let t16 = select(0f, t15, t8 && t11);
        v_s0_5 = v_s0_5 + t16;
      }
    }
    let t17 = b1[t4 / 200i];
    let t18 = f32_from_half((t17 >> (u32((t4 / 100i) & 1i) << 4u)) & 65535u);
    let t19 = (u32(t4) & 1u) << 4u;
    let t20 = half_from_f32(v_s0_5 + t18);
    bits1 |= t20 << t19;
    mask2 |= 0xffffu << t19;
    at3 = t4 >> 1u;
  }
  if (mask2 == 0xffffffffu) {
    b2[at3] = bits1;
  }
  else if (mask2 != 0u) {
    b2[at3] = (b2[at3] & ~mask2) | bits1;
  }
}
