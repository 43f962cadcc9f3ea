/**
 * What must hold of a random graph: on every device it gives what its nodes give one at a time, each in
 * a graph of its own on the interpreter. Rows are tested elsewhere; this tests what joins them.
 */
import { editGraph } from "../../../core-webnn/graph/editor.ts";
import { argumentsOf, operandIds } from "../../../core-webnn/graph/arguments.ts";
import type { Graph, Node, Value } from "../../../core-webnn/graph/ir.ts";
import type { ArgValue } from "../../../core-webnn/ops/row.ts";
import { rowNamed } from "../../../core-webnn/ops/table.ts";
import { createInterpreterDevice } from "../../reference/interpreter-device.ts";
import { runOnDevice, type NamedDevice, type Outputs } from "../../reference/run-on-devices.ts";
import { decodeValues, type Numeric } from "../../reference/values.ts";
import { evaluateSize, productOf, type Sizes } from "../../../core-webnn/util/size.ts";
import type { RandomGraph } from "./random-graph.ts";

/** Relative to the largest magnitude of the output. */
const tolerance = 1e-3;

/** What is wrong, if anything is. */
export async function checkGraph(
  random: RandomGraph,
  devices: readonly NamedDevice[],
): Promise<string | undefined> {
  const expected = await nodeByNode(random);
  for (const { name, device } of devices) {
    let outputs: Outputs;
    try {
      outputs = await runOnDevice(device, random);
    } catch (error) {
      return `${name}: ${error instanceof Error ? error.stack : error}`;
    }
    for (const [output, values] of Object.entries(expected)) {
      const wrong = difference(outputs[output]!, values, random.exact.has(output));
      if (wrong !== undefined) return `${name}: output ${output}${wrong}`;
    }
  }
  return undefined;
}

async function nodeByNode({ graph, inputs, constants, sizes }: RandomGraph): Promise<Outputs> {
  const device = createInterpreterDevice();
  const known = new Map<number, readonly Numeric[]>();
  for (const { name, value } of graph.inputs) known.set(value, inputs[name]!);
  for (const { id, dataType, shape, from } of graph.values) {
    if (from.kind !== "constant") continue;
    known.set(id, decodeValues(dataType, constants[from.key]!, countOf(shape, sizes)));
  }
  for (const node of graph.nodes) {
    const given = operandIds(node).map((id) => [`x${id}`, known.get(id)!] as const);
    const single = graphOfNode(graph, node);
    const made = await runOnDevice(device, {
      graph: single,
      inputs: Object.fromEntries(given),
      sizes,
    });
    node.outputs.forEach((id) => known.set(id, made[`y${id}`]!));
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, known.get(value)!]));
}

function graphOfNode(graph: Graph, node: Node): Graph {
  const editor = editGraph();
  const row = rowNamed(node.op);
  const copies = new Map<number, Value>();
  const copy = ({ id, dataType, shape }: Value): Value => {
    const made = copies.get(id) ?? editor.input(`x${id}`, dataType, shape);
    copies.set(id, made);
    return made;
  };
  const args = Object.entries(argumentsOf(graph, row, node)).map(([name, value]) => {
    const operand = node.operands[name];
    if (operand === undefined) return [name, value] as const;
    const copied: ArgValue =
      typeof operand === "number"
        ? copy(graph.values[operand]!)
        : operand.map((id) => copy(graph.values[id]!));
    return [name, copied] as const;
  });
  const outputs = editor.node(row, Object.fromEntries(args), "");
  return editor.finish(outputs.map(({ id }, i) => ({ name: `y${node.outputs[i]!}`, value: id })));
}

function difference(
  actual: readonly Numeric[],
  expected: readonly Numeric[],
  isExact: boolean,
): string | undefined {
  const largest = expected.reduce<number>((most, x) => Math.max(most, Math.abs(Number(x))), 1);
  const limit = isExact ? 0 : tolerance * largest;
  const at = expected.findIndex((x, i) => !(Math.abs(Number(actual[i]!) - Number(x)) <= limit));
  return at < 0 ? undefined : `[${at}] is ${actual[at]}, not ${expected[at]}`;
}

function countOf(shape: Value["shape"], sizes: Sizes): number {
  return evaluateSize(productOf(shape), sizes);
}
