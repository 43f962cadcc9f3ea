/**
 * Decides which values get bytes of their own. The others are computed where they are read.
 *
 * Computing again costs time, storing costs memory traffic: a value with one reader that reads each
 * element once is never stored; one with several readers is, unless it is only a way of reading
 * something else (a transpose, a decoded weight).
 */
import { valueTypeOf } from "../kernel/expr.ts";
import { costOf } from "../kernel/visit.ts";
import type { Expr } from "../kernel/ir.ts";
import type { Value } from "../graph/ir.ts";
import { productOf, sizeRange, subtractSizes, type Size } from "../util/size.ts";
import { reductionOf, type Group } from "./groups.ts";
import { isView, type Member, type Roots } from "./roots.ts";

/** Operations an element may cost and still be computed more than once. */
const cheap = 4;

/** Whether a root is computed where it is read instead of being stored. */
export function findVirtual(roots: Roots, groups: ReadonlyMap<number, Group>): ReadonlySet<number> {
  const virtual = new Set<number>();
  for (const member of roots.members) {
    if (isView(member) || groups.has(member.index)) continue;
    const { kind } = member.row.lower;
    for (const value of member.outputs) {
      if (roots.outputNamesOf(value).length > 0) continue;
      const readers = roots.readersOf(value);
      const inline =
        kind === "scalar"
          ? staysScalar(roots, groups, member, value, readers)
          : kind === "index" && staysIndex(member, readers);
      if (inline) virtual.add(value.id);
    }
  }
  return virtual;
}

function staysScalar(
  roots: Roots,
  groups: ReadonlyMap<number, Group>,
  member: Member,
  value: Value,
  readers: readonly Member[],
): boolean {
  // Steps would compute it again and again.
  if (readers.some(({ row }) => row.lower.kind === "scan")) return false;
  if (isDecodedConstant(roots, member)) return true;
  if (readers.length !== 1) return false;
  if (readers[0]!.row.role === "decode") return false; // Contractions read encoded values.
  return readsOnce(roots, groups, value, readers[0]!, costOfScalar(member));
}

function staysIndex(member: Member, readers: readonly Member[]): boolean {
  if (member.operands.length === 0) return true; // Nothing is read: iota.
  if (member.isPlainIndex()) return true;
  return readers.length === 1 && readers[0]!.row.lower.kind === "scalar";
}

/** Weights stay encoded: what reads them decodes. */
function isDecodedConstant(roots: Roots, { row, operands }: Member): boolean {
  if (row.role !== "decode") return false;
  return operands.every((operand) => isConstantRead(roots, operand));
}

function isConstantRead(roots: Roots, value: Value): boolean {
  const root = roots.rootOf(value);
  if (root.from.kind === "constant" || root.from.kind === "literal") return true;
  const producer = roots.producerOf(root);
  if (producer?.row.lower.kind !== "index" || !producer.isPlainIndex()) return false;
  return producer.operands.every((operand) => isConstantRead(roots, operand));
}

/** Whether the reader evaluates each element about once, or the element is cheap. */
function readsOnce(
  roots: Roots,
  groups: ReadonlyMap<number, Group>,
  value: Value,
  reader: Member,
  cost: number,
): boolean {
  const { lower } = reader.row;
  const group = groups.get(reader.index);
  if (group?.kind === "contract" && reader === group.contract) return false;
  if (group?.kind === "nest") return cost <= cheap || group.members.length === 1;
  if (lower.kind === "scalar" || lower.kind === "index") {
    const grows = growsFrom(value.shape, reader.outputs[0]!.shape);
    if (grows && cost > cheap) return false;
    if (lower.kind === "scalar") return true;
    // An index op is itself computed by each of its readers.
    return reader.isPlainIndex() && (cost <= 1 || roots.readersOf(reader.outputs[0]!).length <= 1);
  }
  return reductionOf(reader)?.whole !== undefined;
}

function growsFrom(from: readonly Size[], to: readonly Size[]): boolean {
  return sizeRange(subtractSizes(productOf(to), productOf(from)))[1] > 0;
}

function costOfScalar({ row, args, outputs }: Member): number {
  if (row.lower.kind !== "scalar") return Infinity;
  const x: Record<string, Expr> = {};
  for (const [name, value] of Object.entries(args)) {
    const kind = row.declared[name]?.kind;
    if (kind !== "operand" || value === undefined) continue;
    const { dataType } = value as Value;
    x[name] = { kind: "local", type: valueTypeOf(dataType), name };
  }
  return costOf(row.lower.value(x, args, outputs));
}
