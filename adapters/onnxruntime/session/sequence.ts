/** Elements of a tensor along an axis, one at a time, and tensors put together of such elements. */
import type { Unit } from "../convert/convert-unit.ts";
import { OnnxModelError } from "../errors.ts";
import { elementBytes, type ElementType } from "../model/element-type.ts";
import { elementCount } from "../model/model.ts";
import { bytesOfNumbers } from "../host/host-tensor.ts";
import type { Environment } from "./environment.ts";
import { runUnit, type UnitContext } from "./run-unit.ts";
import { hostValue, shapeOf, type RunValue } from "./run-value.ts";

/** The element at an index of a value's axis. What is on the host is cut there. */
export async function pickElement(
  unit: Unit,
  value: RunValue,
  axis: number,
  index: number,
  context: UnitContext,
): Promise<RunValue> {
  if (value.bytes !== undefined) return cut(value, value.bytes, axis, index);
  const position = hostValue("int64", [], bytesOfNumbers("int64", [index]));
  const environment: Environment = {
    values: new Map([
      ["data", value],
      ["index", position],
    ]),
    constants: new Map(),
    outer: undefined,
  };
  await runUnit(unit, environment, context);
  return environment.values.get("element")!;
}

/** The element at an index of an axis of bytes. */
export function cut(value: RunValue, bytes: Uint8Array, axis: number, index: number): RunValue {
  const { type } = value;
  const shape = shapeOf(value);
  const size = shape[axis]!;
  const { outer, inner } = blocksAround(type, shape, axis);
  const result = new Uint8Array(outer * inner);
  for (let i = 0; i < outer; i++) {
    const start = (i * size + index) * inner;
    result.set(bytes.subarray(start, start + inner), i * inner);
  }
  const dimensions = value.dimensions.filter((_, i) => i !== axis);
  return { ...hostValue(type, [], result), dimensions };
}

/** How many blocks come before an axis, and the bytes of one step along it. */
function blocksAround(
  type: ElementType,
  shape: readonly number[],
  axis: number,
): { readonly outer: number; readonly inner: number } {
  const bytes = elementBytes(type, 2);
  if (bytes === undefined || bytes % 2 !== 0) {
    throw new OnnxModelError("unsupported", `elements of type ${type} one by one`);
  }
  const outer = elementCount(shape.slice(0, axis));
  return { outer, inner: elementCount(shape.slice(axis + 1)) * (bytes / 2) };
}

/** What WebAssembly's memory, and most GPUs, can address. */
const largestStack = 2 ** 32;

/** Throws a RangeError, lack of memory, where `count` parts of these bytes are too many. */
export function checkStack(label: string, count: number, byteLength: number): void {
  if (count * byteLength <= largestStack) return;
  throw new RangeError(
    `${label}: ${count} parts of ${byteLength} bytes are more than the limit of ${largestStack} bytes`,
  );
}

/** The tensor with the parts along a new axis; all of them have the type and shape given. */
export function stack(
  type: ElementType,
  shape: readonly number[],
  parts: readonly Uint8Array[],
  axis: number,
): { readonly shape: readonly number[]; readonly bytes: Uint8Array } {
  const whole = [...shape.slice(0, axis), parts.length, ...shape.slice(axis)];
  const { outer, inner } = blocksAround(type, whole, axis);
  const bytes = new Uint8Array(outer * inner * parts.length);
  parts.forEach((part, index) => {
    for (let i = 0; i < outer; i++) {
      bytes.set(part.subarray(i * inner, (i + 1) * inner), (i * parts.length + index) * inner);
    }
  });
  return { shape: whole, bytes };
}
