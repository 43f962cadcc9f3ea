/**
 * The loops that are open while code is built, from the function's start to the innermost body.
 *
 * A loop counts from `start` to `end` by one. Besides its counter it carries what its body returns, and
 * pointers: an address that grows by the same amount each round is kept in a variable and added to.
 */
import type { Address, Axis } from "../../kernel/ir.ts";
import { unreachable } from "../../util/unreachable.ts";
import type { Action, Carried } from "./actions.ts";
import { add, constantOf } from "./integers.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/** A loop that is open, or the function itself, which has no axis. */
export interface OpenLoop {
  readonly level: number;
  readonly axis: Axis | undefined;
  readonly start: Value | undefined;
  readonly actions: Action[];
  readonly pointers: Map<string, Carried>;
  /** Places that are known in this loop, by address and buffer. */
  readonly places: Map<Address, ReadonlyMap<number, Place>>;
}

/** Where an instruction reads or writes: `address` plus its immediate `offset`. */
export interface Place {
  readonly address: Value;
  readonly offset: number;
}

export interface LoopRange {
  readonly axis: Axis;
  readonly start: Value;
  readonly end: Value;
}

export class Nest {
  readonly graph: ValueGraph;
  readonly #axes = new Map<string, Value>();
  readonly #open: OpenLoop[] = [];
  #fresh = 0;

  constructor(graph: ValueGraph) {
    this.graph = graph;
    this.#open.push({
      level: 0,
      axis: undefined,
      start: undefined,
      actions: [],
      pointers: new Map(),
      places: new Map(),
    });
  }

  get innermost(): OpenLoop {
    return this.#open.at(-1)!;
  }

  get level(): number {
    return this.innermost.level;
  }

  /** What the function does, once all loops are closed. */
  get actions(): readonly Action[] {
    return this.#open[0]!.actions;
  }

  /** A loop variable's value, inside its loop. */
  axis(name: string): Value {
    return this.#axes.get(name) ?? unreachable(`axis ${name} is used outside its loop`);
  }

  /** Binds an axis that no loop of this nest counts. */
  bind(name: string, value: Value): void {
    this.#axes.set(name, value);
  }

  /** An axis whose name no other has. */
  freshAxis(name: string, extent: Axis["extent"]): Axis {
    this.#fresh++;
    return { name: `${name}'${this.#fresh}`, extent };
  }

  act(action: Action): void {
    this.innermost.actions.push(action);
  }

  /** Loads that `build` makes stay in the innermost loop. */
  protect<T>(build: () => T): T {
    return this.graph.protect(this.level, build);
  }

  /** Opens a loop. The body is given what it carries and returns what it carries on; so does the loop. */
  loop(
    { axis, start, end }: LoopRange,
    carried: readonly Value[],
    body: (...carried: readonly Value[]) => readonly Value[],
  ): readonly Value[] {
    const [first, last] = [constantOf(start), constantOf(end)];
    if (first !== undefined && last !== undefined && last - first <= 1) {
      return last > first ? this.#once(axis, start, carried, body) : carried;
    }
    const outer = this.level;
    const level = outer + 1;
    const variables = carried.map(({ type }) => this.graph.variable(type, level));
    const counter = this.graph.variable("i32", level);
    const open: OpenLoop = {
      level,
      axis,
      start,
      actions: [],
      pointers: new Map(),
      places: new Map(),
    };
    this.#open.push(open);
    this.#axes.set(axis.name, counter);
    // A loop that may not run at all keeps its loads behind the question whether it does.
    const isSure = first !== undefined && last !== undefined;
    const next = isSure ? body(...variables) : this.graph.protect(outer, () => body(...variables));
    this.#axes.delete(axis.name);
    this.#open.pop();
    const results = carried.map(({ type }) => this.graph.variable(type, outer));
    const states = variables.map((variable, i) => {
      return { variable, start: carried[i]!, next: next[i]!, result: results[i]! };
    });
    this.act({
      kind: "loop",
      level,
      counter: { variable: counter, start, next: add(this.graph, counter, this.graph.i32(1)) },
      end,
      carried: [...states, ...open.pointers.values()],
      body: open.actions,
    });
    return results;
  }

  /** A loop of one round is its body. */
  #once(
    axis: Axis,
    value: Value,
    carried: readonly Value[],
    body: (...carried: readonly Value[]) => readonly Value[],
  ): readonly Value[] {
    this.#axes.set(axis.name, value);
    const results = body(...carried);
    this.#axes.delete(axis.name);
    return results;
  }

  /** An address in the innermost loop that is `start` in its first round and grows by `step`. */
  pointer(start: Value, step: Value): Value {
    const { pointers, level } = this.innermost;
    const key = `${start.id} ${step.id}`;
    const known = pointers.get(key);
    if (known !== undefined) return known.variable;
    const variable = this.graph.variable("i32", level);
    pointers.set(key, { variable, start, next: add(this.graph, variable, step) });
    return variable;
  }
}
