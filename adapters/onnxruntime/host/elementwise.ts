/**
 * Elementwise arithmetic on host tensors.
 *
 * Floats round to float32 after each step, as a device does. Sizes stay exact polynomials; where the
 * result depends on which of two sizes is larger, the decision is made now and kept as a guard.
 */
import {
  addSizes,
  divideExactly,
  floorDivideSizes,
  multiplySizes,
  subtractSizes,
  type Size,
} from "../core.ts";
import { broadcastShapes } from "../convert/broadcast.ts";
import type { Decisions } from "../convert/decisions.ts";
import { floorMod } from "./functions.ts";
import { broadcastTo } from "./index-math.ts";
import { numbersOf, type HostTensor, type HostType } from "./host-tensor.ts";

/** An element of the result, or undefined where the host cannot tell. */
export type Elementwise = (
  decisions: Decisions,
  elements: readonly Size[],
  type: HostType,
) => Size | undefined;

/** Applies `f` to broadcast inputs; the result has the type `type`, which is also that of the arithmetic. */
export function mapElements(
  decisions: Decisions,
  inputs: readonly HostTensor[],
  type: HostType,
  f: Elementwise,
  arithmetic: HostType = type,
): HostTensor | undefined {
  const shape = broadcastShapes(decisions, ...inputs.map((input) => input.shape));
  if (shape === undefined) return undefined;
  // Shapes of host tensors are numbers.
  const wide = inputs.map((input) => broadcastTo(input, shape as readonly number[]));
  const elements: Size[] = [];
  for (let i = 0; i < wide[0]!.elements.length; i++) {
    const element = f(
      decisions,
      wide.map((tensor) => tensor.elements[i]!),
      arithmetic,
    );
    if (element === undefined) return undefined;
    elements.push(element);
  }
  return { type, shape: shape as readonly number[], elements };
}

/** Wraps a function of floats. */
export function onFloats(f: (...x: number[]) => number): Elementwise {
  return (_, elements, type) =>
    type === "float32" ? Math.fround(f(...(elements as number[]))) : undefined;
}

/** For floats the numbers' operation, for integers the sizes'. */
function onBoth(
  floats: (a: number, b: number) => number,
  sizes: (decisions: Decisions, a: Size, b: Size) => Size | undefined,
): Elementwise {
  return (decisions, [a, b], type) =>
    type === "float32" ? Math.fround(floats(a as number, b as number)) : sizes(decisions, a!, b!);
}

export const add = onBoth(
  (a, b) => a + b,
  (_, a, b) => addSizes(a, b),
);
export const sub = onBoth(
  (a, b) => a - b,
  (_, a, b) => subtractSizes(a, b),
);
export const mul = onBoth(
  (a, b) => a * b,
  (_, a, b) => multiplySizes(a, b),
);
export const div = onBoth((a, b) => a / b, divideTruncating);
export const min = onBoth(Math.min, (decisions, a, b) => (decisions.less(b, a) ? b : a));
export const max = onBoth(Math.max, (decisions, a, b) => (decisions.less(a, b) ? b : a));
export const neg: Elementwise = (_, [x], type) =>
  type === "float32" ? -(x as number) : subtractSizes(0, x!);
export const abs: Elementwise = (decisions, [x], type) =>
  type === "float32" ? Math.abs(x as number) : decisions.less(x!, 0) ? multiplySizes(-1, x!) : x!;

/** ONNX's integer division rounds towards zero. */
function divideTruncating(decisions: Decisions, a: Size, b: Size): Size | undefined {
  if (decisions.equal(b, 0)) return undefined;
  const exact = divideExactly(a, b);
  if (exact !== undefined) return exact;
  if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b);
  if (decisions.less(a, 0) || decisions.less(b, 0)) return undefined;
  return floorDivideSizes(a, b);
}

/** The remainder of integers, with the divisor's sign. */
export const mod: Elementwise = (decisions, [a, b], type) => {
  if (type === "float32" || decisions.equal(b!, 0)) return undefined;
  if (typeof a === "number" && typeof b === "number") return floorMod(a, b);
  if (decisions.less(a!, 0) || decisions.less(b!, 0)) return undefined;
  return subtractSizes(a!, multiplySizes(floorDivideSizes(a!, b!), b!));
};

/** 1 or 0 by comparing; symbolic sizes compare by decision. */
export function comparison(
  sizes: (decisions: Decisions, a: Size, b: Size) => boolean,
  floats: (a: number, b: number) => boolean,
): Elementwise {
  return (decisions, [a, b], type) =>
    Number(type === "float32" ? floats(a as number, b as number) : sizes(decisions, a!, b!));
}

export const equal = comparison(
  (decisions, a, b) => decisions.equal(a, b),
  (a, b) => a === b,
);
export const less = comparison(
  (decisions, a, b) => decisions.less(a, b),
  (a, b) => a < b,
);
export const lessOrEqual = comparison(
  (decisions, a, b) => !decisions.less(b, a),
  (a, b) => a <= b,
);
export const greater = comparison(
  (decisions, a, b) => decisions.less(b, a),
  (a, b) => a > b,
);
export const greaterOrEqual = comparison(
  (decisions, a, b) => !decisions.less(a, b),
  (a, b) => a >= b,
);

/** A logical function of bools. */
export function onBools(f: (...x: boolean[]) => boolean): Elementwise {
  return (_, elements) => Number(f(...elements.map((x) => x !== 0)));
}

export const where: Elementwise = (_, [condition, a, b]) => (condition !== 0 ? a : b);

/** The tensor in another type; undefined where a symbolic size would become a float. */
export function castHost(
  decisions: Decisions,
  input: HostTensor,
  type: HostType,
): HostTensor | undefined {
  const { shape } = input;
  if (type === "bool") {
    const numbers = input.elements.map((x) =>
      Number(typeof x === "number" ? x !== 0 : !decisions.equal(x, 0)),
    );
    return { type, shape, elements: numbers };
  }
  if (input.type !== "float32" && type !== "float32") return { ...input, type };
  const numbers = numbersOf(input);
  if (numbers === undefined) return undefined;
  const convert = type === "float32" ? Math.fround : Math.trunc;
  return { type, shape, elements: numbers.map(convert) };
}
