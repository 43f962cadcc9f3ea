/**
 * One function of a module as text: an instruction a line, in the spec's names, indented by nesting.
 * For reading generated code; it knows what our assembler writes (opcodes.ts) and refuses all else.
 */
import {
  laneOpcodes,
  memoryLaneOpcodes,
  memoryOpcodes,
  opcodes,
} from "../../core-webnn/cpu/opcodes.ts";
import { typeCodes } from "../../core-webnn/cpu/wasm-types.ts";

type Immediate = "none" | "index" | "block" | "memory" | "lane" | "memoryLane" | "table" | "select";

interface Instruction {
  readonly name: string;
  readonly immediate: Immediate | "i32" | "i64" | "f32" | "f64" | "v128" | "shuffle" | "call";
}

const control: readonly (readonly [
  name: string,
  bytes: readonly number[],
  Instruction["immediate"],
])[] = [
  ["unreachable", [0x00], "none"],
  ["block", [0x02], "block"],
  ["loop", [0x03], "block"],
  ["if", [0x04], "block"],
  ["else", [0x05], "none"],
  ["end", [0x0b], "none"],
  ["br", [0x0c], "index"],
  ["br_if", [0x0d], "index"],
  ["br_table", [0x0e], "table"],
  ["return", [0x0f], "none"],
  ["call", [0x10], "index"],
  ["call_indirect", [0x11], "call"],
  ["drop", [0x1a], "none"],
  ["select", [0x1b], "none"],
  ["select", [0x1c], "select"],
  ["local.get", [0x20], "index"],
  ["local.set", [0x21], "index"],
  ["local.tee", [0x22], "index"],
  ["i32.const", [0x41], "i32"],
  ["i64.const", [0x42], "i64"],
  ["f32.const", [0x43], "f32"],
  ["f64.const", [0x44], "f64"],
  ["v128.const", [0xfd, 12], "v128"],
  ["i8x16.shuffle", [0xfd, 13], "shuffle"],
];

const instructions: ReadonlyMap<string, Instruction> = new Map(
  [
    ...control,
    ...named(opcodes, "none"),
    ...named(memoryOpcodes, "memory"),
    ...named(laneOpcodes, "lane"),
    ...named(memoryLaneOpcodes, "memoryLane"),
  ].map(([name, [first, second], immediate]) => [
    second === undefined || !isPrefix(first!) ? `${first}` : `${first} ${second}`,
    { name, immediate },
  ]),
);

function named(
  table: Readonly<Record<string, readonly [readonly number[], ...unknown[]]>>,
  immediate: Immediate,
): (readonly [string, readonly number[], Immediate])[] {
  return Object.entries(table).map(([name, [bytes]]) => [name, bytes, immediate]);
}

/** `functionIndex` counts the module's own functions; it has no imported ones. */
export function disassemble(module: Uint8Array, functionIndex: number): string {
  const reader = new Reader(module, 8);
  while (reader.byte() !== 10) reader.skip(reader.unsigned());
  reader.unsigned();
  const count = reader.unsigned();
  if (functionIndex >= count) throw new RangeError(`function ${functionIndex} of ${count}`);
  for (let i = 0; i < functionIndex; i++) reader.skip(reader.unsigned());
  const end = reader.unsigned() + reader.at;
  const lines = [`locals ${localsOf(reader)}`];
  let depth = 0;
  while (reader.at < end) {
    const { name, immediate } = nextInstruction(reader);
    const indent = "  ".repeat(Math.max(0, depth - Number(name === "else" || name === "end")));
    lines.push(`${indent}${name}${printImmediate(immediate, reader)}`);
    if (immediate === "block") depth++;
    if (name === "end") depth--;
  }
  return lines.join("\n") + "\n";
}

function localsOf(reader: Reader): string {
  const runs = Array.from({ length: reader.unsigned() }, () => {
    const count = reader.unsigned();
    return `${count} ${typeName(reader.byte())}`;
  });
  return runs.length === 0 ? "none" : runs.join(", ");
}

function nextInstruction(reader: Reader): Instruction {
  const first = reader.byte();
  const key = isPrefix(first) ? `${first} ${reader.unsigned()}` : `${first}`;
  const instruction = instructions.get(key);
  if (instruction === undefined) throw new Error(`no instruction ${key} before byte ${reader.at}`);
  // Some without immediates have reserved bytes: memory.size, memory.copy and the like.
  const table: Readonly<Record<string, readonly [readonly number[], ...unknown[]]>> = opcodes;
  const bytes = table[instruction.name]?.[0] ?? [];
  reader.skip(Math.max(0, bytes.length - (isPrefix(first) ? 2 : 1)));
  return instruction;
}

function printImmediate(immediate: Instruction["immediate"], reader: Reader): string {
  switch (immediate) {
    case "none":
      return "";
    case "index":
      return ` ${reader.unsigned()}`;
    case "block": {
      const type = reader.byte();
      return type === 0x40 ? "" : ` ${typeName(type)}`;
    }
    case "memory":
      return memoryArgument(reader);
    case "lane":
      return ` ${reader.byte()}`;
    case "memoryLane":
      return `${memoryArgument(reader)} ${reader.byte()}`;
    case "table":
      return ` ${Array.from({ length: reader.unsigned() + 1 }, () => reader.unsigned()).join(" ")}`;
    case "select":
      return ` ${Array.from({ length: reader.unsigned() }, () => typeName(reader.byte())).join(" ")}`;
    case "call":
      return ` type ${reader.unsigned()} table ${reader.unsigned()}`;
    case "i32":
    case "i64":
      return ` ${reader.signed()}`;
    case "f32":
      return ` ${printFloat(reader.view(4).getFloat32(0, true))}`;
    case "f64":
      return ` ${printFloat(reader.view(8).getFloat64(0, true))}`;
    case "v128": {
      const view = reader.view(16);
      const words = [0, 4, 8, 12].map((at) =>
        view.getUint32(at, true).toString(16).padStart(8, "0"),
      );
      return ` ${words.join(" ")}`;
    }
    case "shuffle":
      return ` ${Array.from({ length: 16 }, () => reader.byte()).join(" ")}`;
    default:
      return immediate satisfies never;
  }
}

function memoryArgument(reader: Reader): string {
  const alignment = 2 ** reader.unsigned();
  return ` offset=${reader.unsigned()} align=${alignment}`;
}

function printFloat(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function typeName(code: number): string {
  const found = Object.entries(typeCodes).find(([, known]) => known === code);
  if (found === undefined) throw new Error(`no type ${code}`);
  return found[0];
}

function isPrefix(byte: number): boolean {
  return byte >= 0xfc;
}

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes[this.at++]!;
  }

  skip(count: number): void {
    this.at += count;
  }

  /** LEB128. */
  unsigned(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (byte < 0x80) return value;
    }
  }

  signed(): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return BigInt.asIntN(Number(shift), value);
    }
  }

  view(byteLength: number): DataView {
    const { buffer, byteOffset } = this.#bytes;
    this.at += byteLength;
    return new DataView(buffer, byteOffset + this.at - byteLength, byteLength);
  }
}
