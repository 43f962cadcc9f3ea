/**
 * What follows the sums of a contraction: a small loop nest over one block of them, which lie in scratch
 * memory. It is built as other kernels are (`../generic`), by vectors along the columns.
 */
import {
  addAddress,
  axisAddress,
  constant,
  linearAddress,
  mulAddress,
  subtractAddress,
} from "../../kernel/address.ts";
import { load } from "../../kernel/expr.ts";
import type { Address, Axis, Stmt, ValueType } from "../../kernel/ir.ts";
import type { StorageType } from "../../util/data-type.ts";
import { unreachable } from "../../util/unreachable.ts";
import type { Assembler, Local } from "../assembler.ts";
import { emitStretch } from "../generic/emit-statement.ts";
import { startPoint, withAxis } from "../generic/point.ts";
import { blockColumns, blockCount, blockRows } from "./blocks.ts";
import type { Contraction } from "./contraction.ts";
import { openScope, writeScope } from "./scope.ts";
import type { BoundAxes, KernelContext, ScratchBuffer } from "./scope.ts";

export interface SummedBlock {
  /** The outer axes. */
  readonly outer: BoundAxes;
  readonly firstRow: Local;
  readonly firstColumn: Local;
  /** `firstColumn` in blocks. */
  readonly columnBlock: Local;
  readonly rows: Local;
  readonly columns: Local;
  /** Points to the sums. */
  readonly sums: Local;
}

export function emitEpilogue(
  asm: Assembler,
  context: KernelContext,
  contraction: Contraction,
  block: SummedBlock,
): void {
  const { m, n } = contraction;
  const firstRow: Axis = { name: "'firstRow", extent: m.extent };
  const columnBlock: Axis = { name: "'columnBlock", extent: blockCount(n.extent, blockColumns) };
  const rows: Axis = { name: "'rows", extent: blockRows + 1 };
  const columns: Axis = { name: "'columns", extent: blockColumns + 1 };
  const bound = new Map(block.outer)
    .set(firstRow.name, block.firstRow)
    .set(columnBlock.name, block.columnBlock)
    .set(rows.name, block.rows)
    .set(columns.name, block.columns);
  const scope = openScope(context, bound, [sumsBuffer(contraction, block.sums)]);
  const { nest } = scope.emission;
  const row = nest.freshAxis("'row", blockRows);
  const range = { axis: row, start: nest.graph.i32(0), end: nest.axis(rows.name) };
  nest.loop(range, [], () => {
    const m0 = addAddress(axisAddress(firstRow), axisAddress(row));
    // In blocks, so that what divides a block folds: the heads of n = head * 64 + element.
    const start = mulAddress(axisAddress(columnBlock), constant(blockColumns));
    const stretch = { axis: n, start, count: axisAddress(columns), limit: blockColumns };
    emitStretch(scope.emission, withAxis(startPoint(), m.name, m0), stretch, [
      readSum(context, contraction, axisAddress(row), subtractAddress(axisAddress(n), start)),
      ...contraction.epilogue,
    ]);
    return [];
  });
  writeScope(asm, scope);
}

/** Binds the accumulator to its sum. */
function readSum(
  { kernel }: KernelContext,
  { accumulator }: Contraction,
  row: Address,
  column: Address,
): Stmt {
  const address = linearAddress([row, column], [blockRows, blockColumns]);
  return {
    kind: "let",
    local: accumulator,
    value: load(accumulator.type, kernel.buffers.length, address),
  };
}

function sumsBuffer({ accumulator }: Contraction, pointer: Local): ScratchBuffer {
  const dataType = sumStorages[accumulator.type] ?? unreachable(`sums of ${accumulator.type}`);
  return { dataType, elementCount: blockRows * blockColumns, access: "read", pointer };
}

const sumStorages: Partial<Record<ValueType, StorageType>> = {
  f32: "float32",
  i32: "int32",
  u32: "uint32",
};
