/** Arrays of numbers that are rounded to the array's own type. */
import { arrayOfBytes, bytesOfArray, makeArray, type HostArray } from "./array.ts";
import type { ElementType } from "../model/element-type.ts";
import { isSmallFloat } from "./small-float.ts";
import type { Elements } from "./walk.ts";

/** Typed arrays round what they store; types without one of their own are packed and unpacked. */
export function roundArray(array: HostArray): HostArray {
  const { type, shape } = array;
  return isSmallFloat(type) ? arrayOfBytes(type, shape, bytesOfArray(array)) : array;
}

/** Numbers as elements of any type; integers are cut towards 0. */
export function arrayOfNumbers(
  type: ElementType,
  shape: readonly number[],
  numbers: ArrayLike<number>,
): HostArray {
  const array = makeArray(type, shape);
  const to: Elements = array.data;
  const isBig = array.data instanceof BigInt64Array || array.data instanceof BigUint64Array;
  for (let i = 0; i < to.length; i++) to[i] = isBig ? BigInt(Math.trunc(numbers[i]!)) : numbers[i]!;
  return roundArray(array);
}
