/**
 * Writes actions and the values they need as WebAssembly.
 *
 * A value is computed where it is first needed, in the innermost loop that changes it, and kept in a
 * local if it is needed again; what a loop does not change is computed before the loop. Vector
 * constants are always kept: V8 rebuilds a `v128.const` at each use.
 */
import type { Action, Carried, Loop, Store, StoreLane } from "./actions.ts";
import type { Assembler, Local } from "../assembler.ts";
import { interleave } from "./interleave.ts";
import type { Value } from "./value-graph.ts";

/**
 * `params` says which locals hold the variables that are set from outside. The `results` are left on
 * the operand stack, in order.
 */
export function writeActions(
  asm: Assembler,
  actions: readonly Action[],
  params: ReadonlyMap<Value, Local>,
  results: readonly Value[] = [],
): void {
  const writer = new Writer(asm, params, countUses([...actions.flatMap(valuesIn), ...results]));
  writer.scope(() => {
    writer.actions(actions);
    results.forEach((value) => writer.push(value));
  });
}

class Writer {
  readonly #asm: Assembler;
  readonly #locals: Map<Value, Local>;
  readonly #uses: ReadonlyMap<Value, number>;
  /** Values whose locals end with the innermost scope. */
  #kept: Value[] = [];

  constructor(asm: Assembler, params: ReadonlyMap<Value, Local>, uses: ReadonlyMap<Value, number>) {
    this.#asm = asm;
    this.#locals = new Map(params);
    this.#uses = uses;
  }

  /** The values of stores that follow each other are computed first, beside each other. */
  actions(actions: readonly Action[]): void {
    actions.forEach((action, i) => {
      if (isStore(action) && !isStore(actions[i - 1])) {
        const end = actions.findIndex((other, j) => j > i && !isStore(other));
        const run = actions.slice(i, end < 0 ? undefined : end).filter(isStore);
        this.#prepare(run.map(({ value }) => value));
      }
      this.#action(action);
    });
  }

  #prepare(values: readonly Value[]): void {
    // Some are computed by another chain that comes first.
    for (const value of interleave(values, (x) => this.#isAtHand(x))) this.#computeNow(value);
  }

  push(value: Value): void {
    const local = this.#locals.get(value);
    if (local !== undefined) return this.#asm.get(local);
    this.#compute(value);
    const again = (this.#uses.get(value) ?? 0) > 1 || value.instruction.kind === "words";
    if (again && value.instruction.kind !== "const") this.#asm.tee(this.#keep(value));
  }

  scope(body: () => void): void {
    const outer = this.#kept;
    this.#kept = [];
    body();
    for (const value of this.#kept) {
      this.#asm.release(this.#locals.get(value)!);
      this.#locals.delete(value);
    }
    this.#kept = outer;
  }

  #keep(value: Value): Local {
    const local = this.#asm.local(value.type);
    this.#locals.set(value, local);
    this.#kept.push(value);
    return local;
  }

  #action(action: Action): void {
    if (action.kind === "barrier") return;
    if (action.kind === "loop") return this.#loop(action);
    if (action.kind === "compute") return this.#computeNow(action.value);
    const { address, value } = action;
    this.push(address);
    this.push(value);
    if (action.kind === "store") this.#asm.memory(action.name, action.offset);
    else this.#asm.memoryLane(action.name, action.lane, action.offset);
  }

  #computeNow(value: Value): void {
    if (this.#isAtHand(value)) return;
    this.#compute(value);
    this.#asm.set(this.#keep(value));
  }

  #isAtHand(value: Value): boolean {
    const { kind } = value.instruction;
    return kind === "const" || kind === "variable" || this.#locals.has(value);
  }

  #loop(loop: Loop): void {
    const all = [loop.counter, ...loop.carried];
    const locals = this.#assign(all, (c) => c.start);
    all.forEach(({ variable }, i) => this.#locals.set(variable, locals[i]!));
    const again = (): void => {
      this.#asm.get(locals[0]!);
      this.push(loop.end);
      this.#asm.op("i32.lt_s");
    };
    const run = (): void => this.#rounds(loop, all, locals, again);
    if (surelyRuns(loop)) run();
    else {
      again();
      this.#asm.if(() => this.scope(run));
    }
    all.forEach(({ variable, result }, i) => {
      this.#locals.delete(variable);
      if (result === undefined) return this.#asm.release(locals[i]!);
      this.#locals.set(result, locals[i]!);
      this.#kept.push(result);
    });
  }

  #rounds(loop: Loop, all: readonly Carried[], locals: readonly Local[], again: () => void): void {
    this.#hoist(loop);
    this.#asm.loop((label) => {
      this.scope(() => {
        this.actions(loop.body);
        this.#assign(all, (c) => c.next, locals);
      });
      again();
      this.#asm.brIf(label);
    });
  }

  /** Sets one local for each, all at once. */
  #assign(
    carried: readonly Carried[],
    value: (c: Carried) => Value,
    locals: readonly Local[] = carried.map((c) => this.#asm.local(c.variable.type)),
  ): readonly Local[] {
    for (const c of carried) this.push(value(c));
    for (const local of [...locals].reverse()) this.#asm.set(local);
    return locals;
  }

  /** Keeps what the loop needs and does not change. */
  #hoist(loop: Loop): void {
    const seen = new Set<Value>();
    const visit = (value: Value): void => {
      const { kind } = value.instruction;
      if (seen.has(value) || kind === "const" || kind === "variable") return;
      seen.add(value);
      if (this.#locals.has(value)) return;
      if (value.level >= loop.level && kind !== "words") return value.args.forEach(visit);
      this.#compute(value);
      this.#asm.set(this.#keep(value));
    };
    visit(loop.end);
    for (const { next } of [loop.counter, ...loop.carried]) visit(next);
    loop.body.flatMap(valuesIn).forEach(visit);
  }

  #compute({ instruction, args, type }: Value): void {
    const asm = this.#asm;
    if (instruction.kind === "choose") return this.#choose(args, type);
    for (const x of args) this.push(x);
    switch (instruction.kind) {
      case "op":
        return asm.op(instruction.name);
      case "lane":
        return asm.lane(instruction.name, instruction.lane);
      case "load":
        return asm.memory(instruction.name, instruction.offset);
      case "loadLane":
        return asm.memoryLane(instruction.name, instruction.lane, instruction.offset);
      case "shuffle":
        return asm.shuffle(instruction.bytes);
      case "select":
        return asm.select();
      case "call":
        return asm.call(instruction.functionIndex);
      case "words":
        return asm.v128(Int32Array.from(instruction.words));
      case "const":
        return this.#constant(type, instruction.value);
      case "variable":
        throw new Error(`a variable of type ${type} is used outside its loop`);
      default:
        instruction satisfies never;
    }
  }

  #choose(args: readonly Value[], type: Value["type"]): void {
    const [condition, a, b] = args as readonly [Value, Value, Value];
    const side = (value: Value) => (): void => this.scope(() => this.push(value));
    this.push(condition);
    this.#asm.if(side(a), side(b), type);
  }

  #constant(type: Value["type"], value: number | bigint): void {
    if (typeof value === "bigint") return this.#asm.i64(value);
    if (type === "f32") return this.#asm.f32(value);
    if (type === "f64") return this.#asm.f64(value);
    this.#asm.i32(value);
  }
}

function isStore(action: Action | undefined): action is Store | StoreLane {
  return action?.kind === "store" || action?.kind === "storeLane";
}

function surelyRuns({ counter, end }: Loop): boolean {
  const [a, b] = [counter.start.instruction, end.instruction];
  return a.kind === "const" && b.kind === "const" && a.value < b.value;
}

/** The values an action needs directly; of a loop, also those of what is inside. */
function valuesIn(action: Action): readonly Value[] {
  switch (action.kind) {
    case "store":
    case "storeLane":
      return [action.address, action.value];
    case "loop":
      return [
        ...[action.counter, ...action.carried].flatMap(({ start, next }) => [start, next]),
        action.end,
        action.end,
        ...action.body.flatMap(valuesIn),
      ];
    case "compute":
      return [action.value];
    case "barrier":
      return [];
    default:
      return action satisfies never;
  }
}

function countUses(roots: readonly Value[]): ReadonlyMap<Value, number> {
  const uses = new Map<Value, number>();
  const visit = (value: Value): void => {
    const count = uses.get(value) ?? 0;
    uses.set(value, count + 1);
    if (count === 0) value.args.forEach(visit);
  };
  roots.forEach(visit);
  return uses;
}
