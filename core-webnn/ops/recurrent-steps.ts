/**
 * The steps of recurrent networks: what depends on the step before. Rows of our own, which lstm and gru
 * are told in terms of (recurrent.ts). All is float32.
 *
 * `inputs` is what the inputs add to each gate, [directions, steps, batch, gates · hiddenSize]. Hidden
 * states are kept by time, [steps + 1, directions, batch, hiddenSize]: slot t + 1 is after time t of the
 * forward direction, slot t after time t of the backward one, and the slot left over is the initial state.
 * Each step has a phase that multiplies the last hidden state by the recurrent weights of all gates, and
 * one that makes the new state of each unit of that.
 */
import { addAddress, constant, mulAddress, sizeAddress } from "../kernel/address.ts";
import { f32 } from "../kernel/expr.ts";
import type { Address, Expr } from "../kernel/ir.ts";
import { addSizes, multiplySizes, subtractSizes, type Size } from "../util/size.ts";
import { relu, sigmoid, tanh } from "./activation.ts";
import { exactRank, operand } from "./operands.ts";
import { op, type Descriptor, type Phase, type PhaseWrite, type Read, type Row } from "./row.ts";
import { add, mul, sub } from "./values.ts";

export const directions = ["forward", "backward", "both"] as const;
export const activations = ["relu", "sigmoid", "tanh"] as const;
export const lstmLayouts = ["iofg", "ifgo"] as const;
export const gruLayouts = ["zrn", "rzn"] as const;

type Activation = (typeof activations)[number];

const wide = ["float32"] as const;
const outputs = { outputs: { types: wide, ranks: { min: 3, max: 4 } } } as const;
const state = { ...operand(wide, exactRank(3)), optional: true } as const;
const perUnit = { ...operand(wide, exactRank(2)), optional: true } as const;
const args = {
  inputs: operand(wide, exactRank(4)),
  recurrentWeight: operand(wide, exactRank(3)),
  direction: { kind: "enum", values: directions },
  activations: { kind: "enumList", values: activations },
} as const;

/** Outputs: hidden states by time; the last cell state; room for the products of a step. */
export const lstmSteps = op("lstmSteps", {
  args: { ...args, layout: { kind: "enum", values: lstmLayouts } },
  options: { peepholeWeight: perUnit, initialHiddenState: state, initialCellState: state },
  outputs,
  infer: (network) => [hiddenStates(network), stateOf(network), productsOf(network)],
  lower: {
    kind: "scan",
    of(network, [hidden, cell, products]) {
      const { peepholeWeight: peephole, initialHiddenState, initialCellState } = network;
      const size = hiddenSize(network);
      const [gate, candidate, filter] = network.activations.map(activationOf);
      return {
        ...extentsOf(network),
        first: (read, at) => [
          initialised(network, at, initialSlot(network, at), read, initialHiddenState),
          initialised(network, at, undefined, read, initialCellState),
        ],
        each(read, at, step) {
          const { time, before, after } = slotsOf(network, at, step);
          const previous = (k: Address): Expr => read(hidden!, [before, ...at, k]);
          const writes: Phase["writes"] = ([j], _, share) => {
            const old = share(read(cell!, [...at, j!]));
            const total = (name: string): Expr => {
              const unit = unitOf(network, name, j!);
              const given = read(network.inputs, [at[0]!, time, at[1]!, unit]);
              return add(given, read(products!, [...at, unit]));
            };
            const [i, o, f] = [..."iof"].map((name, g) => {
              if (peephole === undefined) return gate!(share(total(name)));
              const unit = addAddress(mulAddress(sizeAddress(size), constant(g)), j!);
              return gate!(share(add(total(name), mul(read(peephole, [at[0]!, unit]), old))));
            });
            const next = share(add(mul(f!, old), mul(i!, candidate!(share(total("g"))))));
            return [
              written(0, [after, ...at, j!], mul(o!, filter!(next))),
              written(1, [...at, j!], next),
            ];
          };
          const product = multiplied(
            network,
            at,
            read,
            { output: 2, first: 0, gates: 4 },
            previous,
          );
          return [product, { extents: [size], writes }];
        },
      };
    },
  },
  ulp: 0,
});

/**
 * Outputs: hidden states by time; room for the products of a step; and, where the reset gate comes before
 * the product, for what it leaves of the hidden state, and for the update gate.
 */
export const gruSteps = op("gruSteps", {
  args: {
    ...args,
    layout: { kind: "enum", values: gruLayouts },
    resetAfter: { kind: "boolean" },
  },
  options: { recurrentBias: perUnit, initialHiddenState: state },
  outputs,
  infer: (network) => [
    hiddenStates(network),
    productsOf(network),
    ...(network.resetAfter ? [] : [stateOf(network), stateOf(network)]),
  ],
  lower: {
    kind: "scan",
    of(network, [hidden, products, reset, update]) {
      const { recurrentBias, initialHiddenState } = network;
      const extents = [hiddenSize(network)];
      const [gate, candidate] = network.activations.map(activationOf);
      return {
        ...extentsOf(network),
        first: (read, at) => [
          initialised(network, at, initialSlot(network, at), read, initialHiddenState),
        ],
        each(read, at, step) {
          const { time, before, after } = slotsOf(network, at, step);
          const previous = (k: Address): Expr => read(hidden!, [before, ...at, k]);
          const fromInput = (name: string, j: Address): Expr =>
            read(network.inputs, [at[0]!, time, at[1]!, unitOf(network, name, j)]);
          const fromHidden = (name: string, j: Address): Expr => {
            const unit = unitOf(network, name, j);
            const product = read(products!, [...at, unit]);
            return recurrentBias ? add(product, read(recurrentBias, [at[0]!, unit])) : product;
          };
          const total = (name: string, j: Address): Expr =>
            add(fromInput(name, j), fromHidden(name, j));
          const next = (z: Expr, n: Expr, j: Address): PhaseWrite =>
            written(0, [after, ...at, j], add(mul(z, previous(j)), mul(n, sub(f32(1), z))));
          if (network.resetAfter) {
            const writes: Phase["writes"] = ([j], _, share) => {
              const kept = mul(gate!(share(total("r", j!))), fromHidden("n", j!));
              const z = share(gate!(share(total("z", j!))));
              return [next(z, candidate!(share(add(fromInput("n", j!), kept))), j!)];
            };
            const all = { output: 1, first: 0, gates: 3 };
            return [multiplied(network, at, read, all, previous), { extents, writes }];
          }
          const gates: Phase["writes"] = ([j], _, share) => [
            written(2, [...at, j!], mul(gate!(share(total("r", j!))), previous(j!))),
            written(3, [...at, j!], gate!(share(total("z", j!)))),
          ];
          const states: Phase["writes"] = ([j], _, share) => [
            next(share(read(update!, [...at, j!])), candidate!(share(total("n", j!))), j!),
          ];
          const left = (k: Address): Expr => read(reset!, [...at, k]);
          return [
            multiplied(network, at, read, { output: 1, first: 0, gates: 2 }, previous),
            { extents, writes: gates },
            multiplied(network, at, read, { output: 1, first: 2, gates: 1 }, left),
            { extents, writes: states },
          ];
        },
      };
    },
  },
  ulp: 0,
});

export const recurrentStepRows: readonly Row[] = [lstmSteps, gruSteps];

interface Network {
  readonly inputs: Descriptor;
  readonly recurrentWeight: Descriptor;
  readonly direction: (typeof directions)[number];
  readonly layout: string;
}

/** A direction and an item of the batch. */
type At = readonly Address[];

function hiddenSize({ recurrentWeight }: Network): Size {
  return recurrentWeight.shape[2]!;
}

function extentsOf({ inputs }: Network): { readonly batch: readonly Size[]; readonly steps: Size } {
  const [directionCount, steps, batch] = inputs.shape;
  return { batch: [directionCount!, batch!], steps: steps! };
}

function hiddenStates(network: Network): Descriptor {
  const { batch, steps } = extentsOf(network);
  return { dataType: "float32", shape: [addSizes(steps, 1), ...batch, hiddenSize(network)] };
}

function stateOf(network: Network): Descriptor {
  const shape = [...extentsOf(network).batch, hiddenSize(network)];
  return { dataType: "float32", shape };
}

function productsOf(network: Network): Descriptor {
  const shape = [...extentsOf(network).batch, network.recurrentWeight.shape[1]!];
  return { dataType: "float32", shape };
}

function activationOf(name: Activation): (x: Expr) => Expr {
  const { lower } = { relu, sigmoid, tanh }[name];
  const output: Descriptor = { dataType: "float32", shape: [] };
  return (input) => (lower.kind === "scalar" ? lower.value({ input }, {}, [output]) : input);
}

function written(output: number, index: readonly Address[], value: Expr): PhaseWrite {
  return { output, index, value };
}

/** 1 for a direction that goes from the last time to the first, else 0. */
function isBackward({ direction }: Network, [d]: At): Address {
  return direction === "both" ? d! : constant(direction === "backward" ? 1 : 0);
}

function initialSlot(network: Network, at: At): Address {
  return mulAddress(isBackward(network, at), sizeAddress(extentsOf(network).steps));
}

/** The time of a step, and the slots of the hidden states before and after it. */
function slotsOf(
  network: Network,
  at: At,
  step: Address,
): { readonly time: Address; readonly before: Address; readonly after: Address } {
  const backward = isBackward(network, at);
  const last = sizeAddress(subtractSizes(extentsOf(network).steps, 1));
  const twice = mulAddress(step, constant(-2));
  const time = addAddress(step, mulAddress(backward, addAddress(last, twice)));
  const forward = addAddress(constant(1), mulAddress(backward, constant(-1)));
  return { time, before: addAddress(time, backward), after: addAddress(time, forward) };
}

/** Row of a gate in weights and biases. */
function unitOf(network: Network, gate: string, j: Address): Address {
  const first = multiplySizes(hiddenSize(network), network.layout.indexOf(gate));
  return addAddress(sizeAddress(first), j);
}

/** Which gates' products a phase makes: in the layout's order, in which the new gate is last. */
interface Products {
  readonly output: number;
  readonly first: number;
  readonly gates: number;
}

/**
 * A state times the recurrent weights of some gates. Products are stored: added to the input's part in
 * place, they would be rounded term by term, in whatever order a GPU's compiler finds.
 */
function multiplied(
  network: Network,
  at: At,
  read: Read,
  { output, first, gates }: Products,
  state: (k: Address) => Expr,
): Phase {
  const size = hiddenSize(network);
  const row = (i: Address): Address => addAddress(sizeAddress(multiplySizes(size, first)), i);
  return {
    extents: [multiplySizes(size, gates)],
    sums: {
      over: [size],
      terms: ([i], [k]) => [mul(read(network.recurrentWeight, [at[0]!, row(i!), k!]), state(k!))],
    },
    writes: ([i], [sum]) => [written(output, [...at, row(i!)], sum!)],
  };
}

/** The first phase of the hidden states, at their slot, or of the cell states. */
function initialised(
  network: Network,
  at: At,
  slot: Address | undefined,
  read: Read,
  initial: Descriptor | undefined,
): Phase {
  return {
    extents: [hiddenSize(network)],
    writes([j]) {
      const index = [...at, j!];
      const value = initial === undefined ? f32(0) : read(initial, index);
      return [slot === undefined ? written(1, index, value) : written(0, [slot, ...index], value)];
    },
  };
}
