/** Operations that take a few instructions: signs, integer division, minima, shifts, selection. */
import type { BinaryOp, UnaryOp, ValueType } from "../../kernel/ir.ts";
import type { Operation } from "./lanes.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

type Function1 = (x: Value) => Value;
type Function2 = (a: Value, b: Value) => Value;
type Width = "i32" | "i64";

export function compositeUnary(g: ValueGraph, op: UnaryOp, type: ValueType): Operation | undefined {
  if (type === "f32") return floatUnary(g, op);
  if (type === "bool") return undefined;
  const width = type === "i32" || type === "u32" ? "i32" : "i64";
  const isSigned = type === "i32" || type === "i64";
  const scalar = integerUnary(g, op, width, isSigned);
  if (scalar === undefined) return undefined;
  return {
    result: type,
    scalar,
    vector: width === "i32" ? wordVector(g, op, isSigned) : undefined,
  };
}

export function compositeBinary(
  g: ValueGraph,
  op: BinaryOp,
  type: ValueType,
): Operation | undefined {
  if (type === "f32" || type === "bool") return undefined;
  const width = type === "i32" || type === "u32" ? "i32" : "i64";
  const sign = type === "i32" || type === "i64" ? "s" : "u";
  switch (op) {
    case "div":
      return { result: type, scalar: sign === "s" ? signedDivision(g, width) : division(g, width) };
    case "rem":
      return { result: type, scalar: remainder(g, width, sign) };
    case "min":
    case "max":
      return extreme(g, op, type, width, sign);
    case "shiftLeft":
      return shift(g, type, "shl");
    case "shiftRight":
      return shift(g, type, `shr_${sign}`);
    default:
      return undefined;
  }
}

function floatUnary(g: ValueGraph, op: UnaryOp): Operation | undefined {
  const inf = Infinity;
  switch (op) {
    case "isNaN":
      return {
        result: "bool",
        scalar: (x) => g.op("f32.ne", x, x),
        vector: (x) => g.op("f32x4.ne", x, x),
      };
    case "isInfinite":
      return {
        result: "bool",
        scalar: (x) => g.op("f32.eq", g.op("f32.abs", x), g.constant("f32", inf)),
        vector: (x) => g.op("f32x4.eq", g.op("f32x4.abs", x), floats(g, inf)),
      };
    case "sign":
      return { result: "f32", scalar: floatSign(g), vector: floatSigns(g) };
    default:
      return undefined;
  }
}

/** x where it is a zero or NaN, else 1 with its sign. */
function floatSign(g: ValueGraph): Function1 {
  return (x) => {
    const isOrdered = g.op("f32.gt", g.op("f32.abs", x), g.constant("f32", 0));
    return g.select(isOrdered, g.op("f32.copysign", g.constant("f32", 1), x), x);
  };
}

function floatSigns(g: ValueGraph): Function1 {
  return (x) => {
    const isOrdered = g.op("f32x4.gt", g.op("f32x4.abs", x), floats(g, 0));
    const signs = g.op("v128.and", x, floats(g, -0));
    const ones = g.op("v128.or", signs, floats(g, 1));
    return g.op("v128.bitselect", ones, x, isOrdered);
  };
}

function integerUnary(
  g: ValueGraph,
  op: UnaryOp,
  width: Width,
  isSigned: boolean,
): Function1 | undefined {
  const zero = constant(g, width, 0);
  switch (op) {
    case "neg":
      return (x) => g.op(`${width}.sub`, zero, x);
    case "bitNot":
      return (x) => g.op(`${width}.xor`, x, constant(g, width, -1));
    case "abs":
      if (!isSigned) return (x) => x;
      return (x) => g.select(g.op(`${width}.lt_s`, x, zero), g.op(`${width}.sub`, zero, x), x);
    case "sign":
      return integerSign(g, width, isSigned);
    default:
      return undefined;
  }
}

/** (x > 0) - (x < 0). */
function integerSign(g: ValueGraph, width: Width, isSigned: boolean): Function1 {
  const widen = (flag: Value): Value => (width === "i64" ? g.op("i64.extend_i32_s", flag) : flag);
  const zero = constant(g, width, 0);
  return (x) => {
    if (!isSigned) return widen(g.op(`${width}.ne`, x, zero));
    const positive = g.op(`${width}.gt_s`, x, zero);
    return widen(g.op("i32.sub", positive, g.op(`${width}.lt_s`, x, zero)));
  };
}

function wordVector(g: ValueGraph, op: UnaryOp, isSigned: boolean): Function1 | undefined {
  switch (op) {
    case "neg":
      return (x) => g.op("i32x4.neg", x);
    case "bitNot":
      return (x) => g.op("v128.not", x);
    case "abs":
      return isSigned ? (x) => g.op("i32x4.abs", x) : (x) => x;
    case "sign": {
      const [low, high, least] = [
        g.words(-1, -1, -1, -1),
        g.words(1, 1, 1, 1),
        "i32x4.min_u",
      ] as const;
      if (!isSigned) return (x) => g.op(least, x, high);
      return (x) => g.op("i32x4.max_s", g.op("i32x4.min_s", x, high), low);
    }
    default:
      return undefined;
  }
}

/** The smallest integer / -1 would trap, so a division by -1 is a subtraction. */
function signedDivision(g: ValueGraph, width: Width): Function2 {
  const [zero, one] = [constant(g, width, 0), constant(g, width, 1)];
  return (a, b) => {
    if (isConstantOtherThan(b, [0, -1])) return g.op(`${width}.div_s`, a, b);
    // b + 1 is 0 or 1 exactly for the divisors -1 and 0.
    const isSpecial = g.op(`${width}.le_u`, g.op(`${width}.add`, b, one), one);
    const quotient = g.op(`${width}.div_s`, a, g.select(isSpecial, one, b));
    const special = g.select(g.op(`${width}.eqz`, b), zero, g.op(`${width}.sub`, zero, a));
    return g.select(isSpecial, special, quotient);
  };
}

function division(g: ValueGraph, width: Width): Function2 {
  return whereDivisible(g, width, (a, b) => g.op(`${width}.div_u`, a, b));
}

function remainder(g: ValueGraph, width: Width, sign: "s" | "u"): Function2 {
  return whereDivisible(g, width, (a, b) => g.op(`${width}.rem_${sign}`, a, b));
}

/** 0 for a divisor of 0. */
function whereDivisible(g: ValueGraph, width: Width, operation: Function2): Function2 {
  return (a, b) => {
    if (isConstantOtherThan(b, [0])) return operation(a, b);
    const isZero = g.op(`${width}.eqz`, b);
    const result = operation(a, g.select(isZero, constant(g, width, 1), b));
    return g.select(isZero, constant(g, width, 0), result);
  };
}

function extreme(
  g: ValueGraph,
  op: "min" | "max",
  result: ValueType,
  width: Width,
  sign: "s" | "u",
): Operation {
  const isFirst = op === "min" ? (`lt_${sign}` as const) : (`gt_${sign}` as const);
  return {
    result,
    scalar: (a, b) => g.select(g.op(`${width}.${isFirst}`, a, b), a, b),
    vector: width === "i32" ? (a, b) => g.op(`i32x4.${op}_${sign}`, a, b) : undefined,
  };
}

/** A vector is shifted by one count for all lanes: see `shiftByUniform`. */
function shift(g: ValueGraph, result: ValueType, name: "shl" | "shr_s" | "shr_u"): Operation {
  return { result, scalar: (a, b) => g.op(`i32.${name}`, a, b) };
}

/** Shifts of 32-bit lanes by a count that all lanes share. */
export function shiftByUniform(g: ValueGraph, op: BinaryOp, type: ValueType): Function2 {
  if (op === "shiftLeft") return (v, count) => g.op("i32x4.shl", v, count);
  return (v, count) => g.op(type === "i32" ? "i32x4.shr_s" : "i32x4.shr_u", v, count);
}

function constant(g: ValueGraph, width: Width, value: number): Value {
  return width === "i32" ? g.i32(value) : g.constant("i64", BigInt(value));
}

function isConstantOtherThan({ instruction }: Value, excluded: readonly number[]): boolean {
  return instruction.kind === "const" && !excluded.includes(Number(instruction.value));
}

function floats(g: ValueGraph, value: number): Value {
  const word = new Int32Array(Float32Array.of(value).buffer)[0]!;
  return g.words(word, word, word, word);
}
