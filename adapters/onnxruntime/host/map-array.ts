/**
 * Whole tensors computed element by element in doubles: for the types that WebNN lacks. A result is rounded to its type
 * once.
 */
import type { ElementType } from "../model/element-type.ts";
import { makeArray, type HostArray } from "./array.ts";
import { roundEven } from "./round-even.ts";
import { isSmallFloat, roundToSmallFloat } from "./small-float.ts";
import { stridesOf, walk } from "./walk.ts";

/** `f` of the inputs' elements, which broadcast; undefined where their shapes do not. */
export function mapArrays(
  type: ElementType,
  inputs: readonly HostArray[],
  f: (...x: number[]) => number,
): HostArray | undefined {
  const shape = broadcastNumbers(inputs.map((input) => input.shape));
  if (shape === undefined) return undefined;
  const result = makeArray(type, shape);
  const store = storeOf(result);
  const strides = inputs.map((input) => broadcastStrides(input.shape, shape));
  const x = new Array<number>(inputs.length);
  walk(shape, strides, (offsets, index) => {
    for (let i = 0; i < inputs.length; i++) x[i] = Number(inputs[i]!.data[offsets[i]!]);
    store(index, f(...x));
  });
  return result;
}

/** Writes numbers into an array as its type has them: floats rounded, integers truncated and wrapped. */
export function storeOf({ type, data }: HostArray): (index: number, value: number) => void {
  const store = (index: number, value: number) => void (data[index] = value);
  if (isSmallFloat(type)) return (i, value) => store(i, roundToSmallFloat(type, value));
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return (i, value) => void (data[i] = Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n);
  }
  if (type === "bool") return (i, value) => store(i, Number(value !== 0));
  if (type === "int4") return (i, value) => store(i, (value << 28) >> 28);
  if (type === "uint4") return (i, value) => store(i, value & 0xf);
  return store;
}

/** The largest finite numbers, at which casts saturate. */
const largestFloat8: Partial<Record<ElementType, number>> = {
  float8e4m3fn: 448,
  float8e4m3fnuz: 240,
  float8e5m2: 57344,
  float8e5m2fnuz: 57344,
};

/** The array in another type; with `saturate`, floats of 8 bits take what they cannot hold as their largest. */
export function castArray(input: HostArray, type: ElementType, saturate: boolean): HostArray {
  const result = makeArray(type, input.shape);
  const store = storeOf(result);
  const isInteger = !type.includes("float") && type !== "bool";
  // Floats become integers by truncation, those of 4 bits by rounding.
  const whole = type === "int4" || type === "uint4" ? roundEven : (x: number) => x;
  const largest = saturate ? (largestFloat8[type] ?? Infinity) : Infinity;
  for (let i = 0; i < input.data.length; i++) {
    const value = input.data[i]!;
    if (typeof value === "bigint" && typeof result.data[i] === "bigint") {
      result.data[i] = value;
      continue;
    }
    // Of an integer that is too wide the low bits stay.
    const x = Number(typeof value === "bigint" && isInteger ? BigInt.asIntN(32, value) : value);
    store(i, Math.abs(x) > largest ? Math.sign(x) * largest : whole(x));
  }
  return result;
}

function broadcastNumbers(shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((other) => other !== 1) ?? 1;
    if (sizes.some((other) => other !== 1 && other !== size)) return undefined;
    result.push(size);
  }
  return result;
}

/** Strides of a shape in one that it broadcasts to: 0 where it repeats. */
function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return [...new Array<number>(to.length - shape.length).fill(0), ...strides];
}
