/** A recurrent network step by step, for what WebNN's networks lack. Equations: ONNX's LSTM, GRU and RNN. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand } from "../webnn.ts";
import type { Activation } from "./recurrent-activations.ts";
import { gateCount, type Network, type Results } from "./recurrent-network.ts";

/** Each step is a part of the graph. */
const maxSteps = 4096;

/** What one direction carries from step to step; [batch, hidden size] each. */
interface State {
  readonly hidden: Operand;
  readonly cell: Operand | undefined;
}

interface DirectionResults extends State {
  /** [batch, hidden size] for each step. */
  readonly outputs: readonly Operand[];
}

export function runSteps(node: NodeContext, network: Network): Results {
  const { builder, label } = node;
  const { steps, batch, hiddenSize, kind } = network;
  if (steps > maxSteps) {
    node.fail(`${steps} steps one by one (clip, lengths or activations of ONNX only); the limit is ${maxSteps}`); // prettier-ignore
  }
  const results = network.directions.map((_, i) => runDirection(node, network, i));
  const stacked = (operands: readonly Operand[]) =>
    joined(node, operands.map((x) => builder.reshape(x, [1, batch, hiddenSize], { label })), 0); // prettier-ignore
  const sequences = results.map(({ outputs }) =>
    builder.reshape(stacked(outputs), [steps, 1, batch, hiddenSize], { label }),
  );
  return {
    sequence: joined(node, sequences, 1),
    hidden: stacked(results.map(({ hidden }) => hidden)),
    cell: kind === "lstm" ? stacked(results.map(({ cell }) => cell!)) : undefined,
  };
}

function joined({ builder, label }: NodeContext, all: readonly Operand[], axis: number): Operand {
  return all.length === 1 ? all[0]! : builder.concat(all, axis, { label });
}

function runDirection(node: NodeContext, network: Network, index: number): DirectionResults {
  const { builder, label } = node;
  const { steps, batch, hiddenSize, kind, lengths } = network;
  const cellOf = cells[kind](node, partsOf(node, network, index));
  const rows = gateCount[kind] * hiddenSize;
  const fromInput = inputProducts(node, network, index);
  const aliveAt = lengths && ((step: number) => isAlive(node, lengths, step));
  const zero = node.writer.filled(network.input.dataType, 0, [batch, hiddenSize]);
  let state: State = initialState(node, network, index, zero);
  const outputs = new Array<Operand>(steps);
  for (let i = 0; i < steps; i++) {
    const step = network.directions[index] === "forward" ? i : steps - 1 - i;
    const part = builder.slice(fromInput, [step, 0, 0], [1, batch, rows], { label });
    const next = cellOf(builder.reshape(part, [batch, rows], { label }), state);
    const alive = aliveAt?.(step);
    // A sequence that is over keeps its state, and its results are zeros.
    const kept = (now: Operand, before: Operand) =>
      alive === undefined ? now : builder.where(alive, now, before, { label });
    outputs[step] = kept(next.hidden, zero);
    state = {
      hidden: kept(next.hidden, state.hidden),
      cell: next.cell && kept(next.cell, state.cell!),
    };
  }
  return { ...state, outputs };
}

/** [batch, 1]: whether each sequence still runs at the step. */
function isAlive({ builder, label, writer }: NodeContext, lengths: Operand, step: number): Operand {
  const at = writer.filled(lengths.dataType, step, [1]);
  const alive = builder.greater(lengths, at, { label });
  return builder.reshape(alive, [lengths.shape[0]!, 1], { label });
}

/** x·Wᵀ + Wb + Rb for all steps, [steps, batch, gates × hidden size]; GRU's Rb of the new gate is added later. */
function inputProducts(node: NodeContext, network: Network, index: number): Operand {
  const { builder, label } = node;
  const weight = directionOf(node, network.weight, index);
  const turned = builder.transpose(weight, { label });
  const product = builder.matmul(network.input, turned, { label });
  if (network.bias === undefined) return product;
  return builder.add(product, directionOf(node, network.bias, index), { label });
}

function initialState(
  node: NodeContext,
  { kind, hidden, cell }: Network,
  index: number,
  zero: Operand,
): State {
  return {
    hidden: hidden ? directionOf(node, hidden, index) : zero,
    cell: kind !== "lstm" ? undefined : cell ? directionOf(node, cell, index) : zero,
  };
}

/** One direction's part, without that dimension. */
function directionOf({ builder, label }: NodeContext, operand: Operand, index: number): Operand {
  const [, ...rest] = operand.shape;
  const starts = operand.shape.map((_, axis) => (axis === 0 ? index : 0));
  const part = builder.slice(operand, starts, [1, ...rest], { label });
  return builder.reshape(part, rest, { label });
}

/** What the cell of one direction needs. */
interface Parts {
  readonly hiddenSize: number;
  readonly activations: readonly Activation[];
  /** Rᵀ: [hidden size, gates × hidden size]. */
  readonly recurrent: Operand;
  /** [gates × hidden size] */
  readonly recurrentBias: Operand | undefined;
  /** [3 × hidden size] */
  readonly peephole: Operand | undefined;
  readonly resetAfter: boolean;
  readonly couplesForget: boolean;
  readonly clipped: (x: Operand) => Operand;
}

function partsOf(node: NodeContext, network: Network, index: number): Parts {
  const { builder, label } = node;
  const { clip, recurrentBias, peephole } = network;
  return {
    hiddenSize: network.hiddenSize,
    activations: network.activations[index]!,
    recurrent: builder.transpose(directionOf(node, network.recurrentWeight, index), { label }),
    recurrentBias: recurrentBias && directionOf(node, recurrentBias, index),
    peephole: peephole && directionOf(node, peephole, index),
    resetAfter: network.resetAfter,
    couplesForget: network.couplesForget,
    clipped: (x) =>
      clip === undefined ? x : builder.clamp(x, { minValue: -clip, maxValue: clip, label }),
  };
}

/** One step: what the input adds to the gates [batch, gates × hidden size], and the state before. */
type Cell = (fromInput: Operand, before: State) => State;

const cells = { lstm: lstmCell, gru: gruCell, rnn: rnnCell } as const;

/** Columns of the gate at `index`. */
function gateOf(
  { builder, label }: NodeContext,
  gates: Operand,
  size: number,
  index: number,
): Operand {
  const [batch] = gates.shape;
  return builder.slice(gates, [0, index * size], [batch!, size], { label });
}

function withBias({ builder, label }: NodeContext, x: Operand, bias: Operand | undefined): Operand {
  return bias === undefined ? x : builder.add(x, bias, { label });
}

function rnnCell(node: NodeContext, parts: Parts): Cell {
  const { builder, label } = node;
  const [f] = parts.activations;
  return (fromInput, { hidden }) => {
    const recurrent = builder.matmul(hidden, parts.recurrent, { label });
    const sum = builder.add(fromInput, withBias(node, recurrent, parts.recurrentBias), { label });
    return { hidden: f!.apply(parts.clipped(sum)), cell: undefined };
  };
}

/** Gates in the order update, reset, new. */
function gruCell(node: NodeContext, parts: Parts): Cell {
  const { builder, label } = node;
  const { hiddenSize, clipped, resetAfter, recurrentBias } = parts;
  const [f, g] = parts.activations;
  const columns = (from: number, count: number) =>
    builder.slice(parts.recurrent, [0, from * hiddenSize], [hiddenSize, count * hiddenSize], { label }); // prettier-ignore
  const ofGates = columns(0, 2);
  const ofNew = columns(2, 1);
  const biasOf = (from: number, count: number) =>
    recurrentBias && builder.slice(recurrentBias, [from * hiddenSize], [count * hiddenSize], { label }); // prettier-ignore
  const [gateBias, newBias] = [biasOf(0, 2), biasOf(2, 1)];
  return (fromInput, { hidden }) => {
    const recurrent = withBias(node, builder.matmul(hidden, ofGates, { label }), gateBias);
    const gate = (index: number) => {
      const sum = builder.add(
        gateOf(node, fromInput, hiddenSize, index),
        gateOf(node, recurrent, hiddenSize, index),
        { label },
      );
      return f!.apply(clipped(sum));
    };
    const [update, reset] = [gate(0), gate(1)];
    const product = (x: Operand) => withBias(node, builder.matmul(x, ofNew, { label }), newBias);
    const part = resetAfter
      ? builder.mul(reset, product(hidden), { label })
      : product(builder.mul(reset, hidden, { label }));
    const fresh = g!.apply(
      clipped(builder.add(gateOf(node, fromInput, hiddenSize, 2), part, { label })),
    );
    // (1 − z) n + z h
    const change = builder.mul(update, builder.sub(hidden, fresh, { label }), { label });
    return { hidden: builder.add(fresh, change, { label }), cell: undefined };
  };
}

/** Gates in the order input, output, forget, cell; peepholes in the order input, output, forget. */
function lstmCell(node: NodeContext, parts: Parts): Cell {
  const { builder, label } = node;
  const { hiddenSize, clipped, couplesForget, peephole } = parts;
  const [f, g, h] = parts.activations;
  const peep = (x: Operand, cell: Operand, index: number): Operand => {
    if (peephole === undefined) return x;
    const weight = builder.slice(peephole, [index * hiddenSize], [hiddenSize], { label });
    return builder.add(x, builder.mul(cell, weight, { label }), { label });
  };
  return (fromInput, { hidden, cell }) => {
    const recurrent = builder.matmul(hidden, parts.recurrent, { label });
    const gates = builder.add(fromInput, withBias(node, recurrent, parts.recurrentBias), { label });
    const gate = (index: number) => gateOf(node, gates, hiddenSize, index);
    const input = f!.apply(clipped(peep(gate(0), cell!, 0)));
    const forget = couplesForget
      ? builder.linear(input, { alpha: -1, beta: 1, label })
      : f!.apply(clipped(peep(gate(2), cell!, 2)));
    const fresh = g!.apply(clipped(gate(3)));
    const next = builder.add(
      builder.mul(forget, cell!, { label }),
      builder.mul(input, fresh, { label }),
      { label },
    );
    const output = f!.apply(clipped(peep(gate(1), next, 1)));
    return { hidden: builder.mul(output, h!.apply(next), { label }), cell: next };
  };
}
