/**
 * Merges neighbouring axes that every address walks as one: [1500][384] elements at i·384 + j become
 * [576000] at i. Emitters then see long loops, and rows without tails.
 */
import { affine, axisAddress, constant, mulAddress, sizeAddress } from "../kernel/address.ts";
import type { Address, Axis, Contract, Kernel, Stmt } from "../kernel/ir.ts";
import { printAddress } from "../kernel/print.ts";
import { addressesIn, substituteAxes } from "./kernel-addresses.ts";
import { multiplySizes } from "../util/size.ts";

export function collapseAxes(kernel: Kernel): Kernel {
  let current = kernel;
  for (;;) {
    const addresses = addressesIn(current);
    const pair = neighbours(current).find(([x, y]) => walksAsOne(addresses, x, y));
    if (pair === undefined) return current;
    current = merge(current, ...pair);
  }
}

/** Pairs of axes that follow each other in one list; those of a contraction must also have one role. */
function neighbours(kernel: Kernel): readonly (readonly [Axis, Axis])[] {
  const contract = kernel.body.find((stmt): stmt is Contract => stmt.kind === "contract");
  const lists = [...splitSpace(kernel.space, contract), ...kernel.body.flatMap(axisLists)];
  return lists.flatMap((axes) => axes.slice(1).map((y, i) => [axes[i]!, y] as const));
}

function splitSpace(
  space: readonly Axis[],
  contract: Contract | undefined,
): readonly (readonly Axis[])[] {
  if (contract === undefined) return [space];
  const { m, n } = contract;
  const named = new Set([...m, ...n].map(({ name }) => name));
  return [space.filter(({ name }) => !named.has(name)), m, n];
}

function axisLists(stmt: Stmt): readonly (readonly Axis[])[] {
  switch (stmt.kind) {
    case "reduce":
      return [stmt.axes];
    case "contract":
      return [stmt.k];
    case "loop":
      return [stmt.axes, ...stmt.body.flatMap(axisLists)];
    case "scan":
      return stmt.body.flatMap(axisLists);
    case "let":
    case "store":
      return [];
    default:
      return stmt satisfies never;
  }
}

function walksAsOne(addresses: readonly Address[], x: Axis, y: Axis): boolean {
  return addresses.every((address) => {
    const view = affine(address, [x, y]);
    if (view === undefined) return false;
    const [outer, inner] = view.strides;
    const whole = mulAddress(inner!, sizeAddress(y.extent));
    return printAddress(outer!) === printAddress(whole);
  });
}

function merge(kernel: Kernel, x: Axis, y: Axis): Kernel {
  const both: Axis = { name: x.name, extent: multiplySizes(x.extent, y.extent) };
  const by = new Map<string, Address>([
    [x.name, constant(0)],
    [y.name, axisAddress(both)],
  ]);
  const body = substituteAxes(kernel.body, by);
  const join = (axes: readonly Axis[]): readonly Axis[] =>
    axes.filter(({ name }) => name !== y.name).map((axis) => (axis.name === x.name ? both : axis));
  const joinIn = (stmt: Stmt): Stmt => {
    if (stmt.kind === "reduce") return { ...stmt, axes: join(stmt.axes) };
    if (stmt.kind === "loop")
      return { ...stmt, axes: join(stmt.axes), body: stmt.body.map(joinIn) };
    if (stmt.kind === "scan") return { ...stmt, body: stmt.body.map(joinIn) };
    if (stmt.kind !== "contract") return stmt;
    return { ...stmt, m: join(stmt.m), n: join(stmt.n), k: join(stmt.k) };
  };
  return { ...kernel, space: join(kernel.space), body: body.map(joinIn) };
}
