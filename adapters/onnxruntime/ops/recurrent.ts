/**
 * LSTM, GRU and RNN. What WebNN's networks can do is one of them, whose steps the core does not unroll; other
 * activations, clipping, sequences of different lengths and the like go step by step.
 */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { Operand } from "../webnn.ts";
import { readNetwork, type Kind, type Network, type Results } from "./recurrent-network.ts";
import { runSteps } from "./recurrent-steps.ts";
import { op, type OpRow } from "./row.ts";

export const recurrentRows: readonly OpRow[] = [
  op("LSTM", { convert: (node) => convert(node, "lstm") }),
  op("GRU", { convert: (node) => convert(node, "gru") }),
  op("RNN", { convert: (node) => convert(node, "rnn") }),
];

function convert(node: NodeContext, kind: Kind): readonly Value[] {
  const network = readNetwork(node, kind);
  const results = isStandard(network) ? runNetwork(node, network) : runSteps(node, network);
  const isBatchFirst = node.int("layout", 0) !== 0;
  const turned = (operand: Operand, permutation: readonly number[]) =>
    isBatchFirst ? node.builder.transpose(operand, { permutation, label: node.label }) : operand;
  return [
    node.result(turned(results.sequence, [2, 0, 1, 3])),
    node.result(turned(results.hidden, [1, 0, 2])),
    ...(results.cell === undefined ? [] : [node.result(turned(results.cell, [1, 0, 2]))]),
  ];
}

/**
 * Whether WebNN has the network: its activations, and nothing that only ONNX has. Peepholes are not the same: WebNN's
 * output gate sees the cell state before the step, ONNX's that after it.
 */
function isStandard(network: Network): boolean {
  const { clip, lengths, couplesForget, peephole, activations } = network;
  const [first, ...others] = activations.map((list) => list.map(({ name }) => name).join());
  return (
    clip === undefined &&
    lengths === undefined &&
    !couplesForget &&
    peephole === undefined &&
    others.every((names) => names === first) &&
    activations.flat().every(({ standard }) => standard !== undefined)
  );
}

function runNetwork(node: NodeContext, network: Network): Results {
  const { builder, label } = node;
  const { kind, input, steps, hiddenSize, directions } = network;
  const activations = network.activations[0]!.map(({ standard }) => standard!);
  const { weight, recurrentWeight, bias, recurrentBias } =
    kind === "rnn" ? asGru(node, network) : network;
  const options = {
    label,
    returnSequence: true,
    direction: directions.length === 2 ? "both" : directions[0]!,
    ...(bias && { bias }),
    ...(recurrentBias && { recurrentBias }),
    ...(network.hidden && { initialHiddenState: network.hidden }),
  } as const;
  if (kind === "lstm") {
    const { cell } = network;
    const [hidden, last, sequence] = builder.lstm(
      input, weight, recurrentWeight, steps, hiddenSize,
      {
        ...options, activations, layout: "iofg",
        ...(cell && { initialCellState: cell }),
      },
    ); // prettier-ignore
    return { hidden: hidden!, cell: last!, sequence: sequence! };
  }
  const [hidden, sequence] = builder.gru(
    input, weight, recurrentWeight, steps, hiddenSize,
    {
      ...options, layout: "zrn",
      activations: kind === "rnn" ? ["sigmoid", ...activations] : activations,
      resetAfter: kind === "rnn" || network.resetAfter,
    },
  ); // prettier-ignore
  return { hidden: hidden!, cell: undefined, sequence: sequence! };
}

/** Far enough on either side that sigmoid is exactly 0 or 1 in float32 and float16. */
const shut = -1e4;
const open = 1e4;

/**
 * A plain network as a GRU whose update gate is shut and whose reset gate is open: its new gate is then the state.
 * WebNN has no plain one, and steps that are unrolled make graphs that grow with the sequence.
 */
function asGru(
  node: NodeContext,
  { weight, recurrentWeight, bias, recurrentBias, hiddenSize, directions }: Network,
): Pick<Network, "weight" | "recurrentWeight" | "bias" | "recurrentBias"> {
  const { builder, label, writer } = node;
  const type = weight.dataType;
  const count = directions.length;
  const withGates = (rows: Operand): Operand => {
    const [, , columns] = rows.shape;
    const closed = writer.filled(type, 0, [count, 2 * hiddenSize, columns!]);
    return builder.concat([closed, rows], 1, { label });
  };
  const gates = [shut, open].map((value) => writer.filled(type, value, [count, hiddenSize]));
  const none = writer.filled(type, 0, [count, hiddenSize]);
  const twice = writer.filled(type, 0, [count, 2 * hiddenSize]);
  return {
    weight: withGates(weight),
    recurrentWeight: withGates(recurrentWeight),
    bias: builder.concat([...gates, bias ?? none], 1, { label }),
    recurrentBias: builder.concat([twice, recurrentBias ?? none], 1, { label }),
  };
}
