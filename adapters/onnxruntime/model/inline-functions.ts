/**
 * Puts the bodies of a model's functions in the place of the nodes that call them.
 *
 * A node whose op has a row stays: ONNX leaves it to the runtime which of both goes first, and a row is the better code.
 * Values of a body have names of their own in each call, and its nodes keep the opsets of their function.
 * https://github.com/onnx/onnx/blob/main/docs/IR.md#functions
 */
import { OnnxModelError } from "../errors.ts";
import { arrangeGraph } from "./arrange-graph.ts";
import type { Attribute, Graph, Model, Node, ValueInfo } from "./model.ts";
import { readFunction, type FunctionBody } from "./read-function.ts";

/** Functions call each other at most so deep. */
const maxDepth = 64;
/** Nodes in all: a few functions that call each other twice would fill any memory. */
const maxNodes = 100_000;

export function inlineFunctions(model: Model, hasRow: (node: Node) => boolean): Model {
  const functions = new Map<string, FunctionBody>();
  for (const read of model.functions.map(readFunction)) {
    const key = keyOf(read);
    if (functions.has(key)) {
      throw new OnnxModelError("malformed", `${describe(read)} is defined twice`);
    }
    functions.set(key, read);
  }
  const mark = unusedMark(model.graph);
  let calls = 0;
  let count = 0;

  const expandGraph = (graph: Graph, callers: readonly FunctionBody[]): Graph => {
    const nodes: Node[] = [];
    for (const node of graph.nodes) expandNode(node, callers, nodes);
    return { ...graph, nodes };
  };
  const expandNode = (node: Node, callers: readonly FunctionBody[], into: Node[]): void => {
    const called = hasRow(node) ? undefined : functions.get(keyOf(node));
    if (called === undefined) {
      if (++count > maxNodes) throw tooLarge(node);
      into.push(withGraphs(node, (graph) => expandGraph(graph, callers)));
      return;
    }
    checkCall(node, called, callers);
    // The number alone makes it unique.
    const prefix = `${called.op}${mark}${calls++}/`;
    const inside = [...callers, called];
    const body = bodyOf(node, called, prefix, model.opsets);
    for (const each of body) expandNode(each, inside, into);
  };
  return { ...model, functions: [], graph: arrangeGraph(expandGraph(model.graph, [])) };
}

function tooLarge({ op, name }: Node): OnnxModelError {
  const what = `the model has more than ${maxNodes} nodes when its functions are written out`;
  return new OnnxModelError("unsupported", `${what} (at ${op} '${name}')`);
}

function keyOf({ domain, op, overload = "" }: Pick<Node, "domain" | "op" | "overload">): string {
  return JSON.stringify([domain, op, overload]);
}

function describe({ domain, op, overload = "" }: FunctionBody): string {
  const whole = [domain === "" ? "ai.onnx" : domain, op, overload].filter((part) => part !== "");
  return `function '${whole.join(":")}'`;
}

function checkCall(node: Node, called: FunctionBody, callers: readonly FunctionBody[]): void {
  const where = `${node.op} '${node.name}'`;
  if (callers.includes(called)) {
    throw new OnnxModelError("cycle", `${where}: ${describe(called)} calls itself`);
  }
  if (callers.length >= maxDepth) {
    throw new OnnxModelError("too-deep", `${where}: functions call each other ${maxDepth} deep`);
  }
  for (const list of ["inputs", "outputs"] as const) {
    const [found, most] = [node[list].length, called[list].length];
    if (found <= most) continue;
    throw new OnnxModelError(
      "malformed",
      `${where} has ${found} ${list}, and ${describe(called)} ${most}`,
    );
  }
}

/** The function's nodes for one call. */
function bodyOf(
  call: Node,
  called: FunctionBody,
  prefix: string,
  outer: Model["opsets"],
): readonly Node[] {
  const names = new Map(called.inputs.map((name, i) => [name, call.inputs[i] ?? ""]));
  const copied: (readonly [from: string, to: string])[] = [];
  called.outputs.forEach((name, i) => {
    const to = call.outputs[i] ?? "";
    if (to === "") return;
    // An input, or what another output is already.
    if (names.has(name)) copied.push([name, to]);
    else names.set(name, to);
  });
  const { opsets } = called;
  const instance: Instance = {
    rename: (name) => (name === "" ? "" : (names.get(name) ?? prefix + name)),
    attributeOf: (name) => call.attributes.get(name) ?? called.defaults.get(name),
    label: call.name,
    opsets,
  };
  const copies = copied.flatMap(([from, to]): readonly Node[] => {
    const input = instance.rename(from);
    // An optional input that the call leaves out gives nothing.
    return input === "" ? [] : [copy(`${call.name}/${to}`, input, to, outer)];
  });
  return [...called.nodes.map((node) => renameNode(node, instance)), ...copies];
}

function copy(name: string, input: string, output: string, opsets: Model["opsets"]): Node {
  const domain = "";
  const own = new Map([[domain, opsets.get(domain) ?? 1]]);
  const attributes = new Map<string, Attribute>();
  return { name, op: "Identity", domain, inputs: [input], outputs: [output], attributes, opsets: own }; // prettier-ignore
}

/** One call of a function. */
interface Instance {
  readonly rename: (name: string) => string;
  /** What an attribute of the function is in this call, if it is anything. */
  readonly attributeOf: (name: string) => Attribute | undefined;
  readonly label: string;
  readonly opsets: Model["opsets"];
}

function renameNode(node: Node, instance: Instance): Node {
  const { rename, attributeOf, label, opsets } = instance;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === "reference") {
      // The graph of a call stands among the names of its caller. An attribute that is nowhere is left out.
      const given = attributeOf(attribute.value);
      if (given !== undefined) attributes.set(name, given);
    } else if (attribute.kind === "graph") {
      attributes.set(name, { kind: "graph", value: renameGraph(attribute.value, instance) });
    } else {
      attributes.set(name, attribute);
    }
  }
  return {
    ...node,
    name: `${label}/${node.name}`,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes,
    opsets,
  };
}

function renameGraph(graph: Graph, instance: Instance): Graph {
  const { rename } = instance;
  const renameValue = (value: ValueInfo): ValueInfo => ({ ...value, name: rename(value.name) });
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, instance)),
    constants: new Map(
      [...graph.constants.values()].map((constant) => {
        const name = rename(constant.name);
        return [name, { ...constant, name }];
      }),
    ),
    inputs: graph.inputs.map(renameValue),
    outputs: graph.outputs.map(renameValue),
  };
}

function withGraphs(node: Node, change: (graph: Graph) => Graph): Node {
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    const isGraph = attribute.kind === "graph";
    attributes.set(name, isGraph ? { kind: "graph", value: change(attribute.value) } : attribute);
  }
  return { ...node, attributes };
}

/** Characters that no name of the graph has, so that names with them are new. */
function unusedMark(graph: Graph): string {
  const names: string[] = [];
  const visit = ({ nodes, inputs, constants }: Graph): void => {
    names.push(...constants.keys());
    for (const { name } of inputs) names.push(name);
    for (const { outputs, attributes } of nodes) {
      names.push(...outputs);
      for (const { kind, value } of attributes.values()) if (kind === "graph") visit(value);
    }
  };
  visit(graph);
  let mark = "@";
  while (names.some((name) => name.includes(mark))) mark += "@";
  return mark;
}
