/** lstm, gru and their cells in float64, as the spec emulates them: gate by gate, step by step. */
import { sigmoid } from "./elementwise.ts";
import {
  evaluator,
  indicesOf,
  numberAt,
  type Evaluate,
  type Result,
  type Shape,
  type Tensor,
} from "./tensor.ts";

type Matrix = readonly (readonly number[])[];
type Activation = (x: number) => number;

interface Options {
  readonly bias?: Tensor;
  readonly recurrentBias?: Tensor;
  readonly peepholeWeight?: Tensor;
  readonly resetAfter?: boolean;
  readonly layout?: string;
  readonly activations?: readonly string[];
}
interface Cell extends Options {
  readonly input: Tensor;
  readonly weight: Tensor;
  readonly recurrentWeight: Tensor;
  readonly hiddenState: Tensor;
  readonly cellState?: Tensor;
}
interface Sequence extends Omit<Cell, "hiddenState" | "cellState"> {
  readonly steps: number;
  readonly hiddenSize: number;
  readonly initialHiddenState?: Tensor;
  readonly initialCellState?: Tensor;
  readonly returnSequence?: boolean;
  readonly direction?: string;
}

/** What a cell works with, one direction of it. */
interface Weights {
  readonly weight: Matrix;
  readonly recurrentWeight: Matrix;
  readonly bias: readonly number[] | undefined;
  readonly recurrentBias: readonly number[] | undefined;
  readonly peephole: readonly number[] | undefined;
  readonly layout: string;
  readonly activations: readonly Activation[];
  readonly resetAfter: boolean;
}
/** Of one batch entry. The cell's part stays empty in a gru. */
interface State {
  readonly hidden: readonly number[];
  readonly cell: readonly number[];
}
type Step = (weights: Weights, input: readonly number[], state: State) => State;

const activation: Readonly<Record<string, Activation>> = {
  relu: (x) => Math.max(x, 0),
  sigmoid,
  tanh: Math.tanh,
};

const lstmStep: Step = (weights, input, { hidden, cell }) => {
  const [gate, candidate, filter] = weights.activations as [Activation, Activation, Activation];
  const { peephole } = weights;
  const next = hidden.map((_, unit) => {
    const seen = (letter: string): number =>
      (peephole?.["iof".indexOf(letter) * hidden.length + unit] ?? 0) * cell[unit]!;
    const sum = (letter: string): number =>
      fromInput(weights, letter, unit, input, hidden.length) +
      fromHidden(weights, letter, unit, hidden);
    const i = gate(sum("i") + seen("i"));
    const f = gate(sum("f") + seen("f"));
    const o = gate(sum("o") + seen("o"));
    const c = f * cell[unit]! + i * candidate(sum("g"));
    return { cell: c, hidden: o * filter(c) };
  });
  return { hidden: next.map((unit) => unit.hidden), cell: next.map((unit) => unit.cell) };
};

const gruStep: Step = (weights, input, { hidden, cell }) => {
  const [gate, candidate] = weights.activations as [Activation, Activation];
  const size = hidden.length;
  const gated = (letter: string): number[] =>
    hidden.map((_, unit) =>
      gate(
        fromInput(weights, letter, unit, input, size) + fromHidden(weights, letter, unit, hidden),
      ),
    );
  const [z, r] = [gated("z"), gated("r")] as [number[], number[]];
  const reset = hidden.map((h, unit) => r[unit]! * h);
  const next = hidden.map((h, unit) => {
    const recurrent = weights.resetAfter
      ? r[unit]! * fromHidden(weights, "n", unit, hidden)
      : fromHidden(weights, "n", unit, reset);
    const n = candidate(fromInput(weights, "n", unit, input, size) + recurrent);
    return z[unit]! * h + n * (1 - z[unit]!);
  });
  return { hidden: next, cell };
};

function fromInput(
  { weight, bias, layout }: Weights,
  letter: string,
  unit: number,
  input: readonly number[],
  size: number,
): number {
  const row = layout.indexOf(letter) * size + unit;
  return dot(weight[row]!, input) + (bias?.[row] ?? 0);
}

function fromHidden(
  { recurrentWeight, recurrentBias, layout }: Weights,
  letter: string,
  unit: number,
  hidden: readonly number[],
): number {
  const row = layout.indexOf(letter) * hidden.length + unit;
  return dot(recurrentWeight[row]!, hidden) + (recurrentBias?.[row] ?? 0);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

type Defaults = Pick<Options, "layout" | "activations">;

const lstmDefaults: Defaults = { layout: "iofg", activations: ["sigmoid", "tanh", "tanh"] };
const gruDefaults: Defaults = { layout: "zrn", activations: ["sigmoid", "tanh"] };

export const recurrent: Readonly<Record<string, Evaluate>> = {
  lstmCell: evaluator((args: Cell) => {
    const states = cellStates(args, weightsOf(args, [], lstmDefaults), lstmStep);
    return [matrix(args.hiddenState, states, "hidden"), matrix(args.hiddenState, states, "cell")];
  }),
  gruCell: evaluator((args: Cell) => {
    const states = cellStates(args, weightsOf(args, [], gruDefaults), gruStep);
    return [matrix(args.hiddenState, states, "hidden")];
  }),
  lstm: evaluator((args: Sequence) => sequence(args, lstmDefaults, lstmStep, true)),
  gru: evaluator((args: Sequence) => sequence(args, gruDefaults, gruStep, false)),
};

function cellStates(args: Cell, weights: Weights, step: Step): readonly State[] {
  const { input, hiddenState, cellState } = args;
  return rowsOf(hiddenState, []).map((hidden, batch) =>
    step(weights, rowsOf(input, [])[batch]!, {
      hidden,
      cell: cellState === undefined ? [] : rowsOf(cellState, [])[batch]!,
    }),
  );
}

/**
 * Each step rounds the states, and the next ones may carry that further than any number of units of the last place
 * says (some activations let states grow): what the states' errors make of the result is allowed besides.
 */
function sequence(
  args: Sequence,
  defaults: Defaults,
  step: Step,
  hasCell: boolean,
): readonly Result[] {
  const { input, hiddenSize } = args;
  const unit = (input.shape[2]! + hiddenSize + 8) * 2 ** -24;
  const [exact, ...others] = [0, unit, -unit].map((by) =>
    runSteps(
      args,
      defaults,
      step,
      hasCell,
      (x, i) => x + by * (-1) ** i * Math.max(1, Math.abs(x)),
    ),
  );
  return exact!.map((result, output) => {
    const slack = result.values.map((x, i) => {
      const changes = others.map((other) => Math.abs(Number(other[output]!.values[i]) - Number(x)));
      return Math.max(...changes);
    });
    return { ...result, slack };
  });
}

/** `round` is what a step does to each of the states that it leaves. */
function runSteps(
  args: Sequence,
  defaults: Defaults,
  step: Step,
  hasCell: boolean,
  round: (x: number, i: number) => number,
): readonly Result[] {
  const { input, steps, hiddenSize, direction = "forward", returnSequence = false } = args;
  const directions = direction === "both" ? 2 : 1;
  const batches = input.shape[1]!;
  const zeros = Array<number>(hiddenSize).fill(0);
  const initial = (tensor: Tensor | undefined, dir: number, batch: number): readonly number[] =>
    tensor === undefined ? zeros : rowsOf(tensor, [dir])[batch]!;
  const seen = new Map<string, State>();
  const last: State[][] = [];
  for (let dir = 0; dir < directions; dir++) {
    const weights = weightsOf(args, [dir], defaults);
    const isBackward = direction === "backward" || dir === 1;
    last[dir] = Array.from({ length: batches }, (_, batch) => {
      let state: State = {
        hidden: initial(args.initialHiddenState, dir, batch),
        cell: hasCell ? initial(args.initialCellState, dir, batch) : [],
      };
      for (let i = 0; i < steps; i++) {
        const time = isBackward ? steps - 1 - i : i;
        const next = step(weights, rowsOf(input, [time])[batch]!, state);
        state = { hidden: next.hidden.map(round), cell: next.cell.map(round) };
        seen.set([time, dir, batch].join(), state);
      }
      return state;
    });
  }
  const shape = [directions, batches, hiddenSize];
  const largest = largestOf([...seen.values()]);
  const final = (part: keyof State): Result =>
    tensorOf(input, shape, largest, ([dir, batch, unit]) => last[dir!]![batch!]![part][unit!]!);
  const whole = tensorOf(input, [steps, ...shape], largest, ([time, dir, batch, unit]) => {
    return seen.get([time, dir, batch].join())!.hidden[unit!]!;
  });
  const states = hasCell ? [final("hidden"), final("cell")] : [final("hidden")];
  return returnSequence ? [...states, whole] : states;
}

function weightsOf(
  args: Options & Pick<Cell, "weight" | "recurrentWeight">,
  direction: Shape,
  defaults: Defaults,
): Weights {
  const row = (tensor: Tensor | undefined): readonly number[] | undefined =>
    tensor && rowOf(tensor, direction);
  const names = args.activations ?? defaults.activations!;
  return {
    weight: rowsOf(args.weight, direction),
    recurrentWeight: rowsOf(args.recurrentWeight, direction),
    bias: row(args.bias),
    recurrentBias: row(args.recurrentBias),
    peephole: row(args.peepholeWeight),
    layout: args.layout ?? defaults.layout!,
    activations: names.map((name) => activation[name]!),
    resetAfter: args.resetAfter ?? true,
  };
}

/** The matrix at an index of the leading dimensions. */
function rowsOf(tensor: Tensor, outer: Shape): Matrix {
  const rows = tensor.shape[outer.length]!;
  return Array.from({ length: rows }, (_, row) => rowOf(tensor, [...outer, row]));
}

function rowOf(tensor: Tensor, outer: Shape): readonly number[] {
  return Array.from({ length: tensor.shape.at(-1)! }, (_, i) => numberAt(tensor, [...outer, i]));
}

function matrix({ dataType, shape }: Tensor, states: readonly State[], part: keyof State): Result {
  const largest = largestOf(states);
  return tensorOf({ dataType }, shape, largest, ([row, unit]) => states[row!]![part][unit!]!);
}

/** States are sums of products of states: units are of the largest of all steps, and at least of 1. */
function largestOf(states: readonly State[]): number {
  const values = states.flatMap(({ hidden, cell }) => [...hidden, ...cell]);
  return values.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
}

function tensorOf(
  { dataType }: Pick<Tensor, "dataType">,
  shape: Shape,
  magnitude: number,
  element: (index: Shape) => number,
): Result {
  const values = indicesOf(shape).map(element);
  return { dataType, shape, values, magnitudes: values.map(() => magnitude) };
}
