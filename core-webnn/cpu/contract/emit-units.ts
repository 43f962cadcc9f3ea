/** The loop over a contraction's units of work: which block each is, its sums, its epilogue. */
import { addAddress, axisAddress, mulAddress } from "../../kernel/address.ts";
import type { Axis } from "../../kernel/ir.ts";
import type { Assembler, Local } from "../assembler.ts";
import { advance, copyOf, pushAmount, setMinimum } from "./amount.ts";
import type { Amount } from "./amount.ts";
import { blockColumns, blockRows } from "./blocks.ts";
import { panelColumns } from "./contraction.ts";
import type { Contraction, Operand } from "./contraction.ts";
import { byteLengthOf } from "./elements.ts";
import { emitEpilogue } from "./epilogue.ts";
import type { SummedBlock } from "./epilogue.ts";
import { amountOf, pointerTo } from "./scope.ts";
import type { BoundAxes, KernelContext } from "./scope.ts";
import type { Block } from "./strips.ts";
import { prepareSums } from "./sums.ts";
import type { Sums } from "./sums.ts";

interface Range {
  readonly begin: Local;
  readonly end: Local;
  readonly scratch: Local;
}

export function emitUnits(
  asm: Assembler,
  context: KernelContext,
  contraction: Contraction,
  { begin, end, scratch }: Range,
): void {
  const { outer, m, n } = contraction;
  const sums = prepareSums(asm, context, contraction);
  const [rows, columns, ...outerExtents] = [m, n, ...outer].map(({ extent }) =>
    amountOf(asm, context, extent),
  );
  const counts = [
    countBlocks(asm, columns!, blockColumns),
    countBlocks(asm, rows!, blockRows),
    ...outerExtents.reverse(),
  ];
  whileBelow(asm, begin, end, () => {
    const [columnBlock, rowBlock, ...outermostLast] = splitUnit(asm, begin, counts);
    const block: SummedBlock = {
      outer: new Map(outer.map(({ name }, i) => [name, outermostLast.at(-1 - i)!])),
      firstRow: firstOf(asm, rowBlock!, blockRows),
      firstColumn: firstOf(asm, columnBlock!, blockColumns),
      columnBlock: columnBlock!,
      rows: asm.local("i32"),
      columns: asm.local("i32"),
      sums: scratch,
    };
    setCount(asm, block.rows, rows!, block.firstRow, blockRows);
    setCount(asm, block.columns, columns!, block.firstColumn, blockColumns);
    emitSums(asm, context, contraction, sums, block);
    emitEpilogue(asm, context, contraction, block);
    asm.release(...outermostLast, columnBlock!, rowBlock!, block.firstRow, block.firstColumn);
    asm.release(block.rows, block.columns);
  });
}

/** `ceil(extent / size)`. */
function countBlocks(asm: Assembler, extent: Amount, size: number): Amount {
  if (typeof extent === "number") return Math.ceil(extent / size);
  const count = copyOf(asm, extent, size - 1);
  asm.get(count);
  asm.i32(size);
  asm.op("i32.div_u");
  asm.set(count);
  return count;
}

/** `begin` counts up to `end`. */
function whileBelow(asm: Assembler, begin: Local, end: Local, body: () => void): void {
  asm.block((done) => {
    asm.loop((again) => {
      asm.get(begin);
      asm.get(end);
      asm.op("i32.ge_s");
      asm.brIf(done);
      body();
      advance(asm, begin, 1);
      asm.br(again);
    });
  });
}

/** The unit as an index of so many counts, the fastest first: new locals. */
function splitUnit(asm: Assembler, unit: Local, counts: readonly Amount[]): Local[] {
  const rest = asm.local("i32");
  asm.get(unit);
  asm.set(rest);
  const indices = counts.map((count) => {
    const index = asm.local("i32");
    asm.get(rest);
    pushAmount(asm, count);
    asm.op("i32.rem_u");
    asm.set(index);
    asm.get(rest);
    pushAmount(asm, count);
    asm.op("i32.div_u");
    asm.set(rest);
    return index;
  });
  asm.release(rest);
  return indices;
}

function firstOf(asm: Assembler, block: Local, size: number): Local {
  const first = asm.local("i32");
  asm.get(block);
  asm.i32(size);
  asm.op("i32.mul");
  asm.set(first);
  return first;
}

/** `count = min(extent - first, most)`. */
function setCount(asm: Assembler, count: Local, extent: Amount, first: Local, most: number): void {
  pushAmount(asm, extent);
  asm.get(first);
  asm.op("i32.sub");
  asm.set(count);
  setMinimum(asm, count, count, most);
}

function emitSums(
  asm: Assembler,
  context: KernelContext,
  contraction: Contraction,
  sums: Sums,
  block: SummedBlock,
): void {
  const { m, n, form } = contraction;
  const a = operandPointer(asm, context, contraction.a, m, block.firstRow, block.outer);
  const panel = asm.local("i32");
  asm.get(block.firstColumn);
  asm.i32(form === "panels" ? panelColumns : 1);
  asm.op("i32.div_u");
  asm.set(panel);
  const b = operandPointer(asm, context, contraction.b, n, panel, block.outer);
  asm.release(panel);
  const at: Block = { ...block, a, b, out: block.sums };
  const single = (): void => sums.single(at, block.outer);
  const many = (): void => sums.many(at, block.outer);
  if (m.extent === 1) single();
  else if (typeof m.extent === "number") many();
  else {
    asm.get(block.rows);
    asm.i32(1);
    asm.op("i32.eq");
    asm.if(single, many);
  }
  asm.release(a, b);
}

/** Where an operand starts at row (or column, or panel) `first`. */
function operandPointer(
  asm: Assembler,
  context: KernelContext,
  { elements, base, rowStride }: Operand,
  axis: Axis,
  first: Local,
  outer: BoundAxes,
): Local {
  const address = addAddress(base, mulAddress(rowStride, axisAddress(axis)));
  const axes = new Map(outer).set(axis.name, first);
  return pointerTo(asm, context, axes, elements.buffer, address, byteLengthOf(elements));
}
