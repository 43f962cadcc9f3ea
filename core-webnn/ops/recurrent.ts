/**
 * lstm and gru (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-lstm) and their single steps.
 *
 * What the inputs add to the gates is one product for all steps and directions; the rest goes step by
 * step (recurrent-steps.ts), in float32 for float16 too. A cell is a network of one step.
 */
import { multiplySizes, type Size } from "../util/size.ts";
import { add as addRow } from "./binary.ts";
import { matmul } from "./matmul.ts";
import { exactRank, floatTypes, operand, operandLike } from "./operands.ts";
import {
  activations,
  directions,
  gruLayouts,
  gruSteps,
  lstmLayouts,
  lstmSteps,
} from "./recurrent-steps.ts";
import { op, type AddNode, type Claims, type Descriptor, type Row } from "./row.ts";
import { check, checkLength, claimSameShape, termCount } from "./shapes.ts";
import { cast } from "./unary.ts";
import { concat, reshape, slice, transpose } from "./view.ts";
import { widen } from "./widen.ts";

const like = (rank: number) => operandLike("input", exactRank(rank));
const optionalLike = (rank: number) => ({ ...like(rank), optional: true }) as const;
const output = (rank: number) => ({ types: { sameAs: "input" }, ranks: exactRank(rank) }) as const;
const u32 = { kind: "u32" } as const;
const off = { kind: "boolean", default: false } as const;
const on = { kind: "boolean", default: true } as const;
const activationList = { kind: "enumList", values: activations, optional: true } as const;
const direction = { kind: "enum", values: directions, default: "forward" } as const;
const lstmLayout = { kind: "enum", values: lstmLayouts, default: "iofg" } as const;
const gruLayout = { kind: "enum", values: gruLayouts, default: "zrn" } as const;
const networkArgs = {
  input: operand(floatTypes, exactRank(3)),
  weight: like(3),
  recurrentWeight: like(3),
  steps: u32,
  hiddenSize: u32,
} as const;
const lstmActivations = ["sigmoid", "tanh", "tanh"] as const;
const gruActivations = ["sigmoid", "tanh"] as const;

export const lstm = op("lstm", {
  args: networkArgs,
  options: {
    bias: optionalLike(2),
    recurrentBias: optionalLike(2),
    peepholeWeight: optionalLike(2),
    initialHiddenState: optionalLike(3),
    initialCellState: optionalLike(3),
    returnSequence: off,
    direction,
    layout: lstmLayout,
    activations: activationList,
  },
  outputs: { output0: output(3), output1: output(3), output2: output(4) },
  resolve: (given) => ({ activations: given.activations ?? lstmActivations }),
  infer(network, claims) {
    checkNetwork(network, 4, claims);
    checkLength(network.activations, 3, "activations");
    const { last, sequence } = outputsOf(network);
    return [last, last, ...sequence];
  },
  lower: {
    kind: "decompose",
    into(add, network) {
      const { bias, recurrentBias, peepholeWeight, initialCellState } = network;
      const biases = [bias, recurrentBias].filter((one) => one !== undefined);
      const [hidden, cell] = add.all(lstmSteps, {
        ...stepArguments(add, network, biases),
        peepholeWeight: peepholeWeight && widen(add, peepholeWeight),
        initialCellState: initialCellState && widen(add, initialCellState),
      });
      const [last, ...sequence] = results(add, network, hidden!);
      return [last!, narrow(add, network, cell!), ...sequence];
    },
  },
  ulp: tolerance,
});

export const gru = op("gru", {
  args: networkArgs,
  options: {
    bias: optionalLike(2),
    recurrentBias: optionalLike(2),
    initialHiddenState: optionalLike(3),
    resetAfter: on,
    returnSequence: off,
    direction,
    layout: gruLayout,
    activations: activationList,
  },
  outputs: { output0: output(3), output1: output(4) },
  resolve: (given) => ({ activations: given.activations ?? gruActivations }),
  infer(network, claims) {
    checkNetwork(network, 3, claims);
    checkLength(network.activations, 2, "activations");
    const { last, sequence } = outputsOf(network);
    return [last, ...sequence];
  },
  lower: {
    kind: "decompose",
    into(add, network) {
      const { bias, recurrentBias, resetAfter } = network;
      const [hidden] = add.all(gruSteps, {
        ...stepArguments(add, network, bias ? [bias] : []),
        recurrentBias: recurrentBias && widen(add, recurrentBias),
        resetAfter,
      });
      return results(add, network, hidden!);
    },
  },
  ulp: tolerance,
});

/** https://www.w3.org/TR/webnn/#api-mlgraphbuilder-lstmcell */
export const lstmCell = op("lstmCell", {
  args: {
    input: operand(floatTypes, exactRank(2)),
    weight: like(2),
    recurrentWeight: like(2),
    hiddenState: like(2),
    cellState: like(2),
    hiddenSize: u32,
  },
  options: {
    bias: optionalLike(1),
    recurrentBias: optionalLike(1),
    peepholeWeight: optionalLike(1),
    layout: lstmLayout,
    activations: activationList,
  },
  outputs: { output0: output(2), output1: output(2) },
  resolve: (given) => ({ activations: given.activations ?? lstmActivations }),
  infer(cell, claims) {
    checkCell(cell, 4, claims);
    checkLength(cell.activations, 3, "activations");
    return [cell.hiddenState, cell.cellState];
  },
  lower: {
    kind: "decompose",
    into(add, { hiddenState, cellState, ...cell }) {
      const { peepholeWeight, layout, activations: functions, hiddenSize } = cell;
      const states = add.all(lstm, {
        ...asNetwork(add, cell),
        hiddenSize,
        peepholeWeight: peepholeWeight && stacked(add, peepholeWeight),
        initialHiddenState: stacked(add, hiddenState),
        initialCellState: stacked(add, cellState),
        layout,
        activations: functions,
      });
      return states.map((state) => add(reshape, { input: state, newShape: hiddenState.shape }));
    },
  },
  ulp: (cell) => tolerance({ ...cell, steps: 1 }),
});

/** https://www.w3.org/TR/webnn/#api-mlgraphbuilder-grucell */
export const gruCell = op("gruCell", {
  args: {
    input: operand(floatTypes, exactRank(2)),
    weight: like(2),
    recurrentWeight: like(2),
    hiddenState: like(2),
    hiddenSize: u32,
  },
  options: {
    bias: optionalLike(1),
    recurrentBias: optionalLike(1),
    resetAfter: on,
    layout: gruLayout,
    activations: activationList,
  },
  outputs: { output: output(2) },
  resolve: (given) => ({ activations: given.activations ?? gruActivations }),
  infer(cell, claims) {
    checkCell(cell, 3, claims);
    checkLength(cell.activations, 2, "activations");
    return [cell.hiddenState];
  },
  lower: {
    kind: "decompose",
    into(add, { hiddenState, ...cell }) {
      const { resetAfter, layout, activations: functions, hiddenSize } = cell;
      const [state] = add.all(gru, {
        ...asNetwork(add, cell),
        hiddenSize,
        initialHiddenState: stacked(add, hiddenState),
        resetAfter,
        layout,
        activations: functions,
      });
      return add(reshape, { input: state!, newShape: hiddenState.shape });
    },
  },
  ulp: (cell) => tolerance({ ...cell, steps: 1 }),
});

export const recurrentRows: readonly Row[] = [gru, gruCell, lstm, lstmCell];

interface Layer {
  readonly input: Descriptor;
  readonly weight: Descriptor;
  readonly recurrentWeight: Descriptor;
  readonly hiddenSize: number;
  readonly bias: Descriptor | undefined;
  readonly recurrentBias: Descriptor | undefined;
  readonly peepholeWeight?: Descriptor | undefined;
}

interface Network extends Layer {
  readonly steps: number;
  readonly initialHiddenState: Descriptor | undefined;
  readonly initialCellState?: Descriptor | undefined;
  readonly returnSequence: boolean;
  readonly direction: (typeof directions)[number];
  readonly layout: string;
  readonly activations: readonly string[];
}

type Expected = Readonly<Record<string, readonly [Descriptor | undefined, readonly Size[]]>>;

function claimShapes(claims: Claims, expected: Expected): void {
  for (const [name, [given, shape]] of Object.entries(expected)) {
    if (given !== undefined) claimSameShape(given.shape, shape, claims, name);
  }
}

function checkNetwork(network: Network, gates: number, claims: Claims): void {
  const { input, steps, hiddenSize, initialHiddenState, initialCellState } = network;
  const count = network.direction === "both" ? 2 : 1;
  const [time, batch] = input.shape;
  check(steps > 0, "steps is 0: there must be at least 1");
  claims.equal(time!, steps, "the first dimension of input and steps");
  claimLayer(network, [count], gates, claims);
  const state = [count, batch!, hiddenSize];
  claimShapes(claims, {
    initialHiddenState: [initialHiddenState, state],
    initialCellState: [initialCellState, state],
  });
}

function checkCell(
  cell: Layer & { readonly hiddenState: Descriptor; readonly cellState?: Descriptor },
  gates: number,
  claims: Claims,
): void {
  claimLayer(cell, [], gates, claims);
  const state = [cell.input.shape[0]!, cell.hiddenSize];
  claimShapes(claims, {
    hiddenState: [cell.hiddenState, state],
    cellState: [cell.cellState, state],
  });
}

/** `prefix`: the dimension of directions, where there is one. */
function claimLayer(layer: Layer, prefix: readonly Size[], gates: number, claims: Claims): void {
  const { input, weight, recurrentWeight, bias, recurrentBias, peepholeWeight, hiddenSize } = layer;
  // Platforms join bias and recurrentBias: twice as many must be a valid dimension too.
  const most = 2 ** 31 - 1;
  const units = 2 * gates * hiddenSize;
  check(
    units > 0 && units <= most,
    `hiddenSize ${hiddenSize} times ${2 * gates} is not 1 to ${most}`,
  );
  const rows = gates * hiddenSize;
  claimShapes(claims, {
    weight: [weight, [...prefix, rows, input.shape.at(-1)!]],
    recurrentWeight: [recurrentWeight, [...prefix, rows, hiddenSize]],
    bias: [bias, [...prefix, rows]],
    recurrentBias: [recurrentBias, [...prefix, rows]],
    peepholeWeight: [peepholeWeight, [...prefix, 3 * hiddenSize]],
  });
}

function outputsOf({ input, direction: way, steps, hiddenSize, returnSequence }: Network): {
  readonly last: Descriptor;
  readonly sequence: readonly Descriptor[];
} {
  const { dataType } = input;
  const shape = [way === "both" ? 2 : 1, input.shape[1]!, hiddenSize];
  const sequence = { dataType, shape: [steps, ...shape] };
  return { last: { dataType, shape }, sequence: returnSequence ? [sequence] : [] };
}

/** The gates' sums in each step, and activations of them; float16 is rounded once, at the end. */
function tolerance({ input, hiddenSize, steps }: Layer & { readonly steps: number }): number {
  const { dataType, shape } = input;
  const ulp = steps * (2 * (termCount([shape.at(-1)!]) + hiddenSize) + 64);
  return dataType === "float16" ? 1 + ulp / 2 ** 13 : ulp;
}

/** What the rows of recurrent-steps.ts have in common. `biases` are added to every input. */
function stepArguments(add: AddNode, network: Network, biases: readonly Descriptor[]) {
  const { input, weight, recurrentWeight, steps, initialHiddenState } = network;
  const [, batch, inputSize] = input.shape;
  const [count, rows] = weight.shape;
  const all = [1, multiplySizes(steps, batch!), inputSize!];
  const a = add(reshape, { input: widen(add, input), newShape: all });
  const b = add(transpose, { input: widen(add, weight), permutation: [0, 2, 1] });
  const total = biases
    .map((bias) => widen(add, bias))
    .reduceRight<Descriptor | undefined>(
      (y, x) => (y ? add(addRow, { a: x, b: y }) : x),
      undefined,
    );
  const product = add(matmul, { a, b });
  const bias = total && add(reshape, { input: total, newShape: [count!, 1, rows!] });
  return {
    inputs: add(reshape, {
      input: bias ? add(addRow, { a: product, b: bias }) : product,
      newShape: [count!, steps, batch!, rows!],
    }),
    recurrentWeight: widen(add, recurrentWeight),
    initialHiddenState: initialHiddenState && widen(add, initialHiddenState),
    direction: network.direction,
    layout: network.layout,
    activations: network.activations,
  };
}

/** The last hidden states and, if wanted, those of all times, from the states by time. */
function results(add: AddNode, network: Network, hidden: Descriptor): readonly Descriptor[] {
  const { direction: way, steps, returnSequence } = network;
  const [, count, ...state] = hidden.shape;
  const backward = way === "both" ? [false, true] : [way === "backward"];
  const from = (first: (isBackward: boolean) => number, length: number): Descriptor => {
    const parts = backward.map((isBackward, d) => {
      const starts = [first(isBackward), d, 0, 0];
      return add(slice, { input: hidden, starts, sizes: [length, 1, ...state] });
    });
    const joined = parts.length === 1 ? parts[0]! : add(concat, { inputs: parts, axis: 1 });
    return narrow(add, network, joined);
  };
  const last = from((isBackward) => (isBackward ? 0 : steps), 1);
  const sequence = (): Descriptor => from((isBackward) => (isBackward ? 0 : 1), steps);
  const shaped = add(reshape, { input: last, newShape: [count!, ...state] });
  return returnSequence ? [shaped, sequence()] : [shaped];
}

function narrow(add: AddNode, { input: { dataType } }: Network, x: Descriptor): Descriptor {
  return dataType === "float32" ? x : add(cast, { input: x, dataType });
}

/** A cell's operands as those of a network of one step and one direction. */
function asNetwork(add: AddNode, { input, weight, recurrentWeight, bias, recurrentBias }: Layer) {
  return {
    input: stacked(add, input),
    weight: stacked(add, weight),
    recurrentWeight: stacked(add, recurrentWeight),
    steps: 1,
    bias: bias && stacked(add, bias),
    recurrentBias: recurrentBias && stacked(add, recurrentBias),
  };
}

/** With one more dimension in front. */
function stacked(add: AddNode, input: Descriptor): Descriptor {
  return add(reshape, { input, newShape: [1, ...input.shape] });
}
