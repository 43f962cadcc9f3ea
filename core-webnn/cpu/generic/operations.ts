/**
 * The kernel IR's operations as instructions, scalar and vector, one row each.
 *
 * A row names the scalar instruction and, where there is one, the vector instruction. What is no single
 * instruction is a function of values in `compositions.ts`; functions such as exp are in `math.ts`.
 */
import type { BinaryOp, CompareOp, UnaryOp, ValueType } from "../../kernel/ir.ts";
import { compositeBinary, compositeUnary } from "./compositions.ts";
import type { Operation } from "./lanes.ts";
import type { OpName } from "../opcodes.ts";
import type { ValueGraph } from "./value-graph.ts";

type Row = readonly [scalar: OpName, vector?: OpName];

const unaryRows: Partial<Record<`${ValueType} ${UnaryOp}`, Row>> = {
  "f32 neg": ["f32.neg", "f32x4.neg"],
  "f32 abs": ["f32.abs", "f32x4.abs"],
  "f32 floor": ["f32.floor", "f32x4.floor"],
  "f32 ceil": ["f32.ceil", "f32x4.ceil"],
  "f32 roundEven": ["f32.nearest", "f32x4.nearest"],
  "f32 trunc": ["f32.trunc", "f32x4.trunc"],
  "f32 sqrt": ["f32.sqrt", "f32x4.sqrt"],
  "bool not": ["i32.eqz", "v128.not"],
};

const binaryRows: Partial<Record<`${ValueType} ${BinaryOp}`, Row>> = {
  "f32 add": ["f32.add", "f32x4.add"],
  "f32 sub": ["f32.sub", "f32x4.sub"],
  "f32 mul": ["f32.mul", "f32x4.mul"],
  "f32 div": ["f32.div", "f32x4.div"],
  "f32 min": ["f32.min", "f32x4.min"],
  "f32 max": ["f32.max", "f32x4.max"],
  "i32 add": ["i32.add", "i32x4.add"],
  "i32 sub": ["i32.sub", "i32x4.sub"],
  "i32 mul": ["i32.mul", "i32x4.mul"],
  "i32 bitAnd": ["i32.and", "v128.and"],
  "i32 bitOr": ["i32.or", "v128.or"],
  "i32 bitXor": ["i32.xor", "v128.xor"],
  "u32 add": ["i32.add", "i32x4.add"],
  "u32 sub": ["i32.sub", "i32x4.sub"],
  "u32 mul": ["i32.mul", "i32x4.mul"],
  "u32 bitAnd": ["i32.and", "v128.and"],
  "u32 bitOr": ["i32.or", "v128.or"],
  "u32 bitXor": ["i32.xor", "v128.xor"],
  "i64 add": ["i64.add"],
  "i64 sub": ["i64.sub"],
  "i64 mul": ["i64.mul"],
  "i64 bitAnd": ["i64.and"],
  "i64 bitOr": ["i64.or"],
  "i64 bitXor": ["i64.xor"],
  "i64 shiftLeft": ["i64.shl"],
  "i64 shiftRight": ["i64.shr_s"],
  "u64 add": ["i64.add"],
  "u64 sub": ["i64.sub"],
  "u64 mul": ["i64.mul"],
  "u64 bitAnd": ["i64.and"],
  "u64 bitOr": ["i64.or"],
  "u64 bitXor": ["i64.xor"],
  "u64 shiftLeft": ["i64.shl"],
  "u64 shiftRight": ["i64.shr_u"],
  "bool and": ["i32.and", "v128.and"],
  "bool or": ["i32.or", "v128.or"],
  "bool xor": ["i32.xor", "v128.xor"],
};

const compareRows: Partial<Record<`${ValueType} ${CompareOp}`, Row>> = {
  "f32 eq": ["f32.eq", "f32x4.eq"],
  "f32 ne": ["f32.ne", "f32x4.ne"],
  "f32 lt": ["f32.lt", "f32x4.lt"],
  "f32 le": ["f32.le", "f32x4.le"],
  "f32 gt": ["f32.gt", "f32x4.gt"],
  "f32 ge": ["f32.ge", "f32x4.ge"],
  "i32 eq": ["i32.eq", "i32x4.eq"],
  "i32 ne": ["i32.ne", "i32x4.ne"],
  "i32 lt": ["i32.lt_s", "i32x4.lt_s"],
  "i32 le": ["i32.le_s", "i32x4.le_s"],
  "i32 gt": ["i32.gt_s", "i32x4.gt_s"],
  "i32 ge": ["i32.ge_s", "i32x4.ge_s"],
  "u32 eq": ["i32.eq", "i32x4.eq"],
  "u32 ne": ["i32.ne", "i32x4.ne"],
  "u32 lt": ["i32.lt_u", "i32x4.lt_u"],
  "u32 le": ["i32.le_u", "i32x4.le_u"],
  "u32 gt": ["i32.gt_u", "i32x4.gt_u"],
  "u32 ge": ["i32.ge_u", "i32x4.ge_u"],
  "i64 eq": ["i64.eq"],
  "i64 ne": ["i64.ne"],
  "i64 lt": ["i64.lt_s"],
  "i64 le": ["i64.le_s"],
  "i64 gt": ["i64.gt_s"],
  "i64 ge": ["i64.ge_s"],
  "u64 eq": ["i64.eq"],
  "u64 ne": ["i64.ne"],
  "u64 lt": ["i64.lt_u"],
  "u64 le": ["i64.le_u"],
  "u64 gt": ["i64.gt_u"],
  "u64 ge": ["i64.ge_u"],
  "bool eq": ["i32.eq", "i32x4.eq"],
  "bool ne": ["i32.ne", "v128.xor"],
};

/** Undefined for functions such as exp. */
export function unaryOperation(g: ValueGraph, op: UnaryOp, type: ValueType): Operation | undefined {
  const row = unaryRows[`${type} ${op}`];
  return row === undefined ? compositeUnary(g, op, type) : byRow(g, row, type);
}

/** Undefined for what needs a function: pow, and rem of floats. */
export function binaryOperation(
  g: ValueGraph,
  op: BinaryOp,
  type: ValueType,
): Operation | undefined {
  const row = binaryRows[`${type} ${op}`];
  return row === undefined ? compositeBinary(g, op, type) : byRow(g, row, type);
}

export function compareOperation(g: ValueGraph, op: CompareOp, type: ValueType): Operation {
  const row = compareRows[`${type} ${op}`];
  if (row === undefined) throw new Error(`comparison ${op} of ${type}: there is none`);
  return byRow(g, row, "bool");
}

function byRow(g: ValueGraph, [scalar, vector]: Row, result: ValueType): Operation {
  return {
    result,
    scalar: (...args) => g.op(scalar, ...args),
    vector: vector === undefined ? undefined : (...args) => g.op(vector, ...args),
  };
}
