/**
 * Puts the graphs of a model into the form that the rest relies on, or says why that cannot be done:
 * every name has one producer and is known where it is used, nodes stand behind what they use,
 * `Constant` nodes are constants, and inputs with an initializer are constants too.
 */
import { OnnxModelError } from "../errors.ts";
import { checkBodies } from "./check-bodies.ts";
import type { Attribute, Constant, Graph, Node } from "./model.ts";

export function arrangeGraph(graph: Graph, outer: ReadonlySet<string> = new Set()): Graph {
  const where = `graph '${graph.name}'`;
  const { constants, nodes } = separateConstants(graph);
  const inputs = graph.inputs.filter((input) => !constants.has(input.name));
  const given = new Set(outer);
  const own = [...inputs.map((input) => input.name), ...constants.keys()];
  for (const name of [...own, ...nodes.flatMap((node) => node.outputs)]) {
    if (name === "") continue;
    if (given.has(name)) {
      throw new OnnxModelError("malformed", `${where}: the value '${name}' is defined twice`);
    }
    given.add(name);
  }
  checkUses(nodes, graph, given, where);
  nodes.forEach(checkBodies);
  const known = new Set([...outer, ...own]);
  const sorted = sortNodes(nodes, known, where);
  return { ...graph, constants, inputs, nodes: arrangeBranches(sorted, known) };
}

/** Values of `Constant` nodes join the initializers. */
function separateConstants(graph: Graph): {
  constants: ReadonlyMap<string, Constant>;
  nodes: readonly Node[];
} {
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.filter((node) => {
    if (node.op !== "Constant" || node.domain !== "") return true;
    const name = node.outputs[0] ?? "";
    if (constants.has(name)) {
      throw new OnnxModelError("malformed", `graph '${graph.name}': '${name}' is defined twice`);
    }
    constants.set(name, { ...constantOf(node), name });
    return false;
  });
  return { constants, nodes };
}

function constantOf(node: Node): Constant {
  for (const [name, attribute] of node.attributes) {
    const isValue = name.startsWith("value") || name === "sparse_value";
    const constant = isValue ? attributeConstant(attribute) : undefined;
    if (constant !== undefined) return constant;
  }
  throw new OnnxModelError(
    "unsupported",
    `Constant '${node.name}': found [${[...node.attributes.keys()].join(", ")}], expected value, sparse_value, value_int(s) or value_float(s)`,
  );
}

function attributeConstant(attribute: Attribute): Constant | undefined {
  switch (attribute.kind) {
    case "tensor":
      return attribute.value;
    case "int":
    case "ints": {
      const values = [attribute.value].flat();
      const shape = attribute.kind === "ints" ? [values.length] : [];
      return { name: "", type: "int64", shape, bytes: bytesOf(values, "int64") };
    }
    case "float":
    case "floats": {
      const values = [attribute.value].flat();
      const shape = attribute.kind === "floats" ? [values.length] : [];
      return { name: "", type: "float32", shape, bytes: bytesOf(values, "float32") };
    }
    case "string":
    case "strings": {
      // No op takes strings; the model may still run if nothing uses these.
      const shape = attribute.kind === "strings" ? [attribute.value.length] : [];
      return { name: "", type: "string", shape, bytes: new Uint8Array(0) };
    }
    default:
      return undefined;
  }
}

function bytesOf(values: readonly number[], type: "int64" | "float32"): Uint8Array {
  const array =
    type === "int64" ? BigInt64Array.from(values.map(BigInt)) : Float32Array.from(values);
  return new Uint8Array(array.buffer);
}

function checkUses(
  nodes: readonly Node[],
  graph: Graph,
  given: ReadonlySet<string>,
  where: string,
): void {
  for (const node of nodes) {
    const unknown = node.inputs.find((name) => name !== "" && !given.has(name));
    if (unknown !== undefined) {
      throw new OnnxModelError(
        "malformed",
        `${where}, ${node.op} '${node.name}': nothing gives its input '${unknown}'`,
      );
    }
  }
  const unknown = graph.outputs.find((output) => !given.has(output.name));
  if (unknown !== undefined) {
    throw new OnnxModelError("malformed", `${where}: nothing gives its output '${unknown.name}'`);
  }
}

/** Names that a node needs: its inputs, and what its branches take from outside. */
export function usesOf(node: Node): readonly string[] {
  const inputs = node.inputs.filter((name) => name !== "");
  const captures = [...node.attributes.values()].flatMap((attribute) =>
    attribute.kind === "graph" ? capturesOf(attribute.value) : [],
  );
  return captures.length === 0 ? inputs : [...new Set([...inputs, ...captures])];
}

/** Names that a branch takes from the graphs around it. */
function capturesOf(graph: Graph): readonly string[] {
  const own = new Set([
    ...graph.inputs.map((input) => input.name),
    ...graph.constants.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);
  const used = [...graph.nodes.flatMap(usesOf), ...graph.outputs.map((output) => output.name)];
  return used.filter((name) => !own.has(name));
}

/** The file's order, but each node behind the producers of what it uses; a cycle is an error. */
function sortNodes(
  nodes: readonly Node[],
  known: ReadonlySet<string>,
  where: string,
): readonly Node[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const sorted = new Set<Node>();
  const open = new Set<Node>();
  for (const root of nodes) {
    // A stack of our own: chains of nodes may be longer than JavaScript's stack.
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const before = sorted.has(node) ? [] : waitsFor(node, producers, known, sorted);
      if (before.length === 0) {
        stack.pop();
        open.delete(node);
        sorted.add(node);
        continue;
      }
      if (open.has(node)) throw cycle([...open], where);
      open.add(node);
      stack.push(...before);
    }
  }
  return [...sorted];
}

function waitsFor(
  node: Node,
  producers: ReadonlyMap<string, Node>,
  known: ReadonlySet<string>,
  sorted: ReadonlySet<Node>,
): readonly Node[] {
  return usesOf(node).flatMap((name) => {
    const producer = known.has(name) ? undefined : producers.get(name);
    return producer === undefined || sorted.has(producer) ? [] : [producer];
  });
}

function cycle(nodes: readonly Node[], where: string): OnnxModelError {
  const names = nodes.slice(0, 5).map((node) => `${node.op} '${node.name}'`);
  return new OnnxModelError(
    "cycle",
    `${where}: ${nodes.length} nodes wait for each other: ${names.join(", ")}`,
  );
}

/** Branches see all that the graph defines before them. */
function arrangeBranches(nodes: readonly Node[], known: ReadonlySet<string>): readonly Node[] {
  const before = new Set(known);
  return nodes.map((node) => {
    const attributes = new Map<string, Attribute>();
    for (const [name, attribute] of node.attributes) {
      attributes.set(
        name,
        attribute.kind === "graph"
          ? { kind: "graph", value: arrangeGraph(attribute.value, before) }
          : attribute,
      );
    }
    node.outputs.forEach((name) => before.add(name));
    return { ...node, attributes };
  });
}
