/** Spoils a model file: its fields, so that what is around them still reads, or its bytes as they come. */
import { seededRandom } from "../unit/kernel/random-draft.ts";
import { listsIn, parseFields, writeFields, writeVarint, type Field } from "./fields.ts";

type Below = (count: number) => number;

/** Where sizes, axes, counts and lengths go wrong. */
const numbers = [
  0n, 1n, 2n, 3n, 7n, 16n, 17n, 64n, 127n, 128n, 255n, 1000n, 65535n, 65536n, 1n << 24n, 1n << 28n,
  (1n << 31n) - 1n, 1n << 31n, 1n << 32n, (1n << 53n) - 1n, 1n << 53n, (1n << 62n), (1n << 63n) - 1n,
  -1n, -2n, -3n, -128n, -(1n << 31n), -(1n << 53n), -(1n << 63n),
]; // prettier-ignore
const floats = [0, -0, 1, -1, 0.5, 1e-40, 3.4e38, Infinity, -Infinity, NaN];

export function mutate(file: Uint8Array, seed: number): Uint8Array<ArrayBuffer> {
  const { below } = seededRandom(seed);
  const fields = below(4) === 0 ? undefined : parseFields(file);
  if (fields === undefined) return spoilBytes(file, below);
  const texts = textsIn(fields);
  for (let count = 1 + below(3); count > 0; count--) {
    const lists = listsIn(fields);
    // Deep lists are attributes and tensors: as likely as the few that are shallow.
    if (lists.length > 0) spoilField(lists[below(lists.length)]!, texts, below);
  }
  return writeFields(fields);
}

function textsIn(fields: readonly Field[]): readonly Uint8Array[] {
  return fields.flatMap(({ value }) => {
    if (Array.isArray(value)) return textsIn(value);
    return value instanceof Uint8Array && value.length < 64 ? [value] : [];
  });
}

function spoilField(list: Field[], texts: readonly Uint8Array[], below: Below): void {
  if (list.length === 0) return;
  const i = below(list.length);
  const field = list[i]!;
  const kind = below(12);
  if (kind === 0) list.splice(i, 1);
  else if (kind === 1) list.splice(i, 0, structuredClone(field));
  else if (kind === 2) list.push(...list.splice(i, 1));
  else if (kind === 3) field.number = 1 + below(30);
  else if (kind === 4) list.push({ number: 1 + below(30), wireType: 0, value: pick(numbers, below) });
  else if (typeof field.value === "bigint") field.value = pick(numbers, below);
  else if (field.wireType === 5) field.value = new Uint8Array(Float32Array.of(pick(floats, below)).buffer);
  else if (field.value instanceof Uint8Array) field.value = spoilContent(field.value, texts, below);
  else spoilField(field.value, texts, below);
} // prettier-ignore

function spoilContent(content: Uint8Array, texts: readonly Uint8Array[], below: Below): Uint8Array {
  const kind = below(4);
  if (kind === 0 && texts.length > 0) return pick(texts, below);
  if (kind === 1) return content.slice(0, below(content.length + 1));
  if (kind === 2) return writeVarint(pick(numbers, below));
  return content.length === 0 ? Uint8Array.of(below(256)) : spoilBytes(content, below);
}

function spoilBytes(file: Uint8Array, below: Below): Uint8Array<ArrayBuffer> {
  let bytes = file.slice();
  for (let count = 1 + below(4); count > 0; count--) {
    const at = below(bytes.length);
    const kind = below(4);
    if (kind === 0) bytes[at]! ^= 1 << below(8);
    else if (kind === 1) bytes[at] = below(256);
    else if (kind === 2) bytes.set(writeVarint(pick(numbers, below)).subarray(0, bytes.length - at), at);
    else bytes = below(4) === 0 ? bytes.slice(0, at) : insert(bytes, at, writeVarint(pick(numbers, below)));
  }
  return bytes;
} // prettier-ignore

function insert(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(bytes.length + more.length);
  longer.set(bytes.subarray(0, at));
  longer.set(more, at);
  longer.set(bytes.subarray(at), at + more.length);
  return longer;
}

function pick<T>(items: readonly T[], below: Below): T {
  return items[below(items.length)]!;
}
