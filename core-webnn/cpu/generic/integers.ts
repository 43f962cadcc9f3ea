/** 32-bit integer arithmetic on values, folding what the build knows. */
import type { Value, ValueGraph } from "./value-graph.ts";

export function constantOf({ instruction }: Value): number | undefined {
  return instruction.kind === "const" ? Number(instruction.value) : undefined;
}

export function add(g: ValueGraph, a: Value, b: Value): Value {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x === 0) return b;
  if (y === 0) return a;
  return x !== undefined && y !== undefined ? g.i32(x + y) : g.op("i32.add", a, b);
}

export function subtract(g: ValueGraph, a: Value, b: Value): Value {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (y === 0) return a;
  return x !== undefined && y !== undefined ? g.i32(x - y) : g.op("i32.sub", a, b);
}

export function multiply(g: ValueGraph, a: Value, b: Value): Value {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x !== undefined && y !== undefined) return g.i32(Math.imul(x, y));
  if (x !== undefined) return multiply(g, b, a);
  if (y === 0 || y === 1) return y === 0 ? b : a;
  const shift = y === undefined ? undefined : exponentOf(y);
  return shift === undefined ? g.op("i32.mul", a, b) : g.op("i32.shl", a, g.i32(shift));
}

/**
 * A divisor that may be computed outside the loops that need it: there a size can be 0, and the loop
 * that would not run is not asked.
 */
export function divisorOf(g: ValueGraph, x: Value): Value {
  if (x.instruction.kind === "const") return x;
  return g.op("i32.add", x, g.op("i32.eqz", x));
}

/** Rounds towards minus infinity; the divisor is positive, `isNatural` promises that a is not negative. */
export function floorDivide(g: ValueGraph, a: Value, b: Value, isNatural: boolean): Value {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x !== undefined && y !== undefined) return g.i32(Math.floor(x / y));
  const shift = y === undefined ? undefined : exponentOf(y);
  if (shift !== undefined) return shift === 0 ? a : g.op("i32.shr_s", a, g.i32(shift));
  if (isNatural) return g.op("i32.div_u", a, b);
  const quotient = g.op("i32.div_s", a, b);
  const rest = g.op("i32.sub", a, g.op("i32.mul", quotient, b));
  return g.op("i32.add", quotient, g.op("i32.shr_s", rest, g.i32(31)));
}

/** a / b where that leaves no remainder. */
export function exactDivide(g: ValueGraph, a: Value, b: Value): Value {
  return constantOf(b) === 1 ? a : g.op("i32.div_s", a, b);
}

/** `a - b * floorDivide(a, b)`. */
export function modulo(g: ValueGraph, a: Value, b: Value, isNatural: boolean): Value {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x !== undefined && y !== undefined) return g.i32(((x % y) + y) % y);
  if (y !== undefined && exponentOf(y) !== undefined) return g.op("i32.and", a, g.i32(y - 1));
  if (isNatural) return g.op("i32.rem_u", a, b);
  const rest = g.op("i32.rem_s", a, b);
  return g.op("i32.add", rest, g.op("i32.and", b, g.op("i32.shr_s", rest, g.i32(31))));
}

export function minimum(g: ValueGraph, a: Value, b: Value): Value {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x !== undefined && y !== undefined) return g.i32(Math.min(x, y));
  return g.select(g.op("i32.lt_s", a, b), a, b);
}

export function maximum(g: ValueGraph, a: Value, b: Value): Value {
  const [x, y] = [constantOf(a), constantOf(b)];
  if (x !== undefined && y !== undefined) return g.i32(Math.max(x, y));
  return g.select(g.op("i32.gt_s", a, b), a, b);
}

function exponentOf(x: number): number | undefined {
  const exponent = 31 - Math.clz32(x);
  return x > 0 && x === 2 ** exponent ? exponent : undefined;
}
