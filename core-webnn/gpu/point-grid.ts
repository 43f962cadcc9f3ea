/** One invocation for each point of the space, or for all points whose elements share a word. */
import type { Axis, Kernel } from "../kernel/ir.ts";
import {
  addSizes,
  floorDivideSizes,
  multiplySizes,
  subtractSizes,
  type Size,
} from "../util/size.ts";
import { flattenSpace, newAxisName } from "./flatten-space.ts";
import type { Grid } from "./grid.ts";
import { wordOrder, type WordOrder } from "./packed-stores.ts";
import { emitSize } from "./wgsl-address.ts";
import { inBlock, withAxis, type Scope } from "./wgsl-scope.ts";
import { emitStatements } from "./wgsl-statement.ts";
import { emitWithWords } from "./wgsl-store.ts";
import { compose, nameAt, named, writeBlock, type Value } from "./wgsl-writer.ts";

/** `packed`: numbers of the written buffers whose elements share words. */
export function pointGrid(kernel: Kernel, packed: ReadonlySet<number>): Grid {
  const order = wordOrder(kernel, packed);
  const flat = flatten(kernel, order?.axes ?? kernel.space);
  if (order !== undefined) return wordGrid(flat, order, packed);
  return {
    unit: "invocation",
    count: flat.point.extent,
    atomics: packed,
    quads: new Set(),
    emit(scope, index) {
      emitStatements(withAxis(scope, flat.point.name, index), flat.kernel.body);
    },
  };
}

interface FlatKernel {
  readonly kernel: Kernel;
  readonly point: Axis;
}

function flatten(kernel: Kernel, axes: readonly Axis[]): FlatKernel {
  const flat = flattenSpace(kernel, [{ name: newAxisName(kernel, "point"), axes }]);
  return { kernel: flat, point: flat.space[0]! };
}

/** Invocation i takes the elements of word `floor(base / lanes) + i`; at both ends some may lie outside. */
function wordGrid(flat: FlatKernel, order: WordOrder, packed: ReadonlySet<number>): Grid {
  const { lanes, base } = order;
  const total = flat.point.extent;
  const firstWord = floorDivideSizes(base, lanes);
  const end = floorDivideSizes(addSizes(base, total, lanes - 1), lanes);
  const isExact = base === 0 && isMultipleOf(total, lanes);
  return {
    unit: "invocation",
    count: subtractSizes(end, firstWord),
    atomics: new Set([...packed].filter((buffer) => !order.buffers.has(buffer))),
    quads: new Set(),
    emit(scope, index) {
      const words = [...order.buffers].map((buffer) => scope.buffers[buffer]!);
      const first = firstPoint(scope, index, lanes, base);
      emitWithWords(scope, words, (inside) =>
        writeBlock(scope.block, `for (var lane = 0i; lane < ${lanes}i; lane++)`, (block) => {
          const at = inBlock(inside, block);
          const lane = nameAt(block, "lane");
          const point = named(block, compose(block, "$a + $b", { a: first, b: lane }));
          if (isExact) emitPoint(at, flat, point);
          else emitPointWithin(at, flat, point, base);
        }),
      );
    },
  };
}

/** Writes the body for a point that may lie outside the space at either end. */
function emitPointWithin(scope: Scope, flat: FlatKernel, point: Value, base: Size): void {
  const end = emitSize(scope, flat.point.extent);
  const beforeEnd = `${point.text} < ${end.text}`;
  const condition = base === 0 ? beforeEnd : `${point.text} >= 0i && ${beforeEnd}`;
  writeBlock(
    scope.block,
    `if (${condition})`,
    (block) => emitPoint(inBlock(scope, block), flat, point),
    true,
  );
}

function emitPoint(scope: Scope, { kernel, point }: FlatKernel, value: Value): void {
  emitStatements(withAxis(scope, point.name, value), kernel.body);
}

/** The point of the first element of word `index`: negative where the base is inside the word. */
function firstPoint(scope: Scope, index: Value, lanes: number, base: Size): Value {
  const { block } = scope;
  const start = compose(block, `$i * ${lanes}i`, { i: index });
  const shift = subtractSizes(multiplySizes(floorDivideSizes(base, lanes), lanes), base);
  if (shift === 0) return named(block, start);
  return named(block, compose(block, "$a + $b", { a: start, b: emitSize(scope, shift) }));
}

function isMultipleOf(size: Size, factor: number): boolean {
  return typeof size === "number" && size % factor === 0;
}
