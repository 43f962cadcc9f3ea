/** Recurrent networks: those that WebNN has, and what it lacks. */
import type { AttributeSpec, TensorSpec } from "../onnx-writer.ts";
import { i32, int, one, random, type OpCase } from "./make-case.ts";

const [steps, batch, width, hidden] = [5, 3, 4, 2];
const gates = { LSTM: 4, GRU: 3, RNN: 1 } as const;
const text = (value: string) => ({ text: value });
const texts = (...values: string[]) => ({ texts: values });
const bidirectional = text("bidirectional");

interface Parts {
  readonly directions?: 1 | 2;
  readonly lengths?: readonly number[];
  readonly starts?: true;
  readonly peepholes?: true;
  readonly isBatchFirst?: true;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

/** A network with biases; "" for the inputs that are left out. */
function network(op: keyof typeof gates, why: string, parts: Parts = {}): OpCase {
  const { directions = 1, lengths, starts, peepholes, isBatchFirst } = parts;
  const rows = gates[op] * hidden;
  const turned = (first: number, second: number) =>
    isBatchFirst ? [second, first] : [first, second];
  const state = [...turned(directions, batch), hidden];
  const inputs: Record<string, TensorSpec> = {
    x: random([...turned(steps, batch), width], 1, 7),
    w: random([directions, rows, width], 1, 11),
    r: random([directions, rows, hidden], 1, 13),
    b: random([directions, 2 * rows], 1, 17),
    ...(lengths && { lengths: i32([batch], lengths) }),
    ...(starts && { h: random(state, 1, 19) }),
    ...(starts && op === "LSTM" && { c: random(state, 1, 23) }),
    ...(peepholes && { p: random([directions, 3 * hidden], 1, 29) }),
  };
  const names = ["x", "w", "r", "b", "lengths", "h", ...(op === "LSTM" ? ["c", "p"] : [])];
  const opCase = one(op, why, inputs, {
    types: op === "LSTM" ? ["float32", "float32", "float32"] : ["float32", "float32"],
    attributes: {
      hidden_size: int(hidden),
      ...(directions === 2 && { direction: bidirectional }),
      ...(isBatchFirst && { layout: int(1) }),
      ...parts.attributes,
    },
    constants: ["w", "r", "b", "p"].filter((name) => name in inputs),
    tolerance: 2e-6,
  });
  const given = names.map((name) => (name in inputs ? name : ""));
  return { ...opCase, nodes: [{ ...opCase.nodes[0]!, inputs: given }] };
}

const forms = (["LSTM", "GRU", "RNN"] as const).flatMap((op): readonly OpCase[] => [
  network(op, "forward"),
  network(op, "backward, from given states", {
    starts: true,
    attributes: { direction: text("reverse") },
  }),
  network(op, "both directions, from given states", { directions: 2, starts: true }),
  network(op, "sequences of different lengths", {
    directions: 2,
    starts: true,
    lengths: [5, 1, 3],
  }),
  network(op, "clips what goes into activations", { attributes: { clip: { float: 0.25 } } }),
]);

export const recurrent: readonly OpCase[] = [
  ...forms,
  network("LSTM", "peepholes", { peepholes: true, starts: true }),
  network("LSTM", "peepholes of both directions, lengths", {
    peepholes: true,
    directions: 2,
    lengths: [2, 5, 4],
  }),
  network("LSTM", "the forget gate follows the input gate", {
    attributes: { input_forget: int(1) },
  }),
  network("LSTM", "activations of ONNX only", {
    directions: 2,
    attributes: {
      activations: texts("HardSigmoid", "Softsign", "ScaledTanh", "Sigmoid", "LeakyRelu", "Affine"),
      activation_alpha: { floats: [0.3, 0.8, 0.1, 0.5] },
      activation_beta: { floats: [0.4, 1.5, 0.25] },
    },
  }),
  network("GRU", "the reset gate after the product", {
    starts: true,
    attributes: { linear_before_reset: int(1) },
  }),
  network("GRU", "the reset gate after the product, lengths", {
    lengths: [1, 2, 3],
    attributes: { linear_before_reset: int(1) },
  }),
  network("GRU", "other activations", { attributes: { activations: texts("Sigmoid", "Relu") } }),
  network("RNN", "different activations by direction", {
    directions: 2,
    attributes: { activations: texts("Relu", "Tanh") },
  }),
  network("RNN", "relu", { attributes: { activations: texts("Relu") } }),
  network("RNN", "ThresholdedRelu and Elu", {
    directions: 2,
    attributes: {
      activations: texts("ThresholdedRelu", "Elu"),
      activation_alpha: { floats: [0.1, 0.5] },
    },
  }),
];
