/**
 * One invocation for each tile of a contraction (contract-tile.ts).
 *
 * Sums stand in one vector of columns for each row. Rows and columns past the end are computed for the
 * last one again, so that the loop over k has no condition, and are not stored. The epilogue is written
 * once, in a loop over the tile's elements.
 */
import { affine } from "../kernel/address.ts";
import type { Kernel } from "../kernel/ir.ts";
import {
  isWhole,
  quadBuffers,
  tileContraction,
  tileCount,
  type Span,
  type Tiling,
} from "./contract-tile.ts";
import type { Grid } from "./grid.ts";
import { isMultiple, storesOf } from "./packed-stores.ts";
import { emitSize } from "./wgsl-address.ts";
import { emitExpr } from "./wgsl-expr.ts";
import { wgslTypes } from "./wgsl-operations.ts";
import { inBlock, withAxis, withLocal, type Scope } from "./wgsl-scope.ts";
import { emitLoops, emitStatements } from "./wgsl-statement.ts";
import { lanesPerWord } from "./wgsl-storage.ts";
import { emitWithWords } from "./wgsl-store.ts";
import { compose, literal, nameAt, named, write, writeBlock, type Value } from "./wgsl-writer.ts";

/** Undefined where the kernel does not begin with its only contraction. */
export function contractGrid(
  kernel: Kernel,
  packed: ReadonlySet<number>,
  maxRows: number,
): Grid | undefined {
  const tiling = tileContraction(kernel, maxRows);
  if (tiling === undefined) return undefined;
  const owned = wordBuffers(tiling, packed);
  return {
    unit: "invocation",
    count: tileCount(tiling),
    atomics: new Set([...packed].filter((buffer) => !owned.has(buffer))),
    quads: quadBuffers(tiling),
    emit(scope, index) {
      const located = locate(scope, tiling, index);
      const sums = emitSums(located, tiling);
      emitEpilogue(located, tiling, sums, owned);
    },
  };
}

/** The scope in which batch and tile are known. Columns vary fastest, then rows. */
function locate(scope: Scope, { batch, rows, columns }: Tiling, index: Value): Scope {
  const { block } = scope;
  const across = emitSize(scope, columns.tile.extent);
  const down = emitSize(scope, rows.tile.extent);
  const column = named(block, compose(block, "$i % $n", { i: index, n: across }));
  const rest = compose(block, "$i / $n", { i: index, n: across });
  const row = named(block, compose(block, "$i % $n", { i: rest, n: down }));
  const batchIndex = named(block, compose(block, "$i / $n", { i: rest, n: down }));
  const inTile = withAxis(withAxis(scope, rows.tile.name, row), columns.tile.name, column);
  return withAxis(inTile, batch.name, batchIndex);
}

/** Computes the tile's sums; returns a variable for each row. */
function emitSums(scope: Scope, { contract, rows, columns, loops, steps }: Tiling): string[] {
  const type = vectorType(wgslTypes[contract.accumulator.type], columns.size);
  const sums = Array.from({ length: rows.size }, (_, i) => `sum${i}`);
  sums.forEach((sum) => write(scope.block, `var ${sum} = ${type}();`));
  emitLoops(scope, loops, (inside) => {
    const { block } = inside;
    for (const { a, b } of steps) {
      const parts = b.map((expr) => emitExpr(inside, expr));
      const vector = named(block, combine(inside, type, parts));
      a.forEach((expr, i) => {
        const product = compose(block, "$a * $b", { a: emitExpr(inside, expr), b: vector });
        write(block, `${sums[i]!} += ${product.text};`);
      });
    }
  });
  return sums;
}

/** A vector of the parts; the parts of one vector of four, in order, are that vector or its beginning. */
function combine({ block }: Scope, type: string, parts: readonly Value[]): Value {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const whole = first!.text.replace(/\.x$/, "");
  if (parts.every(({ text }, i) => text === `${whole}.${"xyzw"[i]!}`)) {
    return {
      ...first!,
      text: parts.length === 4 ? whole : `${whole}.${"xyz".slice(0, parts.length)}`,
    };
  }
  const operands = Object.fromEntries(parts.map((part, i) => [`v${i}`, part]));
  return compose(block, `${type}(${parts.map((_, i) => `$v${i}`).join(", ")})`, operands);
}

function vectorType(scalar: string, length: number): string {
  return length === 1 ? scalar : `vec${length}<${scalar}>`;
}

function emitEpilogue(
  scope: Scope,
  { contract, epilogue, rows, columns }: Tiling,
  sums: readonly string[],
  owned: ReadonlySet<number>,
): void {
  const words = [...owned].map((buffer) => scope.buffers[buffer]!);
  const lanes = words.length === 0 ? columns.size : lanesPerWord(words[0]!.dataType);
  emitTileLoop(scope, rows, "i", [0, rows.size], (inRow, i) => {
    const sum = named(inRow.block, pickRow(inRow, sums, i));
    for (let from = 0; from < columns.size; from += lanes) {
      const range = [from, Math.min(from + lanes, columns.size)] as const;
      const emitColumns = (inWords: Scope): void =>
        emitTileLoop(inWords, columns, "j", range, (inColumn, j) => {
          const { block } = inColumn;
          const element = columns.size === 1 ? sum : compose(block, "$v[$j]", { v: sum, j });
          const { name } = contract.accumulator;
          emitStatements(withLocal(inColumn, name, named(block, element)), epilogue);
        });
      if (words.length === 0) emitColumns(inRow);
      else emitWithWords(inRow, words, emitColumns);
    }
  });
}

/** A loop over some rows or columns of the tile; what lies past the end of the axis is left out. */
function emitTileLoop(
  scope: Scope,
  span: Span,
  variable: string,
  [from, to]: readonly [number, number],
  body: (scope: Scope, offset: Value) => void,
): void {
  const { block } = scope;
  const tile = scope.axes.get(span.tile.name)!;
  const first = compose(block, `$t * ${span.size}i`, { t: tile });
  if (span.size === 1) return body(withAxis(scope, span.axis.name, tile), literal("0i"));
  const header = `for (var ${variable} = ${from}i; ${variable} < ${to}i; ${variable}++)`;
  writeBlock(block, header, (inner) => {
    const offset = nameAt(inner, variable);
    const at = named(inner, compose(inner, "$a + $b", { a: first, b: offset }));
    const here = withAxis(inBlock(scope, inner), span.axis.name, at);
    if (isWhole(span)) return body(here, offset);
    const condition = `if (${at.text} < ${emitSize(here, span.axis.extent).text})`;
    writeBlock(inner, condition, (b) => body(inBlock(here, b), offset), true);
  });
}

/** The sums of row i: a chain of selections, since indexing would put the sums into memory. */
function pickRow({ block }: Scope, sums: readonly string[], i: Value): Value {
  return sums
    .slice(1)
    .reduce<Value>(
      (picked, sum, k) =>
        compose(block, `select($p, $s, $i == ${k + 1}i)`, { p: picked, s: nameAt(block, sum), i }),
      nameAt(block, sums[0]!),
    );
}

/**
 * Buffers of which each invocation owns the words it stores to: consecutive columns fill a word that
 * starts at a multiple of its lanes.
 */
function wordBuffers(
  { kernel, epilogue, columns }: Tiling,
  packed: ReadonlySet<number>,
): ReadonlySet<number> {
  const stores = storesOf(epilogue).filter(({ buffer }) => packed.has(buffer));
  const lanesOf = (buffer: number): number => lanesPerWord(kernel.buffers[buffer]!.dataType);
  const owned = stores.filter((store) => {
    const split = affine(store.address, [columns.axis]);
    const stride = split?.strides[0];
    return (
      epilogue.includes(store) &&
      columns.size % lanesOf(store.buffer) === 0 &&
      stores.every((other) => other === store || other.buffer !== store.buffer) &&
      stride?.kind === "const" &&
      stride.value === 1 &&
      isMultiple(split!.base, lanesOf(store.buffer))
    );
  });
  const buffers = owned.map(({ buffer }) => buffer);
  return new Set(buffers.filter((buffer) => lanesOf(buffer) === lanesOf(buffers[0]!)));
}
