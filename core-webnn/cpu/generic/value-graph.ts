/**
 * The pure values of one function, as a graph in which each distinct computation exists once.
 *
 * Every value knows its `level`: how many of the loops around it change it (0: none). Whoever writes
 * the code (`write-actions.ts`) can so compute it outside all loops that do not. Most kernels never read
 * what they write, so loads are values like any other, except where a condition protects them, or a
 * loop that may have no round: such a load must stay behind it, see `protect`. A kernel that does read
 * what it writes says after each store that loads are new: see `forgetLoads`.
 */
import { laneOpcodes, memoryLaneOpcodes, memoryOpcodes, opcodes } from "../opcodes.ts";
import type { LaneOpName, MemoryLaneOpName, MemoryOpName, OpName } from "../opcodes.ts";
import { typeLetters } from "../wasm-types.ts";
import type { WasmType } from "../wasm-types.ts";

export type Instruction =
  | { readonly kind: "op"; readonly name: OpName }
  | { readonly kind: "lane"; readonly name: LaneOpName; readonly lane: number }
  | { readonly kind: "load"; readonly name: MemoryOpName; readonly offset: number }
  | {
      readonly kind: "loadLane";
      readonly name: MemoryLaneOpName;
      readonly lane: number;
      readonly offset: number;
    }
  | { readonly kind: "shuffle"; readonly bytes: readonly number[] }
  /** `c ? a : b` of the arguments a, b, c. */
  | { readonly kind: "select" }
  /** `c ? a : b` of the arguments c, a, b: only one of a and b is evaluated. */
  | { readonly kind: "choose" }
  | { readonly kind: "call"; readonly functionIndex: number }
  | { readonly kind: "const"; readonly value: number | bigint }
  /** A vector of four 32-bit words. */
  | { readonly kind: "words"; readonly words: readonly number[] }
  /** Set by what surrounds it: a parameter, or what a loop carries. */
  | { readonly kind: "variable" };

export interface Value {
  readonly id: number;
  readonly type: WasmType;
  readonly level: number;
  readonly instruction: Instruction;
  readonly args: readonly Value[];
}

export class ValueGraph {
  readonly #known = new Map<string, Value>();
  #count = 0;
  #lowestLoad = 0;
  /** Stores so far that later loads may see. */
  #stores = 0;

  variable(type: WasmType, level: number): Value {
    return this.#make({ kind: "variable" }, type, level, []);
  }

  constant(type: Exclude<WasmType, "v128">, value: number | bigint): Value {
    const key = `${type} ${Object.is(value, -0) ? "-0" : value}`;
    return this.#once(key, { kind: "const", value }, type, []);
  }

  i32(value: number): Value {
    return this.constant("i32", value | 0);
  }

  /** A vector constant of 32-bit words. */
  words(...words: readonly [number, number, number, number]): Value {
    const bits = words.map((word) => word | 0);
    return this.#once(`words ${bits}`, { kind: "words", words: bits }, "v128", []);
  }

  op(name: OpName, ...args: readonly Value[]): Value {
    return this.#once(name, { kind: "op", name }, resultOf(opcodes[name][1]), args);
  }

  lane(name: LaneOpName, lane: number, ...args: readonly Value[]): Value {
    const instruction = { kind: "lane", name, lane } as const;
    return this.#once(`${name} ${lane}`, instruction, resultOf(laneOpcodes[name][1]), args);
  }

  load(name: MemoryOpName, address: Value, offset = 0): Value {
    const instruction = { kind: "load", name, offset } as const;
    return this.#loaded(`${name} ${offset}`, instruction, resultOf(memoryOpcodes[name][1]), [
      address,
    ]);
  }

  loadLane(name: MemoryLaneOpName, lane: number, address: Value, offset: number, v: Value): Value {
    const instruction = { kind: "loadLane", name, lane, offset } as const;
    const type = resultOf(memoryLaneOpcodes[name][1]);
    return this.#loaded(`${name} ${lane} ${offset}`, instruction, type, [address, v]);
  }

  shuffle(bytes: readonly number[], a: Value, b: Value): Value {
    return this.#once(`shuffle ${bytes}`, { kind: "shuffle", bytes }, "v128", [a, b]);
  }

  /** Both sides are evaluated. */
  select(condition: Value, a: Value, b: Value): Value {
    if (a === b) return a;
    return this.#once("select", { kind: "select" }, a.type, [a, b, condition]);
  }

  /** One side is evaluated. */
  choose(condition: Value, a: Value, b: Value): Value {
    if (a === b) return a;
    if (condition.instruction.kind === "const") return condition.instruction.value === 0 ? b : a;
    return this.#once("choose", { kind: "choose" }, a.type, [condition, a, b]);
  }

  call(functionIndex: number, type: WasmType, ...args: readonly Value[]): Value {
    return this.#once(`call ${functionIndex}`, { kind: "call", functionIndex }, type, args);
  }

  /** Loads that `build` makes are not computed outside the first `level` loops. */
  protect<T>(level: number, build: () => T): T {
    const before = this.#lowestLoad;
    this.#lowestLoad = Math.max(before, level);
    try {
      return build();
    } finally {
      this.#lowestLoad = before;
    }
  }

  /** Loads made from now on are other values than those made before: memory has changed. */
  forgetLoads(): void {
    this.#stores++;
  }

  #loaded(key: string, instruction: Instruction, type: WasmType, args: readonly Value[]): Value {
    const level = Math.max(this.#lowestLoad, levelOf(args));
    return this.#once(`${key} @${level} ${this.#stores}`, instruction, type, args, level);
  }

  #once(
    key: string,
    instruction: Instruction,
    type: WasmType,
    args: readonly Value[],
    level = levelOf(args),
  ): Value {
    let full = key;
    for (const { id } of args) full += ` ${id}`;
    const known = this.#known.get(full);
    if (known !== undefined) return known;
    const made = this.#make(instruction, type, level, args);
    this.#known.set(full, made);
    return made;
  }

  #make(instruction: Instruction, type: WasmType, level: number, args: readonly Value[]): Value {
    return { id: this.#count++, type, level, instruction, args };
  }
}

function levelOf(args: readonly Value[]): number {
  let level = 0;
  for (const x of args) if (x.level > level) level = x.level;
  return level;
}

const typesByLetter = new Map(
  Object.entries(typeLetters).map(([type, letter]) => [letter, type as WasmType]),
);

function resultOf(signature: string): WasmType {
  const type = typesByLetter.get(signature.at(-1)!);
  if (type === undefined) throw new Error(`signature ${signature}: has no result`);
  return type;
}
