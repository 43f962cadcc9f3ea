/** Numbers as a tensor's bytes and back; random numbers that tests can repeat. */
import { bufferView } from "../../core-webnn/kernel/interpret.ts";
import { elementReader, elementWriter } from "../../core-webnn/kernel/buffer-view.ts";
import { bitsPerElement, byteLengthOf, type StorageType } from "../../core-webnn/util/data-type.ts";

export type Numeric = number | bigint;

export function encodeValues(dataType: StorageType, values: readonly Numeric[]): Uint8Array {
  const bytes = new Uint8Array(byteLengthOf(dataType, values.length));
  if (bitsPerElement(dataType) === 4) {
    values.forEach((value, i) => (bytes[i >> 1]! |= (Number(value) & 0xf) << (4 * (i % 2))));
    return bytes;
  }
  const write = elementWriter(dataType, bufferView(dataType, bytes));
  values.forEach((value, i) => write(i, dataType.endsWith("64") ? BigInt(value) : value));
  return bytes;
}

export function decodeValues(
  dataType: StorageType,
  bytes: Uint8Array,
  elementCount: number,
): Numeric[] {
  const read = elementReader(dataType, bufferView(dataType, bytes));
  return Array.from({ length: elementCount }, (_, i) => read(i));
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomIntegers(
  random: () => number,
  count: number,
  low: number,
  high: number,
): number[] {
  return Array.from({ length: count }, () => low + Math.floor(random() * (high - low + 1)));
}
