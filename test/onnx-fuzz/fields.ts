/** Any protobuf message as a tree of fields, without its schema: bytes that read as fields are taken for a message. */

export interface Field {
  number: number;
  wireType: number;
  /** A varint; the bytes of a fixed number or a string; or the fields of a message. */
  value: bigint | Uint8Array | Field[];
}

/** Undefined where the bytes are no message. */
export function parseFields(bytes: Uint8Array, depth = 0): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag < 8n || tag > 0xffffn) return undefined;
    const [number, wireType] = [Number(tag >> 3n), Number(tag & 7n)];
    if (wireType === 0) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ number, wireType, value });
      continue;
    }
    const length = wireType === 2 ? varint() : { 1: 8n, 5: 4n }[wireType];
    if (length === undefined || BigInt(at) + length > BigInt(bytes.length)) return undefined;
    const content = bytes.slice(at, (at += Number(length)));
    const isMessage = wireType === 2 && depth < 24 && content.length > 1;
    fields.push({
      number,
      wireType,
      value: (isMessage && parseFields(content, depth + 1)) || content,
    });
  }
  return fields;
}

export function writeFields(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const { number, wireType, value } of fields) {
    parts.push(writeVarint(BigInt(number * 8 + wireType)));
    if (typeof value === "bigint") {
      parts.push(writeVarint(value));
      continue;
    }
    const content = value instanceof Uint8Array ? value : writeFields(value);
    if (wireType === 2) parts.push(writeVarint(BigInt(content.length)));
    parts.push(content);
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function writeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** All lists of fields in the tree. */
export function listsIn(fields: Field[]): Field[][] {
  return [
    fields,
    ...fields.flatMap(({ value }) => (Array.isArray(value) ? listsIn(value) : [])),
  ].filter((list) => list.length > 0);
}
