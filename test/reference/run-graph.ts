/** Compiles a graph for some device facts and runs it in the interpreter. */
import { compile } from "../../core-webnn/api/compile.ts";
import type { Graph } from "../../core-webnn/graph/ir.ts";
import type { DeviceFacts } from "../../core-webnn/util/device-facts.ts";
import { byteLengthOf } from "../../core-webnn/util/data-type.ts";
import { evaluateSize, type Sizes } from "../../core-webnn/util/size.ts";
import { createInterpreterDevice } from "./interpreter-device.ts";

export type Bytes = Readonly<Record<string, Uint8Array>>;

export async function runGraph(
  graph: Graph,
  facts: DeviceFacts,
  inputs: Bytes,
  constants: Bytes = {},
  sizes: Sizes = {},
): Promise<Record<string, Uint8Array>> {
  const device = createInterpreterDevice(facts);
  for (const [key, bytes] of Object.entries(constants)) await device.addConstant(key, bytes);
  const program = compile(graph, facts);
  await device.load(1, program);
  const tensors: Record<string, number> = {};
  for (const { name, value } of [...graph.inputs, ...graph.outputs]) {
    const { dataType, shape } = graph.values[value]!;
    const count = shape.reduce<number>((n, size) => n * evaluateSize(size, sizes), 1);
    tensors[name] = Object.keys(tensors).length;
    await device.createTensor(tensors[name]!, byteLengthOf(dataType, count));
    if (inputs[name]) device.writeTensor(tensors[name]!, inputs[name]);
  }
  device.dispatch(1, { tensors, sizes });
  const outputs: Record<string, Uint8Array> = {};
  for (const { name } of graph.outputs) outputs[name] = await device.readTensor(tensors[name]!);
  return outputs;
}
