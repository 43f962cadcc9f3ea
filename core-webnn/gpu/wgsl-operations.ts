/**
 * WGSL of each operation of the kernel IR by type, as templates for `compose`.
 *
 * f32, i32, u32 and bool are WGSL's own; i64 and u64 are pairs of words (wgsl-int64.ts). Where WGSL's
 * operator means something else than the IR's (or nothing, as with NaN) a library function stands.
 */
import type { BinaryOp, CompareOp, UnaryOp, ValueType } from "../kernel/ir.ts";

type ByType = Partial<Record<ValueType, string>>;

export const wgslTypes: Record<ValueType, string> = {
  f32: "f32",
  i32: "i32",
  u32: "u32",
  i64: "vec2<u32>",
  u64: "vec2<u32>",
  bool: "bool",
};

/** By the type of the operand. */
export const unaryTemplates: Record<UnaryOp, ByType> = {
  neg: {
    f32: "f32_neg($x)",
    i32: "0i - $x",
    u32: "0u - $x",
    i64: "i64_neg($x)",
    u64: "i64_neg($x)",
  },
  abs: { f32: "f32_abs($x)", i32: "abs($x)", u32: "$x", i64: "i64_abs($x)", u64: "$x" },
  sign: {
    f32: "f32_sign($x)",
    i32: "sign($x)",
    u32: "min($x, 1u)",
    i64: "i64_sign($x)",
    u64: "u64_sign($x)",
  },
  floor: { f32: "floor($x)" },
  ceil: { f32: "ceil($x)" },
  roundEven: { f32: "round($x)" },
  trunc: { f32: "trunc($x)" },
  sqrt: { f32: "sqrt($x)" },
  exp: { f32: "f32_exp($x)" },
  log: { f32: "f32_log($x)" },
  sin: { f32: "f32_sin($x)" },
  cos: { f32: "f32_cos($x)" },
  tan: { f32: "f32_tan($x)" },
  tanh: { f32: "f32_tanh($x)" },
  erf: { f32: "f32_erf($x)" },
  not: { bool: "!$x" },
  bitNot: { i32: "~$x", u32: "~$x", i64: "~$x", u64: "~$x" },
  isNaN: { f32: "f32_is_nan($x)" },
  isInfinite: { f32: "f32_is_infinite($x)" },
};

const wordsAndPairs = (template: string): ByType => ({
  i32: template,
  u32: template,
  i64: template,
  u64: template,
});

export const binaryTemplates: Record<BinaryOp, ByType> = {
  add: {
    f32: "$a + $b",
    i32: "$a + $b",
    u32: "$a + $b",
    i64: "i64_add($a, $b)",
    u64: "i64_add($a, $b)",
  },
  sub: {
    f32: "$a - $b",
    i32: "$a - $b",
    u32: "$a - $b",
    i64: "i64_sub($a, $b)",
    u64: "i64_sub($a, $b)",
  },
  mul: {
    f32: "$a * $b",
    i32: "$a * $b",
    u32: "$a * $b",
    i64: "i64_mul($a, $b)",
    u64: "i64_mul($a, $b)",
  },
  div: {
    f32: "$a / $b",
    i32: "i32_div($a, $b)",
    u32: "u32_div($a, $b)",
    i64: "i64_div($a, $b)",
    u64: "u64_div($a, $b)",
  },
  rem: {
    f32: "f32_rem($a, $b)",
    i32: "i32_rem($a, $b)",
    u32: "u32_rem($a, $b)",
    i64: "i64_rem($a, $b)",
    u64: "u64_rem($a, $b)",
  },
  min: {
    f32: "f32_min($a, $b)",
    i32: "min($a, $b)",
    u32: "min($a, $b)",
    i64: "i64_min($a, $b)",
    u64: "u64_min($a, $b)",
  },
  max: {
    f32: "f32_max($a, $b)",
    i32: "max($a, $b)",
    u32: "max($a, $b)",
    i64: "i64_max($a, $b)",
    u64: "u64_max($a, $b)",
  },
  pow: {
    f32: "f32_pow($a, $b)",
    i32: "i32_pow($a, $b)",
    u32: "u32_pow($a, $b)",
    i64: "i64_pow($a, $b)",
    u64: "u64_pow($a, $b)",
  },
  and: { bool: "$a && $b" },
  or: { bool: "$a || $b" },
  xor: { bool: "$a != $b" },
  bitAnd: wordsAndPairs("$a & $b"),
  bitOr: wordsAndPairs("$a | $b"),
  bitXor: wordsAndPairs("$a ^ $b"),
  shiftLeft: {
    i32: "$a << (u32($b) & 31u)",
    u32: "$a << ($b & 31u)",
    i64: "i64_shift_left($a, $b.x)",
    u64: "i64_shift_left($a, $b.x)",
  },
  shiftRight: {
    i32: "$a >> (u32($b) & 31u)",
    u32: "$a >> ($b & 31u)",
    i64: "i64_shift_right($a, $b.x)",
    u64: "u64_shift_right($a, $b.x)",
  },
};

const native = (sign: string, i64: string, u64: string): ByType => ({
  i32: `$a ${sign} $b`,
  u32: `$a ${sign} $b`,
  i64,
  u64,
  bool: `u32($a) ${sign} u32($b)`,
});

/** By the type of the operands. */
export const compareTemplates: Record<CompareOp, ByType> = {
  eq: { ...native("==", "all($a == $b)", "all($a == $b)"), f32: "f32_eq($a, $b)" },
  ne: { ...native("!=", "any($a != $b)", "any($a != $b)"), f32: "!f32_eq($a, $b)" },
  lt: { ...native("<", "i64_lt($a, $b)", "u64_lt($a, $b)"), f32: "f32_lt($a, $b)" },
  le: { ...native("<=", "!i64_lt($b, $a)", "!u64_lt($b, $a)"), f32: "f32_le($a, $b)" },
  gt: { ...native(">", "i64_lt($b, $a)", "u64_lt($b, $a)"), f32: "f32_lt($b, $a)" },
  ge: { ...native(">=", "!i64_lt($a, $b)", "!u64_lt($a, $b)"), f32: "f32_le($b, $a)" },
};

/** From the outer type to the inner; equal types need none. */
export const castTemplates: Record<ValueType, ByType> = {
  f32: {
    i32: "i32_from_f32($x)",
    u32: "u32_from_f32($x)",
    i64: "i64_from_f32($x)",
    u64: "u64_from_f32($x)",
    bool: "!f32_is_zero($x)",
  },
  i32: {
    f32: "f32_from_i32($x)",
    u32: "bitcast<u32>($x)",
    i64: "i64_from_i32($x)",
    u64: "i64_from_i32($x)",
    bool: "$x != 0i",
  },
  u32: {
    f32: "f32_from_u32($x)",
    i32: "bitcast<i32>($x)",
    i64: "vec2<u32>($x, 0u)",
    u64: "vec2<u32>($x, 0u)",
    bool: "$x != 0u",
  },
  i64: {
    f32: "f32_from_i64($x)",
    i32: "bitcast<i32>($x.x)",
    u32: "$x.x",
    u64: "$x",
    bool: "any($x != vec2<u32>())",
  },
  u64: {
    f32: "f32_from_u64($x)",
    i32: "bitcast<i32>($x.x)",
    u32: "$x.x",
    i64: "$x",
    bool: "any($x != vec2<u32>())",
  },
  bool: {
    f32: "f32($x)",
    i32: "i32($x)",
    u32: "u32($x)",
    i64: "vec2<u32>(u32($x), 0u)",
    u64: "vec2<u32>(u32($x), 0u)",
  },
};
