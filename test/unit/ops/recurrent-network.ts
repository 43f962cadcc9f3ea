/**
 * LSTM and GRU in float64, one cell after the other, from the formulas of the spec
 * (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-lstmcell, https://www.w3.org/TR/webnn/#api-mlgraphbuilder-grucell).
 */
export type Direction = "forward" | "backward" | "both";
export type Activation = "relu" | "sigmoid" | "tanh";

/** Row-major values of the operands; those that are left out count as zeros. */
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
  readonly cell: readonly number[];
  /** [steps, directions, batch, hiddenSize] */
  readonly sequence: readonly number[];
}

interface State {
  readonly hidden: readonly number[];
  readonly cell: readonly number[];
}

/** One item of the batch, one direction, one step. */
type Cell = (network: Network, direction: number, x: readonly number[], state: State) => State;

export function lstm(network: Network): States {
  return overSteps(network, lstmCell);
}

export function gru(network: Network): States {
  return overSteps(network, gruCell);
}

function overSteps(network: Network, cell: Cell): States {
  const { steps, batch, inputSize, hiddenSize, direction, input } = network;
  const ways = direction === "both" ? [false, true] : [direction === "backward"];
  const last: State[] = [];
  const sequence: number[][] = Array.from({ length: steps * ways.length * batch }, () => []);
  ways.forEach((isBackward, d) => {
    for (let b = 0; b < batch; b++) {
      const slot = d * batch + b;
      const initial = (values: readonly number[] | undefined): number[] =>
        Array.from({ length: hiddenSize }, (_, j) => values?.[slot * hiddenSize + j] ?? 0);
      let state: State = {
        hidden: initial(network.initialHiddenState),
        cell: initial(network.initialCellState),
      };
      for (let step = 0; step < steps; step++) {
        const time = isBackward ? steps - step - 1 : step;
        const from = (time * batch + b) * inputSize;
        state = cell(network, d, input.slice(from, from + inputSize), state);
        sequence[time * ways.length * batch + slot] = [...state.hidden];
      }
      last[slot] = state;
    }
  });
  return {
    hidden: last.flatMap(({ hidden }) => hidden),
    cell: last.flatMap((state) => state.cell),
    sequence: sequence.flat(),
  };
}

function lstmCell(network: Network, d: number, x: readonly number[], state: State): State {
  const { hiddenSize, layout, activations } = network;
  const [gate, candidate, filter] = activations.map((name) => functions[name]);
  const hidden: number[] = [];
  const cell: number[] = [];
  for (let j = 0; j < hiddenSize; j++) {
    const total = (name: string): number => {
      const row = rowOf(network, d, layout.indexOf(name), j);
      const products =
        dot(network.weight, row, x) + dot(network.recurrentWeight, row, state.hidden);
      return products + (network.bias?.[row] ?? 0) + (network.recurrentBias?.[row] ?? 0);
    };
    const seeing = (name: string): number => {
      const at = (3 * d + "iof".indexOf(name)) * hiddenSize + j;
      return total(name) + (network.peepholeWeight?.[at] ?? 0) * state.cell[j]!;
    };
    const [i, o, f] = ["i", "o", "f"].map((name) => gate!(seeing(name)));
    cell[j] = f! * state.cell[j]! + i! * candidate!(total("g"));
    hidden[j] = o! * filter!(cell[j]!);
  }
  return { hidden, cell };
}

function gruCell(network: Network, d: number, x: readonly number[], { hidden }: State): State {
  const { hiddenSize, layout, activations, resetAfter = true } = network;
  const [gate, candidate] = activations.map((name) => functions[name]);
  const units = Array.from({ length: hiddenSize }, (_, j) => j);
  const fromInput = (name: string, j: number): number => {
    const row = rowOf(network, d, layout.indexOf(name), j);
    return dot(network.weight, row, x) + (network.bias?.[row] ?? 0);
  };
  const bias = (name: string, j: number): number =>
    network.recurrentBias?.[rowOf(network, d, layout.indexOf(name), j)] ?? 0;
  const product = (name: string, j: number, h: readonly number[]): number =>
    dot(network.recurrentWeight, rowOf(network, d, layout.indexOf(name), j), h);
  const [z, r] = ["z", "r"].map((name) =>
    units.map((j) => gate!(fromInput(name, j) + product(name, j, hidden) + bias(name, j))),
  );
  const reset = units.map((j) => r![j]! * hidden[j]!);
  const n = units.map((j) => {
    const rest = resetAfter
      ? r![j]! * (bias("n", j) + product("n", j, hidden))
      : bias("n", j) + product("n", j, reset);
    return candidate!(fromInput("n", j) + rest);
  });
  return { hidden: units.map((j) => z![j]! * hidden[j]! + n[j]! * (1 - z![j]!)), cell: [] };
}

/** Row of a gate's unit among those of all gates and directions. */
function rowOf({ hiddenSize, layout }: Network, d: number, gate: number, j: number): number {
  return (layout.length * d + gate) * hiddenSize + j;
}

function dot(matrix: readonly number[], row: number, x: readonly number[]): number {
  return x.reduce((sum, value, k) => sum + matrix[row * x.length + k]! * value, 0);
}

const functions: Readonly<Record<Activation, (x: number) => number>> = {
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};
