/** Addresses: what simplification must reach, and that it never changes a value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addAddress,
  addressRange,
  affine,
  axisAddress,
  constant,
  delinearize,
  floorDivAddress,
  linearAddress,
  maxAddress,
  minAddress,
  modAddress,
  mulAddress,
  sizeAddress,
  substituteAddress,
  subtractAddress,
  valueAddress,
} from "../../../core-webnn/kernel/address.ts";
import { guard, i32, index, load, compare } from "../../../core-webnn/kernel/expr.ts";
import type { Address, Axis } from "../../../core-webnn/kernel/ir.ts";
import { printAddress } from "../../../core-webnn/kernel/print.ts";
import {
  addSizes,
  evaluateSize,
  multiplySizes,
  named,
  productOf,
  type Size,
  type Sizes,
} from "../../../core-webnn/util/size.ts";
import { seededRandom, type Random } from "./random-draft.ts";

const [past, n, batch] = ["past", "n", "batch"].map((name) => named({ name })) as [
  Size,
  Size,
  Size,
];
const next = addSizes(past, 1);
const bounded = named({ name: "bounded", maxSize: 448 });
const c = constant;
const axis = (name: string, extent: Size): Axis => ({ name, extent });
const at = (name: string, extent: Size): Address => axisAddress(axis(name, extent));

const [s, h, d] = [at("s", 1500), at("h", 6), at("d", 64)];
const row = at("row", n);
const [item, key] = [at("item", batch), at("key", next)];
const heads = linearAddress([s, h, d], [1500, 6, 64]);
const cache = linearAddress([item, h, key, d], [batch, 6, next, 64]);
const flat = at("i", 576000);
const flatSymbolic = at("i", multiplySizes(batch, 6, next));

const simplified: readonly (readonly [why: string, address: Address, text: string])[] = [
  ["constants fold", addAddress(mulAddress(c(3), c(4)), c(-2)), "10"],
  ["terms merge and sort", addAddress(addAddress(d, mulAddress(h, c(64))), d), "64*h + 2*d"],
  ["what cancels is gone", subtractAddress(heads, heads), "0"],
  ["zero times a sum", mulAddress(c(0), heads), "0"],
  ["an axis of one point is 0", at("one", 1), "0"],
  ["coefficients are one size", addAddress(mulAddress(row, sizeAddress(past)), row), "{past + 1}*row"],
  ["products distribute", mulAddress(addAddress(h, c(1)), addAddress(d, c(2))), "2*h + d + d*h + 2"],
  ["a merged dimension split", floorDivAddress(addAddress(mulAddress(h, c(64)), d), c(64)), "h"],
  ["its rest", modAddress(addAddress(mulAddress(h, c(64)), d), c(64)), "d"],
  ["outer of three", floorDivAddress(heads, c(384)), "s"],
  ["inner two of three", modAddress(heads, c(384)), "64*h + d"],
  ["below the divisor", floorDivAddress(d, c(65)), "0"],
  ["exactly the divisor", floorDivAddress(d, c(64)), "0"],
  ["one less", floorDivAddress(d, c(63)), "floor(d / 63)"],
  ["constants leave the division", floorDivAddress(addAddress(d, c(130)), c(64)), "floor((d + 2) / 64) + 2"],
  ["also negative ones", modAddress(addAddress(d, c(-1)), c(64)), "mod(d + 63, 64)"],
  ["all of one quotient", floorDivAddress(addAddress(h, c(10)), c(20)), "0"],
  ["all of quotient -1", floorDivAddress(addAddress(h, c(-6)), c(20)), "-1"],
  ["a common factor", floorDivAddress(mulAddress(flat, c(4)), c(6)), "floor(2*i / 3)"],
  ["nested divisions", floorDivAddress(floorDivAddress(flat, c(6)), c(4)), "floor(i / 24)"],
  ["remainder of a remainder", modAddress(modAddress(flat, c(384)), c(64)), "mod(i, 64)"],
  ["quotient of a remainder", floorDivAddress(modAddress(flat, c(384)), c(64)), "mod(floor(i / 64), 6)"],
  ["by a symbolic size", floorDivAddress(linearAddress([item, h, row], [batch, 6, n]), sizeAddress(n)), "6*item + h"],
  ["its remainder", modAddress(linearAddress([item, h, row], [batch, 6, n]), sizeAddress(n)), "row"],
  ["a size divided by itself", floorDivAddress(sizeAddress(n), sizeAddress(n)), "1"],
  ["a positive 6*n is 6 at least", floorDivAddress(h, sizeAddress(multiplySizes(6, n))), "0"],
  ["but it may be 6", floorDivAddress(at("g", 7), sizeAddress(multiplySizes(6, n))), "floor(g / {6*n})"],
  ["a decided minimum", minAddress(h, c(5)), "h"],
  ["an undecided one, sorted", minAddress(h, c(4)), "min(4, h)"],
  ["a symbolic minimum", minAddress(row, sizeAddress(n)), "row"],
  ["a decided maximum", maxAddress(subtractAddress(row, c(0)), c(0)), "row"],
  ["index of a constant", valueAddress(i32(7)), "7"],
]; // prettier-ignore
for (const [why, address, text] of simplified) {
  test(`${why}: ${text}`, () => assert.equal(printAddress(address), text));
}

const reshapes: readonly (readonly [why: string, from: Address, to: readonly Size[], texts: string[]])[] = [
  ["merge heads", heads, [1500, 384], ["s", "64*h + d"]],
  ["split what is split", heads, [1500, 2, 3, 8, 8], ["s", "floor(h / 3)", "mod(h, 3)", "floor(d / 8)", "mod(d, 8)"]],
  ["merge and split across", heads, [3000, 192], ["2*s + floor(h / 3)", "64*mod(h, 3) + d"]],
  ["same symbolic shape", cache, [batch, 6, next, 64], ["item", "h", "key", "d"]],
  ["merge batch and heads", cache, [multiplySizes(6, batch), next, 64], ["6*item + h", "key", "d"]],
  ["merge time and channel", cache, [batch, 6, multiplySizes(64, next)], ["item", "h", "64*key + d"]],
  ["merge three, split one", cache, [multiplySizes(6, batch, next), 8, 8], ["{6*past + 6}*item + {past + 1}*h + key", "floor(d / 8)", "mod(d, 8)"]],
  ["a scalar", c(0), [], []],
  ["ones", h, [1, 6, 1], ["0", "h", "0"]],
]; // prettier-ignore
for (const [why, from, to, texts] of reshapes) {
  test(`reshape: ${why}`, () => assert.deepEqual(delinearize(from, to).map(printAddress), texts));
}

test("an offset that is split and joined is itself", () => {
  for (const shape of [[1500, 6, 64], [3, 500, 384], [576000], [1000, 576]]) {
    assert.equal(printAddress(linearAddress(delinearize(flat, shape), shape)), "i");
  }
  const shape = [batch, 6, next];
  assert.equal(printAddress(linearAddress(delinearize(flatSymbolic, shape), shape)), "i");
  const [, ...inner] = delinearize(flatSymbolic, shape);
  assert.equal(printAddress(linearAddress(inner, [6, next])), "mod(i, {6*past + 6})");
});

test("affine splits into base and strides", () => {
  const [si, hi] = [axis("s", 1500), axis("h", 6)];
  const parts = affine(addAddress(cache, mulAddress(s, sizeAddress(n))), [
    hi,
    si,
    axis("absent", 3),
  ]);
  assert.equal(parts && printAddress(parts.base), "{384*past + 384}*item + 64*key + d");
  assert.deepEqual(parts?.strides.map(printAddress), ["{64*past + 64}", "{n}", "0"]);
  const outer = affine(mulAddress(mulAddress(s, h), c(2)), [si]);
  assert.deepEqual(outer?.strides.map(printAddress), ["2*h"]);
});

test("affine refuses what is not", () => {
  const si = axis("s", 1500);
  const loaded = valueAddress(load("i32", 0, s));
  for (const a of [floorDivAddress(s, c(7)), mulAddress(s, s), maxAddress(s, c(3)), loaded]) {
    assert.equal(affine(addAddress(a, h), [si]), undefined, printAddress(a));
  }
});

test("ranges: symbolic sizes count through their largest value", () => {
  const last = subtractAddress(sizeAddress(bounded), c(1));
  assert.deepEqual(addressRange(heads), [0, 1500 * 384 - 1]);
  assert.deepEqual(addressRange(at("i", bounded)), [0, 447]);
  assert.deepEqual(addressRange(row), [0, Infinity]);
  assert.deepEqual(addressRange(subtractAddress(at("i", bounded), last)), [-447, 0]);
  assert.deepEqual(addressRange(modAddress(heads, c(7))), [0, 6]);
  assert.deepEqual(addressRange(valueAddress(load("i32", 0, c(0)))), [-(2 ** 31), 2 ** 31 - 1]);
  assert.deepEqual(addressRange(maxAddress(valueAddress(load("u32", 0, c(0))), c(5))), [
    5,
    2 ** 31 - 1,
  ]);
});

test("substitution simplifies again, also inside values", () => {
  const by = new Map([["i", heads]]);
  assert.equal(printAddress(substituteAddress(floorDivAddress(flat, c(384)), by)), "s");
  const checked = guard(
    compare("lt", index(flat), i32(100)),
    load("i32", 0, modAddress(flat, c(64))),
    i32(0),
  );
  const [inside, outside] = [h, addAddress(h, c(100))].map((a) => new Map([["i", a]]));
  assert.equal(printAddress(substituteAddress(valueAddress(checked), inside!)), "value(b0[h])");
  assert.equal(printAddress(substituteAddress(valueAddress(checked), outside!)), "0");
});

test("a division by nothing positive is refused", () => {
  assert.throws(() => floorDivAddress(flat, c(0)), /division of an address by 0/);
});

/** The same operation twice: through the constructors, and as it is written. */
interface Twin {
  readonly simplified: Address;
  readonly literal: Address;
}

const operations = { add: addAddress, mul: mulAddress, floorDiv: floorDivAddress, mod: modAddress, min: minAddress, max: maxAddress }; // prettier-ignore

function randomTwin(random: Random, axes: readonly Axis[], depth: number): Twin {
  if (depth === 0 || random.chance(0.1)) {
    const leaf = random.pick([
      ...axes.map(axisAddress),
      c(random.below(40) - 10),
      sizeAddress(random.pick([past, n, next])),
    ]);
    return { simplified: leaf, literal: leaf };
  }
  const kind = random.pick(["add", "add", "mul", "floorDiv", "mod", "min", "max"] as const);
  const a = randomTwin(random, axes, depth - 1);
  const isDivision = kind === "floorDiv" || kind === "mod";
  const b = isDivision ? randomDivisor(random) : randomTwin(random, axes, depth - 1);
  return {
    simplified: operations[kind](a.simplified, b.simplified),
    literal: { kind, a: a.literal, b: b.literal },
  };
}

function randomDivisor(random: Random): Twin {
  const sizes = [2, 3, 4, 6, 8, 12, 24, next, multiplySizes(2, next), multiplySizes(6, next)];
  const divisor = sizeAddress(random.pick(sizes));
  return { simplified: divisor, literal: divisor };
}

function evaluate(a: Address, point: ReadonlyMap<string, number>, sizes: Sizes): number {
  if (a.kind === "const") return a.value;
  if (a.kind === "size") return evaluateSize(a.size, sizes);
  if (a.kind === "axis") return point.get(a.axis.name)!;
  assert.ok(a.kind !== "value");
  const [x, y] = [evaluate(a.a, point, sizes), evaluate(a.b, point, sizes)];
  return {
    add: x + y,
    mul: x * y,
    floorDiv: Math.floor(x / y),
    mod: x - y * Math.floor(x / y),
    min: Math.min(x, y),
    max: Math.max(x, y),
  }[a.kind];
}

function* pointsOf(axes: readonly Axis[], sizes: Sizes): Generator<Map<string, number>> {
  const [first, ...rest] = axes;
  if (first === undefined) return yield new Map();
  for (const point of pointsOf(rest, sizes)) {
    for (let i = 0; i < evaluateSize(first.extent, sizes); i++)
      yield new Map([...point, [first.name, i]]);
  }
}

test("simplified and literal addresses are equal everywhere, and within their range", () => {
  const axes = [axis("x", 4), axis("y", 6), axis("z", next)];
  const sizes = { past: 2, n: 5 };
  const points = [...pointsOf(axes, sizes)];
  for (let seed = 0; seed < 700; seed++) {
    const { simplified, literal } = randomTwin(seededRandom(seed), axes, 5);
    const [min, max] = addressRange(simplified);
    for (const point of points) {
      const [got, wanted] = [simplified, literal].map((a) => evaluate(a, point, sizes));
      const text = `seed ${seed}: ${printAddress(literal)} = ${printAddress(simplified)}`;
      assert.equal(got! + 0, wanted! + 0, `${text} at ${[...point]}`);
      assert.ok(min <= got! && got! <= max, `${text} is ${got}, not in ${min} to ${max}`);
    }
  }
});

test("reshape chains keep offsets, whatever the shapes", () => {
  const dims = [2, 3, 4, next, n];
  const sizes = { past: 2, n: 5 };
  for (let seed = 0; seed < 300; seed++) {
    const random = seededRandom(seed);
    const split = (): Size[] => {
      const shuffled = random.shuffle(dims);
      const cut = random.below(dims.length);
      return [productOf(shuffled.slice(0, cut)), ...shuffled.slice(cut)];
    };
    const axes = split().map((extent, i) => axis(`x${i}`, extent));
    const shape = axes.map(({ extent }) => extent);
    const offset = linearAddress(axes.map(axisAddress), shape);
    const [first, second] = [split(), split()];
    const once = linearAddress(delinearize(offset, first), first);
    const twice = linearAddress(delinearize(once, second), second);
    for (const point of pointsOf(axes, sizes)) {
      assert.equal(evaluate(twice, point, sizes), evaluate(offset, point, sizes), `seed ${seed}`);
    }
    assert.equal(printAddress(twice), printAddress(offset), `seed ${seed}`);
  }
});
