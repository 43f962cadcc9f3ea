/** A random graph in the making: its values so far, and how makers draw from it. */
import { evaluateCall, knownLeaf, type Arithmetic, type Known } from "../reference/bounds.ts";
import {
  outputName,
  resolveArguments,
  type Call,
  type GivenArguments,
  type Leaf,
  type LeafKind,
  type SmallGraph,
} from "../reference/graph.ts";
import { countOf, roundTo, type Shape } from "../reference/ops/tensor.ts";
import { rangeOf } from "../reference/ops/tensor.ts";
import type { Numeric } from "../reference/values.ts";
import type { MLOpSupportLimits, NamedSize } from "../../core-webnn/index.ts";
import { isFloat, isUnsigned, type StorageType } from "../../core-webnn/util/data-type.ts";

/** A value of the graph by its name. */
export interface Entry extends Known {
  readonly name: string;
}

/** Which numbers a leaf holds. */
export type Content = "whole" | "real" | "positive" | "any";

/** Adds a call of the op, or nothing where what was drawn does not fit. */
export type Maker = (draft: Draft, op: string) => void;
export type Makers = Readonly<Record<string, Maker>>;

const mostElements = 500;
const sizes = [1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 33, 65];

export class Draft {
  readonly limits: MLOpSupportLimits;
  readonly #random: () => number;
  readonly #arithmetic: Arithmetic;
  readonly #graph: Record<string, Leaf | Call> = {};
  readonly #entries: Entry[] = [];
  /** Whether inputs declare named sizes. */
  readonly #isDynamic: boolean;

  constructor(limits: MLOpSupportLimits, random: () => number, arithmetic: Arithmetic) {
    this.limits = limits;
    this.#random = random;
    this.#arithmetic = arithmetic;
    this.#isDynamic = this.chance(0.15);
  }

  get graph(): SmallGraph {
    return this.#graph;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  chance(p: number): boolean {
    return this.#random() < p;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** The value, or nothing: for options that may be left out. */
  maybe<T>(value: () => T, p = 0.5): T | undefined {
    return this.chance(p) ? value() : undefined;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.below(rest.length), 1)[0]!);
  }

  /** Of a rank that is allowed, mostly small, and not too many elements. */
  shape(min = 0, max = 8, budget = mostElements): number[] {
    const wanted = this.chance(0.06) ? max : this.below(5);
    const rank = Math.min(max, Math.max(min, wanted));
    const shape: number[] = [];
    let left = budget;
    for (let d = 0; d < rank; d++) {
      const fitting = sizes.filter((size) => size <= Math.max(1, left ** (2 / (rank - d + 1))));
      const size = this.pick(fitting);
      shape.push(size);
      left = Math.floor(left / size);
    }
    return this.shuffled(shape);
  }

  typeOf(op: string, operand: string, except: readonly StorageType[] = []): StorageType {
    const types = this.types(op, operand).filter((type) => !except.includes(type));
    const floats = types.filter(isFloat);
    return floats.length > 0 && this.chance(0.4) ? this.pick(floats) : this.pick(types);
  }

  types(op: string, operand: string): readonly StorageType[] {
    return this.limits[op]![operand]!.dataTypes;
  }

  leaf(dataType: StorageType, shape: Shape, content: Content | readonly Numeric[] = "any"): Entry {
    const count = countOf(shape);
    const values = isList(content) ? content : this.#numbers(dataType, count, content);
    const leaf = this.#leafKind(dataType, shape);
    const isDynamic = leaf === "input" && this.#isDynamic;
    const declared = isDynamic ? { declared: shape.map((size) => this.#declare(size)) } : {};
    return this.#addLeaf({ leaf, dataType, shape, values, ...declared });
  }

  /** Equal sizes have one name. One of 1 stays a number: a named size does not broadcast. */
  #declare(size: number): number | NamedSize {
    return size > 1 && this.chance(0.5) ? { name: `n${size}`, maxSize: 2 * size } : size;
  }

  /** Integers from low to high, both included. */
  whole(dataType: StorageType, shape: Shape, low: number, high: number): Entry {
    const values = Array.from({ length: countOf(shape) }, () =>
      this.#numeric(dataType, low + this.below(high - low + 1)),
    );
    return this.leaf(dataType, shape, values);
  }

  /** An earlier value that fits, more likely a late one; or a new leaf. */
  operand(
    types: readonly StorageType[],
    fits: (entry: Entry) => boolean,
    make: () => Entry,
    reuse = 0.75,
  ): Entry {
    const fitting = this.#entries.filter(
      (entry) => types.includes(entry.dataType) && isUsable(entry) && fits(entry),
    );
    if (fitting.length === 0 || !this.chance(reuse)) return make();
    return fitting[Math.max(this.below(fitting.length), this.below(fitting.length))]!;
  }

  /** Adds a call unless its results are too large or of no use. */
  call(op: string, args: GivenArguments): void {
    const given = resolveArguments(op, args, (name) => this.#entry(name));
    const results = evaluateCall(op, given, this.#arithmetic);
    if (
      results.some(({ shape }) => !isSmall(shape)) ||
      results.some(({ shape }) => shape.length > 8)
    )
      return;
    const name = this.#newName();
    this.#graph[name] = [op, args];
    results.forEach((known, i) => {
      if (!isTooLarge(known)) this.#entries.push({ ...known, name: outputName(name, i) });
    });
  }

  #entry(name: string): Entry {
    return this.#entries.find((entry) => entry.name === name)!;
  }

  #newName(): string {
    return `v${Object.keys(this.#graph).length}`;
  }

  #addLeaf(leaf: Leaf): Entry {
    const name = this.#newName();
    this.#graph[name] = leaf;
    const entry = { ...knownLeaf(leaf, this.#arithmetic), name };
    this.#entries.push(entry);
    return entry;
  }

  #leafKind(dataType: StorageType, shape: Shape): LeafKind {
    const isInput = this.limits.input.dataTypes.includes(dataType);
    if (!isInput) return this.pick(["constant", "constantTensor"]);
    if (shape.length === 0 && !dataType.endsWith("int4") && this.chance(0.3)) return "scalar";
    return this.chance(0.6) ? "input" : this.pick(["constant", "constant", "constantTensor"]);
  }

  #numbers(dataType: StorageType, count: number, content: Content): Numeric[] {
    const chosen =
      content === "any" ? this.pick(["whole", "whole", "real", "wild"] as const) : content;
    return Array.from({ length: count }, () => this.#number(dataType, chosen));
  }

  #number(dataType: StorageType, content: Content | "wild"): Numeric {
    const small = isUnsigned(dataType) ? this.below(8) : this.below(15) - 7;
    switch (content) {
      case "whole":
        return this.#numeric(dataType, small);
      case "positive":
        return isFloat(dataType)
          ? roundTo(dataType, 0.25 + 4 * this.#random())
          : this.#numeric(dataType, 1 + this.below(6));
      case "real":
      case "any":
        return isFloat(dataType)
          ? roundTo(dataType, 8 * this.#random() - 4)
          : this.#numeric(dataType, small);
      case "wild":
        if (this.chance(0.15)) return this.#extreme(dataType);
        return isFloat(dataType) && this.chance(0.3)
          ? roundTo(dataType, (2 * this.#random() - 1) * 2 ** (this.below(41) - 20))
          : this.#number(dataType, "real");
      default:
        return content satisfies never;
    }
  }

  #extreme(dataType: StorageType): Numeric {
    if (dataType === "float32") {
      return this.pick(
        [-0, NaN, Infinity, -Infinity, 1e-40, -(2 ** -149), 3.4e38, 1e10, -88, 1e-7].map(
          Math.fround,
        ),
      );
    }
    if (dataType === "float16") {
      return roundTo(
        dataType,
        this.pick([-0, NaN, Infinity, -Infinity, 2 ** -24, 65504, -1e-5, 300]),
      );
    }
    const [low, high] = rangeOf(dataType);
    const value = this.pick([low, high, 0n, high - 1n, low + 1n]);
    return dataType.endsWith("64") ? value : Number(value);
  }

  #numeric(dataType: StorageType, value: number): Numeric {
    return dataType.endsWith("64") ? BigInt(value) : value;
  }
}

function isList(content: Content | readonly Numeric[]): content is readonly Numeric[] {
  return typeof content !== "string";
}

/** Makers do not build on elements of which nothing is known. */
function isUsable({ errors }: Entry): boolean {
  return !errors.includes(Infinity);
}

/** What is larger takes the reference too long. */
export function isSmall(shape: Shape): boolean {
  return countOf(shape) <= 4 * mostElements;
}

/** Infinite only once it is rounded to float16: who reads it in the same kernel may see what it was before. */
function isTooLarge({ dataType, values }: Known): boolean {
  return dataType === "float16" && values.some((x) => Math.abs(Number(x)) === Infinity);
}

/** Known to the last bit. */
export function isExact({ errors }: Entry): boolean {
  return errors.every((error) => error === 0);
}

export function magnitudeOf({ values }: Entry): number {
  return values.reduce<number>((most, x) => Math.max(most, Math.abs(Number(x))), 0);
}
