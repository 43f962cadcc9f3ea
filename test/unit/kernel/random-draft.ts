/**
 * What random kernels are drafted from: a seeded source of choices, axes with extents around the
 * edges of vectors and tiles (some of them symbolic), and buffers filled with small exact numbers.
 */
import {
  constant,
  sizeAddress,
  subtractAddress,
  axisAddress,
} from "../../../core-webnn/kernel/address.ts";
import { bufferView } from "../../../core-webnn/kernel/interpret.ts";
import type { Address, Axis, BufferUse } from "../../../core-webnn/kernel/ir.ts";
import { byteLengthOf, type StorageType } from "../../../core-webnn/util/data-type.ts";
import { toHalf } from "../../../core-webnn/util/half.ts";
import {
  addSizes,
  evaluateSize,
  multiplySizes,
  named,
  productOf,
  type Size,
  type Sizes,
} from "../../../core-webnn/util/size.ts";

export interface Random {
  /** An integer in [0, n). */
  readonly below: (n: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  readonly chance: (probability: number) => boolean;
  readonly shuffle: <T>(list: readonly T[]) => T[];
}

/** The mulberry32 generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    pick: (choices) => choices[below(choices.length)]!,
    chance: (probability) => next() < probability,
    shuffle(list) {
      const left = [...list];
      return list.map(() => left.splice(below(left.length), 1)[0]!);
    },
  };
}

export interface Draft {
  readonly random: Random;
  readonly buffers: BufferUse[];
  readonly inputs: Uint8Array[];
  readonly sizes: Sizes;
  readonly usedNames: Set<string>;
}

export const edgeSizes = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33] as const;
export const storageTypes: readonly StorageType[] = [
  "float32",
  "float16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "int8",
  "uint8",
  "int4",
  "uint4",
];

export function newDraft(random: Random): Draft {
  const sizes = { past: random.pick(edgeSizes), n: random.pick(edgeSizes) };
  return { random, buffers: [], inputs: [], sizes, usedNames: new Set() };
}

/** A fresh name: "i", "i1", "i2" … */
export function freshName({ usedNames }: Draft, stem: string): string {
  let name = stem;
  for (let n = 1; usedNames.has(name); n++) name = `${stem}${n}`;
  usedNames.add(name);
  return name;
}

/** Axes whose points together are at most `most`. */
export function randomAxes(draft: Draft, rank: number, most: number, stem = "i"): Axis[] {
  let left = most;
  return Array.from({ length: rank }, () => {
    const extent = randomExtent(draft, left);
    left = Math.floor(left / evaluateSize(extent, draft.sizes));
    return { name: freshName(draft, stem), extent };
  });
}

function randomExtent({ random, sizes }: Draft, most: number): Size {
  const [past, n] = [named({ name: "past", maxSize: 64 }), named({ name: "n" })];
  const symbolic = [n, past, addSizes(past, 1), multiplySizes(2, n), multiplySizes(n, past)];
  const candidates: readonly Size[] = random.chance(0.4) ? symbolic : edgeSizes;
  const fitting = candidates.filter((size) => evaluateSize(size, sizes) <= most);
  return fitting.length === 0 ? 1 : random.pick(fitting);
}

export function extentsOf(axes: readonly Axis[]): Size[] {
  return axes.map(({ extent }) => extent);
}

/** The last position of an axis. */
export function lastOf({ extent }: Axis): Address {
  return subtractAddress(sizeAddress(extent), constant(1));
}

export function addressesOf(axes: readonly Axis[]): Address[] {
  return axes.map(axisAddress);
}

/** Adds a buffer to read, filled with numbers from `values`; gives its number. */
export function addInput(
  draft: Draft,
  dataType: StorageType,
  shape: readonly Size[],
  value: (random: Random) => number = (random) => randomValue(random, dataType),
): number {
  const elementCount = productOf(shape);
  const count = evaluateSize(elementCount, draft.sizes);
  const numbers = Array.from({ length: count }, () => value(draft.random));
  draft.buffers.push({ dataType, elementCount, access: "read" });
  draft.inputs.push(encode(dataType, numbers));
  return draft.buffers.length - 1;
}

export function addOutput(draft: Draft, dataType: StorageType, shape: readonly Size[]): number {
  const elementCount = productOf(shape);
  const count = evaluateSize(elementCount, draft.sizes);
  draft.buffers.push({ dataType, elementCount, access: "write" });
  draft.inputs.push(zeros(dataType, count));
  return draft.buffers.length - 1;
}

export function zeros(dataType: StorageType, elementCount: number): Uint8Array {
  return new Uint8Array(byteLengthOf(dataType, elementCount));
}

/** Bytes of a buffer that holds the numbers; 64-bit types also take bigints. */
export function encode(dataType: StorageType, numbers: readonly (number | bigint)[]): Uint8Array {
  const bytes = zeros(dataType, numbers.length);
  const view = bufferView(dataType, bytes);
  numbers.forEach((x, i) => {
    if (view instanceof BigInt64Array || view instanceof BigUint64Array) view[i] = BigInt(x);
    else if (dataType === "float16") view[i] = toHalf(Number(x));
    else if (dataType.endsWith("int4")) view[i >> 1]! |= (Number(x) & 0xf) << (i % 2 === 0 ? 0 : 4);
    else view[i] = Number(x);
  });
  return bytes;
}

/** Largest magnitude and step of random floats: they add and multiply without rounding. */
export const exactFloats = { max: 8, step: 0.25 } as const;

/** Small numbers mostly; integers of 32 and 64 bits sometimes anywhere in their range. */
function randomValue(random: Random, dataType: StorageType): number {
  const isFloat = dataType.startsWith("float");
  if (isFloat) return (random.below(65) - 32) * exactFloats.step;
  const anywhere = /32|64/.test(dataType) && random.chance(0.2);
  const whole = dataType.endsWith("64") ? 2 ** 62 : 2 ** 32;
  const range = anywhere ? whole : dataType.endsWith("int4") ? 16 : 256;
  const x = random.below(range);
  return dataType.startsWith("u") ? x : x - range / 2;
}
