/** Naive tensors for references: an element by its index, and every index of a shape. */
import { f32, type Numeric, type TensorValue } from "./run-graph.ts";

export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, size) =>
      prefixes.flatMap((prefix) => Array.from({ length: size }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** Broadcasting: dimensions align at the end, those of 1 repeat. */
export function at({ shape, values }: TensorValue, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  const flat = shape.reduce((sum, size, d) => sum * size + (size === 1 ? 0 : own[d]!), 0);
  return Number(values[flat]!);
}

/** The values of a tensor, computed element by element. */
export function fill(shape: readonly number[], element: (index: number[]) => number): number[] {
  return indicesOf(shape).map(element);
}

/** Small distinct values with both signs, exact in float16. */
export function ramp(shape: readonly number[]): TensorValue {
  const count = shape.reduce((n, size) => n * size, 1);
  return f32(
    Array.from({ length: count }, (_, i) => (((i * 7) % 23) - 11) / 4),
    shape,
  );
}

export function retyped(tensor: TensorValue, dataType: TensorValue["dataType"]): TensorValue {
  const isFloat = dataType.startsWith("float");
  const whole = (x: Numeric): number => Math.round(Number(x) * 4) + (dataType[0] === "u" ? 11 : 0);
  const values = tensor.values.map((x): Numeric => (isFloat ? x : whole(x)));
  const isBig = dataType.endsWith("64");
  return { ...tensor, dataType, values: isBig ? values.map(BigInt) : values };
}
