/** What a recurrent node says: its inputs and attributes, checked. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { readActivations, type Activation } from "./recurrent-activations.ts";

export type Kind = "lstm" | "gru" | "rnn";

export type Direction = "forward" | "backward";

/** Rows of the weights per unit of the hidden state. */
export const gateCount = { lstm: 4, gru: 3, rnn: 1 } as const satisfies Record<Kind, number>;

/** A node's inputs and attributes, with the batch second. */
export interface Network {
  readonly kind: Kind;
  /** [steps, batch, input size] */
  readonly input: Operand;
  readonly steps: number;
  readonly batch: Size;
  readonly hiddenSize: number;
  readonly directions: readonly Direction[];
  /** Of each direction. */
  readonly activations: readonly (readonly Activation[])[];
  /** [directions, gates × hidden size, input size] */
  readonly weight: Operand;
  /** [directions, gates × hidden size, hidden size] */
  readonly recurrentWeight: Operand;
  /** [directions, gates × hidden size] each. */
  readonly bias: Operand | undefined;
  readonly recurrentBias: Operand | undefined;
  /** [batch] int32; undefined where all are as long as the input. */
  readonly lengths: Operand | undefined;
  /** [directions, batch, hidden size] */
  readonly hidden: Operand | undefined;
  readonly cell: Operand | undefined;
  /** [directions, 3 × hidden size] */
  readonly peephole: Operand | undefined;
  /** Of what goes into activations; undefined for none. */
  readonly clip: number | undefined;
  /** GRU: the reset gate after the product, not before. */
  readonly resetAfter: boolean;
  /** LSTM: the forget gate is 1 − the input gate. */
  readonly couplesForget: boolean;
}

/** A network's results, with the batch second. */
export interface Results {
  /** [steps, directions, batch, hidden size] */
  readonly sequence: Operand;
  /** [directions, batch, hidden size] */
  readonly hidden: Operand;
  readonly cell: Operand | undefined;
}

export function readNetwork(node: NodeContext, kind: Kind): Network {
  const { builder, label, decisions } = node;
  const isBatchFirst = node.int("layout", 0) !== 0;
  const batchSecond = (input: number): Operand | undefined => {
    if (!node.has(input)) return undefined;
    const operand = node.operand(input);
    return isBatchFirst ? builder.transpose(operand, { permutation: [1, 0, 2], label }) : operand;
  };
  const input = batchSecond(0)!;
  const directions = directionsOf(node);
  const [weight, recurrentWeight] = [node.operand(1), node.operand(2)];
  const hiddenSize = decisions.number(recurrentWeight.shape[2] ?? 0);
  checkWeights(node, kind, { directions: directions.length, hiddenSize });
  const [bias, recurrentBias] = biasesOf(node, gateCount[kind] * hiddenSize);
  const clip = node.float("clip", 0);
  const steps = decisions.number(input.shape[0]!);
  return {
    kind,
    input,
    steps,
    batch: input.shape[1]!,
    hiddenSize,
    directions,
    activations: readActivations(node, kind, directions.length),
    weight,
    recurrentWeight,
    bias,
    recurrentBias,
    lengths: lengthsOf(node, steps),
    hidden: batchSecond(5),
    cell: kind === "lstm" ? batchSecond(6) : undefined,
    peephole: kind === "lstm" && node.has(7) ? node.operand(7) : undefined,
    clip: clip > 0 ? clip : undefined,
    resetAfter: node.int("linear_before_reset", 0) !== 0,
    couplesForget: node.int("input_forget", 0) !== 0,
  };
}

function directionsOf(node: NodeContext): readonly Direction[] {
  const direction = node.text("direction", "forward");
  if (direction === "forward") return ["forward"];
  if (direction === "reverse") return ["backward"];
  if (direction === "bidirectional") return ["forward", "backward"];
  return node.fail(`direction is '${direction}', expected 'forward', 'reverse' or 'bidirectional'`);
}

function checkWeights(
  node: NodeContext,
  kind: Kind,
  { directions, hiddenSize }: { readonly directions: number; readonly hiddenSize: number },
): void {
  if (node.rank(0) !== 3) node.fail(`its input has rank ${node.rank(0)}, expected 3`);
  const given = node.int("hidden_size", hiddenSize);
  if (given !== hiddenSize) {
    node.fail(`hidden_size is ${given}, but its recurrent weights are of ${hiddenSize}`);
  }
  const rows = gateCount[kind] * hiddenSize;
  for (const [input, columns] of [
    [1, node.shape(0)[2]!],
    [2, hiddenSize],
  ] as const) {
    const shape = node.shape(input);
    const expected = [directions, rows, columns];
    const fits =
      shape.length === 3 && shape.every((size, i) => node.decisions.equal(size, expected[i]!));
    if (!fits) {
      const [found, wanted] = [shape, expected].map((sizes) => `[${sizes.map(String).join(", ")}]`);
      node.fail(`input ${input} has the shape ${found}, expected ${wanted}`);
    }
  }
}

/** B is both biases side by side. */
function biasesOf(node: NodeContext, rows: number): readonly [Operand?, Operand?] {
  if (!node.has(3)) return [];
  const both = node.operand(3);
  const directions = both.shape[0]!;
  const half = (start: number) =>
    node.builder.slice(both, [0, start], [directions, rows], { label: node.label });
  return [half(0), half(rows)];
}

/** Lengths that are all the input's own say nothing. */
function lengthsOf(node: NodeContext, steps: number): Operand | undefined {
  if (!node.has(4)) return undefined;
  const known = node.host(4)?.elements;
  return known?.every((length) => length === steps) === true ? undefined : node.operand(4);
}
