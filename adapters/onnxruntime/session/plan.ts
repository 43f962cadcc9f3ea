/**
 * Plans a graph for the outputs that a run asks for: which nodes run as units, in which order, which
 * nodes the host computes between them, and where control flow stands.
 *
 * Nodes whose results only one branch of an If uses move into that branch. Shape arithmetic is repeated
 * wherever it is used, because it costs nothing and needs only shapes.
 */
import type { Barriers } from "../convert/barriers.ts";
import type { Unit } from "../convert/convert-unit.ts";
import { usesOf } from "../model/arrange-graph.ts";
import { elementCount, type Model, type Node } from "../model/model.ts";
import { maxHostElements } from "../host/host-tensor.ts";
import { controlOf, rowOf } from "../ops/table.ts";
import { assignNodes, type Assignment } from "./assign-nodes.ts";
import { needsOf, type Control, type Scope } from "./control.ts";

export type Step =
  | { readonly kind: "unit"; readonly unit: Unit }
  | { readonly kind: "host"; readonly node: Node }
  | { readonly kind: "control"; readonly control: Control };

/** What decides about a node's place in a plan. */
interface Places {
  readonly isArithmetic: (node: Node) => boolean;
  /** The host computes it between graphs. */
  readonly isOnHost: (node: Node) => boolean;
  /** The node waits until another graph has computed the value. */
  readonly isReadBy: (node: Node, value: string) => boolean;
}

export function planSteps(
  scope: Scope,
  opsets: Model["opsets"],
  barriers: Barriers,
): readonly Step[] {
  const isArithmetic = findShapeArithmetic(scope, opsets, barriers);
  const places: Places = {
    isArithmetic,
    isOnHost: (node) => !isArithmetic(node) && whyOnHost(node, opsets, barriers) !== undefined,
    isReadBy: barriers.isReadBy,
  };
  return arrangeSteps(scope, assignNodes(scope, isArithmetic, opsets), places);
}

/** Why the host computes a node that is no shape arithmetic, if it does. */
export function whyOnHost(
  node: Node,
  opsets: Model["opsets"],
  barriers: Barriers,
): string | undefined {
  if (controlOf(node) !== undefined) return undefined;
  return rowOf(node, opsets)?.onHost ?? barriers.whyOnHost(node);
}

/** Nodes that the host computes from shapes and small integer constants alone. */
function findShapeArithmetic(
  { nodes, constants }: Scope,
  opsets: Model["opsets"],
  barriers: Barriers,
): (node: Node) => boolean {
  const onHost = new Set<string>();
  const found = new Set<Node>();
  const isSmallInteger = (name: string) => {
    const constant = constants.get(name);
    if (constant === undefined) return false;
    const isInteger = ["int64", "int32", "bool"].includes(constant.type);
    return isInteger && elementCount(constant.shape) <= maxHostElements;
  };
  for (const node of nodes) {
    const row = rowOf(node, opsets);
    const isBarrier = barriers.whyOnHost(node) !== undefined || node.outputs.some(barriers.isRead);
    if (row?.host === undefined || isBarrier) continue;
    const isReady = node.inputs.every(
      (name) => name === "" || onHost.has(name) || isSmallInteger(name),
    );
    if (!isReady && row.readsShapesOnly !== true) continue;
    found.add(node);
    node.outputs.forEach((name) => onHost.add(name));
  }
  return (node) => found.has(node);
}

/** Nodes that wait for the same barriers: one unit, then what stands between graphs and this unit makes ready. */
interface Wave {
  readonly nodes: Node[];
  readonly between: Between[];
}

/** A step that is no graph, and the names that it needs. */
interface Between {
  readonly step: Exclude<Step, { kind: "unit" }>;
  readonly needs: readonly string[];
}

function arrangeWaves(
  scope: Scope,
  { kept, controls }: Assignment,
  { isOnHost, isReadBy }: Places,
): readonly Wave[] {
  const waves: Wave[] = [];
  const waveOfName = new Map<string, number>();
  const betweenOf = (node: Node): Between | undefined => {
    const control = controls.get(node);
    if (control !== undefined) {
      return { step: { kind: "control", control }, needs: needsOf(control) };
    }
    return isOnHost(node) ? { step: { kind: "host", node }, needs: usesOf(node) } : undefined;
  };
  for (const node of scope.nodes) {
    if (!controls.has(node) && !kept.has(node)) continue;
    const between = betweenOf(node);
    const needs = between?.needs ?? usesOf(node);
    const waits = needs.map((name) => {
      const ready = waveOfName.get(name);
      return ready === undefined ? 0 : ready + (isReadBy(node, name) ? 1 : 0);
    });
    const wave = Math.max(0, ...waits);
    while (waves.length <= wave) waves.push({ nodes: [], between: [] });
    if (between === undefined) waves[wave]!.nodes.push(node);
    else waves[wave]!.between.push(between);
    const ready = between === undefined ? wave : wave + 1;
    node.outputs.forEach((name) => waveOfName.set(name, ready));
  }
  return waves;
}

function arrangeSteps(scope: Scope, assignment: Assignment, places: Places): readonly Step[] {
  const { isArithmetic } = places;
  const waves = arrangeWaves(scope, assignment, places);
  // Later units repeat the shape arithmetic that they use.
  const repeated = new Set(scope.nodes.filter(isArithmetic).flatMap((node) => node.outputs));
  return waves.flatMap(({ nodes, between }, i) => {
    const later = waves.slice(i + 1).flatMap((wave) => wave.nodes.flatMap(usesOf));
    const wanted = new Set([
      ...scope.outputs,
      ...later.filter((name) => !repeated.has(name)),
      ...waves.slice(i).flatMap((wave) => wave.between.flatMap(({ needs }) => needs)),
    ]);
    const unit = makeUnit(scope, new Set(nodes), wanted, isArithmetic);
    const steps = between.map(({ step }) => step);
    return unit === undefined ? steps : [{ kind: "unit", unit }, ...steps];
  });
}

/** A unit of these nodes and the shape arithmetic before them; undefined where it would give nothing. */
function makeUnit(
  scope: Scope,
  own: ReadonlySet<Node>,
  wanted: ReadonlySet<string>,
  isArithmetic: (node: Node) => boolean,
): Unit | undefined {
  const outputs = [...own].flatMap((node) => node.outputs).filter((name) => wanted.has(name));
  if (outputs.length === 0) return undefined;
  const needed = new Set(outputs);
  const nodes: Node[] = [];
  for (const node of [...scope.nodes].reverse()) {
    const isHere = own.has(node) || isArithmetic(node);
    if (!isHere || !node.outputs.some((name) => needed.has(name))) continue;
    nodes.push(node);
    node.outputs.forEach((name) => needed.delete(name));
    usesOf(node).forEach((name) => needed.add(name));
  }
  scope.constants.forEach((_, name) => needed.delete(name));
  return { nodes: nodes.reverse(), inputs: [...needed], outputs, constants: scope.constants };
}
