/** Which cases are none of inference on numbers and booleans, told from the model alone. */
import type { Attribute, Graph, Model, Node } from "../../adapters/onnxruntime/model/model.ts";

export type Outside = "strings" | "sequences" | "optionals" | "training";

const sequenceOps = /^(Sequence\w+|SplitToSequence|ConcatFromSequence)$/;
const optionalOps = /^Optional/;
const stringOps = /^String/;
const trainingDomains = ["ai.onnx.preview.training", "ai.onnx.training"];
const stringCode = 8;
/** Fed that it is a training, with a ratio that is not 0: numbers are dropped at random. */
const droppingCases = /test_training_dropout(_default)?(_mask)?$/;

/** Why a case is left out; undefined for one that has to pass. */
export function outsideOf({ graph }: Model, name: string): Outside | undefined {
  const nodes = allNodes(graph);
  if (nodes.some(({ domain }) => trainingDomains.includes(domain))) return "training";
  if (droppingCases.test(name)) return "training";
  if (nodes.some(({ op }) => optionalOps.test(op))) return "optionals";
  if (nodes.some(({ op }) => sequenceOps.test(op))) return "sequences";
  if (nodes.some(isOfStrings) || hasStrings(graph)) return "strings";
  // Values that are no tensors have no element type: the name says which they are.
  const isOther = [...graph.inputs, ...graph.outputs].some(({ type }) => type === undefined);
  if (!isOther) return undefined;
  return /opt|none/.test(name) ? "optionals" : "sequences";
}

function allNodes(graph: Graph): readonly Node[] {
  const inner = (attribute: Attribute) =>
    attribute.kind === "graph" ? allNodes(attribute.value) : [];
  return graph.nodes.flatMap((node) => [node, ...[...node.attributes.values()].flatMap(inner)]);
}

function isOfStrings({ op, attributes }: Node): boolean {
  const to = attributes.get("to");
  return stringOps.test(op) || (to?.kind === "int" && to.value === stringCode);
}

function hasStrings(graph: Graph): boolean {
  return [...graph.inputs, ...graph.outputs, ...graph.constants.values()].some(
    ({ type }) => type === "string",
  );
}
