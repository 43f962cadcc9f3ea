/** Which operands of a contraction must be written to a buffer first for a device whose matrix kernels read strided operands. */
import { affine, constant } from "../kernel/address.ts";
import type { Address, Axis, Contract, Expr, Kernel } from "../kernel/ir.ts";
import { axesOf } from "../kernel/visit.ts";
import { printAddress } from "../kernel/print.ts";
import { loadsIn } from "./kernel-addresses.ts";
import type { ContractionPlan, Layout, Side } from "./contraction-side.ts";
import { writeKernel, type Lowering } from "./writer.ts";

/** `main` is the kernel with both operands read in place. */
export function layoutsFor(
  lowering: Lowering,
  plan: ContractionPlan,
  main: Kernel,
): { readonly a?: Layout; readonly b?: Layout } {
  const contract = main.body.find((stmt): stmt is Contract => stmt.kind === "contract")!;
  const a = strideView(contract.a, contract.m, contract.k);
  const b = strideView(contract.b, contract.n, contract.k);
  const { panelWidth, encodedAlongK } = lowering.facts.contraction;
  if (encodedAlongK && (plan.a.encoded || plan.b.encoded)) {
    return { ...(a?.k !== "1" && { a: "k" }), ...(b?.k !== "1" && { b: "k" }) };
  }
  const along = a === undefined ? { a: "k" as const } : {};
  if (panelWidth > 0 && isConstant(lowering, plan, plan.b)) return { ...along, b: { panelWidth } };
  const fits = b !== undefined && (b.row === "1" || (b.k === "1" && (!a || a.k === "1")));
  return { ...along, ...(!fits && { b: "rows" as const }) };
}

/** Strides along the rows and along k, as text; undefined where the operand is no single strided load. */
function strideView(
  x: Expr,
  rows: readonly Axis[],
  k: readonly Axis[],
): { readonly row: string; readonly k: string } | undefined {
  if (rows.length > 1 || k.length > 1 || x.kind === "guard") return undefined;
  const names = new Set([...rows, ...k].map(({ name }) => name));
  const moving = loadsIn(x).filter(({ address }) =>
    [...axesOf(address)].some((name) => names.has(name)),
  );
  if (moving.length > 1) return undefined;
  const view = affine(moving[0]?.address ?? constant(0), [...rows, ...k]);
  if (view === undefined) return undefined;
  const stride = (i: number): Address => view.strides[i] ?? constant(0);
  // A missing axis is a dimension of 1: any stride will do.
  return {
    row: rows.length === 0 ? "1" : printAddress(stride(0)),
    k: k.length === 0 ? "1" : printAddress(stride(rows.length)),
  };
}

function isConstant(lowering: Lowering, { contraction }: ContractionPlan, side: Side): boolean {
  const writer = writeKernel(lowering);
  const at = [contraction.batch, side.rows, contraction.k].map(
    (sizes) => writer.axes(sizes, "i").at,
  );
  const { operand, index } = side.operand;
  writer.element(operand, index(at[0]!, at[1]!, at[2]!));
  return writer.storages().every(lowering.isConstant);
}
