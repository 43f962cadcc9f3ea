/**
 * The values a kernel finds in its parameter block: buffer addresses and sizes.
 *
 * The block holds the sizes that the kernel's text mentions. Splitting loops makes others of them
 * (`4*n` of `n`, `past` of `64*past`, `m*n` of both); those are computed from the ones it holds.
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

export class ParameterBlock {
  readonly #graph: ValueGraph;
  readonly #block: Value;
  readonly #sizes: readonly SymbolicSize[];
  readonly #bufferCount: number;
  readonly #further: readonly Value[];

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
    return this.#derive(size, 8) ?? unreachable(`size ${sizeKey(size)} of no kernel's text`);
  }

  #word(index: number): Value {
    return this.#graph.load("i32.load", this.#block, 4 * index);
  }

  #derive(size: Size, depth: number): Value | undefined {
    const g = this.#graph;
    if (typeof size === "number") return g.i32(size);
    if (depth === 0) return undefined;
    return (
      this.#sizes.map((known, i) => this.#multipleOf(size, known, i)).find((x) => x) ??
      this.#sizes.map((known, i) => this.#reduceBy(size, known, i, depth)).find((x) => x) ??
      this.#sumOfTerms(size, depth) ??
      this.#sizes.map((known, i) => this.#quotientBy(size, known, i, depth)).find((x) => x)
    );
  }

  /** size = (size * known) / known. */
  #quotientBy(
    size: SymbolicSize,
    known: SymbolicSize,
    i: number,
    depth: number,
  ): Value | undefined {
    const g = this.#graph;
    const product = this.#derive(multiplySizes(size, known), Math.min(depth - 1, 1));
    const divisor = divisorOf(g, this.#word(this.#bufferCount + i));
    return product && exactDivide(g, product, divisor);
  }

  #sumOfTerms(size: SymbolicSize, depth: number): Value | undefined {
    if (size.terms.length === 1) return this.#product(size, depth);
    const values = size.terms.map((term) => this.#derive({ terms: [term] }, depth - 1));
    return values.reduce((a, b) => (a && b ? add(this.#graph, a, b) : undefined));
  }

  /** Of a term of several factors, or of one that is a division. */
  #product({ terms }: SymbolicSize, depth: number): Value | undefined {
    const g = this.#graph;
    const { coefficient, factors } = terms[0]!;
    if (factors.length === 0) return g.i32(coefficient);
    const values = factors.map((factor) => {
      if (factor.kind === "floorDiv") return this.#quotient(factor, depth);
      const alone = { terms: [{ coefficient: 1, factors: [factor] }] };
      return factors.length === 1 && coefficient === 1 ? undefined : this.#derive(alone, depth - 1);
    });
    return values.reduce<Value | undefined>(
      (a, b) => (a && b ? multiply(g, a, b) : undefined),
      g.i32(coefficient),
    );
  }

  #quotient(
    { dividend, divisor }: { readonly dividend: Size; readonly divisor: Size },
    depth: number,
  ): Value | undefined {
    const [a, b] = [this.#derive(dividend, depth - 1), this.#derive(divisor, depth - 1)];
    const isNatural = sizeRange(dividend)[0] >= 0;
    return a && b ? floorDivide(this.#graph, a, divisorOf(this.#graph, b), isNatural) : undefined;
  }

  /** size = factor * known, or known / factor, for a number. */
  #multipleOf(size: SymbolicSize, known: SymbolicSize, i: number): Value | undefined {
    const g = this.#graph;
    const word = this.#word(this.#bufferCount + i);
    const factor = divideExactly(size, known) ?? quotientOfTerms(size, known);
    if (typeof factor === "number") return multiply(g, word, g.i32(factor));
    const divisor = divideExactly(known, size) ?? quotientOfTerms(known, size);
    return typeof divisor === "number" ? exactDivide(g, word, g.i32(divisor)) : undefined;
  }

  /** size = factor * known + rest, where the rest has fewer terms. */
  #reduceBy(size: SymbolicSize, known: SymbolicSize, i: number, depth: number): Value | undefined {
    for (const term of size.terms) {
      const factor = divideExactly({ terms: [term] }, { terms: [known.terms[0]!] });
      if (factor === undefined) continue;
      const rest = subtractSizes(size, multiplySizes(factor, known));
      if (termCount(rest) >= termCount(size)) continue;
      const [a, b] = [this.#derive(factor, depth - 1), this.#derive(rest, depth - 1)];
      if (a === undefined || b === undefined) continue;
      const product = multiply(this.#graph, a, this.#word(this.#bufferCount + i));
      return add(this.#graph, product, b);
    }
    return undefined;
  }
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
