/**
 * Decides which nodes share a kernel.
 *
 * A nest is a set of reductions over the same dimensions of values of one shape, with the scalar nodes
 * between and after them: softmax and layer normalisation become one pass. A contraction takes the
 * scalar nodes that follow it as its epilogue. Groups never wait for each other: a node that depends on
 * a group through something outside it does not join. Nor does a decode that a contraction reads: that
 * reads the encoded values, which so have bytes of their own.
 */
import { affine, axisAddress, constant, linearAddress, reshapeIndex } from "../kernel/address.ts";
import type { Address, Axis } from "../kernel/ir.ts";
import type { Value } from "../graph/ir.ts";
import type { Reduction, Row } from "../ops/row.ts";
import { sharesBytes } from "../util/data-type.ts";
import { sizesEqual, type Size } from "../util/size.ts";
import { isShortDecode } from "./decoded.ts";
import { isView, type Member, type Roots } from "./roots.ts";

export interface Nest {
  readonly kind: "nest";
  readonly shape: readonly Size[];
  /** Reduced dimensions of `shape`, ascending. */
  readonly axes: readonly number[];
  readonly members: readonly Member[];
}

export interface ContractGroup {
  readonly kind: "contract";
  readonly contract: Member;
  readonly epilogue: readonly Member[];
  /** Operand a is decoded to real numbers first, where all parameters of an integer sum are too many buffers. */
  readonly decodesFirst?: true;
}

export type Group = Nest | ContractGroup;

/** The group of each node that is in one, by the node's index. */
export function findGroups(roots: Roots): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  for (const member of roots.members) {
    if (groups.has(member.index)) continue;
    const group =
      member.row.lower.kind === "contract"
        ? contractGroup(roots, member, groups)
        : reductionOf(member)?.whole && nest(roots, member, groups);
    if (!group) continue;
    membersOf(group).forEach(({ index }) => groups.set(index, group));
  }
  return groups;
}

export function reductionOf({ reduction }: Member): Reduction | undefined {
  return reduction();
}

export function sameShape(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, d) => sizesEqual(size, b[d]!));
}

/** The shape with the reduced dimensions kept as 1, or left out. */
export function outerShape(nest: Pick<Nest, "shape" | "axes">, keep: boolean): readonly Size[] {
  const { shape, axes } = nest;
  return keep
    ? shape.map((size, d) => (axes.includes(d) ? 1 : size))
    : shape.filter((_, d) => !axes.includes(d));
}

/**
 * Follows the contraction's output as long as one node reads it: scalar nodes of its shape, and moves.
 * Moves stay in the group if rows of the product are still stored in one piece; else readers find the
 * elements where they lie.
 */
function contractGroup(
  roots: Roots,
  contract: Member,
  taken: ReadonlyMap<number, Group>,
): ContractGroup {
  const chain: Member[] = [];
  let last: Value = contract.outputs[0]!;
  while (!roots.isOutput(last)) {
    const consumers = roots.consumersOf(last);
    const next = consumers.length === 1 ? consumers[0]! : undefined;
    if (!next || taken.has(next.index) || !follows(next, last) || isSeenThrough(roots, next)) break;
    chain.push(next);
    last = next.outputs[0]!;
  }
  for (let length = chain.length; length > 0; length--) {
    const epilogue = chain.slice(0, length);
    if (isView(epilogue.at(-1)!)) continue;
    if (
      epilogue.every((m) => m.row.lower.kind === "scalar" || isView(m)) ||
      storesRows(contract, epilogue)
    ) {
      return { kind: "contract", contract, epilogue };
    }
  }
  return { kind: "contract", contract, epilogue: [] };
}

function isSeenThrough(roots: Roots, member: Member): boolean {
  return isShortDecode(member) && feedsContraction(roots, member);
}

function feedsContraction(roots: Roots, member: Member): boolean {
  return readersOf(roots, member).some(
    (reader) =>
      reader.row.lower.kind === "contract" ||
      (reader.row.lower.kind === "index" &&
        reader.isPlainIndex() &&
        feedsContraction(roots, reader)),
  );
}

function follows({ row, outputs }: Member, last: Value): boolean {
  const { lower } = row;
  if (lower.kind === "index") return lower.reshapes === true || lower.inverse !== undefined;
  return isWholeScalar(row, outputs) && sameShape(outputs[0]!.shape, last.shape);
}

/** Elements that share bytes are stored in pairs, by a kernel of their own. */
function isWholeScalar({ lower }: Row, [output]: readonly Value[]): boolean {
  return lower.kind === "scalar" && !sharesBytes(output!.dataType);
}

/** Where the last value of an epilogue has the element that stands at `index` in the contraction's output. */
export function followIndex(
  contract: Member,
  epilogue: readonly Member[],
  index: readonly Address[],
): readonly Address[] {
  let shape = contract.outputs[0]!.shape;
  let at = index;
  for (const { row, args, outputs } of epilogue) {
    if (row.lower.kind === "index") {
      at = row.lower.inverse?.(at, args) ?? reshapeIndex(at, shape, outputs[0]!.shape);
    }
    shape = outputs[0]!.shape;
  }
  return at;
}

function storesRows(contract: Member, epilogue: readonly Member[]): boolean {
  const { lower } = contract.row;
  if (lower.kind !== "contract") return false;
  const { batch, m, n, output } = lower.of(contract.args, contract.outputs);
  const axes: Axis[] = [];
  const addresses = (sizes: readonly Size[]): readonly Address[] =>
    sizes.map((extent) => {
      if (extent === 1) return constant(0);
      const axis = { name: `i${axes.length}`, extent };
      axes.push(axis);
      return axisAddress(axis);
    });
  const index = output(addresses(batch), addresses(m), addresses(n));
  const at = followIndex(contract, epilogue, index);
  const view = affine(linearAddress(at, epilogue.at(-1)!.outputs[0]!.shape), axes);
  const last = view?.strides.at(-1);
  return last?.kind === "const" && last.value === 1;
}

/**
 * Grows from the seed: first its siblings, then what reads its members, in the graph's order.
 *
 * A reader that depends on the nest also through something outside it stays out, or the two would wait
 * for each other. Siblings cannot: all they wait for is what the seed waits for.
 */
function nest(roots: Roots, seed: Member, taken: ReadonlyMap<number, Group>): Nest | undefined {
  const { input, axes } = reductionOf(seed)!.whole!;
  const form = { shape: input.shape, axes: [...axes].sort((a, b) => a - b) };
  // With nothing but dimensions of 1, inner and outer values would look alike.
  if (form.axes.every((d) => form.shape[d] === 1)) return undefined;
  const inside = new Map<number, Member>();
  const candidates = new Map<number, Member>();
  const waiting = new Set<Member | Group>();
  const join = (member: Member): void => {
    inside.set(member.index, member);
    waiting.delete(member);
    addWaiting(roots, member, inside, taken, waiting);
    for (const reader of readersOf(roots, member)) {
      if (!taken.has(reader.index)) candidates.set(reader.index, reader);
    }
  };
  [seed, ...siblingsOf(roots, seed, form, taken)].forEach(join);
  while (candidates.size > 0) {
    const member = candidates.get(Math.min(...candidates.keys()))!;
    candidates.delete(member.index);
    const joins =
      !inside.has(member.index) &&
      member.isConstant === seed.isConstant &&
      !isSeenThrough(roots, member) &&
      fits(form, member) &&
      operandsFit(form, member, roots, inside) &&
      !sourcesOf(roots, member).some((source) => waiting.has(taken.get(source.index) ?? source));
    if (joins) join(member);
  }
  const members = [...inside.values()].sort((a, b) => a.index - b.index);
  return { kind: "nest", ...form, members };
}

/** Reductions over the same dimensions of the seed's input, or of values that one nest computes (the minima of rows beside their maxima). */
function siblingsOf(
  roots: Roots,
  seed: Member,
  form: Pick<Nest, "shape" | "axes">,
  taken: ReadonlyMap<number, Group>,
): readonly Member[] {
  const input = reductionOf(seed)!.whole!.input as Value;
  const group = input.from.kind === "node" ? taken.get(input.from.node) : undefined;
  const inputs = group?.kind === "nest" ? group.members.flatMap(({ outputs }) => outputs) : [input];
  return inputs
    .flatMap(roots.consumersOf)
    .filter((m) => m !== seed && !taken.has(m.index) && reductionOf(m) && fits(form, m));
}

/** Adds what waits for a member, outside the nest: its readers, theirs, and the whole groups that they are in. */
function addWaiting(
  roots: Roots,
  member: Member,
  inside: ReadonlyMap<number, Member>,
  taken: ReadonlyMap<number, Group>,
  waiting: Set<Member | Group>,
): void {
  const open = [member];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const reader of readersOf(roots, next)) {
      const group = taken.get(reader.index);
      const unit = group ?? reader;
      if (inside.has(reader.index) || waiting.has(unit)) continue;
      waiting.add(unit);
      open.push(...(group ? membersOf(group) : [reader]));
    }
  }
}

/** In the graph's order. */
export function membersOf(group: Group): readonly Member[] {
  return group.kind === "nest" ? group.members : [group.contract, ...group.epilogue];
}

function readersOf(roots: Roots, { outputs }: Member): readonly Member[] {
  return outputs.flatMap(roots.consumersOf);
}

function sourcesOf(roots: Roots, { operands }: Member): readonly Member[] {
  return operands.flatMap((operand) => roots.producerOf(operand) ?? []);
}

function fits(form: Pick<Nest, "shape" | "axes">, member: Member): boolean {
  const shape = member.outputs[0]!.shape;
  if (isWholeScalar(member.row, member.outputs)) {
    return isInner(form, shape) || isOuter(form, shape);
  }
  const whole = reductionOf(member)?.whole;
  if (whole === undefined || !sameShape(whole.input.shape, form.shape)) return false;
  return [...whole.axes].sort((a, b) => a - b).join() === form.axes.join();
}

/** Operands inside the group must be read at their own place: no broadcasting of an inner value, no view of another shape. */
function operandsFit(
  form: Pick<Nest, "shape" | "axes">,
  member: Member,
  roots: Roots,
  inside: ReadonlyMap<number, Member>,
): boolean {
  const output = member.outputs[0]!.shape;
  return member.operands.every(({ from, shape }) => {
    if (from.kind !== "node" || !inside.has(from.node)) return true;
    if (isView(roots.members[from.node]!)) return false;
    if (isInner(form, shape)) return member.row.lower.kind === "reduce" || isInner(form, output);
    return sameShape(shape, outerShape(form, true)) || !isInner(form, output);
  });
}

export function isInner({ shape }: Pick<Nest, "shape">, other: readonly Size[]): boolean {
  return sameShape(shape, other);
}

export function isOuter(form: Pick<Nest, "shape" | "axes">, shape: readonly Size[]): boolean {
  return sameShape(shape, outerShape(form, true)) || sameShape(shape, outerShape(form, false));
}
