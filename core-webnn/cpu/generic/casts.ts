/** Conversions between value types, and the rounding of `narrow`. */
import type { ValueType } from "../../kernel/ir.ts";
import type { StorageType } from "../../util/data-type.ts";
import { unreachable } from "../../util/unreachable.ts";
import type { OpName } from "../opcodes.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { roundToHalf } from "./half-floats.ts";
import { apply } from "./lanes.ts";
import type { Lanes, Operation } from "./lanes.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

type Row = readonly [scalar: OpName | "same", vector?: OpName | "same"];

const rows: Partial<Record<`${ValueType} to ${ValueType}`, Row>> = {
  "f32 to i32": ["i32.trunc_sat_f32_s", "i32x4.trunc_sat_f32x4_s"],
  "f32 to u32": ["i32.trunc_sat_f32_u", "i32x4.trunc_sat_f32x4_u"],
  "f32 to i64": ["i64.trunc_sat_f32_s"],
  "f32 to u64": ["i64.trunc_sat_f32_u"],
  "i32 to f32": ["f32.convert_i32_s", "f32x4.convert_i32x4_s"],
  "u32 to f32": ["f32.convert_i32_u", "f32x4.convert_i32x4_u"],
  "i64 to f32": ["f32.convert_i64_s"],
  "u64 to f32": ["f32.convert_i64_u"],
  "i32 to u32": ["same", "same"],
  "u32 to i32": ["same", "same"],
  "i64 to u64": ["same"],
  "u64 to i64": ["same"],
  "i32 to i64": ["i64.extend_i32_s"],
  "i32 to u64": ["i64.extend_i32_s"],
  "u32 to i64": ["i64.extend_i32_u"],
  "u32 to u64": ["i64.extend_i32_u"],
  "i64 to i32": ["i32.wrap_i64"],
  "i64 to u32": ["i32.wrap_i64"],
  "u64 to i32": ["i32.wrap_i64"],
  "u64 to u32": ["i32.wrap_i64"],
  "bool to f32": ["f32.convert_i32_u"],
  "bool to i64": ["i64.extend_i32_u"],
  "bool to u64": ["i64.extend_i32_u"],
};

export function castLanes(g: ValueGraph, to: ValueType, x: Lanes): Lanes {
  const from = x.type;
  if (from === to) return x;
  if (from === "f64") return unreachable("a cast of f64, which is no value type");
  return apply(g, to === "bool" ? isNotZero(g, from) : conversion(g, from, to), x);
}

/** As if stored and loaded again. */
export function narrowLanes(m: Arithmetic, storage: StorageType, x: Lanes): Lanes {
  switch (storage) {
    case "float16":
      return roundToHalf(m, x);
    case "uint8":
      return withType(x, m.and(x, 0xff));
    case "uint4":
      return withType(x, m.and(x, 0xf));
    case "int8":
      return withType(x, m.shiftRight(m.shiftLeft(x, 24), 24));
    case "int4":
      return withType(x, m.shiftRight(m.shiftLeft(x, 28), 28));
    default:
      return x;
  }
}

function withType({ type }: Lanes, result: Lanes): Lanes {
  return { ...result, type };
}

function conversion(g: ValueGraph, from: ValueType, to: ValueType): Operation {
  if (from === "bool" && (to === "f32" || to === "i32" || to === "u32")) return ofBool(g, to);
  const row = rows[`${from} to ${to}`];
  if (row === undefined) return unreachable(`a cast from ${from} to ${to}`);
  const by =
    (name: OpName | "same") =>
    (x: Value): Value =>
      name === "same" ? x : g.op(name, x);
  const [scalar, vector] = row;
  return { result: to, scalar: by(scalar), vector: vector === undefined ? undefined : by(vector) };
}

/** A vector's mask keeps the bits of a vector of ones. */
function ofBool(g: ValueGraph, to: "f32" | "i32" | "u32"): Operation {
  const one = to === "f32" ? 0x3f80_0000 : 1;
  return {
    result: to,
    scalar: (x) => (to === "f32" ? g.op("f32.convert_i32_u", x) : x),
    vector: (x) => g.op("v128.and", x, g.words(one, one, one, one)),
  };
}

function isNotZero(g: ValueGraph, from: ValueType): Operation {
  const zero = g.words(0, 0, 0, 0);
  switch (from) {
    case "f32":
      return {
        result: "bool",
        scalar: (x) => g.op("f32.ne", x, g.constant("f32", 0)),
        vector: (x) => g.op("f32x4.ne", x, zero),
      };
    case "i64":
    case "u64":
      return { result: "bool", scalar: (x) => g.op("i64.ne", x, g.constant("i64", 0n)) };
    default:
      return {
        result: "bool",
        scalar: (x) => g.op("i32.ne", x, g.i32(0)),
        vector: (x) => g.op("i32x4.ne", x, zero),
      };
  }
}
