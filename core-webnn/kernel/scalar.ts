/**
 * The meaning of every operation on one value, as the interpreter computes it and as constants fold.
 *
 * f32 values are numbers that a float32 holds, i32 and u32 are numbers in range, i64 and u64 are
 * bigints in range, a bool is 0 or 1. Operations take and give such values: each rounds or wraps once.
 */
import type { StorageType } from "../util/data-type.ts";
import { fromHalf, roundEven, toHalf } from "../util/half.ts";
import { unreachable } from "../util/unreachable.ts";
import { erf } from "./erf.ts";
import type { BinaryOp, CompareOp, UnaryOp, ValueType } from "./ir.ts";

export type Scalar = number | bigint;
type Numeric = (a: number, b: number) => number;
type Big = (a: bigint, b: bigint) => bigint;

/** The operation as a function of one value, rounded or wrapped. */
export function unaryFunction(op: UnaryOp, type: ValueType): (x: Scalar) => Scalar {
  if (type === "i64" || type === "u64") {
    const f = bigUnary[op] ?? missing(op, type);
    return (x) => wrap(type, f(x as bigint));
  }
  const f = (type === "f32" ? floatUnary : type === "bool" ? boolUnary : wordUnary)[op];
  const settle = settler(type);
  return f === undefined ? missing(op, type) : (x) => settle(f(x as number));
}

/** The operation as a function of two values, rounded or wrapped. */
export function binaryFunction(op: BinaryOp, type: ValueType): (a: Scalar, b: Scalar) => Scalar {
  if (type === "i64" || type === "u64") {
    const f = bigBinary[op] ?? missing(op, type);
    return (a, b) => wrap(type, f(a as bigint, b as bigint));
  }
  const f = (type === "f32" ? floatBinary : type === "bool" ? boolBinary : wordBinary)[op];
  const settle = settler(type);
  return f === undefined ? missing(op, type) : (a, b) => settle(f(a as number, b as number));
}

/** Both of one type; NaN is unequal to all and orders with none. */
export function compareScalars(op: CompareOp, a: Scalar, b: Scalar): boolean {
  switch (op) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    default:
      return op satisfies never;
  }
}

export function castScalar(from: ValueType, to: ValueType, x: Scalar): Scalar {
  if (to === "bool") return Number(x) === 0 ? 0 : 1;
  if (to === "f32") return typeof x === "bigint" ? roundBigint(x) : Math.fround(x);
  if (from === "f32") return saturate(to, Number(x));
  return wrap(to, BigInt(x));
}

/** As if stored and loaded again. */
export function narrowScalar(storage: StorageType, x: Scalar): Scalar {
  switch (storage) {
    case "float16":
      return fromHalf(toHalf(Number(x)));
    case "int8":
      return (Number(x) << 24) >> 24;
    case "uint8":
      return Number(x) & 0xff;
    case "int4":
      return (Number(x) << 28) >> 28;
    case "uint4":
      return Number(x) & 0xf;
    default:
      return x;
  }
}

const boolUnary: Partial<Record<UnaryOp, (x: number) => number>> = { not: (x) => 1 - x };

const floatUnary: Partial<Record<UnaryOp, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  // Zeros and NaN are their own sign.
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  roundEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  tanh: Math.tanh,
  erf,
  isNaN: (x) => Number(Number.isNaN(x)),
  isInfinite: (x) => Number(Math.abs(x) === Infinity),
};

const wordUnary: Partial<Record<UnaryOp, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  bitNot: (x) => ~x,
};

const bigUnary: Partial<Record<UnaryOp, (x: bigint) => bigint>> = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x < 0n ? -1n : x > 0n ? 1n : 0n),
  bitNot: (x) => ~x,
};

const boolBinary: Partial<Record<BinaryOp, Numeric>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

const floatBinary: Partial<Record<BinaryOp, Numeric>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  rem: (a, b) => a % b,
  min: Math.min,
  max: Math.max,
  pow: powFloat,
};

/** Of i32 and u32; the result is wrapped afterwards. */
const wordBinary: Partial<Record<BinaryOp, Numeric>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  div: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  rem: (a, b) => (b === 0 ? 0 : a % b),
  min: Math.min,
  max: Math.max,
  pow: (a, b) => Number(BigInt.asIntN(32, powBig(BigInt(a), BigInt(b)))),
  bitAnd: (a, b) => a & b,
  bitOr: (a, b) => a | b,
  bitXor: (a, b) => a ^ b,
  shiftLeft: (a, b) => a << b,
  // A u32 is not negative: its high bits are filled with zeros.
  shiftRight: (a, b) => Math.floor(a / 2 ** b),
};

const bigBinary: Partial<Record<BinaryOp, Big>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  rem: (a, b) => (b === 0n ? 0n : a % b),
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
  pow: powBig,
  bitAnd: (a, b) => a & b,
  bitOr: (a, b) => a | b,
  bitXor: (a, b) => a ^ b,
  shiftLeft: (a, b) => a << b,
  shiftRight: (a, b) => a >> b,
};

/** As IEEE 754 has it, where JavaScript gives NaN: 1 to any power is 1, and so is -1 to an infinite one. */
function powFloat(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}

/** Modulo 2⁶⁴. A negative power is 1 / a^|b| by the integer division above: 0 but for a = 1 and -1. */
function powBig(a: bigint, b: bigint): bigint {
  if (b < 0n) return a === 1n || a === -1n ? powBig(a, -b) : 0n;
  let power = 1n;
  for (let square = a, rest = b; rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = BigInt.asIntN(64, power * square);
    square = BigInt.asIntN(64, square * square);
  }
  return power;
}

function settler(type: ValueType): (x: number) => number {
  if (type === "i32") return (x) => x | 0;
  return type === "u32" ? (x) => x >>> 0 : Math.fround;
}

function wrap(type: ValueType, x: bigint): Scalar {
  if (type === "i64") return BigInt.asIntN(64, x);
  if (type === "u64") return BigInt.asUintN(64, x);
  return Number(type === "i32" ? BigInt.asIntN(32, x) : BigInt.asUintN(32, x));
}

const integerRanges: Partial<Record<ValueType, readonly [min: bigint, max: bigint]>> = {
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};

function saturate(to: ValueType, x: number): Scalar {
  const [min, max] = integerRanges[to] ?? unreachable(`saturation to ${to}`);
  if (Number.isNaN(x)) return wrap(to, 0n);
  if (x <= Number(min)) return wrap(to, min);
  return wrap(to, x >= Number(max) ? max : BigInt(Math.trunc(x)));
}

/** To float32 with one rounding: what a double cannot hold leaves a sticky last bit. */
function roundBigint(x: bigint): number {
  if (BigInt.asIntN(53, x) === x) return Math.fround(Number(x));
  const sticky = x & 2047n ? 1n : 0n;
  return Math.fround(Number((x >> 11n) | sticky) * 2048);
}

function missing(op: string, type: ValueType): never {
  return unreachable(`${op} of ${type}`);
}
