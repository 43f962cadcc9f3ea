// matmul, add: floor((500*batch + 7)/(8)) workgroups
struct Sizes {
  s0: i32, // 64*floor((500*batch + 7)/(8))
  s1: i32, // floor((500*batch + 7)/(8))
  s2: i32, // 500*batch - 1
  s3: i32, // 500*batch
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
  let t0 = index % 64i;
  let t1 = (index / 64i) % sizes.s1;
  let t2 = (index / 64i) / sizes.s1;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  var sum4 = vec4<f32>();
  var sum5 = vec4<f32>();
  var sum6 = vec4<f32>();
  var sum7 = vec4<f32>();
  let t3 = t0 * 64i;
  let t5 = (t0 * 64i) + 16i;
  let t7 = (t0 * 64i) + 32i;
  let t9 = (t0 * 64i) + 48i;
  let t12 = t1 * 128i;
  let t14 = min((t1 * 8i) + 1i, sizes.s2) * 16i;
  let t16 = min((t1 * 8i) + 2i, sizes.s2) * 16i;
  let t18 = min((t1 * 8i) + 3i, sizes.s2) * 16i;
  let t20 = min((t1 * 8i) + 4i, sizes.s2) * 16i;
  let t22 = min((t1 * 8i) + 5i, sizes.s2) * 16i;
  let t24 = min((t1 * 8i) + 6i, sizes.s2) * 16i;
  let t26 = min((t1 * 8i) + 7i, sizes.s2) * 16i;
  for (var i_k0 = 0i; i_k0 < 16i; i_k0++) {
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
    let t21 = b0[t20 + i_k0];
    sum4 += t21 * t11;
    let t23 = b0[t22 + i_k0];
    sum5 += t23 * t11;
    let t25 = b0[t24 + i_k0];
    sum6 += t25 * t11;
    let t27 = b0[t26 + i_k0];
    sum7 += t27 * t11;
  }
  let t28 = t1 * 8i;
  let t32 = t0 * 4i;
  for (var i = 0i; i < 8i; i++) {
    let t29 = t28 + i;
    let t36 = 256i * t29;
    if (t29 < sizes.s3) {
      let t30 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      let t31 = select(select(select(select(t30, sum4, i == 4i), sum5, i == 5i), sum6, i == 6i), sum7, i == 7i);
      for (var j = 0i; j < 4i; j++) {
        let t33 = t32 + j;
        let t34 = t31[j];
        let t35 = b2[t33];
        b3[t36 + t33] = t34 + t35;
      }
    }
  }
}

// lstmSteps: batch workgroups
struct Sizes {
  s0: i32, // batch
  s1: i32, // 64*batch
  s2: i32, // 256*batch
}
@group(1) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(0) var<storage, read_write> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
@group(0) @binding(3) var<storage, read> b3: array<f32>;
@group(0) @binding(4) var<storage, read> b4: array<f32>;
fn f32_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
fn f32_neg(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u); }
fn f32_nan_if(condition: bool, x: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(x), 0x7fc00000u, condition));
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
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
fn f32_rank(x: f32) -> i32 {
  let magnitude = bitcast<i32>(x) & 0x7fffffff;
  return select(magnitude, -magnitude, bitcast<i32>(x) < 0);
}
fn f32_lt(a: f32, b: f32) -> bool { return !f32_is_nan(a) && !f32_is_nan(b) && f32_rank(a) < f32_rank(b); }
fn f32_with_sign_of(magnitude: f32, x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(magnitude) & 0x7fffffffu) | (bitcast<u32>(x) & 0x80000000u));
}
fn f32_tanh(x: f32) -> f32 {
  let t = f32_abs(x);
  let u = t * t;
  var p = 0.020650584250688553f - 0.005717041902244091f * u;
  p = -0.3333328366279602f + u * (0.13331490755081177f + u * (-0.05374349653720856f + u * p));
  let large = 1.0f - 2.0f / (f32_exp(2.0f * min(t, 10.0f)) + 1.0f);
  let result = f32_with_sign_of(select(large, t + t * (u * p), t < 0.625f), x);
  return f32_nan_if(f32_is_nan(x), result);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32(group.y * groups.x + group.x);
  if (index >= sizes.s0) { return; }
  let t0 = index * 64i;
  for (var i_j0_ = i32(lane); i_j0_ < 64i; i_j0_ += 64i) {
    b0[t0 + i_j0_] = 0f;
  }
  storageBarrier();
  for (var i_j1_ = i32(lane); i_j1_ < 64i; i_j1_ += 64i) {
    b1[t0 + i_j1_] = 0f;
  }
  storageBarrier();
  let t7 = index * 256i;
  let t13 = (index * 256i) + 64i;
  let t18 = (index * 256i) + 128i;
  let t23 = (index * 256i) + 192i;
  let t44 = (index * 64i) + sizes.s1;
  for (var i_step = 0i; i_step < 500i; i_step++) {
    let t4 = t0 + (sizes.s1 * i_step);
    for (var i_j2_ = i32(lane); i_j2_ < 256i; i_j2_ += 64i) {
      var v_s0_1: f32 = 0f;
      let t2 = 64i * i_j2_;
      for (var i_k0 = 0i; i_k0 < 64i; i_k0++) {
        let t3 = b3[t2 + i_k0];
        let m5 = b0[t4 + i_k0];
        let t6 = t3 * m5;
        v_s0_1 = v_s0_1 + t6;
      }
      b2[t7 + i_j2_] = v_s0_1;
    }
    storageBarrier();
    let t9 = t7 + (sizes.s2 * i_step);
    let t14 = t13 + (sizes.s2 * i_step);
    let t19 = t18 + (sizes.s2 * i_step);
    let t24 = t23 + (sizes.s2 * i_step);
    let t45 = t44 + (sizes.s1 * i_step);
    for (var i_j3_ = i32(lane); i_j3_ < 64i; i_j3_ += 64i) {
      let m8 = b1[t0 + i_j3_];
      let t10 = b4[t9 + i_j3_];
      let m11 = b2[t7 + i_j3_];
      let t12 = t10 + m11;
      let t15 = b4[t14 + i_j3_];
      let m16 = b2[t13 + i_j3_];
      let t17 = t15 + m16;
      let t20 = b4[t19 + i_j3_];
      let m21 = b2[t18 + i_j3_];
      let t22 = t20 + m21;
      let t25 = b4[t24 + i_j3_];
      let m26 = b2[t23 + i_j3_];
      let t27 = t25 + m26;
      let t28 = f32_abs(t22);
      let t29 = f32_neg(t28);
      let t30 = f32_exp(t29);
      let t31 = f32_lt(t22, 0f);
      let t32 = f32_abs(t12);
      let t33 = f32_neg(t32);
      let t34 = f32_exp(t33);
      let t35 = f32_lt(t12, 0f);
      let t36 = f32_tanh(t27);
      let t37 = ((select(1f, t30, t31) / (1f + t30)) * m8) + ((select(1f, t34, t35) / (1f + t34)) * t36);
      let t38 = f32_abs(t17);
      let t39 = f32_neg(t38);
      let t40 = f32_exp(t39);
      let t41 = f32_lt(t17, 0f);
      let t42 = f32_tanh(t37);
      let t43 = (select(1f, t40, t41) / (1f + t40)) * t42;
      b0[t45 + i_j3_] = t43;
      b1[t0 + i_j3_] = t37;
    }
    storageBarrier();
  }
}

// slice: 500*batch workgroups
struct Sizes {
  s0: i32, // 32000*batch
  s1: i32, // 64*batch
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
  let t0 = b0[index + sizes.s1];
  b1[index] = t0;
}

// slice: batch workgroups
struct Sizes {
  s0: i32, // 64*batch
  s1: i32, // 32000*batch
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
  let t0 = b0[index + sizes.s1];
  b1[index] = t0;
}
