/**
 * Writes the body of one WebAssembly function.
 *
 * It keeps the types of the operand stack as it goes, so a missing, superfluous or wrongly typed
 * operand throws where it is written and names the instruction. Blocks are callbacks and cannot be
 * left open; a branch names its target by the label that the callback was given.
 */
import { ByteWriter } from "./byte-writer.ts";
import { laneOpcodes, memoryLaneOpcodes, memoryOpcodes, opcodes } from "./opcodes.ts";
import type { LaneOpName, MemoryLaneOpName, MemoryOpName, OpName } from "./opcodes.ts";
import { signatureOf, typeCodes, typeLetters } from "./wasm-types.ts";
import type { FunctionType, WasmType } from "./wasm-types.ts";

/** A local variable. Zero when the function starts; a reused one holds what its last user left. */
export interface Local {
  readonly type: WasmType;
  readonly index: number;
}

/** The target of a branch: the end of a block or `if`, the start of a loop. */
export interface Label {
  readonly kind: "function" | "block" | "loop" | "if";
  /** Letters of the block's results. */
  readonly results: string;
}

interface Frame extends Label {
  /** Height of the operand stack where the block starts. */
  readonly base: number;
  /** After a branch any operands are as good as there, until the block ends. */
  unreachable: boolean;
}

/** Sixteen bytes. */
export type VectorLanes =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array;

/** What a body needs to know of the module around it. */
export interface FunctionTypes {
  typeOf(functionIndex: number): FunctionType;
  typeIndex(type: FunctionType): number;
}

export class Assembler {
  readonly params: readonly Local[];
  readonly #module: FunctionTypes;
  readonly #code = new ByteWriter();
  readonly #locals: Local[] = [];
  readonly #free: Record<WasmType, Local[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly #stack: string[] = [];
  readonly #frames: Frame[];

  constructor(type: FunctionType, module: FunctionTypes) {
    this.#module = module;
    this.params = type.params.map((t, index) => ({ type: t, index }));
    const results = signatureOf({ params: [], results: type.results }).slice(1);
    this.#frames = [{ kind: "function", results, base: 0, unreachable: false }];
  }

  /** A local for the caller's use alone, until it is released. */
  local(type: WasmType): Local {
    const reused = this.#free[type].pop();
    if (reused !== undefined) return reused;
    const local = { type, index: this.params.length + this.#locals.length };
    this.#locals.push(local);
    return local;
  }

  release(...locals: readonly Local[]): void {
    for (const local of locals) {
      const free = this.#free[local.type];
      if (local.index < this.params.length || free.includes(local)) {
        throw new Error(`local ${local.index} is not in use, so it cannot be released`);
      }
      free.push(local);
    }
  }

  get(local: Local): void {
    this.#code.byte(0x20);
    this.#code.unsigned(local.index);
    this.#push(typeLetters[local.type]);
  }

  set(local: Local): void {
    this.#pop(typeLetters[local.type], "local.set");
    this.#code.byte(0x21);
    this.#code.unsigned(local.index);
  }

  tee(local: Local): void {
    this.#apply("local.tee", `${typeLetters[local.type]}>${typeLetters[local.type]}`);
    this.#code.byte(0x22);
    this.#code.unsigned(local.index);
  }

  /** Any int32, or a uint32 as the int32 of the same bits. */
  i32(value: number): void {
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32) {
      throw new RangeError(`i32.const ${value}: must be an integer of 32 bits`);
    }
    this.#code.byte(0x41);
    this.#code.signed(value);
    this.#push("i");
  }

  i64(value: bigint): void {
    this.#code.byte(0x42);
    this.#code.signed64(value);
    this.#push("I");
  }

  f32(value: number): void {
    this.#code.byte(0x43);
    this.#code.bytes(new Uint8Array(Float32Array.of(value).buffer));
    this.#push("f");
  }

  f64(value: number): void {
    this.#code.byte(0x44);
    this.#code.bytes(new Uint8Array(Float64Array.of(value).buffer));
    this.#push("F");
  }

  /** A vector constant. V8 rebuilds it at each use, so a loop should read it from a local. */
  v128(lanes: VectorLanes): void {
    if (lanes.byteLength !== 16) {
      throw new RangeError(`v128.const of ${lanes.byteLength} bytes: must have 16`);
    }
    this.#code.bytes([0xfd, 12]);
    this.#code.bytes(new Uint8Array(lanes.buffer, lanes.byteOffset, 16));
    this.#push("v");
  }

  op(name: OpName): void {
    const [bytes, signature] = opcodes[name];
    this.#instruction(name, bytes, signature);
  }

  /** `offset` is added to the address and may be any uint32; alignment is a hint (not for atomics). */
  memory(name: MemoryOpName, offset = 0): void {
    const [bytes, signature, alignment] = memoryOpcodes[name];
    this.#instruction(name, bytes, signature);
    this.#memoryArgument(name, bytes[0] === 0xfe ? alignment : 1, offset);
  }

  lane(name: LaneOpName, lane: number): void {
    const [bytes, signature, lanes] = laneOpcodes[name];
    this.#instruction(name, bytes, signature);
    this.#lane(name, lane, lanes);
  }

  memoryLane(name: MemoryLaneOpName, lane: number, offset = 0): void {
    const [bytes, signature, byteLength] = memoryLaneOpcodes[name];
    this.#instruction(name, bytes, signature);
    this.#memoryArgument(name, 1, offset);
    this.#lane(name, lane, 16 / byteLength);
  }

  /** Sixteen bytes chosen from the first operand (0 to 15) and the second (16 to 31). */
  shuffle(bytes: readonly number[]): void {
    if (bytes.length !== 16) throw new RangeError(`i8x16.shuffle of ${bytes.length} lanes, not 16`);
    this.#instruction("i8x16.shuffle", [0xfd, 13], "vv>v");
    for (const byte of bytes) this.#lane("i8x16.shuffle", byte, 32);
  }

  drop(): void {
    this.#popAny("drop");
    this.#code.byte(0x1a);
  }

  /** `condition ? a : b` of the operands a, b, condition. Both are evaluated. */
  select(): void {
    this.#pop("i", "select");
    const letter = this.#popAny("select");
    this.#apply("select", `${letter}>${letter}`);
    if (letter !== "v") return this.#code.byte(0x1b);
    this.#code.bytes([0x1c, 1, typeCodes.v128]); // Only numbers may do without the type.
  }

  block(body: (label: Label) => void, result?: WasmType): void {
    this.#nested("block", 0x02, body, result);
    this.#code.byte(0x0b);
  }

  /** Runs `body` once; it goes on by branching to its label. */
  loop(body: (label: Label) => void, result?: WasmType): void {
    this.#nested("loop", 0x03, body, result);
    this.#code.byte(0x0b);
  }

  /** Takes the condition from the stack. With a result both sides are needed. */
  if(then: (label: Label) => void, otherwise?: (label: Label) => void, result?: WasmType): void {
    this.#pop("i", "if");
    this.#nested("if", 0x04, then, result);
    if (otherwise !== undefined) this.#nested("if", undefined, otherwise, result);
    else if (result !== undefined) throw new Error(`if: a result of ${result} needs an else`);
    this.#code.byte(0x0b);
  }

  br(label: Label): void {
    this.#branch("br", 0x0c, label);
    this.#leave();
  }

  /** Takes the condition from the stack. */
  brIf(label: Label): void {
    this.#pop("i", "br_if");
    this.#branch("br_if", 0x0d, label);
  }

  /** Takes an index from the stack; one that is out of range goes to `otherwise`. */
  brTable(labels: readonly Label[], otherwise: Label): void {
    this.#pop("i", "br_table");
    const all = [...labels, otherwise];
    if (all.some((label) => operandsOf(label) !== "")) {
      throw new Error("br_table: its targets must take no operands");
    }
    this.#code.byte(0x0e);
    this.#code.unsigned(labels.length);
    for (const label of all) this.#code.unsigned(this.#depthOf(label, "br_table"));
    this.#leave();
  }

  return(): void {
    this.#apply("return", `${this.#frames[0]!.results}>`);
    this.#code.byte(0x0f);
    this.#leave();
  }

  unreachable(): void {
    this.#code.byte(0x00);
    this.#leave();
  }

  call(functionIndex: number): void {
    this.#apply(`call ${functionIndex}`, signatureOf(this.#module.typeOf(functionIndex)));
    this.#code.byte(0x10);
    this.#code.unsigned(functionIndex);
  }

  /** Takes the arguments and then a slot of the module's table from the stack. */
  callIndirect(type: FunctionType): void {
    this.#pop("i", "call_indirect");
    this.#apply("call_indirect", signatureOf(type));
    this.#code.byte(0x11);
    this.#code.unsigned(this.#module.typeIndex(type));
    this.#code.unsigned(0);
  }

  /** The function's entry in the code section. Its results must be on the stack. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#endFrame();
    const entry = new ByteWriter();
    const runs = runsOf(this.#locals.map((local) => local.type));
    entry.unsigned(runs.length);
    for (const { type, count } of runs) {
      entry.unsigned(count);
      entry.byte(typeCodes[type]);
    }
    entry.bytes(this.#code.finish());
    entry.byte(0x0b);
    return entry.finish();
  }

  #instruction(name: string, bytes: readonly number[], signature: string): void {
    this.#apply(name, signature);
    this.#code.byte(bytes[0]!);
    for (let i = 1; i < bytes.length; i++) this.#code.unsigned(bytes[i]!);
  }

  #memoryArgument(name: string, alignment: number, offset: number): void {
    if (!Number.isInteger(offset) || offset < 0 || offset >= 2 ** 32) {
      throw new RangeError(`${name} offset=${offset}: must be an integer in [0, 2³²)`);
    }
    this.#code.unsigned(Math.log2(alignment));
    this.#code.unsigned(offset);
  }

  #lane(name: string, lane: number, lanes: number): void {
    if (!Number.isInteger(lane) || lane < 0 || lane >= lanes) {
      throw new RangeError(`${name} ${lane}: the lane must be an integer in [0, ${lanes})`);
    }
    this.#code.byte(lane);
  }

  /** Writes a block (an `else` where the opcode is left out) up to, not including, its end. */
  #nested(
    kind: Label["kind"],
    opcode: number | undefined,
    body: (label: Label) => void,
    result: WasmType | undefined,
  ): void {
    if (opcode === undefined) this.#code.byte(0x05);
    else this.#code.bytes([opcode, result === undefined ? 0x40 : typeCodes[result]]);
    const results = result === undefined ? "" : typeLetters[result];
    if (opcode === undefined) this.#stack.length -= results.length; // Left by the other side.
    const frame: Frame = { kind, results, base: this.#stack.length, unreachable: false };
    this.#frames.push(frame);
    body(frame);
    this.#endFrame();
    this.#frames.pop();
    for (const letter of results) this.#push(letter);
  }

  /** Takes the results of the innermost block from the stack and checks that nothing else is left. */
  #endFrame(): void {
    const { kind, results, base } = this.#frames.at(-1)!;
    for (let i = results.length - 1; i >= 0; i--) this.#pop(results[i]!, `end of ${kind}`);
    if (this.#stack.length !== base) {
      const left = this.#stack.slice(base).join("");
      throw new Error(`end of ${kind}: operands ${left} are left on the stack`);
    }
  }

  #branch(name: string, opcode: number, label: Label): void {
    const operands = operandsOf(label);
    this.#apply(name, `${operands}>${operands}`);
    this.#code.byte(opcode);
    this.#code.unsigned(this.#depthOf(label, name));
  }

  #depthOf(label: Label, name: string): number {
    const at = this.#frames.indexOf(label as Frame);
    if (at < 0) throw new Error(`${name}: the ${label.kind} it leads to has ended`);
    return this.#frames.length - 1 - at;
  }

  /** What follows in this block is never run. */
  #leave(): void {
    const frame = this.#frames.at(-1)!;
    frame.unreachable = true;
    this.#stack.length = frame.base;
  }

  #apply(name: string, signature: string): void {
    const arrow = signature.indexOf(">");
    for (let i = arrow - 1; i >= 0; i--) this.#pop(signature[i]!, name);
    for (let i = arrow + 1; i < signature.length; i++) this.#push(signature[i]!);
  }

  #push(letter: string): void {
    this.#stack.push(letter);
  }

  #pop(letter: string, name: string): void {
    const found = this.#popAny(name, letter);
    if (found !== letter && found !== "?") {
      throw new Error(`${name}: needs an operand of type ${letter}, the stack has ${found}`);
    }
  }

  #popAny(name: string, wanted = "?"): string {
    const frame = this.#frames.at(-1)!;
    if (this.#stack.length > frame.base) return this.#stack.pop()!;
    if (frame.unreachable) return wanted;
    throw new Error(`${name}: needs an operand (${wanted}), the block has none left`);
  }
}

/** Letters that a branch to this label takes: a loop starts again with none. */
function operandsOf(label: Label): string {
  return label.kind === "loop" ? "" : label.results;
}

function runsOf(types: readonly WasmType[]): { type: WasmType; count: number }[] {
  const runs: { type: WasmType; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return runs;
}
