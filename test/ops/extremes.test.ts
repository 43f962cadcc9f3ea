/**
 * Functions of one float over all of their domain: subnormal numbers, both zeros, infinities, NaN, angles of any size,
 * the ends of overflow. WGSL lets a GPU flush subnormal numbers (https://www.w3.org/TR/WGSL/#floating-point-accuracy).
 */
import { fromHalf } from "../../core-webnn/util/half.ts";
import { cases, f16, f32, input } from "./cases.ts";

const functions =
  "abs ceil cos erf exp floor identity log neg reciprocal roundEven sin sign sqrt tan relu gelu hardSwish sigmoid " +
  "softplus softsign tanh elu leakyRelu";

const ends = [
  0,
  1,
  0.5,
  2,
  3,
  6,
  87.3,
  88.7,
  88.8,
  103.9,
  104.5,
  Math.PI,
  65504,
  65520,
  2 ** 24 + 1,
];
const special = [...ends, 2 ** -126, 2 ** -149, 3.4e38, 1e38, Infinity].flatMap((x) => [x, -x]);

/** All exponents of both signs, and the range in which most functions bend, evenly. */
const floats = [
  ...special.map(Math.fround),
  NaN,
  ...new Float32Array(Uint32Array.from({ length: 1500 }, (_, i) => i * 2_863_311).buffer),
  ...Array.from({ length: 1500 }, (_, i) => Math.fround((i - 750) / 40)),
];
const halves = Array.from({ length: 2 ** 16 / 37 }, (_, i) => fromHalf(i * 37));

for (const op of functions.split(" ")) {
  cases(op, [
    { why: "all of float32", input: f32([floats.length], floats) },
    { why: "all of float16", input: f16([halves.length], halves) },
  ]);
}

type Pairs<T> = readonly [a: T[], b: T[]];

function pairsOf<T>(values: readonly T[], isAsked: (a: T, b: T) => boolean = () => true): Pairs<T> {
  const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
  const asked = pairs.filter(([a, b]) => isAsked(a, b));
  return [asked.map(([a]) => a), asked.map(([, b]) => b)];
}

const mixed = [0, 1, 0.5, 3, 7.25, 2 ** -126, 2 ** -149, 2 ** 24 + 2, 3e38, Infinity, NaN];
const signed = mixed.flatMap((x) => [x, -x]).map(Math.fround);

for (const op of ["add", "sub", "mul", "div", "max", "min", "prelu"] as const) {
  // 0 over a number that is flushed is NaN.
  const isLost = (x: number): boolean => op === "div" && x !== 0 && Math.abs(x) < 2 ** -126;
  const [a, b] = pairsOf(signed, (_, y) => !isLost(y));
  const names = op === "prelu" ? ["input", "slope"] : ["a", "b"];
  const operands = [f32([a.length], a), f32([b.length], b)];
  cases(op, [{ why: "ends of float32", [names[0]!]: operands[0]!, [names[1]!]: operands[1]! }]);
}

// JavaScript has NaN for what IEEE 754 calls 1: 1 to the power of NaN, and ±1 to that of an infinity.
const [bases, exponents] = pairsOf(signed, (a) => Math.abs(a) !== 1);
cases("pow", [
  {
    why: "ends of float32",
    a: f32([bases.length], bases),
    b: f32([exponents.length], exponents),
  },
]);

// Users count with them: 3 ** 4 is 81, also in floats.
const [counts, times] = pairsOf(
  Array.from({ length: 51 }, (_, i) => i - 25),
  (_, n) => n >= 0,
);
cases("pow", [
  { why: "whole numbers", a: f32([counts.length], counts), b: f32([times.length], times) },
  { why: "whole halves", a: f16([counts.length], counts), b: f16([times.length], times) },
]);

const ranges = {
  int8: [-128n, 127n],
  uint8: [0n, 255n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

for (const [type, [low, high]] of Object.entries(ranges)) {
  const dataType = type as keyof typeof ranges;
  const middle = (high + 1n) / 2n;
  const near = [low, low + 1n, -7n, -2n, -1n, 0n, 1n, 2n, 3n, middle - 1n, middle, high - 1n, high];
  const values = [...new Set(near.filter((x) => x >= low && x <= high))];
  const whole = (list: readonly bigint[]) => input(dataType, [list.length], list.map((x) => (type.endsWith("64") ? x : Number(x)))); // prettier-ignore
  const [a, b] = pairsOf(values).map(whole);
  const why = `ends of ${type}`;
  for (const op of ["add", "sub", "mul", "max", "min"]) cases(op, [{ why, a: a!, b: b! }]);
  // 0 as a divisor is left to the implementation; ours gives 0.
  const [dividends, divisors] = pairsOf(values, (_, y) => y !== 0n).map(whole);
  cases("div", [{ why, a: dividends!, b: divisors! }]);
}
