/**
 * Decides where the nodes of a scope run: in it, in one of the bodies of its control flow, or nowhere, because
 * nothing that is asked for needs them.
 */
import { usesOf } from "../model/arrange-graph.ts";
import type { Model, Node } from "../model/model.ts";
import { controlOf } from "../ops/table.ts";
import { capturesOf, openControl, type Body, type Control, type Scope } from "./control.ts";

/** Which part of the plan uses a value: the graph itself, or a body of its control flow. */
type User = "graph" | Body;

export interface Assignment {
  readonly kept: ReadonlySet<Node>;
  readonly controls: ReadonlyMap<Node, Control>;
}

/** Goes through the nodes backwards and decides for each who needs it. */
export function assignNodes(
  scope: Scope,
  isArithmetic: (node: Node) => boolean,
  opsets: Model["opsets"],
): Assignment {
  const users = new Map<string, Set<User>>();
  const use = (name: string, user: User) => {
    if (name === "" || scope.constants.has(name)) return;
    users.set(name, (users.get(name) ?? new Set()).add(user));
  };
  const kept = new Set<Node>();
  const controls = new Map<Node, Control>();
  const moved = new Map<Body, Node[]>();
  scope.outputs.forEach((name) => use(name, "graph"));
  for (const node of [...scope.nodes].reverse()) {
    const all = new Set(node.outputs.flatMap((name) => [...(users.get(name) ?? [])]));
    if (all.size === 0) continue;
    for (const target of isArithmetic(node) ? all : [placeOf(all)]) {
      if (target !== "graph") {
        moved.get(target)!.unshift(node);
        usesOf(node).forEach((name) => use(name, target));
      } else if (controlOf(node) !== undefined) {
        const control = openControl(node, (name) => users.has(name), scope.constants, opsets);
        controls.set(node, control);
        control.inputs.forEach((name) => use(name, "graph"));
        for (const body of control.bodies) {
          moved.set(body, []);
          capturesOf(body).forEach((name) => use(name, body));
        }
      } else {
        kept.add(node);
        usesOf(node).forEach((name) => use(name, "graph"));
      }
    }
  }
  return { kept, controls: closeControls(controls, moved) };
}

/** A branch that alone uses a node has it; a body that runs many times has none but its own. */
function placeOf(users: ReadonlySet<User>): User {
  const [only] = users;
  if (users.size > 1 || only === undefined || only === "graph") return "graph";
  return only.isRepeated ? "graph" : only;
}

/** The bodies with the nodes that moved into them. */
function closeControls(
  controls: ReadonlyMap<Node, Control>,
  moved: ReadonlyMap<Body, readonly Node[]>,
): ReadonlyMap<Node, Control> {
  const close = (body: Body): Body => ({
    ...body,
    nodes: [...(moved.get(body) ?? []), ...body.nodes],
  });
  return new Map(
    [...controls].map(([node, control]) => [
      node,
      { ...control, bodies: control.bodies.map(close) },
    ]),
  );
}
