/**
 * Keeps expensive values of a reduction for the loop that needs them again.
 *
 * A softmax sums e^x along a row and then divides each e^x by the sum. The kernel IR computes it twice;
 * here the first pass writes it where its result will be stored, and the last loop reads it there. That
 * is safe because a kernel does not read what it writes (those with a scan, which may, are left as they
 * are) and each element is written by one point.
 */
import { axisAddress } from "../../kernel/address.ts";
import { load } from "../../kernel/expr.ts";
import type { Address, Axis, Expr, Kernel, Local, Reduce, Stmt } from "../../kernel/ir.ts";
import { printExpr } from "../../kernel/print.ts";
import {
  costOf,
  hasScan,
  mapExpr,
  substituteAddress,
  substituteExpr,
  visitAddresses,
} from "../../kernel/visit.ts";
import { sizesEqual } from "../../util/size.ts";

/** A value to store at each point of a reduction. */
export interface Kept {
  readonly buffer: number;
  readonly address: Address;
  readonly value: Expr;
}

export interface KeepingKernel {
  readonly body: readonly Stmt[];
  readonly kept: ReadonlyMap<Stmt, Kept>;
}

type Loop = Extract<Stmt, { readonly kind: "loop" }>;
type Store = Extract<Stmt, { readonly kind: "store" }>;

/** Operations that cost more than a store and a load. */
const worthKeeping = 10;

export function keepValues(kernel: Kernel): KeepingKernel {
  const kept = new Map<Stmt, Kept>();
  if (hasScan(kernel)) return { body: kernel.body, kept };
  const body = kernel.body.map((stmt, i) => {
    if (stmt.kind !== "loop") return stmt;
    const store = onlyStore(kernel, stmt);
    if (store === undefined) return stmt;
    const earlier = kernel.body.slice(0, i).filter((other) => other.kind === "reduce");
    for (const reduce of earlier.filter((other) => !kept.has(other))) {
      const found = matches(reduce.axes, stmt.axes) ? keepFor(reduce, stmt, store) : undefined;
      if (found === undefined) continue;
      kept.set(reduce, found.kept);
      return found.loop;
    }
    return stmt;
  });
  return { body, kept };
}

/** The loop's store, where it is the kernel's only one to a float32 buffer. */
function onlyStore({ body, buffers }: Kernel, loop: Loop): Store | undefined {
  const inLoop = loop.body.filter((stmt): stmt is Store => stmt.kind === "store");
  return inLoop.find(({ buffer, address }) => {
    if (dependsOnData(address)) return false;
    const stores = body.flatMap(storesIn).filter((store) => store.buffer === buffer);
    return stores.length === 1 && buffers[buffer]!.dataType === "float32";
  });
}

function dependsOnData(address: Address): boolean {
  let found = false;
  visitAddresses(address, ({ kind }) => (found ||= kind === "value"));
  return found;
}

function storesIn(stmt: Stmt): readonly Store[] {
  if (stmt.kind === "store") return [stmt];
  return stmt.kind === "loop" ? stmt.body.flatMap(storesIn) : [];
}

function matches(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every(({ extent }, d) => sizesEqual(extent, b[d]!.extent));
}

function keepFor(
  reduce: Reduce,
  loop: Loop,
  store: Store,
): { readonly kept: Kept; readonly loop: Loop } | undefined {
  const toLoop = between(reduce.axes, loop.axes);
  const inReduce = localsOf(reduce.lets);
  const inLoop = localsOf(loop.body.filter((stmt) => stmt.kind === "let"));
  const candidates = [...reduce.lets.map(({ value }) => value), ...reduce.map];
  for (const value of candidates) {
    const whole = substituteExpr(value, { locals: inReduce });
    if (whole.type !== "f32" || costOf(whole) < worthKeeping) continue;
    const wanted = printExpr(substituteExpr(whole, { axes: toLoop }));
    const read = load("f32", store.buffer, store.address);
    let isFound = false;
    const replace = (x: Expr): Expr | undefined => {
      if (x.type !== "f32" || printExpr(substituteExpr(x, { locals: inLoop })) !== wanted) {
        return undefined;
      }
      isFound = true;
      return read;
    };
    const body = loop.body.map((stmt) => mapStatement(stmt, (x) => mapExpr(x, replace)));
    if (!isFound) continue;
    const address = substituteAddress(store.address, between(loop.axes, reduce.axes));
    return { kept: { buffer: store.buffer, address, value }, loop: { ...loop, body } };
  }
  return undefined;
}

function between(from: readonly Axis[], to: readonly Axis[]): ReadonlyMap<string, Address> {
  return new Map(from.map(({ name }, d) => [name, axisAddress(to[d]!)]));
}

/** What locals stand for, in terms of what is outside the lets. */
function localsOf(
  lets: readonly { readonly local: Local; readonly value: Expr }[],
): ReadonlyMap<string, Expr> {
  const locals = new Map<string, Expr>();
  for (const { local, value } of lets) locals.set(local.name, substituteExpr(value, { locals }));
  return locals;
}

function mapStatement(stmt: Stmt, map: (expr: Expr) => Expr): Stmt {
  if (stmt.kind !== "let" && stmt.kind !== "store") return stmt;
  return { ...stmt, value: map(stmt.value) };
}
