/** Recurrent networks as the tests of lstm and gru write them: flat lists of numbers, and what comes of them in float64. */
import { evaluate } from "../../reference/ops/table.ts";
import type { Arguments, Shape, Tensor } from "../../reference/ops/tensor.ts";

export type Kind = "lstm" | "gru";
export type Direction = "forward" | "backward" | "both";
export type Activation = "relu" | "sigmoid" | "tanh";

/** Row-major values of the operands. */
export interface Network {
  readonly steps: number;
  readonly batch: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly direction: Direction;
  readonly layout: string;
  readonly activations: readonly Activation[];
  readonly input: readonly number[];
  readonly weight: readonly number[];
  readonly recurrentWeight: readonly number[];
  readonly bias?: readonly number[] | undefined;
  readonly recurrentBias?: readonly number[] | undefined;
  readonly peepholeWeight?: readonly number[] | undefined;
  readonly initialHiddenState?: readonly number[] | undefined;
  readonly initialCellState?: readonly number[] | undefined;
  readonly resetAfter?: boolean;
}

export interface States {
  /** [directions, batch, hiddenSize] */
  readonly hidden: readonly number[];
  /** Empty for a gru. */
  readonly cell: readonly number[];
  /** [steps, directions, batch, hiddenSize] */
  readonly sequence: readonly number[];
}

type Operand =
  | "input"
  | "weight"
  | "recurrentWeight"
  | "bias"
  | "recurrentBias"
  | "peepholeWeight"
  | "initialHiddenState"
  | "initialCellState";

export function shapesOf(network: Network): Readonly<Record<Operand, Shape>> {
  const { steps, batch, inputSize, hiddenSize, direction, layout } = network;
  const ways = direction === "both" ? 2 : 1;
  const rows = layout.length * hiddenSize;
  return {
    input: [steps, batch, inputSize],
    weight: [ways, rows, inputSize],
    recurrentWeight: [ways, rows, hiddenSize],
    bias: [ways, rows],
    recurrentBias: [ways, rows],
    peepholeWeight: [ways, 3 * hiddenSize],
    initialHiddenState: [ways, batch, hiddenSize],
    initialCellState: [ways, batch, hiddenSize],
  };
}

/** What the reference gives. */
export function statesOf(kind: Kind, network: Network): States {
  const { steps, hiddenSize, direction, layout, activations, resetAfter } = network;
  const operands: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(shapesOf(network))) {
    const values = network[name as Operand];
    if (values !== undefined) operands[name] = { dataType: "float32", shape, values };
  }
  const args: Arguments = {
    ...operands,
    steps,
    hiddenSize,
    direction,
    layout,
    activations,
    resetAfter,
    returnSequence: true,
  };
  const results = evaluate(kind, args).map(({ values }) => values.map(Number));
  return {
    hidden: results[0]!,
    cell: kind === "lstm" ? results[1]! : [],
    sequence: results.at(-1)!,
  };
}
