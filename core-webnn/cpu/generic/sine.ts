/**
 * sin, cos and tan of any float32, in float64: what is left after whole quarter turns is exact to more
 * places than a float32 has, so results are within 1 ulp.
 *
 * Up to 2^20 the quarter turns are subtracted (Cody and Waite). Beyond, the product of x and 2/π is
 * computed in integers, leaving out the bits that add whole turns (Payne and Hanek).
 */
import type { Nest } from "./nest.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

export function sine(nest: Nest, x: Value): Value {
  const g = nest.graph;
  const { quarter, sin, cos } = reduced(g, x);
  const isOdd = bit(g, quarter, 0);
  return orZero(g, x, negateIf(g, bit(g, quarter, 1), g.select(isOdd, cos, sin)));
}

export function cosine(nest: Nest, x: Value): Value {
  const g = nest.graph;
  const { quarter, sin, cos } = reduced(g, x);
  const isOdd = bit(g, quarter, 0);
  const isNegative = g.op("i32.xor", isOdd, bit(g, quarter, 1));
  return g.op("f32.demote_f64", negateIf(g, isNegative, g.select(isOdd, sin, cos)));
}

export function tangent(nest: Nest, x: Value): Value {
  const g = nest.graph;
  const { quarter, sin, cos } = reduced(g, x);
  const isOdd = bit(g, quarter, 0);
  const ratio = g.op("f64.div", g.select(isOdd, cos, sin), g.select(isOdd, sin, cos));
  return orZero(g, x, negateIf(g, isOdd, ratio));
}

/** Zeros stay what they are, with their sign. */
function orZero(g: ValueGraph, x: Value, result: Value): Value {
  const isZero = g.op("f32.eq", x, g.constant("f32", 0));
  return g.select(isZero, x, g.op("f32.demote_f64", result));
}

interface Angle {
  /** Quarter turns, as an i32 of which two bits matter. */
  readonly quarter: Value;
  /** Radians beyond them, at most π/4 either way. */
  readonly rest: Value;
}

function reduced(g: ValueGraph, x: Value) {
  const isModerate = g.op("f32.lt", g.op("f32.abs", x), g.constant("f32", 2 ** 20));
  const [near, far] = [subtractQuarters(g, x), multiplyByQuarters(g, x)];
  const quarter = g.choose(isModerate, near.quarter, far.quarter);
  const rest = g.choose(isModerate, near.rest, far.rest);
  const square = g.op("f64.mul", rest, rest);
  const even = [10, 8, 6, 4, 2, 0].map(alternating);
  const odd = [11, 9, 7, 5, 3, 1].map(alternating);
  const isFinite = g.op("f32.lt", g.op("f32.abs", x), g.constant("f32", Infinity));
  const sin = g.op("f64.mul", rest, polynomial(g, square, odd));
  return {
    quarter,
    sin: g.select(isFinite, sin, g.constant("f64", NaN)),
    cos: g.select(isFinite, polynomial(g, square, even), g.constant("f64", NaN)),
  };
}

/** π/2 in two parts: multiples of the first (33 bits) up to 2^20 are exact. */
const quarterTurn = { high: 1.57079632673412561417, low: 6.07710050650619224932e-11 };

function subtractQuarters(g: ValueGraph, x: Value): Angle {
  const angle = g.op("f64.promote_f32", x);
  const n = g.op("f64.nearest", g.op("f64.mul", angle, g.constant("f64", 2 / Math.PI)));
  const times = (part: number): Value => g.op("f64.mul", n, g.constant("f64", part));
  const high = g.op("f64.sub", angle, times(quarterTurn.high));
  return {
    quarter: g.op("i32.trunc_sat_f64_s", n),
    rest: g.op("f64.sub", high, times(quarterTurn.low)),
  };
}

/** The first 256 bits of 2/π, as big-endian words. */
const twoOverPi = [
  0xa2f9_836e, 0x4e44_1529, 0xfc27_57d1, 0xf534_ddc0, 0xdb62_9599, 0x3c43_9041, 0xfe51_63ab,
  0xdebb_c561,
]; // prettier-ignore

/**
 * |x| = m 2^e, and bit i of 2/π, counted from 0, weighs 2^(e - 1 - i) once multiplied by 2^e. Bits of 4
 * and more add whole turns. The 96 bits from the one that weighs 2 on, times the 24 of m, modulo 4, are
 * the angle in quarters; the first 64 decide quarters, the others its last places.
 */
function multiplyByQuarters(g: ValueGraph, x: Value): Angle {
  const [bits, i64] = [g.op("i32.reinterpret_f32", x), (value: bigint) => g.constant("i64", value)];
  const fraction = g.op("i32.and", bits, g.i32(0x7f_ffff));
  const m = g.op("i64.extend_i32_u", g.op("i32.or", fraction, g.i32(0x80_0000)));
  const biased = g.op("i32.and", g.op("i32.shr_u", bits, g.i32(23)), g.i32(0xff));
  // e = biased - 150 and the first bit is number e - 2; below it stand 8 zero bits.
  const first = g.op("i32.add", g.op("i32.sub", biased, g.i32(152)), g.i32(8));
  const { high, low } = bitsOfTwoOverPi(g, first);
  const carried = g.op("i64.shr_u", g.op("i64.mul", m, low), i64(32n));
  const product = g.op("i64.add", g.op("i64.mul", m, high), carried);
  const quarter = g.op("i64.shr_u", g.op("i64.add", product, i64(1n << 61n)), i64(62n));
  const beyond = g.op("i64.sub", product, g.op("i64.shl", quarter, i64(62n)));
  const radians = g.constant("f64", (Math.PI / 2) * 2 ** -62);
  const rest = g.op("f64.mul", g.op("f64.convert_i64_s", beyond), radians);
  const isNegative = g.op("i32.lt_s", bits, g.i32(0));
  const whole = g.op("i32.wrap_i64", quarter);
  return {
    quarter: g.select(isNegative, g.op("i32.sub", g.i32(0), whole), whole),
    rest: negateIf(g, isNegative, rest),
  };
}

/** 64 bits of (8 zeros, 2/π) from bit `first` on, and the 32 after them. */
function bitsOfTwoOverPi(
  g: ValueGraph,
  first: Value,
): { readonly high: Value; readonly low: Value } {
  const bytes = [0, ...twoOverPi.flatMap((word) => [24, 16, 8, 0].map((s) => (word >>> s) & 255))];
  const half = (from: number): Value => {
    const words = new Int32Array(Uint8Array.from(bytes.slice(from, from + 16)).buffer);
    return g.words(words[0]!, words[1]!, words[2]!, words[3]!);
  };
  // Two big-endian words: swizzle takes their bytes backwards, and gives 0 for what is out of range.
  const order = new Int32Array(
    Uint8Array.of(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8).buffer,
  );
  const at = g.op("i8x16.splat", g.op("i32.shr_u", first, g.i32(3)));
  const places = g.op("i8x16.add", at, g.words(order[0]!, order[1]!, order[2]!, order[3]!));
  const beyond = g.op("i8x16.sub", places, g.words(...sixteens));
  const window = g.op(
    "v128.or",
    g.op("i8x16.swizzle", half(0), places),
    g.op("i8x16.swizzle", half(16), beyond),
  );
  const [a, b] = [0, 1].map((l) => g.lane("i64x2.extract_lane", l, window)) as [Value, Value];
  const shift = g.op("i64.extend_i32_u", g.op("i32.and", first, g.i32(7)));
  const one = g.constant("i64", 1n);
  const rest = g.op("i64.sub", g.constant("i64", 63n), shift);
  const filled = g.op("i64.shr_u", g.op("i64.shr_u", b, one), rest);
  return {
    high: g.op("i64.or", g.op("i64.shl", a, shift), filled),
    low: g.op("i64.shr_u", g.op("i64.shl", b, shift), g.constant("i64", 32n)),
  };
}

const sixteens = [0x1010_1010, 0x1010_1010, 0x1010_1010, 0x1010_1010] as const;

function negateIf(g: ValueGraph, condition: Value, x: Value): Value {
  return g.select(condition, g.op("f64.neg", x), x);
}

function bit(g: ValueGraph, x: Value, n: number): Value {
  return g.op("i32.and", g.op("i32.shr_u", x, g.i32(n)), g.i32(1));
}

/** Coefficient n of the Taylor series of sine and cosine. */
function alternating(n: number): number {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return (Math.floor(n / 2) % 2 === 0 ? 1 : -1) / factorial;
}

function polynomial(g: ValueGraph, x: Value, coefficients: readonly number[]): Value {
  const [highest, ...rest] = coefficients.map((c) => g.constant("f64", c));
  return rest.reduce((sum, c) => g.op("f64.add", g.op("f64.mul", sum, x), c), highest!);
}
