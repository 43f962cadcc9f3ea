// mul: 6*sequence workgroups
struct Sizes {
  s0: i32, // 384*sequence
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
  let t0 = b0[index];
  b1[index] = t0 * 0.25f;
}

// matmul, add: floor((6*floor((past + 3)/(4))*floor((sequence + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 6*floor((past + 3)/(4))*floor((sequence + 3)/(4))
  s1: i32, // floor((past + 3)/(4))
  s2: i32, // floor((sequence + 3)/(4))
  s3: i32, // 64*past
  s4: i32, // past - 1
  s5: i32, // 64*sequence
  s6: i32, // sequence - 1
  s7: i32, // sequence
  s8: i32, // past
  s9: i32, // past*sequence
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
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
  let t0 = index % sizes.s1;
  let t1 = (index / sizes.s1) % sizes.s2;
  let t2 = (index / sizes.s1) / sizes.s2;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let t3 = (t2 * sizes.s3) + (t0 * 256i);
  let t5 = (t2 * sizes.s3) + (min((t0 * 4i) + 1i, sizes.s4) * 64i);
  let t7 = (t2 * sizes.s3) + (min((t0 * 4i) + 2i, sizes.s4) * 64i);
  let t9 = (t2 * sizes.s3) + (min((t0 * 4i) + 3i, sizes.s4) * 64i);
  let t12 = (t2 * sizes.s5) + (t1 * 256i);
  let t14 = (t2 * sizes.s5) + (min((t1 * 4i) + 1i, sizes.s6) * 64i);
  let t16 = (t2 * sizes.s5) + (min((t1 * 4i) + 2i, sizes.s6) * 64i);
  let t18 = (t2 * sizes.s5) + (min((t1 * 4i) + 3i, sizes.s6) * 64i);
  for (var i_k0 = 0i; i_k0 < 64i; i_k0++) {
    let t4 = b1[t3 + i_k0];
    let t6 = b1[t5 + i_k0];
    let t8 = b1[t7 + i_k0];
    let t10 = b1[t9 + i_k0];
    let t11 = vec4<f32>(t4, t6, t8, t10);
    let t13 = b0[t12 + i_k0];
    sum0 += t13 * t11;
    let t15 = b0[t14 + i_k0];
    sum1 += t15 * t11;
    let t17 = b0[t16 + i_k0];
    sum2 += t17 * t11;
    let t19 = b0[t18 + i_k0];
    sum3 += t19 * t11;
  }
  let t20 = t1 * 4i;
  let t23 = t0 * 4i;
  let t29 = t2 * sizes.s9;
  for (var i = 0i; i < 4i; i++) {
    let t21 = t20 + i;
    let t26 = sizes.s8 * t21;
    let t30 = t29 + (sizes.s8 * t21);
    if (t21 < sizes.s7) {
      let t22 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      for (var j = 0i; j < 4i; j++) {
        let t24 = t23 + j;
        let t25 = t22[j];
        let t27 = t26 + t24;
        if (t24 < sizes.s8) {
          let t28 = b2[t27];
          b3[t30 + t24] = t25 + t28;
        }
      }
    }
  }
}

// reduceMax, sub, exp, reduceSum, div: floor((6*sequence + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 6*sequence
  s1: i32, // past
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;
fn f32_from_bits(bits: u32) -> f32 { return bitcast<f32>(bits); }
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn f32_max(a: f32, b: f32) -> f32 {
  let most = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) > f32_order(b));
  return bitcast<f32>(select(most, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn f32_nan_if(condition: bool, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(x), 0x7fc00000u, condition));
}
fn f32_exp2_scale(x: f32, n: i32) -> f32 {
  let half = n / 2;
  return x * bitcast<f32>(u32(half + 127) << 23u) * bitcast<f32>(u32(n - half + 127) << 23u);
}
fn f32_exp_near_zero(r: f32) -> f32 {
  var p = 0.0013946177205070853f + 0.00019918521866202354f * r;
  p = 0.041666269302368164f + r * (0.008333263918757439f + r * p);
  p = 0.5f + r * (0.1666666716337204f + r * p);
  return 1.0f + (r + r * r * p);
}
fn f32_exp(x: f32) -> f32 {
  let within = clamp(x, -105.0f, 89.0f);
  let n = round(within * 1.4426950408889634f);
  let r = (within - n * 0.693145751953125f) - n * 1.4286068202862268e-6f;
  return f32_nan_if(f32_is_nan(x), f32_exp2_scale(f32_exp_near_zero(r), i32(n)));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= sizes.s0) { return; }
  var v_s0_0: f32 = f32_from_bits(0xff800000u);
  let t1 = index * sizes.s1;
  for (var i_k0 = 0i; i_k0 < sizes.s1; i_k0++) {
    let t2 = b0[t1 + i_k0];
    let t3 = f32_max(v_s0_0, t2);
    v_s0_0 = t3;
  }
  var v_s1_4: f32 = 0f;
  for (var i_k1 = 0i; i_k1 < sizes.s1; i_k1++) {
    let t5 = b0[t1 + i_k1];
    let t6 = f32_exp(t5 - v_s0_0);
    v_s1_4 = v_s1_4 + t6;
  }
  for (var i_k2 = 0i; i_k2 < sizes.s1; i_k2++) {
    let t7 = b0[t1 + i_k2];
    let t8 = f32_exp(t7 - v_s0_0);
    let t9 = t8 / v_s1_4;
    b1[t1 + i_k2] = t9;
  }
}

// matmul: floor((96*floor((sequence + 3)/(4)) + 63)/(64)) workgroups
struct Sizes {
  s0: i32, // 96*floor((sequence + 3)/(4))
  s1: i32, // floor((sequence + 3)/(4))
  s2: i32, // past
  s3: i32, // 16*past
  s4: i32, // past*sequence
  s5: i32, // 4*past
  s6: i32, // sequence - 1
  s7: i32, // sequence
  s8: i32, // 64*sequence
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
  let t0 = index % 16i;
  let t1 = (index / 16i) % sizes.s1;
  let t2 = (index / 16i) / sizes.s1;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let t3 = (t2 * sizes.s3) + t0;
  let t5 = (t2 * sizes.s4) + (t1 * sizes.s5);
  let t7 = (t2 * sizes.s4) + (min((t1 * 4i) + 1i, sizes.s6) * sizes.s2);
  let t9 = (t2 * sizes.s4) + (min((t1 * 4i) + 2i, sizes.s6) * sizes.s2);
  let t11 = (t2 * sizes.s4) + (min((t1 * 4i) + 3i, sizes.s6) * sizes.s2);
  for (var i_k0 = 0i; i_k0 < sizes.s2; i_k0++) {
    let t4 = b1[t3 + (16i * i_k0)];
    let t6 = b0[t5 + i_k0];
    sum0 += t6 * t4;
    let t8 = b0[t7 + i_k0];
    sum1 += t8 * t4;
    let t10 = b0[t9 + i_k0];
    sum2 += t10 * t4;
    let t12 = b0[t11 + i_k0];
    sum3 += t12 * t4;
  }
  let t13 = t1 * 4i;
  let t16 = t0 * 4i;
  let t19 = t2 * sizes.s8;
  for (var i = 0i; i < 4i; i++) {
    let t14 = t13 + i;
    let t20 = t19 + (64i * t14);
    if (t14 < sizes.s7) {
      let t15 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      for (var j = 0i; j < 4i; j++) {
        let t17 = t16 + j;
        let t18 = t15[j];
        b2[t20 + t17] = t18;
      }
    }
  }
}
