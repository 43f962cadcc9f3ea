/**
 * Builds the bytes of one WebAssembly module: an imported memory, imported and own functions, a table
 * of functions for indirect calls, exports.
 *
 * A function's index is known as soon as it is declared, so bodies may call each other in any order.
 * https://webassembly.github.io/spec/core/binary/modules.html
 */
import { Assembler } from "./assembler.ts";
import type { Local } from "./assembler.ts";
import { ByteWriter } from "./byte-writer.ts";
import { signatureOf, typeCodes } from "./wasm-types.ts";
import type { FunctionType, WasmType } from "./wasm-types.ts";

export interface MemoryImport {
  readonly module: string;
  readonly name: string;
  /** Pages of 64 KiB. */
  readonly minimum: number;
  /** Needed if shared. */
  readonly maximum?: number;
  readonly shared?: boolean;
}

export type Body = (asm: Assembler, ...params: Local[]) => void;

interface OwnFunction {
  readonly type: FunctionType;
  readonly name: string | undefined;
  code: Uint8Array | undefined;
}

export class ModuleBuilder {
  readonly #types = new Map<string, { readonly index: number; readonly type: FunctionType }>();
  readonly #imports: { module: string; name: string; type: FunctionType }[] = [];
  readonly #functions: OwnFunction[] = [];
  readonly #exports: { name: string; functionIndex: number }[] = [];
  readonly #table: number[] = [];
  #memory: MemoryImport | undefined;

  importMemory(memory: MemoryImport): void {
    if (memory.shared === true && memory.maximum === undefined) {
      throw new RangeError(`memory ${memory.module}.${memory.name}: a shared memory has a maximum`);
    }
    this.#memory = memory;
  }

  /** Imports come first: a function's index counts them all. */
  importFunction(module: string, name: string, type: FunctionType): number {
    if (this.#functions.length > 0) {
      throw new Error(`import ${module}.${name}: must come before the module's own functions`);
    }
    this.typeIndex(type);
    return this.#imports.push({ module, name, type }) - 1;
  }

  /** The index of a function whose body `defineFunction` gives later. The name is for profiles. */
  declareFunction(type: FunctionType, name?: string): number {
    this.typeIndex(type);
    this.#functions.push({ type, name, code: undefined });
    return this.#imports.length + this.#functions.length - 1;
  }

  defineFunction(functionIndex: number, body: Body): void {
    const own = this.#functions[functionIndex - this.#imports.length];
    if (own === undefined || own.code !== undefined) {
      throw new Error(`function ${functionIndex}: not declared, or defined already`);
    }
    const asm = new Assembler(own.type, this);
    body(asm, ...asm.params);
    own.code = asm.finish();
  }

  addFunction(type: FunctionType, body: Body, name?: string): number {
    const index = this.declareFunction(type, name);
    this.defineFunction(index, body);
    return index;
  }

  exportFunction(name: string, functionIndex: number): void {
    this.#exports.push({ name, functionIndex });
  }

  /** A slot of the table that `callIndirect` calls through. */
  tableSlot(functionIndex: number): number {
    return this.#table.push(functionIndex) - 1;
  }

  typeOf(functionIndex: number): FunctionType {
    const found =
      this.#imports[functionIndex] ?? this.#functions[functionIndex - this.#imports.length];
    if (found === undefined) throw new Error(`function ${functionIndex}: not declared`);
    return found.type;
  }

  /** Equal types share one entry. */
  typeIndex(type: FunctionType): number {
    const signature = signatureOf(type);
    const known = this.#types.get(signature);
    if (known !== undefined) return known.index;
    const index = this.#types.size;
    this.#types.set(signature, { index, type });
    return index;
  }

  build(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    out.bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    section(out, 1, [...this.#types.values()], writeType);
    const memory = this.#memory === undefined ? [] : [this.#memory];
    const imports = [...memory, ...this.#imports];
    section(out, 2, imports, (w, entry) => {
      w.name(entry.module);
      w.name(entry.name);
      if ("minimum" in entry) return writeMemory(w, entry);
      w.byte(0x00);
      w.unsigned(this.typeIndex(entry.type));
    });
    section(out, 3, this.#functions, (w, { type }) => w.unsigned(this.typeIndex(type)));
    this.#writeTable(out);
    section(out, 7, this.#exports, (w, { name, functionIndex }) => {
      w.name(name);
      w.byte(0x00);
      w.unsigned(functionIndex);
    });
    this.#writeElements(out);
    section(out, 10, this.#functions, (w, { code }, i) => {
      if (code === undefined) throw new Error(`function ${this.#imports.length + i}: has no body`);
      w.counted(code);
    });
    this.#writeNames(out);
    return out.finish();
  }

  #writeTable(out: ByteWriter): void {
    section(out, 4, this.#table.length > 0 ? [this.#table.length] : [], (w, length) => {
      w.bytes([0x70, 0x01]); // Of functions, with a maximum.
      w.unsigned(length);
      w.unsigned(length);
    });
  }

  #writeElements(out: ByteWriter): void {
    section(out, 9, this.#table.length > 0 ? [this.#table] : [], (w, table) => {
      w.bytes([0x00, 0x41, 0x00, 0x0b]); // Active, from slot 0 of table 0.
      w.unsigned(table.length);
      for (const index of table) w.unsigned(index);
    });
  }

  #writeNames(out: ByteWriter): void {
    const named = this.#functions.flatMap(({ name }, i) =>
      name === undefined ? [] : [{ name, index: this.#imports.length + i }],
    );
    if (named.length === 0) return;
    const names = new ByteWriter();
    section(names, 1, named, (w, { name, index }) => {
      w.unsigned(index);
      w.name(name);
    });
    const custom = new ByteWriter();
    custom.name("name");
    custom.bytes(names.finish());
    out.byte(0);
    out.counted(custom.finish());
  }
}

/** A section of counted entries; nothing where there are none. */
function section<T>(
  out: ByteWriter,
  id: number,
  entries: readonly T[],
  write: (w: ByteWriter, entry: T, i: number) => void,
): void {
  if (entries.length === 0) return;
  const content = new ByteWriter();
  content.unsigned(entries.length);
  entries.forEach((entry, i) => write(content, entry, i));
  out.byte(id);
  out.counted(content.finish());
}

function writeType(w: ByteWriter, { type }: { readonly type: FunctionType }): void {
  const vector = (types: readonly WasmType[]): void =>
    w.counted(Uint8Array.from(types, (t) => typeCodes[t]));
  w.byte(0x60);
  vector(type.params);
  vector(type.results);
}

function writeMemory(w: ByteWriter, { minimum, maximum, shared }: MemoryImport): void {
  w.byte(0x02);
  w.byte((maximum === undefined ? 0 : 1) | (shared === true ? 2 : 0));
  w.unsigned(minimum);
  if (maximum !== undefined) w.unsigned(maximum);
}
