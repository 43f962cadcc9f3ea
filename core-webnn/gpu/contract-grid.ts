/**
 * One invocation for each tile of a contraction: some rows (m) by up to four columns (n).
 *
 * Sums stand in one vector of columns for each row. Rows and columns past the end are computed for the
 * last one again, so that the loop over k has no condition, and are not stored. The epilogue is written
 * once, in a loop over the tile's elements.
 */
import { affine } from "../kernel/address.ts";
import type { Axis, Contract, Kernel, Stmt } from "../kernel/ir.ts";
import { addSizes, floorDivideSizes, multiplySizes, sizeRange, type Size } from "../util/size.ts";
import { flattenSpace, newAxisName } from "./flatten-space.ts";
import type { Grid } from "./grid.ts";
import { isMultiple, storesOf } from "./packed-stores.ts";
import { emitSize } from "./wgsl-address.ts";
import { emitExpr } from "./wgsl-expr.ts";
import { inBlock, withAxis, withLocal, type Scope } from "./wgsl-scope.ts";
import { emitLoops, emitStatements } from "./wgsl-statement.ts";
import { lanesPerWord } from "./wgsl-storage.ts";
import { emitWithWords } from "./wgsl-store.ts";
import { wgslTypes } from "./wgsl-operations.ts";
import { compose, literal, nameAt, named, write, writeBlock, type Value } from "./wgsl-writer.ts";

interface Tiling {
  readonly kernel: Kernel;
  readonly contract: Contract;
  readonly epilogue: readonly Stmt[];
  readonly batch: Axis;
  readonly row: Axis;
  readonly column: Axis;
  readonly rows: number;
  readonly columns: number;
}

const largestTile = { rows: 4, columns: 4 };

/** Undefined where the kernel does not begin with its only contraction. */
export function contractGrid(kernel: Kernel, packed: ReadonlySet<number>): Grid | undefined {
  const tiling = tile(kernel);
  if (tiling === undefined) return undefined;
  const { batch, row, column, rows, columns } = tiling;
  const owned = wordBuffers(tiling, packed);
  return {
    invocations: multiplySizes(
      batch.extent,
      ceilDivide(row.extent, rows),
      ceilDivide(column.extent, columns),
    ),
    atomics: new Set([...packed].filter((buffer) => !owned.has(buffer))),
    emit(scope, index) {
      const at = locate(scope, tiling, index);
      const sums = emitSums(at, tiling);
      emitEpilogue(at, tiling, sums, owned);
    },
  };
}

function tile(kernel: Kernel): Tiling | undefined {
  const [contract, ...rest] = kernel.body;
  if (contract?.kind !== "contract" || rest.some(({ kind }) => kind === "contract"))
    return undefined;
  const names = (axes: readonly Axis[]): Set<string> => new Set(axes.map(({ name }) => name));
  const [m, n] = [names(contract.m), names(contract.n)];
  const flat = flattenSpace(kernel, [
    {
      name: newAxisName(kernel, "batch"),
      axes: kernel.space.filter(({ name }) => !m.has(name) && !n.has(name)),
    },
    { name: newAxisName(kernel, "row"), axes: contract.m },
    { name: newAxisName(kernel, "column"), axes: contract.n },
  ]);
  const [batch, row, column] = flat.space as [Axis, Axis, Axis];
  const [first, ...epilogue] = flat.body as [Contract, ...Stmt[]];
  const rows = Math.min(largestTile.rows, sizeRange(row.extent)[1]);
  const columns = Math.min(largestTile.columns, sizeRange(column.extent)[1]);
  return { kernel: flat, contract: first, epilogue, batch, row, column, rows, columns };
}

/** The scope with the tile's batch index; `tileRow` and `tileColumn` are its first row and column. */
interface Located {
  readonly scope: Scope;
  readonly firstRow: Value;
  readonly firstColumn: Value;
}

function locate(scope: Scope, tiling: Tiling, index: Value): Located {
  const { block } = scope;
  const { batch, row, column, rows, columns } = tiling;
  const across = emitSize(scope, ceilDivide(column.extent, columns));
  const down = emitSize(scope, ceilDivide(row.extent, rows));
  const rest = named(block, compose(block, "$i / $n", { i: index, n: across }));
  const firstColumn = compose(block, `$i % $n * ${columns}i`, { i: index, n: across });
  const firstRow = compose(block, `$i % $n * ${rows}i`, { i: rest, n: down });
  const batchIndex = named(block, compose(block, "$i / $n", { i: rest, n: down }));
  return {
    scope: withAxis(scope, batch.name, batchIndex),
    firstRow: named(block, firstRow),
    firstColumn: named(block, firstColumn),
  };
}

/** Computes the tile's sums; returns a variable for each row. */
function emitSums({ scope, firstRow, firstColumn }: Located, tiling: Tiling): string[] {
  const { contract, row, column, rows, columns } = tiling;
  const { block } = scope;
  const type = vectorType(wgslTypes[contract.accumulator.type], columns);
  const sums = Array.from({ length: rows }, (_, i) => `sum${i}`);
  sums.forEach((sum) => write(block, `var ${sum} = ${type}();`));
  const rowScopes = within(scope, row, firstRow, rows);
  const columnScopes = within(scope, column, firstColumn, columns);
  emitLoops(scope, contract.k, (inside) => {
    const here = (outer: Scope): Scope => ({ ...inside, axes: merge(outer, inside) });
    const b = columnScopes.map((s) => emitExpr(here(s), contract.b));
    const vector = named(inside.block, combine(inside, type, b));
    rowScopes.forEach((s, i) => {
      const product = compose(inside.block, "$a * $b", {
        a: emitExpr(here(s), contract.a),
        b: vector,
      });
      write(inside.block, `${sums[i]!} += ${product.text};`);
    });
  });
  return sums;
}

/** Scopes in which the axis is `first`, `first + 1` …, but never past its end. */
function within(scope: Scope, axis: Axis, first: Value, count: number): Scope[] {
  const { block } = scope;
  const isWhole = typeof axis.extent === "number" && axis.extent % count === 0;
  const last = compose(block, "$n - 1i", { n: emitSize(scope, axis.extent) });
  return Array.from({ length: count }, (_, i) => {
    const at = i === 0 ? first : compose(block, `$a + ${i}i`, { a: first });
    const inside = isWhole || i === 0 ? at : compose(block, "min($a, $b)", { a: at, b: last });
    return withAxis(scope, axis.name, named(block, inside));
  });
}

function merge(outer: Scope, inside: Scope): Scope["axes"] {
  return new Map([...inside.axes, ...outer.axes]);
}

function combine({ block }: Scope, type: string, parts: readonly Value[]): Value {
  if (parts.length === 1) return parts[0]!;
  const operands = Object.fromEntries(parts.map((part, i) => [`v${i}`, part]));
  return compose(block, `${type}(${parts.map((_, i) => `$v${i}`).join(", ")})`, operands);
}

function vectorType(scalar: string, length: number): string {
  return length === 1 ? scalar : `vec${length}<${scalar}>`;
}

function emitEpilogue(
  { scope, firstRow, firstColumn }: Located,
  tiling: Tiling,
  sums: readonly string[],
  owned: ReadonlySet<number>,
): void {
  const { row, column, rows, columns } = tiling;
  const words = [...owned].map((buffer) => scope.buffers[buffer]!);
  const lanes = lanesOf(scope, owned) ?? columns;
  const rowSpan = { axis: row, first: firstRow, size: rows, variable: "i" };
  const columnSpan = { axis: column, first: firstColumn, size: columns, variable: "j" };
  emitTileLoop(scope, rowSpan, 0, rows, (inRow, i) => {
    const sum = named(inRow.block, pickRow(inRow, sums, i));
    for (let from = 0; from < columns; from += lanes) {
      const count = Math.min(lanes, columns - from);
      const emitColumns = (s: Scope): void =>
        emitTileLoop(s, columnSpan, from, count, (inColumn, j) => {
          const element = columns === 1 ? sum : compose(inColumn.block, "$v[$j]", { v: sum, j });
          const { accumulator } = tiling.contract;
          const value = named(inColumn.block, element);
          emitStatements(withLocal(inColumn, accumulator.name, value), tiling.epilogue);
        });
      if (words.length === 0) emitColumns(inRow);
      else emitWithWords(inRow, words, emitColumns);
    }
  });
}

/** The rows or the columns of the tile. */
interface Span {
  readonly axis: Axis;
  readonly first: Value;
  readonly size: number;
  readonly variable: string;
}

/** A loop over `count` rows or columns of the tile; what lies past the end of the axis is left out. */
function emitTileLoop(
  scope: Scope,
  { axis, first, size, variable }: Span,
  from: number,
  count: number,
  body: (scope: Scope, offset: Value) => void,
): void {
  const { block } = scope;
  if (size === 1) return body(withAxis(scope, axis.name, first), literal("0i"));
  const header = `for (var ${variable} = ${from}i; ${variable} < ${from + count}i; ${variable}++)`;
  writeBlock(block, header, (inner) => {
    const offset = nameAt(inner, variable);
    const at = named(inner, compose(inner, "$a + $b", { a: first, b: offset }));
    const isWhole = typeof axis.extent === "number" && axis.extent % size === 0;
    const here = withAxis(inBlock(scope, inner), axis.name, at);
    if (isWhole) return body(here, offset);
    const condition = `if (${at.text} < ${emitSize(here, axis.extent).text})`;
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
function wordBuffers(tiling: Tiling, packed: ReadonlySet<number>): ReadonlySet<number> {
  const { kernel, epilogue, column, columns } = tiling;
  const stores = storesOf(epilogue).filter(({ buffer }) => packed.has(buffer));
  const owned = stores.filter((store) => {
    const lanes = lanesPerWord(kernel.buffers[store.buffer]!.dataType);
    const split = affine(store.address, [column]);
    const [stride] = split?.strides ?? [];
    return (
      epilogue.includes(store) &&
      columns % lanes === 0 &&
      stores.every((other) => other === store || other.buffer !== store.buffer) &&
      stride?.kind === "const" &&
      stride.value === 1 &&
      isMultiple(split!.base, lanes)
    );
  });
  const lanes = owned.map(({ buffer }) => lanesPerWord(kernel.buffers[buffer]!.dataType));
  return new Set(owned.filter((_, i) => lanes[i] === lanes[0]).map(({ buffer }) => buffer));
}

function lanesOf(scope: Scope, owned: ReadonlySet<number>): number | undefined {
  const [first] = owned;
  return first === undefined ? undefined : lanesPerWord(scope.buffers[first]!.dataType);
}

function ceilDivide(size: Size, by: number): Size {
  return floorDivideSizes(addSizes(size, by - 1), by);
}
