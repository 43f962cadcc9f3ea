/** Rows of numbers of 2, 4 or 8 bits that files pack into bytes, the first number in a byte's lowest bits. */
import type { HostNode } from "../convert/host-node.ts";
import { elementCount, type Constant } from "../model/model.ts";
import type { GivenConstant } from "./row.ts";

interface Rows {
  readonly bits: number;
  /** Numbers in a row, which begins with a byte of its own. */
  readonly width: number;
  /** Of all numbers. */
  readonly shape: readonly number[];
}

/**
 * The constant as a tensor of uint4, or of uint8 where the context has no uint4 or a number has 8 bits. Its bytes stay
 * the file's own where they are the same.
 */
export function unpackRows(
  node: HostNode,
  { constant, storable }: GivenConstant,
  { bits, width, shape }: Rows,
): Constant {
  const { bytes, name } = constant;
  const bytesPerRow = Math.ceil((width * bits) / 8);
  const count = elementCount(shape);
  const expected = (count / width) * bytesPerRow;
  if (bytes === undefined || bytes.length !== expected) {
    return node.fail(`'${name}' has ${bytes?.length} bytes, expected ${expected}`);
  }
  const type = bits === 8 || !storable.uint4 ? "uint8" : "uint4";
  const isSame = bits === (type === "uint8" ? 8 : 4) && width * bits === bytesPerRow * 8;
  const packed = isSame ? bytes : repack(bytes, { bits, width, bytesPerRow, count, type });
  return { name, type, shape, bytes: packed, given: constant.type };
}

function repack(
  bytes: Uint8Array,
  {
    bits,
    width,
    bytesPerRow,
    count,
    type,
  }: Omit<Rows, "shape"> & {
    readonly bytesPerRow: number;
    readonly count: number;
    readonly type: "uint4" | "uint8";
  },
): Uint8Array {
  const result = new Uint8Array(type === "uint8" ? count : Math.ceil(count / 2));
  const mask = 2 ** bits - 1;
  for (let i = 0; i < count; i++) {
    const bit = (i % width) * bits;
    const byte = bytes[Math.floor(i / width) * bytesPerRow + (bit >> 3)]!;
    const number = (byte >> (bit & 7)) & mask;
    if (type === "uint8") result[i] = number;
    else result[i >> 1]! |= number << ((i & 1) * 4);
  }
  return result;
}
