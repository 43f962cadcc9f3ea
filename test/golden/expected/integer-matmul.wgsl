// matmul, add: floor((16*floor((sequence + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 16*floor((sequence + 3)/(4))
  s1: i32, // floor((sequence + 3)/(4))
  s2: i32, // sequence - 1
  s3: i32, // sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<u32>;
@group(0) @binding(1) var<storage, read> b1: array<u32>;
@group(0) @binding(2) var<storage, read> b2: array<f32>;
@group(0) @binding(3) var<storage, read> b3: array<u32>;
@group(0) @binding(4) var<storage, read> b4: array<f32>;
@group(0) @binding(5) var<storage, read> b5: array<i32>;
@group(0) @binding(6) var<storage, read> b6: array<f32>;
@group(0) @binding(7) var<storage, read_write> b7: array<f32>;
fn f32_from_u32(x: u32) -> f32 {
  let high = x >> 24u;
  if (high == 0u) { return f32(x); }
  let shift = 8u - countLeadingZeros(x);
  let rest = x & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  let kept = x >> shift;
  let rounded = kept + u32(rest > half || (rest == half && (kept & 1u) == 1u));
  return f32(rounded) * f32(1u << shift);
}
fn f32_from_i32(x: i32) -> f32 {
  let magnitude = f32_from_u32(bitcast<u32>(select(x, -x, x < 0)));
  return select(magnitude, -magnitude, x < 0);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  let t0 = index % 16i;
  let t1 = (index / 16i) % sizes.s1;
  let t2 = (index / 16i) / sizes.s1;
  var sum0 = vec4<i32>();
  var sum1 = vec4<i32>();
  var sum2 = vec4<i32>();
  var sum3 = vec4<i32>();
  let t9 = t1 * 384i;
  let t12 = min((t1 * 4i) + 1i, sizes.s2) * 96i;
  let t15 = min((t1 * 4i) + 2i, sizes.s2) * 96i;
  let t18 = min((t1 * 4i) + 3i, sizes.s2) * 96i;
  let t21 = t0 + 16i;
  let t32 = t0 + 32i;
  let t43 = t0 + 48i;
  for (var i_k0_32group = 0i; i_k0_32group < 96i; i_k0_32group++) {
    let t3 = b3[t0 + (64i * i_k0_32group)];
    let t4 = bitcast<i32>(t3 << 24u) >> 24u;
    let t5 = bitcast<i32>(t3 << 16u) >> 24u;
    let t6 = bitcast<i32>(t3 << 8u) >> 24u;
    let t7 = bitcast<i32>(t3) >> 24u;
    let t8 = vec4<i32>(t4, t5, t6, t7);
    let t10 = b0[t9 + i_k0_32group];
    let t11 = t10 & 255u;
    sum0 += bitcast<i32>(t11) * t8;
    let t13 = b0[t12 + i_k0_32group];
    let t14 = t13 & 255u;
    sum1 += bitcast<i32>(t14) * t8;
    let t16 = b0[t15 + i_k0_32group];
    let t17 = t16 & 255u;
    sum2 += bitcast<i32>(t17) * t8;
    let t19 = b0[t18 + i_k0_32group];
    let t20 = t19 & 255u;
    sum3 += bitcast<i32>(t20) * t8;
    let t22 = b3[t21 + (64i * i_k0_32group)];
    let t23 = bitcast<i32>(t22 << 24u) >> 24u;
    let t24 = bitcast<i32>(t22 << 16u) >> 24u;
    let t25 = bitcast<i32>(t22 << 8u) >> 24u;
    let t26 = bitcast<i32>(t22) >> 24u;
    let t27 = vec4<i32>(t23, t24, t25, t26);
    let t28 = (t10 >> 8u) & 255u;
    sum0 += bitcast<i32>(t28) * t27;
    let t29 = (t13 >> 8u) & 255u;
    sum1 += bitcast<i32>(t29) * t27;
    let t30 = (t16 >> 8u) & 255u;
    sum2 += bitcast<i32>(t30) * t27;
    let t31 = (t19 >> 8u) & 255u;
    sum3 += bitcast<i32>(t31) * t27;
    let t33 = b3[t32 + (64i * i_k0_32group)];
    let t34 = bitcast<i32>(t33 << 24u) >> 24u;
    let t35 = bitcast<i32>(t33 << 16u) >> 24u;
    let t36 = bitcast<i32>(t33 << 8u) >> 24u;
    let t37 = bitcast<i32>(t33) >> 24u;
    let t38 = vec4<i32>(t34, t35, t36, t37);
    let t39 = (t10 >> 16u) & 255u;
    sum0 += bitcast<i32>(t39) * t38;
    let t40 = (t13 >> 16u) & 255u;
    sum1 += bitcast<i32>(t40) * t38;
    let t41 = (t16 >> 16u) & 255u;
    sum2 += bitcast<i32>(t41) * t38;
    let t42 = (t19 >> 16u) & 255u;
    sum3 += bitcast<i32>(t42) * t38;
    let t44 = b3[t43 + (64i * i_k0_32group)];
    let t45 = bitcast<i32>(t44 << 24u) >> 24u;
    let t46 = bitcast<i32>(t44 << 16u) >> 24u;
    let t47 = bitcast<i32>(t44 << 8u) >> 24u;
    let t48 = bitcast<i32>(t44) >> 24u;
    let t49 = vec4<i32>(t45, t46, t47, t48);
    let t50 = t10 >> 24u;
    sum0 += bitcast<i32>(t50) * t49;
    let t51 = t13 >> 24u;
    sum1 += bitcast<i32>(t51) * t49;
    let t52 = t16 >> 24u;
    sum2 += bitcast<i32>(t52) * t49;
    let t53 = t19 >> 24u;
    sum3 += bitcast<i32>(t53) * t49;
  }
  let t54 = t1 * 4i;
  let t57 = t0 * 4i;
  for (var i = 0i; i < 4i; i++) {
    let t55 = t54 + i;
    let t69 = 64i * t55;
    if (t55 < sizes.s3) {
      let t56 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      let t60 = b1[0i];
      let t61 = t60 & 255u;
      let t63 = bitcast<i32>(t61);
      let t65 = b2[0i];
      for (var j = 0i; j < 4i; j++) {
        let t58 = t57 + j;
        let t59 = t56[j];
        let t62 = b5[t58];
        let t64 = f32_from_i32(t59 - (t63 * t62));
        let t66 = b4[t58];
        let t67 = t64 * (t65 * t66);
        let t68 = b6[t58];
        b7[t69 + t58] = t67 + t68;
      }
    }
  }
}
