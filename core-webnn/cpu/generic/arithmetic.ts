/**
 * Arithmetic on lanes for code that is written once for scalars and vectors: conversions of storage
 * formats and functions such as exp. A number among the operands is a constant.
 */
import type { CpuFeatures } from "../features.ts";
import type { OpName } from "../opcodes.ts";
import { apply, toVector, uniform, vector } from "./lanes.ts";
import type { Lanes, LaneType, Operation } from "./lanes.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

type Pair = readonly [scalar: OpName, vector: OpName];

export class Arithmetic {
  readonly graph: ValueGraph;
  readonly #features: CpuFeatures;

  constructor(graph: ValueGraph, features: CpuFeatures) {
    this.graph = graph;
    this.#features = features;
  }

  f32(value: number): Lanes {
    return uniform("f32", this.graph.constant("f32", value));
  }

  i32(value: number): Lanes {
    return uniform("i32", this.graph.i32(value));
  }

  add(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#floats(["f32.add", "f32x4.add"], a, b);
  }

  sub(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#floats(["f32.sub", "f32x4.sub"], a, b);
  }

  mul(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#floats(["f32.mul", "f32x4.mul"], a, b);
  }

  div(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#floats(["f32.div", "f32x4.div"], a, b);
  }

  abs(x: Lanes): Lanes {
    return this.#floats(["f32.abs", "f32x4.abs"], x);
  }

  neg(x: Lanes): Lanes {
    return this.#floats(["f32.neg", "f32x4.neg"], x);
  }

  sqrt(x: Lanes): Lanes {
    return this.#floats(["f32.sqrt", "f32x4.sqrt"], x);
  }

  /** a * b + c, rounded once or twice as the engine does it faster. */
  multiplyAdd(a: Lanes | number, b: Lanes | number, c: Lanes | number): Lanes {
    return this.#fused("f32x4.relaxed_madd", a, b, c) ?? this.add(this.mul(a, b), c);
  }

  /** c - a * b, rounded once or twice as the engine does it faster. */
  multiplySubtract(a: Lanes | number, b: Lanes | number, c: Lanes | number): Lanes {
    return this.#fused("f32x4.relaxed_nmadd", a, b, c) ?? this.sub(c, this.mul(a, b));
  }

  /**
   * The coefficients go from the highest power to the constant. Even and odd powers are summed apart:
   * two chains of half the length keep a processor busy that waits for each sum.
   */
  polynomial(x: Lanes, square: Lanes, coefficients: readonly number[]): Lanes {
    const parity = coefficients.length % 2;
    const even = coefficients.filter((_, i) => i % 2 !== parity);
    const odd = coefficients.filter((_, i) => i % 2 === parity);
    return this.multiplyAdd(this.#horner(square, odd), x, this.#horner(square, even));
  }

  /** `x > limit ? limit : x`: NaN stays. One instruction, which the IEEE minimum is not. */
  atMost(x: Lanes, limit: number): Lanes {
    return this.#bound("f32.gt", "f32x4.pmin", x, limit);
  }

  /** `x < limit ? limit : x`: NaN stays. */
  atLeast(x: Lanes, limit: number): Lanes {
    return this.#bound("f32.lt", "f32x4.pmax", x, limit);
  }

  /** a, which is not negative, with the sign of b. */
  withSign(a: Lanes, b: Lanes): Lanes {
    const sign = this.and(this.bits(b), -(2 ** 31));
    return this.float(this.or(this.bits(a), sign));
  }

  lessThan(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#compare(["f32.lt", "f32x4.lt"], a, b);
  }

  lessEqual(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#compare(["f32.le", "f32x4.le"], a, b);
  }

  equal(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#compare(["f32.eq", "f32x4.eq"], a, b);
  }

  unequal(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#compare(["f32.ne", "f32x4.ne"], a, b);
  }

  select(condition: Lanes, a: Lanes, b: Lanes): Lanes {
    return select(this.graph, this.#features, condition, a, b);
  }

  /** The bits of floats, as integers. */
  bits(x: Lanes): Lanes {
    return this.#reinterpret("i32", "i32.reinterpret_f32", x);
  }

  /** The floats that have these bits. */
  float(x: Lanes): Lanes {
    return this.#reinterpret("f32", "f32.reinterpret_i32", x);
  }

  addInts(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#ints(["i32.add", "i32x4.add"], a, b);
  }

  subInts(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#ints(["i32.sub", "i32x4.sub"], a, b);
  }

  and(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#ints(["i32.and", "v128.and"], a, b);
  }

  or(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#ints(["i32.or", "v128.or"], a, b);
  }

  greaterInts(a: Lanes | number, b: Lanes | number): Lanes {
    return this.#apply(...this.#asInts(a, b))("bool", this.#pair(["i32.gt_s", "i32x4.gt_s"]));
  }

  shiftLeft(x: Lanes, count: number): Lanes {
    return this.#shift(["i32.shl", "i32x4.shl"], x, count);
  }

  /** Fills with the sign. */
  shiftRight(x: Lanes, count: number): Lanes {
    return this.#shift(["i32.shr_s", "i32x4.shr_s"], x, count);
  }

  /** Fills with zeros. */
  shiftRightUnsigned(x: Lanes, count: number): Lanes {
    return this.#shift(["i32.shr_u", "i32x4.shr_u"], x, count);
  }

  /** To an integer, of what is NaN (which gives 0) or surely fits an i32: fewer steps than saturating. */
  truncateFitting(x: Lanes): Lanes {
    const g = this.graph;
    return this.#apply(x)("i32", {
      scalar: (v) => g.op("i32.trunc_sat_f32_s", v),
      vector: (v) =>
        this.#features.relaxedSimd
          ? g.op("i32x4.relaxed_trunc_f32x4_s", g.op("v128.and", v, g.op("f32x4.eq", v, v)))
          : g.op("i32x4.trunc_sat_f32x4_s", v),
    });
  }

  toFloat(x: Lanes): Lanes {
    return this.#apply(x)("f32", this.#pair(["f32.convert_i32_s", "f32x4.convert_i32x4_s"]));
  }

  /** A function of scalars that the module has. */
  call(functionIndex: number, result: LaneType, ...args: readonly Lanes[]): Lanes {
    const type = result === "f32" ? "f32" : result === "i64" || result === "u64" ? "i64" : "i32";
    const scalar = (...values: readonly Value[]): Value =>
      this.graph.call(functionIndex, type, ...values);
    return apply(this.graph, { result, scalar }, ...args);
  }

  #horner(x: Lanes, coefficients: readonly number[]): Lanes {
    const [highest, ...rest] = coefficients.map((c) => this.f32(c));
    return rest.reduce((sum, c) => this.multiplyAdd(sum, x, c), highest!);
  }

  #fused(
    name: "f32x4.relaxed_madd" | "f32x4.relaxed_nmadd",
    ...operands: readonly (Lanes | number)[]
  ): Lanes | undefined {
    const args = operands.map((x) => this.#asFloat(x));
    if (!this.#features.relaxedSimd || args.every((x) => x.kind === "uniform")) return undefined;
    return vector("f32", this.graph.op(name, ...args.map((x) => toVector(this.graph, x))));
  }

  #bound(isBeyond: OpName, pick: OpName, x: Lanes, limit: number): Lanes {
    const g = this.graph;
    return this.#apply(x, this.f32(limit))("f32", {
      scalar: (a, b) => g.select(g.op(isBeyond, a, b), b, a),
      vector: (a, b) => g.op(pick, a, b),
    });
  }

  #shift(pair: Pair, x: Lanes, count: number): Lanes {
    const by = this.graph.i32(count);
    return this.#apply(x)("i32", {
      scalar: (v) => this.graph.op(pair[0], v, by),
      vector: (v) => this.graph.op(pair[1], v, by),
    });
  }

  #reinterpret(result: LaneType, name: OpName, x: Lanes): Lanes {
    if (x.kind === "vector") return { ...x, type: result };
    return this.#apply(x)(result, { scalar: (v) => this.graph.op(name, v) });
  }

  #floats(pair: Pair, ...operands: readonly (Lanes | number)[]): Lanes {
    return this.#apply(...operands.map((x) => this.#asFloat(x)))("f32", this.#pair(pair));
  }

  #compare(pair: Pair, a: Lanes | number, b: Lanes | number): Lanes {
    return this.#apply(this.#asFloat(a), this.#asFloat(b))("bool", this.#pair(pair));
  }

  #ints(pair: Pair, a: Lanes | number, b: Lanes | number): Lanes {
    return this.#apply(...this.#asInts(a, b))("i32", this.#pair(pair));
  }

  #asInts(...operands: readonly (Lanes | number)[]): Lanes[] {
    return operands.map((x) => (typeof x === "number" ? this.i32(x) : x));
  }

  #asFloat(x: Lanes | number): Lanes {
    return typeof x === "number" ? this.f32(x) : x;
  }

  #pair([scalar, vector]: Pair): Omit<Operation, "result"> {
    return {
      scalar: (...args) => this.graph.op(scalar, ...args),
      vector: (...args) => this.graph.op(vector, ...args),
    };
  }

  #apply(...args: readonly Lanes[]) {
    return (result: LaneType, operation: Omit<Operation, "result">): Lanes =>
      apply(this.graph, { result, ...operation }, ...args);
  }
}

/** Both sides are evaluated. A condition that all lanes share picks without a mask. */
function select(
  g: ValueGraph,
  { relaxedSimd }: CpuFeatures,
  condition: Lanes,
  a: Lanes,
  b: Lanes,
): Lanes {
  const result = a.type;
  if (condition.kind === "uniform") {
    const pick = (x: Value, y: Value): Value => g.select(condition.value, x, y);
    return apply(g, { result, scalar: pick, vector: pick }, a, b);
  }
  const scalar = (c: Value, x: Value, y: Value): Value => g.select(c, x, y);
  // Lanes of a mask are all ones or zeros: there the relaxed selection is exact, and one instruction.
  const name = relaxedSimd ? "i32x4.relaxed_laneselect" : "v128.bitselect";
  const lanes = (c: Value, x: Value, y: Value): Value => g.op(name, x, y, c);
  return apply(g, { result, scalar, vector: lanes }, condition, a, b);
}
