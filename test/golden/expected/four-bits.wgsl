// quantizeLinear: 1 workgroups
@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read> b2: array<u32>;
@group(0) @binding(3) var<storage, read_write> b3: array<u32>;
fn f32_order(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return bits ^ ((bits >> 31u) & 0x7fffffff);
}
fn f32_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn f32_max(a: f32, b: f32) -> f32 {
  let most = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) > f32_order(b));
  return bitcast<f32>(select(most, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn f32_min(a: f32, b: f32) -> f32 {
  let least = select(bitcast<u32>(b), bitcast<u32>(a), f32_order(a) < f32_order(b));
  return bitcast<f32>(select(least, 0x7fc00000u, f32_is_nan(a) || f32_is_nan(b)));
}
fn u32_from_f32(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if (bits < 0x3f800000u || bits > 0x7f800000u) { return 0u; }
  if (bits >= 0x4f800000u) { return 0xffffffffu; }
  let significand = (bits & 0x7fffffu) | 0x800000u;
  let exponent = i32(bits >> 23u) - 150;
  return select(significand >> (u32(-exponent) & 31u), significand << (u32(exponent) & 31u), exponent >= 0);
}
fn f32_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
fn i32_from_f32(x: f32) -> i32 {
  let magnitude = u32_from_f32(f32_abs(x));
  let negative = (bitcast<u32>(x) >> 31u) == 1u;
  let limit = select(0x7fffffffu, 0x80000000u, negative);
  let clamped = bitcast<i32>(min(magnitude, limit));
  return select(clamped, -clamped, negative);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32((group.y * groups.x + group.x) * 64u + lane);
  if (index >= 2i) { return; }
  let t0 = index * 4i;
  var bits1 = 0u;
  var mask2 = 0u;
  var at3 = 0i;
  let t7 = b2[0i];
  for (var lane = 0i; lane < 4i; lane++) {
    let t4 = t0 + lane;
    let t5 = b0[2i * t4];
    let t6 = b1[(2i * t4) / 5i];
    let t8 = bitcast<i32>(t7 << (28u - (u32((2i * t4) / 5i) << 2u))) >> 28u;
    let t9 = f32_max(round(t5 / t6) + f32(t8), -8f);
    let t10 = f32_min(t9, 7f);
    let t11 = i32_from_f32(t10);
    var g12: u32 = 0u;
    let t13 = 1i + (2i * t4);
    let t15 = (1i + (2i * t4)) / 5i;
    let t17 = bitcast<i32>(t7 << (28u - (u32((1i + (2i * t4)) / 5i) << 2u))) >> 28u;
    let t18 = f32(t17);
    if ((1i + (2i * t4)) < 15i) {
      let t14 = b0[t13];
      let t16 = b1[t15];
      let t19 = f32_max(round(t14 / t16) + t18, -8f);
      let t20 = f32_min(t19, 7f);
      let t21 = i32_from_f32(t20);
      g12 = bitcast<u32>(t21) & 15u;
    }
    let t22 = (u32(t4) & 3u) << 3u;
    bits1 |= (u32((bitcast<u32>(t11) & 15u) | (g12 << (4u & 31u))) & 0xffu) << t22;
    mask2 |= 0xffu << t22;
    at3 = t4 >> 2u;
  }
  if (mask2 == 0xffffffffu) {
    b3[at3] = bits1;
  }
  else if (mask2 != 0u) {
    b3[at3] = (b3[at3] & ~mask2) | bits1;
  }
}
