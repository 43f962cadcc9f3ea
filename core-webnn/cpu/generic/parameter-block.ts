/** The values a kernel finds in its parameter block: buffer addresses, then the sizes that its code asks for. */
import { SizeList } from "../../kernel/size-list.ts";
import type { Size } from "../../util/size.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/** What a kernel's block holds. All code of a kernel has the same. */
export interface BlockLayout {
  readonly bufferCount: number;
  readonly sizes: SizeList;
}

export function blockLayout(kernel: { readonly buffers: readonly unknown[] }): BlockLayout {
  return { bufferCount: kernel.buffers.length, sizes: new SizeList() };
}

export class ParameterBlock {
  readonly #graph: ValueGraph;
  readonly #block: Value;
  readonly #layout: BlockLayout;
  readonly #further: readonly Value[];

  /** `further` are addresses of buffers that the block does not hold, numbered after the kernel's. */
  constructor(
    graph: ValueGraph,
    block: Value,
    layout: BlockLayout,
    further: readonly Value[] = [],
  ) {
    this.#graph = graph;
    this.#block = block;
    this.#layout = layout;
    this.#further = further;
  }

  bufferAddress(buffer: number): Value {
    return this.#further[buffer - this.#layout.bufferCount] ?? this.#word(buffer);
  }

  size(size: Size): Value {
    if (typeof size === "number") return this.#graph.i32(size);
    return this.#word(this.#layout.bufferCount + this.#layout.sizes.indexOf(size));
  }

  #word(index: number): Value {
    return this.#graph.load("i32.load", this.#block, 4 * index);
  }
}
