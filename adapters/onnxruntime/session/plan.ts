/**
 * Plans a graph for the outputs that a run asks for: which nodes run as units, in which order, which
 * nodes the host computes between them, and where If decides between branches.
 *
 * Nodes whose results only one branch uses move into that branch. Shape arithmetic is repeated
 * wherever it is used, because it costs nothing and needs only shapes.
 */
import type { Barriers } from "../convert/barriers.ts";
import type { Unit } from "../convert/convert-unit.ts";
import { usesOf } from "../model/arrange-graph.ts";
import { elementCount, type Constant, type Graph, type Model, type Node } from "../model/model.ts";
import { maxHostElements } from "../host/host-tensor.ts";
import { isBranching, rowOf } from "../ops/table.ts";

export type Step =
  | { readonly kind: "unit"; readonly unit: Unit }
  | { readonly kind: "host"; readonly node: Node }
  | { readonly kind: "if"; readonly branching: Branching };

export interface Branching {
  readonly node: Node;
  readonly condition: string;
  readonly thenBranch: Branch;
  readonly elseBranch: Branch;
  /** Positions of the node's outputs that are asked for. */
  readonly outputs: readonly number[];
}

export interface Branch {
  readonly graph: Graph;
  /** Nodes of outer graphs that only this branch uses, and those of the branch itself. */
  readonly nodes: readonly Node[];
  /** Constants in scope. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** Names, inside the branch, of the outputs that are asked for. */
  readonly outputs: readonly string[];
}

/** Which part of the plan uses a value: the graph itself, or a branch of one of its Ifs. */
type User = "graph" | Branch;

export interface Scope {
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly outputs: readonly string[];
}

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
  const { kept, branchings } = assignNodes(scope, isArithmetic);
  return arrangeSteps(scope, kept, branchings, places);
}

/** Why the host computes a node that is no shape arithmetic, if it does. */
export function whyOnHost(
  node: Node,
  opsets: Model["opsets"],
  barriers: Barriers,
): string | undefined {
  if (isBranching(node)) return undefined;
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
    const row = isBranching(node) ? undefined : rowOf(node, opsets);
    if (row?.host === undefined || node.outputs.some(barriers.isRead)) continue;
    const isReady = node.inputs.every(
      (name) => name === "" || onHost.has(name) || isSmallInteger(name),
    );
    if (!isReady && row.readsShapesOnly !== true) continue;
    found.add(node);
    node.outputs.forEach((name) => onHost.add(name));
  }
  return (node) => found.has(node);
}

/** Goes through the nodes backwards and decides for each who needs it. */
function assignNodes(
  scope: Scope,
  isArithmetic: (node: Node) => boolean,
): { readonly kept: ReadonlySet<Node>; readonly branchings: ReadonlyMap<Node, Branching> } {
  const users = new Map<string, Set<User>>();
  const use = (name: string, user: User) => {
    if (name === "" || scope.constants.has(name)) return;
    users.set(name, (users.get(name) ?? new Set()).add(user));
  };
  const kept = new Set<Node>();
  const branchings = new Map<Node, Branching>();
  const moved = new Map<Branch, Node[]>();
  scope.outputs.forEach((name) => use(name, "graph"));
  for (const node of [...scope.nodes].reverse()) {
    const all = new Set(node.outputs.flatMap((name) => [...(users.get(name) ?? [])]));
    if (all.size === 0) continue;
    const targets = all.size === 1 || isArithmetic(node) ? all : new Set<User>(["graph"]);
    for (const target of targets) {
      if (target !== "graph") {
        moved.get(target)!.unshift(node);
        usesOf(node).forEach((name) => use(name, target));
      } else if (isBranching(node)) {
        const branching = openBranching(node, users, scope.constants);
        branchings.set(node, branching);
        use(branching.condition, "graph");
        for (const branch of [branching.thenBranch, branching.elseBranch]) {
          moved.set(branch, []);
          capturesOf(branch).forEach((name) => use(name, branch));
        }
      } else {
        kept.add(node);
        usesOf(node).forEach((name) => use(name, "graph"));
      }
    }
  }
  return { kept, branchings: closeBranchings(branchings, moved) };
}

function openBranching(
  node: Node,
  users: ReadonlyMap<string, ReadonlySet<User>>,
  outer: ReadonlyMap<string, Constant>,
): Branching {
  const outputs = node.outputs.flatMap((name, i) => (users.has(name) ? [i] : []));
  const branchOf = (name: "then_branch" | "else_branch"): Branch => {
    // The model reader has seen that there are both.
    const graph = node.attributes.get(name)!.value as Graph;
    return {
      graph,
      nodes: graph.nodes,
      constants: new Map([...outer, ...graph.constants]),
      outputs: outputs.map((i) => graph.outputs[i]!.name),
    };
  };
  const condition = node.inputs[0] ?? "";
  return {
    node,
    condition,
    thenBranch: branchOf("then_branch"),
    elseBranch: branchOf("else_branch"),
    outputs,
  };
}

/** Names that a branch takes from outside for the outputs that are asked for. */
function capturesOf({ graph, outputs }: Branch): ReadonlySet<string> {
  const needed = new Set(outputs);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    node.outputs.forEach((name) => needed.delete(name));
    usesOf(node).forEach((name) => needed.add(name));
  }
  graph.constants.forEach((_, name) => needed.delete(name));
  return needed;
}

/** The branches with the nodes that moved into them. */
function closeBranchings(
  branchings: ReadonlyMap<Node, Branching>,
  moved: ReadonlyMap<Branch, readonly Node[]>,
): ReadonlyMap<Node, Branching> {
  const close = (branch: Branch): Branch => ({
    ...branch,
    nodes: [...(moved.get(branch) ?? []), ...branch.nodes],
  });
  return new Map(
    [...branchings].map(([node, branching]) => [
      node,
      {
        ...branching,
        thenBranch: close(branching.thenBranch),
        elseBranch: close(branching.elseBranch),
      },
    ]),
  );
}

/** Names that a branching needs before it runs. */
function needsOf({ condition, thenBranch, elseBranch }: Branching): readonly string[] {
  const outer = [thenBranch, elseBranch].flatMap((branch) => {
    const own = new Set(branch.nodes.flatMap((node) => node.outputs));
    const used = [...branch.nodes.flatMap(usesOf), ...branch.outputs];
    return used.filter((name) => !own.has(name) && !branch.constants.has(name));
  });
  return [condition, ...outer];
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
  kept: ReadonlySet<Node>,
  branchings: ReadonlyMap<Node, Branching>,
  { isOnHost, isReadBy }: Places,
): readonly Wave[] {
  const waves: Wave[] = [];
  const waveOfName = new Map<string, number>();
  const betweenOf = (node: Node): Between | undefined => {
    const branching = branchings.get(node);
    if (branching !== undefined) {
      return { step: { kind: "if", branching }, needs: needsOf(branching) };
    }
    return isOnHost(node) ? { step: { kind: "host", node }, needs: usesOf(node) } : undefined;
  };
  for (const node of scope.nodes) {
    if (!branchings.has(node) && !kept.has(node)) continue;
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

function arrangeSteps(
  scope: Scope,
  kept: ReadonlySet<Node>,
  branchings: ReadonlyMap<Node, Branching>,
  places: Places,
): readonly Step[] {
  const { isArithmetic } = places;
  const waves = arrangeWaves(scope, kept, branchings, places);
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
