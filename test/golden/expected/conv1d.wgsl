// conv2d: 5 workgroups
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
  if (index >= 304i) { return; }
  let t0 = index % 16i;
  let t1 = (index / 16i) % 19i;
  let t2 = (index / 16i) / 19i;
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  var sum4 = vec4<f32>();
  var sum5 = vec4<f32>();
  var sum6 = vec4<f32>();
  var sum7 = vec4<f32>();
  let t3 = t0 * 960i;
  let t6 = (t0 * 960i) + 240i;
  let t9 = (t0 * 960i) + 480i;
  let t12 = (t0 * 960i) + 720i;
  let t16 = (t1 * 16i) - 1i;
  let t19 = (t1 * 16i) + 1i;
  let t22 = (t1 * 16i) + 3i;
  let t25 = (t1 * 16i) + 5i;
  let t28 = (t1 * 16i) + 7i;
  let t31 = (t1 * 16i) + 9i;
  let t34 = (min(149i, (t1 * 8i) + 6i) * 2i) - 1i;
  let t37 = (min(149i, (t1 * 8i) + 7i) * 2i) - 1i;
  for (var i_k0 = 0i; i_k0 < 80i; i_k0++) {
    let t4 = t3 + (3i * i_k0);
    let t7 = t6 + (3i * i_k0);
    let t10 = t9 + (3i * i_k0);
    let t13 = t12 + (3i * i_k0);
    let t17 = t16 + (300i * i_k0);
    let t20 = t19 + (300i * i_k0);
    let t23 = t22 + (300i * i_k0);
    let t26 = t25 + (300i * i_k0);
    let t29 = t28 + (300i * i_k0);
    let t32 = t31 + (300i * i_k0);
    let t35 = t34 + (300i * i_k0);
    let t38 = t37 + (300i * i_k0);
    for (var i_k1 = 0i; i_k1 < 3i; i_k1++) {
      let t5 = b1[t4 + i_k1];
      let t8 = b1[t7 + i_k1];
      let t11 = b1[t10 + i_k1];
      let t14 = b1[t13 + i_k1];
      let t15 = vec4<f32>(t5, t8, t11, t14);
      let t18 = b0[t17 + i_k1];
      sum0 += select(0f, t18, (t16 + i_k1) >= 0i) * t15;
      let t21 = b0[t20 + i_k1];
      sum1 += t21 * t15;
      let t24 = b0[t23 + i_k1];
      sum2 += t24 * t15;
      let t27 = b0[t26 + i_k1];
      sum3 += t27 * t15;
      let t30 = b0[t29 + i_k1];
      sum4 += t30 * t15;
      let t33 = b0[t32 + i_k1];
      sum5 += t33 * t15;
      let t36 = b0[t35 + i_k1];
      sum6 += t36 * t15;
      let t39 = b0[t38 + i_k1];
      sum7 += t39 * t15;
    }
  }
  let t40 = t1 * 8i;
  let t44 = t0 * 4i;
  for (var i = 0i; i < 8i; i++) {
    let t41 = t40 + i;
    if (t41 < 150i) {
      let t42 = select(select(select(sum0, sum1, i == 1i), sum2, i == 2i), sum3, i == 3i);
      let t43 = select(select(select(select(t42, sum4, i == 4i), sum5, i == 5i), sum6, i == 6i), sum7, i == 7i);
      for (var j = 0i; j < 4i; j++) {
        let t45 = t44 + j;
        let t46 = t43[j];
        let t47 = b2[t45];
        let t48 = t46 + t47;
        b3[t41 + (150i * t45)] = t48;
      }
    }
  }
}

// mul: 150 workgroups
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
fn f32_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
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
fn f32_with_sign_of(magnitude: f32, x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(magnitude) & 0x7fffffffu) | (bitcast<u32>(x) & 0x80000000u));
}
fn f32_erf(x: f32) -> f32 {
  let t = min(f32_abs(x), 4.0f);
  let u = t * t;
  var p = 0.004984379280358553f - 0.000594314478803426f * u;
  p = 0.11281681805849075f + u * (-0.02676110714673996f + u * p);
  p = 0.12837915122509003f + u * (-0.3761248290538788f + u * p);
  var q = 0.0003228038549423218f - 0.000011231305506953504f * t;
  q = 0.023762062191963196f + t * (-0.0036424591671675444f + t * q);
  q = -0.6351513266563416f + t * (-0.10623687505722046f + t * q);
  q = -1.1286485195159912f + t * q;
  let magnitude = select(1.0f - f32_exp(t * q), t + t * p, t < 0.93f);
  return f32_nan_if(f32_is_nan(x), f32_with_sign_of(magnitude, x));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 9600i) { return; }
  let t0 = b0[index];
  let t1 = b1[0i];
  let t2 = f32_erf(t0 / t1);
  b2[index] = (t0 * (t2 + 1f)) * 0.5f;
}
