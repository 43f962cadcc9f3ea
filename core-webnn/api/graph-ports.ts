/** The inputs and outputs of a graph by name, as dispatch and the program know them. */
import type { Attribute, Graph } from "../graph/ir.ts";
import { check } from "../ops/shapes.ts";
import { namesIn, type Size } from "../util/size.ts";
import { plainName } from "./bind-tensors.ts";
import type { GraphInternals, PortInternals } from "./ml-graph.ts";

/** Every named size must be found in a dispatch: some input has a dimension that is just that name. */
export function checkNames(graph: Graph): void {
  const shapes = graph.inputs.map(({ value }) => graph.values[value]!.shape);
  const found = new Set(shapes.flat().map((size) => plainName(size)?.name));
  const sizes = [
    ...graph.values.flatMap(({ shape }) => shape),
    ...graph.nodes.flatMap(({ attributes }) => Object.values(attributes).flatMap(sizesIn)),
    ...graph.constraints.flatMap(({ a, b }) => [a, b]),
  ];
  for (const name of sizes.flatMap((size) => [...namesIn(size)])) {
    check(found.has(name), `no input has a dimension that is just the named size '${name}'`);
  }
}

function sizesIn(attribute: Attribute): readonly Size[] {
  if (typeof attribute !== "object") return [];
  return attribute.filter((item): item is Size => typeof item !== "string");
}

export function portsOf(graph: Graph): Pick<GraphInternals, "inputs" | "outputs"> {
  const renamed = uniqueNames(graph);
  const ports = (kind: "inputs" | "outputs"): ReadonlyMap<string, PortInternals> =>
    new Map(
      graph[kind].map(({ name, value }, i) => {
        const { dataType, shape } = graph.values[value]!;
        return [name, { dataType, shape, programName: renamed[kind][i]!.name }];
      }),
    );
  return { inputs: ports("inputs"), outputs: ports("outputs") };
}

/** A program has one name space for inputs and outputs: an output that is named like an input gets another name there. */
export function uniqueNames(graph: Graph): Graph {
  const taken = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const outputs = graph.outputs.map(({ name, value }) => {
    if (!inputs.has(name)) return { name, value };
    let other = `${name} (output)`;
    while (taken.has(other)) other += "'";
    taken.add(other);
    return { name: other, value };
  });
  return { ...graph, outputs };
}
