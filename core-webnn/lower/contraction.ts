/**
 * Kernels for a contraction and its epilogue.
 *
 * Two operands decoded from 8 bits become one exact integer sum:
 *   Σ (a - za)(b - zb) = Σ a·b - za · Σ b - zb · Σ (a - za),
 * with the column sums of b and the row sums of a in small buffers of their own (those of constants are
 * written once), and both scales after the sum. One decoded operand is decoded as it is loaded.
 * Devices that need strided operands get them written to a buffer first where they are not.
 */
import { linearAddress } from "../kernel/address.ts";
import { binary, cast, i32, load, local as readLocal } from "../kernel/expr.ts";
import type { Address, Axis, Contract, Expr, Stmt } from "../kernel/ir.ts";
import type { Value } from "../graph/ir.ts";
import type { Contraction } from "../ops/row.ts";
import { productOf, sizeRange } from "../util/size.ts";
import {
  centred,
  layOut,
  partsAt,
  readSide,
  type ContractionPlan,
  type Point,
  type Side,
} from "./contraction-side.ts";
import { isFree, traceDecode } from "./decoded.ts";
import { followIndex, type ContractGroup } from "./groups.ts";
import { finishKernel, type LoweredKernel } from "./lowered-kernel.ts";
import { letStmts } from "./map.ts";
import { layoutsFor } from "./strided.ts";
import type { Member } from "./roots.ts";
import { writeKernel, type KernelWriter, type Let, type Lowering } from "./writer.ts";

/** Products of two bytes that an int32 holds without overflow. */
const longestIntegerSum = Math.floor((2 ** 31 - 1) / (255 * 255));

export function lowerContraction(
  lowering: Lowering,
  group: ContractGroup,
): readonly LoweredKernel[] {
  const { contract } = group;
  const { lower } = contract.row;
  if (lower.kind !== "contract") return [];
  const contraction = lower.of(contract.args, contract.outputs);
  let plan = planSides(lowering, contraction, group.decodesFirst === true);
  const before: LoweredKernel[] = [];
  const sums = isIntegerSum(plan) ? integerSums(lowering, plan, contract) : undefined;
  before.push(...(sums?.kernels ?? []));
  const inPlace = writeMain(lowering, group, plan, sums);
  const layouts =
    lowering.facts.contraction.operands === "strided"
      ? layoutsFor(lowering, plan, inPlace.kernel)
      : {};
  if (!layouts.a && !layouts.b) return [...before, inPlace];
  for (const which of ["a", "b"] as const) {
    const layout = layouts[which];
    if (layout === undefined) continue;
    const { kernel, side } = layOut(lowering, contraction, contract, plan[which], layout);
    before.push(kernel);
    plan = { ...plan, [which]: side };
  }
  return [...before, writeMain(lowering, group, plan, sums)];
}

/** Encoded sides stay encoded if scale and zero leave the sum; both, only if an int32 holds it. */
function planSides(
  lowering: Lowering,
  contraction: Contraction,
  decodesFirst: boolean,
): ContractionPlan {
  const a = encodedSide(
    lowering,
    contraction,
    { operand: contraction.a, rows: contraction.m },
    true,
  );
  const b = encodedSide(
    lowering,
    contraction,
    { operand: contraction.b, rows: contraction.n },
    false,
  );
  const fits = sizeRange(productOf(contraction.k))[1] <= longestIntegerSum;
  if (a.encoded && (decodesFirst || (b.encoded && !fits))) {
    return { contraction, a: { operand: a.operand, rows: a.rows }, b };
  }
  return { contraction, a, b };
}

function encodedSide(lowering: Lowering, contraction: Contraction, side: Side, isA: boolean): Side {
  const writer = writeKernel(lowering);
  const { batch, m, n, k } = axesOf(writer, contraction);
  const point = { batch: batch.at, mn: isA ? m.at : n.at, k: k.at };
  const { operand, index } = side.operand;
  const at = index(point.batch, point.mn, point.k);
  const found = traceDecode(lowering.roots, operand as Value, at);
  const parts = found && partsAt(lowering, writer, side, point);
  const names = new Set(k.axes.map(({ name }) => name));
  if (!found || !parts || !isFree(parts.scale, names) || !isFree(parts.zero, names)) return side;
  const { dataType } = found.encoded;
  return dataType === "int8" || dataType === "uint8" ? { ...side, encoded: dataType } : side;
}

function isIntegerSum({ a, b }: ContractionPlan): boolean {
  return a.encoded !== undefined && b.encoded !== undefined;
}

interface Axes {
  readonly batch: AxisList;
  readonly m: AxisList;
  readonly n: AxisList;
  readonly k: AxisList;
}
type AxisList = { readonly axes: readonly Axis[]; readonly at: readonly Address[] };

function axesOf(writer: KernelWriter, { batch, m, n, k }: Contraction): Axes {
  return {
    batch: writer.axes(batch, "b"),
    m: writer.axes(m, "m"),
    n: writer.axes(n, "n"),
    k: writer.axes(k, "k"),
  };
}

/** Reads the sums at a point; undefined where the factor before them is 0. */
interface IntegerSums {
  readonly kernels: readonly LoweredKernel[];
  readonly columns?: (writer: KernelWriter, point: Point) => Expr;
  readonly rows?: (writer: KernelWriter, point: Point) => Expr;
}

function integerSums(lowering: Lowering, plan: ContractionPlan, member: Member): IntegerSums {
  const columns = hasZeroPoint(lowering, plan, "a")
    ? sumAlongK(lowering, plan, "b", member)
    : undefined;
  const rows = hasZeroPoint(lowering, plan, "b")
    ? sumAlongK(lowering, plan, "a", member)
    : undefined;
  return {
    kernels: [columns, rows].flatMap((sum) => (sum ? [sum.kernel] : [])),
    ...(columns && { columns: columns.read }),
    ...(rows && { rows: rows.read }),
  };
}

function hasZeroPoint(lowering: Lowering, plan: ContractionPlan, which: "a" | "b"): boolean {
  const writer = writeKernel(lowering);
  const { batch, m, n, k } = axesOf(writer, plan.contraction);
  const point = { batch: batch.at, mn: which === "a" ? m.at : n.at, k: k.at };
  const { zero } = partsAt(lowering, writer, plan[which], point)!;
  return !(zero.kind === "const" && zero.value === 0);
}

/** Σ b along k for each column, or Σ (a - za) for each row, as int32. */
function sumAlongK(
  lowering: Lowering,
  plan: ContractionPlan,
  which: "a" | "b",
  member: Member,
): { kernel: LoweredKernel; read: (writer: KernelWriter, point: Point) => Expr } {
  const { contraction } = plan;
  const side = plan[which];
  const writer = writeKernel(lowering);
  const { batch, m, n, k } = axesOf(writer, contraction);
  const rows = which === "a" ? m : n;
  const point = { batch: batch.at, mn: rows.at, k: k.at };
  const q = readSide(lowering, writer, side, point);
  const { zero } = partsAt(lowering, writer, side, point)!;
  const x = which === "a" ? binary("sub", q, zero) : q;
  const batched = !isFree(x, new Set(batch.axes.map(({ name }) => name)));
  const shape = [...(batched ? contraction.batch : []), ...side.rows];
  const elementCount = productOf(shape);
  const storage = lowering.temporary("int32", elementCount);
  const at = ({ batch: b, mn }: Point): Address =>
    linearAddress([...(batched ? b : []), ...mn], shape);
  const use = { dataType: "int32", elementCount } as const;
  const [state, incoming] = [writer.local("i32", "s"), writer.local("i32", "x")];
  const body: Stmt[] = [
    {
      kind: "reduce",
      axes: k.axes,
      lets: [],
      state: [state],
      incoming: [incoming],
      init: [i32(0)],
      map: [x],
      combine: [binary("add", readLocal(state), readLocal(incoming))],
    },
    {
      kind: "store",
      buffer: writer.buffer(storage, { ...use, access: "write" }),
      address: at(point),
      value: readLocal(state),
    },
  ];
  return {
    kernel: finishKernel(writer, [...(batched ? batch.axes : []), ...rows.axes], body, [member]),
    read: (reader, where) =>
      load("i32", reader.buffer(storage, { ...use, access: "read" }), at(where)),
  };
}

function writeMain(
  lowering: Lowering,
  group: ContractGroup,
  plan: ContractionPlan,
  sums: IntegerSums | undefined,
): LoweredKernel {
  const { contract: member, epilogue } = group;
  const { contraction, a, b } = plan;
  const writer = writeKernel(lowering);
  const { batch, m, n, k } = axesOf(writer, contraction);
  const atA = { batch: batch.at, mn: m.at, k: k.at };
  const atB = { batch: batch.at, mn: n.at, k: k.at };
  const accumulator = writer.local(isIntegerSum(plan) ? "i32" : "f32", "acc");
  const contract: Contract = {
    kind: "contract",
    m: m.axes,
    n: n.axes,
    k: k.axes,
    a: factor(lowering, writer, plan, a, atA),
    b: factor(lowering, writer, plan, b, atB),
    accumulator,
  };
  const index = contraction.output(batch.at, m.at, n.at);
  const lets: Let[] = [];
  const sum = decodeSum(lowering, writer, plan, sums, readLocal(accumulator), atA, atB);
  const first =
    contraction.epilogue?.(sum, (operand, at) => writer.element(operand, at), index) ?? sum;
  const output = bindChain(writer, group, first, lets);
  const at = followIndex(member, epilogue, index);
  const value = writer.element(output, at, lets);
  const body = [contract, ...letStmts(lets), writer.store(output, at, value)];
  const space = [...batch.axes, ...m.axes, ...n.axes];
  return finishKernel(writer, space, body, [member, ...epilogue]);
}

/** What is multiplied: the integers of an integer sum, else real numbers (an encoded side less its zero). */
function factor(
  lowering: Lowering,
  writer: KernelWriter,
  plan: ContractionPlan,
  side: Side,
  point: Point,
): Expr {
  const x = readSide(lowering, writer, side, point);
  if (isIntegerSum(plan) || side.encoded === undefined) return x;
  return centred(x, partsAt(lowering, writer, side, point)!.zero);
}

/** From the accumulator to the real sum. */
function decodeSum(
  lowering: Lowering,
  writer: KernelWriter,
  plan: ContractionPlan,
  sums: IntegerSums | undefined,
  accumulator: Expr,
  atA: Point,
  atB: Point,
): Expr {
  const { a, b } = plan;
  const partsA = a.encoded ? partsAt(lowering, writer, a, atA) : undefined;
  const partsB = b.encoded ? partsAt(lowering, writer, b, atB) : undefined;
  let sum = accumulator;
  if (sums?.columns) {
    sum = binary("sub", sum, binary("mul", partsA!.zero, sums.columns(writer, atB)));
  }
  if (sums?.rows) {
    sum = binary("sub", sum, binary("mul", partsB!.zero, sums.rows(writer, atA)));
  }
  if (sum.type !== "f32") sum = cast("f32", sum);
  if (partsA && partsB) return binary("mul", sum, binary("mul", partsA.scale, partsB.scale));
  const scale = (partsA ?? partsB)?.scale;
  return scale ? binary("mul", sum, scale) : sum;
}

/** Binds each value of the epilogue to its computation; gives the last, which is stored. */
function bindChain(
  writer: KernelWriter,
  { contract, epilogue }: ContractGroup,
  first: Expr,
  lets: Let[],
): Value {
  const local = writer.local(first.type, "t");
  lets.push({ local, value: first });
  let last = contract.outputs[0]!;
  writer.bind(last, () => readLocal(local));
  for (const member of epilogue) {
    last = member.outputs[0]!;
    writer.bind(last, (index, inner) => writer.compute(member, 0, index, inner));
  }
  return last;
}
