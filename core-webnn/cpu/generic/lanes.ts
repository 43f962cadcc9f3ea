/**
 * A value as it is at one point of a loop nest, or at four neighbouring points at once.
 *
 * `uniform` is one scalar: at a single point, or equal at all four. `vector` is a v128 of four 32-bit
 * lanes. `each` is four scalars: 64-bit types, and what only scalar instructions can compute. Code
 * that is written for lanes is so scalar and vector code at once.
 *
 * A bool is 0 or 1 as a scalar and all ones or zeros in a vector's lane. `f64` is for intermediate
 * results of functions only.
 */
import type { ValueType } from "../../kernel/ir.ts";
import type { LaneOpName, OpName } from "../opcodes.ts";
import type { WasmType } from "../wasm-types.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

export type LaneType = ValueType | "f64";

export type Lanes =
  | { readonly kind: "uniform"; readonly type: LaneType; readonly value: Value }
  | { readonly kind: "vector"; readonly type: LaneType; readonly value: Value }
  | { readonly kind: "each"; readonly type: LaneType; readonly values: readonly Value[] };

export const laneCount = 4;
export const laneNumbers = [0, 1, 2, 3] as const;

/** How an operation is done on scalars and, where it can be, on vectors. */
export interface Operation {
  readonly result: LaneType;
  readonly scalar: (...args: readonly Value[]) => Value;
  readonly vector?: ((...args: readonly Value[]) => Value) | undefined;
}

export function uniform(type: LaneType, value: Value): Lanes {
  return { kind: "uniform", type, value };
}

export function vector(type: LaneType, value: Value): Lanes {
  return { kind: "vector", type, value };
}

/** Four scalars, or one if they are all the same. */
export function each(type: LaneType, values: readonly Value[]): Lanes {
  if (values.every((value) => value === values[0])) return uniform(type, values[0]!);
  return { kind: "each", type, values };
}

export function apply(graph: ValueGraph, op: Operation, ...args: readonly Lanes[]): Lanes {
  if (args.every((x) => x.kind === "uniform")) {
    return uniform(op.result, op.scalar(...args.map((x) => x.value)));
  }
  if (op.vector !== undefined && args.every((x) => fitsVector(x.type))) {
    return vector(op.result, op.vector(...args.map((x) => toVector(graph, x))));
  }
  const lanes = args.map((x) => toEach(graph, x));
  return each(
    op.result,
    laneNumbers.map((l) => op.scalar(...lanes.map((values) => values[l]!))),
  );
}

export function fitsVector(type: LaneType): boolean {
  return scalarType(type) === "i32" || type === "f32";
}

export function scalarType(type: LaneType): WasmType {
  if (type === "i64" || type === "u64") return "i64";
  return type === "f32" || type === "f64" ? type : "i32";
}

export function toVector(graph: ValueGraph, x: Lanes): Value {
  if (x.kind === "vector") return x.value;
  const float = x.type === "f32";
  const mask = (value: Value): Value =>
    x.type === "bool" ? graph.op("i32.sub", graph.i32(0), value) : value;
  if (x.kind === "uniform") return splat(graph, float, mask(x.value));
  const replace: LaneOpName = float ? "f32x4.replace_lane" : "i32x4.replace_lane";
  const [first, ...rest] = x.values.map(mask);
  return rest.reduce(
    (v, value, i) => graph.lane(replace, i + 1, v, value),
    splat(graph, float, first!),
  );
}

/** The four lanes as scalars. */
export function toEach(graph: ValueGraph, x: Lanes): readonly Value[] {
  return laneNumbers.map((l) => laneOf(graph, x, l));
}

/** One lane as a scalar. */
export function laneOf(graph: ValueGraph, x: Lanes, l: number): Value {
  if (x.kind === "uniform") return x.value;
  if (x.kind === "each") return x.values[l]!;
  if (x.type === "f32") return graph.lane("f32x4.extract_lane", l, x.value);
  const bits = graph.lane("i32x4.extract_lane", l, x.value);
  return x.type === "bool" ? graph.op("i32.and", bits, graph.i32(1)) : bits;
}

function splat(graph: ValueGraph, float: boolean, value: Value): Value {
  if (value.instruction.kind !== "const") {
    const name: OpName = float ? "f32x4.splat" : "i32x4.splat";
    return graph.op(name, value);
  }
  const word = wordOf(Number(value.instruction.value), float);
  return graph.words(word, word, word, word);
}

function wordOf(value: number, float: boolean): number {
  return float ? new Int32Array(Float32Array.of(value).buffer)[0]! : value | 0;
}
