/**
 * Protobuf fields over pbf's reader, with every length checked against the message it stands in.
 *
 * pbf itself trusts its input: it reads past the end as zeros and skips as far as it is told. Here a
 * length that does not fit is an error that says which message, where, and how far it reached.
 */
import { PbfReader } from "pbf";
import { OnnxModelError } from "../errors.ts";

/** A message in the file: `reader.buf` from `reader.pos` to `end`. */
export interface Message {
  readonly reader: PbfReader;
  readonly end: number;
  /** For errors: "graph 'main', node 12". */
  readonly path: string;
  readonly depth: number;
}

/** Model, graph, node, attribute and tensor are five; every level of nested branches adds three. */
const maxDepth = 64;
const wireTypes = [0, 1, 2, 5];

export function openMessage(bytes: Uint8Array): Message {
  return { reader: new PbfReader(bytes), end: bytes.length, path: "model", depth: 0 };
}

/** Calls `visit` at the value of each field; a value that it does not read is skipped. */
export function eachField(message: Message, visit: (field: number) => void): void {
  const { reader, end } = message;
  while (reader.pos < end) {
    const at = reader.pos;
    const tag = reader.readVarint();
    const wireType = tag & 7;
    if (tag < 8 || !wireTypes.includes(wireType)) {
      throw malformed(message, at, `a field tag of ${tag}`, "a known wire type");
    }
    reader.type = wireType;
    const value = reader.pos;
    // Checked before the value is read or skipped.
    if (wireType === 2) peekLength(message);
    visit(tag >>> 3);
    if (reader.pos === value) reader.skip(wireType);
    if (reader.pos > end) throw truncated(message, value, reader.pos);
  }
}

/** The sub-message at the reader; the reader moves behind it when `read` returns. */
export function readSubmessage<T>(
  message: Message,
  path: string,
  read: (submessage: Message) => T,
): T {
  const { reader } = message;
  if (message.depth >= maxDepth) {
    throw new OnnxModelError(
      "too-deep",
      `${path}: messages are nested more than ${maxDepth} deep (at byte ${reader.pos})`,
    );
  }
  const end = readLength(message);
  const result = read({ reader, end, path, depth: message.depth + 1 });
  reader.pos = end;
  return result;
}

export function readBytes(message: Message): Uint8Array {
  const end = readLength(message);
  const { reader } = message;
  const bytes = reader.buf.subarray(reader.pos, end);
  reader.pos = end;
  return bytes;
}

const utf8 = new TextDecoder();

export function readText(message: Message): string {
  return utf8.decode(readBytes(message));
}

/** A signed 64-bit integer as a number; beyond 2^53 the nearest one. */
export function readInteger({ reader }: Message): number {
  return reader.readVarint(true);
}

/** One element of a repeated number field, or all of a packed one. */
export function readRepeated<T>(message: Message, into: T[], read: (message: Message) => T): void {
  if (message.reader.type !== 2) {
    into.push(read(message));
    return;
  }
  const end = readLength(message);
  while (message.reader.pos < end) into.push(read(message));
  if (message.reader.pos > end) throw truncated(message, end, message.reader.pos);
}

/** A signed 64-bit integer, exactly. */
export function readBigInteger({ reader }: Message): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.buf[reader.pos++] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return BigInt.asIntN(64, value);
}

function peekLength(message: Message): void {
  const { reader } = message;
  const at = reader.pos;
  readLength(message);
  reader.pos = at;
}

/** Reads a length and gives the position where what it measures ends. */
function readLength(message: Message): number {
  const { reader } = message;
  const at = reader.pos;
  const end = reader.readVarint() + reader.pos;
  if (end > message.end) throw truncated(message, at, end);
  return end;
}

function truncated({ reader, end, path }: Message, at: number, needed: number): OnnxModelError {
  const limit = end === reader.length ? "the file" : "the message around it";
  const code = end === reader.length || needed > reader.length ? "truncated" : "malformed";
  return new OnnxModelError(
    code,
    `${path}: the value at byte ${at} ends at byte ${needed}, but ${limit} ends at byte ${end}`,
  );
}

function malformed({ path }: Message, at: number, found: string, expected: string): OnnxModelError {
  return new OnnxModelError(
    "malformed",
    `${path}: found ${found} at byte ${at}, expected ${expected}`,
  );
}
