/**
 * Kernels that run in steps, drawn at random: lets, reductions, loops and stores that read what earlier
 * ones wrote. Integers, so that results are the same to the last bit whatever the order of a sum.
 *
 * A point of the space owns a row of each written buffer. A loop writes one of them, and reads of that
 * one nothing but its own iteration's element.
 */
import {
  addAddress,
  axisAddress,
  constant,
  linearAddress,
  modAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  compare,
  guard,
  i32,
  index,
  load,
  local,
} from "../../../core-webnn/kernel/expr.ts";
import type { Address, Axis, Expr, Kernel, Local, Stmt } from "../../../core-webnn/kernel/ir.ts";
import { named, type Size, type Sizes } from "../../../core-webnn/util/size.ts";
import { randomIntegers, randomNumbers } from "../../reference/values.ts";

export interface ScanCase {
  readonly kernel: Kernel;
  readonly sizes: Sizes;
  /** Bytes of every buffer. */
  readonly inputs: readonly Uint8Array[];
}

/** Numbers of the buffers: one is read, two are written. */
const [given, first, second] = [0, 1, 2] as const;

const operations = ["add", "sub", "mul", "bitXor"] as const;

export function randomScan(seed: number): ScanCase {
  const random = randomNumbers(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const [points, steps, width] = [1 + below(6), 1 + below(5), 1 + below(70)];
  const extent = below(3) === 0 ? named({ name: "steps" }) : steps;
  const { space, body } = new Draft(below, points, width).kernel(extent);
  const use = { dataType: "int32", elementCount: points * width } as const;
  const values = Int32Array.from(randomIntegers(random, points * width, -(2 ** 31), 2 ** 31 - 1));
  return {
    kernel: {
      buffers: [
        { ...use, access: "read" },
        { ...use, access: "write" },
        { ...use, access: "write" },
      ],
      space,
      body,
    },
    sizes: { steps },
    inputs: [values, values.map(() => 0), values.map(() => 0)].map((x) => new Uint8Array(x.buffer)),
  };
}

class Draft {
  readonly #below: (count: number) => number;
  readonly #width: number;
  readonly #point: Axis;
  #names = 0;

  constructor(below: (count: number) => number, points: number, width: number) {
    this.#below = below;
    this.#width = width;
    this.#point = { name: "point", extent: points };
  }

  kernel(steps: Size): Pick<Kernel, "space" | "body"> {
    const withLoops = this.#below(4) > 0;
    const step: Axis = { name: "step", extent: steps };
    const count = (): number => this.#below(3);
    const body = [
      ...(withLoops ? [this.#fill(first), this.#fill(second)] : []),
      ...this.#statements(undefined, count(), withLoops),
      { kind: "scan", axis: step, body: this.#statements(step, 1 + 2 * count(), withLoops) },
      ...this.#statements(undefined, count(), withLoops),
    ] as const;
    return { space: [this.#point], body };
  }

  #statements(step: Axis | undefined, count: number, withLoops: boolean): Stmt[] {
    const body: Stmt[] = [];
    const locals: Local[] = [];
    for (let i = 0; i < count; i++) {
      const kind = this.#below(withLoops ? 5 : 3);
      if (kind === 0) {
        const kept = this.#local("t");
        body.push({ kind: "let", local: kept, value: this.#mix(this.#scalars(step, locals)) });
        locals.push(kept);
      } else if (kind === 1) {
        const sum = this.#local("s");
        body.push(this.#sum(sum, this.#below(2) ? first : second, constant(0)));
        locals.push(sum);
      } else if (kind === 2) {
        const buffer = this.#below(2) ? first : second;
        const value = this.#mix(this.#scalars(step, locals));
        body.push({ kind: "store", buffer, address: this.#at(this.#place(step)), value });
      } else {
        body.push(this.#loop(step, locals));
      }
    }
    return body;
  }

  /** Each iteration has a local, a store and often another, which reads the first one. */
  #loop(step: Axis | undefined, locals: readonly Local[]): Stmt {
    const j = this.#axis("j");
    const [target, other] = this.#below(2) ? [first, second] : [second, first];
    const own = load("i32", target, this.#at(axisAddress(j)));
    const shifted = this.#wrapped(addAddress(axisAddress(j), constant(this.#below(9))));
    const theirs = load("i32", other, this.#at(shifted));
    const outer = this.#scalars(step, locals).filter(
      (x) => !("buffer" in x) || x.buffer !== target,
    );
    const parts = [own, theirs, index(axisAddress(j)), ...outer];
    const body: Stmt[] = [];
    if (this.#below(2)) {
      const sum = this.#local("s");
      body.push(this.#sum(sum, other, this.#below(2) ? axisAddress(j) : constant(0)));
      parts.push(local(sum));
    }
    const kept = this.#local("t");
    const store = { kind: "store", buffer: target, address: this.#at(axisAddress(j)) } as const;
    body.push({ kind: "let", local: kept, value: this.#mix(parts) });
    body.push({ ...store, value: local(kept) });
    if (this.#below(2)) body.push({ ...store, value: this.#mix([own, local(kept), i32(3)]) });
    return { kind: "loop", axes: [j], body };
  }

  #fill(buffer: number): Stmt {
    const j = this.#axis("j");
    const value = binary("mul", index(axisAddress(j)), i32(this.#below(50)));
    const store = { kind: "store", buffer, address: this.#at(axisAddress(j)), value } as const;
    return { kind: "loop", axes: [j], body: [store] };
  }

  /** Σ over k of buffer[k] · given[k + shift] */
  #sum(state: Local, buffer: number, shift: Address): Stmt {
    const k = this.#axis("k");
    const incoming = this.#local("x");
    const x = load("i32", buffer, this.#at(axisAddress(k)));
    const weight = load("i32", given, this.#at(this.#wrapped(addAddress(axisAddress(k), shift))));
    return {
      kind: "reduce",
      axes: [k],
      lets: [],
      state: [state],
      incoming: [incoming],
      init: [i32(0)],
      map: [binary("mul", x, weight)],
      combine: [binary("add", local(state), local(incoming))],
    };
  }

  #scalars(step: Axis | undefined, locals: readonly Local[]): Expr[] {
    const reads = [first, second, given].map((b) => load("i32", b, this.#at(this.#place(step))));
    return [...reads, ...locals.map(local)].filter(() => this.#below(3) > 0);
  }

  #mix(parts: readonly Expr[]): Expr {
    return [i32(this.#below(9)), ...parts].reduce((a, b) => {
      if (this.#below(8) === 0) return guard(compare("lt", a, b), a, binary("add", b, i32(7)));
      return binary(operations[this.#below(operations.length)]!, a, b);
    });
  }

  /** An element that statements outside of loops read or write. */
  #place(step: Axis | undefined): Address {
    const fixed = constant(this.#below(this.#width));
    const moves = step !== undefined && this.#below(2) > 0;
    return moves ? this.#wrapped(addAddress(axisAddress(step), fixed)) : fixed;
  }

  #at(i: Address): Address {
    return linearAddress([axisAddress(this.#point), i], [this.#point.extent, this.#width]);
  }

  #wrapped(i: Address): Address {
    return modAddress(i, constant(this.#width));
  }

  #axis(prefix: string): Axis {
    return { name: `${prefix}${this.#names++}`, extent: this.#width };
  }

  #local(prefix: string): Local {
    return { name: `${prefix}${this.#names++}`, type: "i32" };
  }
}
