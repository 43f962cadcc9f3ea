/** lstm, gru and their cells against float64, in all combinations of their options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../../core-webnn/graph/ir.ts";
import type { ArgValues } from "../../../core-webnn/ops/row.ts";
import { rowNamed } from "../../../core-webnn/ops/table.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import { toHalf, fromHalf } from "../../../core-webnn/util/half.ts";
import { onEveryDevice } from "../../reference/on-every-device.ts";
import { runOnDevice, type Outputs } from "../../reference/run-on-devices.ts";
import { sketch, type Sketch } from "../../reference/sketch.ts";
import { randomNumbers } from "../../reference/values.ts";
import { assertClose } from "./assert-close.ts";
import {
  shapesOf,
  statesOf,
  type Direction,
  type Kind,
  type Network,
  type States,
} from "./recurrent-network.ts";

type FloatType = "float32" | "float16";

interface Case {
  readonly kind: Kind;
  readonly dataType: FloatType;
  readonly returnSequence: boolean;
  readonly network: Network;
}

const flags = [false, true];
const directions = ["forward", "backward", "both"] as const;
const sizes = [1, 3, 4, 5, 17] as const;
const activations = ["relu", "sigmoid", "tanh"] as const;
const layouts = { lstm: ["iofg", "ifgo"], gru: ["zrn", "rzn"] } as const;

/** Every combination of options; sizes, steps, types and activations are drawn for each. */
function allCases(kind: Kind): Case[] {
  const isLstm = kind === "lstm";
  const choices = product(
    directions,
    layouts[kind],
    flags, // bias
    flags, // recurrentBias
    flags, // initialHiddenState
    isLstm ? flags : [false], // initialCellState
    isLstm ? flags : [false], // peepholeWeight
    isLstm ? [true] : flags, // resetAfter
    flags, // returnSequence
  );
  return choices.map(([direction, layout, ...given], seed): Case => {
    const random = randomNumbers(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const [bias, recurrentBias, initialHiddenState, initialCellState, peepholeWeight] = given;
    const [resetAfter, returnSequence] = given.slice(5);
    const dataType = pick(["float32", "float16"] as const);
    const numbers = (count: number): number[] =>
      Array.from({ length: count }, () => rounded(dataType, random() - 0.5));
    const [batch, hiddenSize, inputSize] = [pick(sizes), pick(sizes), pick(sizes)];
    const steps = pick([1, 2, 3, 7]);
    const ways = direction === "both" ? 2 : 1;
    const rows = ways * layout.length * hiddenSize;
    const states = ways * batch * hiddenSize;
    return {
      kind,
      dataType,
      returnSequence: returnSequence!,
      network: {
        steps,
        batch,
        inputSize,
        hiddenSize,
        direction,
        layout,
        activations: Array.from({ length: isLstm ? 3 : 2 }, () => pick(activations)),
        input: numbers(steps * batch * inputSize),
        weight: numbers(rows * inputSize),
        recurrentWeight: numbers(rows * hiddenSize),
        bias: bias ? numbers(rows) : undefined,
        recurrentBias: recurrentBias ? numbers(rows) : undefined,
        initialHiddenState: initialHiddenState ? numbers(states) : undefined,
        initialCellState: initialCellState ? numbers(states) : undefined,
        peepholeWeight: peepholeWeight ? numbers(ways * 3 * hiddenSize) : undefined,
        resetAfter: resetAfter!,
      },
    };
  });
}

type Choice = readonly [direction: Direction, layout: string, ...given: boolean[]];

function product(...lists: readonly (readonly (string | boolean)[])[]): Choice[] {
  const all = lists.reduce<(string | boolean)[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  );
  return all as unknown as Choice[];
}

function rounded(dataType: FloatType, x: number): number {
  return dataType === "float16" ? fromHalf(toHalf(x)) : Math.fround(x);
}

/** Arguments of the node; weights are constants, and what it starts from are inputs. */
function argumentsFor(g: Sketch, { kind, dataType, returnSequence, network }: Case): ArgValues {
  const { steps, hiddenSize, direction, layout, resetAfter } = network;
  const operands: Record<string, Value> = {};
  for (const [name, shape] of Object.entries(shapesOf(network))) {
    const values = network[name as "bias"];
    if (values === undefined) continue;
    operands[name] =
      name === "input" || name.startsWith("initial")
        ? g.input(name, dataType, shape)
        : g.constant(dataType, shape, values);
  }
  const options = kind === "gru" ? { resetAfter: resetAfter! } : {};
  const attributes = { direction, layout, activations: network.activations, returnSequence };
  return { steps, hiddenSize, ...operands, ...attributes, ...options };
}

function inputsOf({ network }: Case): Record<string, readonly number[]> {
  const { input, initialHiddenState, initialCellState } = network;
  const given = Object.entries({ initialHiddenState, initialCellState });
  const states = given.flatMap(([name, values]) => (values ? [[name, values] as const] : []));
  return { input, ...Object.fromEntries(states) };
}

async function check(device: Device, one: Case): Promise<void> {
  const { kind, dataType, returnSequence } = one;
  const g = sketch();
  const args = argumentsFor(g, one);
  const made = g.ops(kind, args);
  const names = kind === "lstm" ? ["hidden", "cell"] : ["hidden"];
  if (returnSequence) names.push("sequence");
  assert.equal(made.length, names.length);
  const graph = g.finish(Object.fromEntries(names.map((name, i) => [name, made[i]!])));
  const actual = await runOnDevice(device, {
    graph,
    inputs: inputsOf(one),
    constants: g.constants,
  });
  assertStates(dataType, actual, statesOf(kind, one.network), rowNamed(kind).ulp(args), one);
}

/** States are of the size of 1: what cancels in a sum counts in units of that. */
function assertStates(
  dataType: FloatType,
  actual: Outputs,
  expected: States,
  ulp: number,
  { kind, network }: Case,
): void {
  const { steps, batch, inputSize, hiddenSize, direction, layout, activations: used } = network;
  const what = `${kind} ${dataType} ${direction} ${layout} ${used} of ${[steps, batch, inputSize, hiddenSize]}`;
  for (const [name, values] of Object.entries(actual)) {
    const wanted = expected[name as keyof States];
    assertClose(dataType, values, wanted, ulp, `${what}: ${name}`, 1);
  }
}

/**
 * The CPU has all combinations. Elsewhere every seventh or so has to do, which meets all pairs of
 * options, since their numbers of values are 2 and 3; lavapipe compiles for seconds.
 */
function strideFor(device: string): number {
  if (device === "cpu") return 1;
  if (device === "lavapipe") return 131;
  return device.startsWith("interpreter") ? 7 : 29;
}

for (const kind of ["lstm", "gru"] as const) {
  const cases = allCases(kind);
  await onEveryDevice(`${kind}, combinations of options`, async (device, name) => {
    const stride = strideFor(name);
    for (const one of cases.filter((_, i) => i % stride === 0)) await check(device, one);
  });
}

test("the cases have every size, type, activation and number of steps", () => {
  for (const kind of ["lstm", "gru"] as const) {
    const seen = new Set(
      allCases(kind).flatMap(({ dataType, network }) => [
        dataType,
        ...network.activations,
        ...[network.batch, network.hiddenSize, network.steps].map((size, i) => `${i}: ${size}`),
      ]),
    );
    assert.equal(seen.size, 2 + 3 + 5 + 5 + 4);
  }
});
