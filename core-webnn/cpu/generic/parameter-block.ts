/**
 * The values a kernel finds in its parameter block: buffer addresses and sizes.
 *
 * The block holds the sizes that the kernel's text mentions. Splitting loops makes others of them
 * (`4*n` of `n`, `past` of `64*past`, `m*n` of both); those are computed from the ones it holds. How is
 * found once for each size; where, at each use: values may have to stay inside loops.
 */
import { kernelSizes } from "../../kernel/parameters.ts";
import type { Kernel } from "../../kernel/ir.ts";
import {
  divideExactly,
  multiplySizes,
  sizeKey,
  sizeRange,
  subtractSizes,
} from "../../util/size.ts";
import type { Size, SymbolicSize } from "../../util/size.ts";
import { unreachable } from "../../util/unreachable.ts";
import { add, divisorOf, exactDivide, floorDivide, multiply } from "./integers.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/** Computes a size. */
type Recipe = () => Value;

export class ParameterBlock {
  readonly #graph: ValueGraph;
  readonly #block: Value;
  readonly #sizes: readonly SymbolicSize[];
  readonly #bufferCount: number;
  readonly #further: readonly Value[];
  readonly #recipes = new Map<string, Recipe>();

  /** `further` are addresses of buffers that the block does not hold, numbered after the kernel's. */
  constructor(graph: ValueGraph, block: Value, kernel: Kernel, further: readonly Value[] = []) {
    this.#graph = graph;
    this.#block = block;
    this.#sizes = kernelSizes(kernel);
    this.#bufferCount = kernel.buffers.length;
    this.#further = further;
  }

  bufferAddress(buffer: number): Value {
    return this.#further[buffer - this.#bufferCount] ?? this.#word(buffer);
  }

  size(size: Size): Value {
    if (typeof size === "number") return this.#graph.i32(size);
    const key = sizeKey(size);
    const recipe = this.#recipes.get(key) ?? this.#derive(size, 8);
    if (recipe === undefined) return unreachable(`size ${key} of no kernel's text`);
    this.#recipes.set(key, recipe);
    return recipe();
  }

  #word(index: number): Value {
    return this.#graph.load("i32.load", this.#block, 4 * index);
  }

  #derive(size: Size, depth: number): Recipe | undefined {
    if (typeof size === "number") return () => this.#graph.i32(size);
    if (depth === 0) return undefined;
    return (
      this.#firstKnown((known, i) => this.#multipleOf(size, known, i)) ??
      this.#firstKnown((known, i) => this.#reduceBy(size, known, i, depth)) ??
      this.#sumOfTerms(size, depth) ??
      this.#firstKnown((known, i) => this.#quotientBy(size, known, i, depth))
    );
  }

  #firstKnown(derive: (known: SymbolicSize, i: number) => Recipe | undefined): Recipe | undefined {
    for (const [i, known] of this.#sizes.entries()) {
      const recipe = derive(known, i);
      if (recipe !== undefined) return recipe;
    }
    return undefined;
  }

  /** The size that the block holds at this position. */
  #known(i: number): Value {
    return this.#word(this.#bufferCount + i);
  }

  /** size = (size * known) / known. */
  #quotientBy(
    size: SymbolicSize,
    known: SymbolicSize,
    i: number,
    depth: number,
  ): Recipe | undefined {
    const g = this.#graph;
    const product = this.#derive(multiplySizes(size, known), Math.min(depth - 1, 1));
    return product && (() => exactDivide(g, product(), divisorOf(g, this.#known(i))));
  }

  #sumOfTerms(size: SymbolicSize, depth: number): Recipe | undefined {
    if (size.terms.length === 1) return this.#product(size, depth);
    const terms = allOf(size.terms.map((term) => this.#derive({ terms: [term] }, depth - 1)));
    return terms && (() => terms.map((term) => term()).reduce((a, b) => add(this.#graph, a, b)));
  }

  /** Of a term of several factors, or of one that is a division. */
  #product({ terms }: SymbolicSize, depth: number): Recipe | undefined {
    const g = this.#graph;
    const { coefficient, factors } = terms[0]!;
    const recipes = factors.map((factor) => {
      if (factor.kind === "floorDiv") return this.#quotient(factor, depth);
      const alone = { terms: [{ coefficient: 1, factors: [factor] }] };
      return factors.length === 1 && coefficient === 1 ? undefined : this.#derive(alone, depth - 1);
    });
    const found = allOf(recipes);
    if (found === undefined) return undefined;
    return () =>
      found.map((recipe) => recipe()).reduce((a, b) => multiply(g, a, b), g.i32(coefficient));
  }

  #quotient(
    { dividend, divisor }: { readonly dividend: Size; readonly divisor: Size },
    depth: number,
  ): Recipe | undefined {
    const g = this.#graph;
    const [a, b] = [this.#derive(dividend, depth - 1), this.#derive(divisor, depth - 1)];
    if (a === undefined || b === undefined) return undefined;
    const isNatural = sizeRange(dividend)[0] >= 0;
    return () => floorDivide(g, a(), divisorOf(g, b()), isNatural);
  }

  /** size = factor * known, or known / factor, for a number. */
  #multipleOf(size: SymbolicSize, known: SymbolicSize, i: number): Recipe | undefined {
    const g = this.#graph;
    const factor = divideExactly(size, known) ?? quotientOfTerms(size, known);
    if (typeof factor === "number") return () => multiply(g, this.#known(i), g.i32(factor));
    const divisor = divideExactly(known, size) ?? quotientOfTerms(known, size);
    if (typeof divisor === "number") return () => exactDivide(g, this.#known(i), g.i32(divisor));
    return undefined;
  }

  /** size = factor * known + rest, where the rest has fewer terms. */
  #reduceBy(size: SymbolicSize, known: SymbolicSize, i: number, depth: number): Recipe | undefined {
    const g = this.#graph;
    for (const term of size.terms) {
      const factor = divideExactly({ terms: [term] }, { terms: [known.terms[0]!] });
      if (factor === undefined) continue;
      const rest = subtractSizes(size, multiplySizes(factor, known));
      if (termCount(rest) >= termCount(size)) continue;
      const [a, b] = [this.#derive(factor, depth - 1), this.#derive(rest, depth - 1)];
      if (a === undefined || b === undefined) continue;
      return () => add(g, multiply(g, a(), this.#known(i)), b());
    }
    return undefined;
  }
}

function allOf(recipes: readonly (Recipe | undefined)[]): readonly Recipe[] | undefined {
  const found = recipes.filter((recipe) => recipe !== undefined);
  return found.length === recipes.length ? found : undefined;
}

/** Terms that are not constant. */
function termCount(size: Size): number {
  if (typeof size === "number") return 0;
  return size.terms.filter(({ factors }) => factors.length > 0).length;
}

/** The number that times b is a, where both are sums of the same terms. */
function quotientOfTerms(a: SymbolicSize, b: SymbolicSize): number | undefined {
  const [x, y] = [a.terms[0]!.coefficient, b.terms[0]!.coefficient];
  if (x % y !== 0) return undefined;
  return sizeKey(multiplySizes(b, x / y)) === sizeKey(a) ? x / y : undefined;
}
