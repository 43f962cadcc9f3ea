/**
 * SparseTensorProto → Constant: the values at their indices, zeros elsewhere. It is made dense when it is read, so its
 * size is checked before memory is taken.
 */
import { OnnxModelError } from "../errors.ts";
import { elementBytes } from "./element-type.ts";
import { elementCount, type Constant } from "./model.ts";
import { readTensor, type ExternalFiles } from "./read-tensor.ts";
import { eachField, readInteger, readRepeated, readSubmessage, type Message } from "./wire.ts";

/** A few bytes of a file can ask for any number of zeros. */
const largest = 2 ** 30;

export function readSparseTensor(message: Message, files: ExternalFiles): Constant {
  let values: Constant | undefined;
  let indices: Constant | undefined;
  const shape: number[] = [];
  eachField(message, (field) => {
    const read = (what: string) =>
      readSubmessage(message, `${message.path}, ${what}`, (m) => readTensor(m, files));
    if (field === 1) values = read("values");
    else if (field === 2) indices = read("indices");
    else if (field === 3) readRepeated(message, shape, readInteger);
  });
  const fail = (found: string, expected: string): never => {
    throw new OnnxModelError("malformed", `${message.path}: found ${found}, expected ${expected}`);
  };
  if (values === undefined || indices === undefined) return fail("no values", "values and indices");
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    return fail(`shape [${shape.join(", ")}]`, "sizes of 0 or more");
  }
  const { type, name } = values;
  const width = elementBytes(type, 2)! / 2;
  if (!Number.isInteger(width)) return fail(`values of type ${type}`, "a type of whole bytes");
  const byteLength = elementCount(shape) * width;
  if (!(byteLength <= largest)) return fail(`${byteLength} bytes`, `at most ${largest}`);

  const bytes = new Uint8Array(byteLength);
  const count = elementCount(values.shape);
  offsetsOf(indices, count, shape, fail).forEach((offset, i) => {
    bytes.set(values!.bytes!.subarray(i * width, (i + 1) * width), offset * width);
  });
  return { name, type, shape, bytes };
}

/** Indices are places in the flat tensor, or rows of coordinates. */
function offsetsOf(
  { type, shape: given, bytes }: Constant,
  count: number,
  shape: readonly number[],
  fail: (found: string, expected: string) => never,
): readonly number[] {
  const isFlat = given.length === 1;
  const rank = isFlat ? 1 : shape.length;
  const isFit = given[0] === count && (isFlat || (given.length === 2 && given[1] === rank));
  if (type !== "int64" || !isFit) {
    fail(
      `indices ${type} [${given.join(", ")}]`,
      `int64 [${count}] or [${count}, ${shape.length}]`,
    );
  }
  const sizes = isFlat ? [elementCount(shape)] : shape;
  const view = new DataView(bytes!.buffer, bytes!.byteOffset, bytes!.byteLength);
  return Array.from({ length: count }, (_, i) =>
    sizes.reduce((offset, size, d) => {
      const index = Number(view.getBigInt64((i * rank + d) * 8, true));
      if (!(index >= 0 && index < size)) fail(`index ${index}`, `0 to ${size - 1}`);
      return offset * size + index;
    }, 0),
  );
}
