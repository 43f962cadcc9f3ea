/**
 * Plans of one program's arena that serve many sets of sizes.
 *
 * Planning costs milliseconds and a decoder's sizes change at every token, so the arena is planned for
 * sizes rounded up by less than a quarter: a plan for larger sizes holds for smaller ones, provided that
 * no buffer shrinks as a size grows. A size for which that is not plain is not rounded.
 */
import { Lru } from "../util/lru.ts";
import { planArena, type Arena } from "./arena.ts";
import type { Program } from "./program.ts";
import { namesIn, sizeRange, type Size, type Sizes, type SymbolicSize } from "../util/size.ts";

type Factor = SymbolicSize["terms"][number]["factors"][number];

/** An arena and the sizes it was planned for: each buffer has room for its length at these. */
export interface SizedArena {
  readonly arena: Arena;
  readonly sizes: Sizes;
}

const plansKept = 8;

export class ArenaPlans {
  readonly #program: Program;
  readonly #alignment: number;
  readonly #plans = new Lru<string, SizedArena>(plansKept);
  /** The largest value that a rounded size may get; sizes that are not rounded have 0. */
  readonly #limits: ReadonlyMap<string, number>;

  constructor(program: Program, alignment: number) {
    this.#program = program;
    this.#alignment = alignment;
    this.#limits = roundingLimits(program);
  }

  /** A plan in which the program's buffers fit for these sizes. */
  planFor(sizes: Sizes): SizedArena {
    const rounded = [...this.#limits].map(([name, limit]): [string, number] => {
      const size = sizes[name]!;
      return [name, Math.max(size, Math.min(roundUp(size), limit))];
    });
    const key = rounded.join();
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const planned = Object.fromEntries(rounded);
    const plan = { arena: planArena(this.#program, planned, this.#alignment), sizes: planned };
    this.#plans.set(key, plan);
    return plan;
  }
}

/** To a multiple of the largest power of two that is at most a quarter: 5 stays, 100 becomes 112. */
export function roundUp(size: number): number {
  const step = size < 8 ? 1 : 2 ** Math.floor(Math.log2(size / 4));
  return Math.ceil(size / step) * step;
}

function roundingLimits({ buffers, sizeNames }: Program): ReadonlyMap<string, number> {
  const limits = new Map(sizeNames.map((name) => [name, Infinity]));
  for (const { place, elementCount } of buffers) {
    if (place.kind !== "arena") continue;
    const grows = neverFalls(elementCount);
    const maxima = maxSizesIn(elementCount);
    for (const name of namesIn(elementCount)) {
      const limit = grows ? (maxima.get(name) ?? Infinity) : 0;
      limits.set(name, Math.min(limit, limits.get(name) ?? 0));
    }
  }
  return limits;
}

/** Whether the size can only grow with its names. True is certain, false may be too careful. */
function neverFalls(size: Size): boolean {
  if (typeof size === "number") return true;
  return size.terms.every(({ coefficient, factors }) => {
    if (factors.length === 0) return true;
    const multiplied = factors.length === 1 || factors.every(isNeverNegative);
    return coefficient > 0 && multiplied && factors.every(factorNeverFalls);
  });
}

function isNeverNegative(factor: Factor): boolean {
  return sizeRange({ terms: [{ coefficient: 1, factors: [factor] }] })[0] >= 0;
}

function factorNeverFalls(factor: Factor): boolean {
  if (factor.kind === "name") return true;
  return typeof factor.divisor === "number" && neverFalls(factor.dividend);
}

function maxSizesIn(size: Size): ReadonlyMap<string, number> {
  const maxima = new Map<string, number>();
  const visit = (s: Size): void => {
    for (const { factors } of typeof s === "number" ? [] : s.terms) {
      for (const f of factors) {
        if (f.kind === "floorDiv") [f.dividend, f.divisor].forEach(visit);
        else if (f.maxSize !== undefined) maxima.set(f.name, f.maxSize);
      }
    }
  };
  visit(size);
  return maxima;
}
