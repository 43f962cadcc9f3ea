/** Recurrent networks in graphs: programs that do not grow, cells, named batches, constants, stacks, and what must throw. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { emitWgsl } from "../../../core-webnn/gpu/emit-wgsl.ts";
import type { Graph, Value } from "../../../core-webnn/graph/ir.ts";
import { printKernel } from "../../../core-webnn/kernel/print.ts";
import { hasScan } from "../../../core-webnn/kernel/visit.ts";
import { rowNamed } from "../../../core-webnn/ops/table.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import { named, type Size } from "../../../core-webnn/util/size.ts";
import { cpuLikeFacts, gpuLikeFacts } from "../../reference/interpreter-device.ts";
import { onEveryDevice } from "../../reference/on-every-device.ts";
import { compileChecked, runOnDevice } from "../../reference/run-on-devices.ts";
import { sketch, type Sketch } from "../../reference/sketch.ts";
import { randomNumbers } from "../../reference/values.ts";
import { assertClose } from "./assert-close.ts";
import { statesOf, type Direction, type Kind, type Network } from "./recurrent-network.ts";
import { newContext } from "./run-graph.ts";

const kinds = ["lstm", "gru"] as const;

const gates = { lstm: 4, gru: 3 } as const;
const layouts = { lstm: "iofg", gru: "zrn" } as const;
const activations = { lstm: ["sigmoid", "tanh", "tanh"], gru: ["sigmoid", "tanh"] } as const;

/** Exact in float16. */
function numbers(count: number, seed: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => Math.round(random() * 64 - 32) / 64);
}

function networkOf(
  kind: Kind,
  [steps, batch, inputSize, hiddenSize]: readonly [number, number, number, number],
  direction: Direction = "forward",
): Network {
  const rows = (direction === "both" ? 2 : 1) * gates[kind] * hiddenSize;
  return {
    steps,
    batch,
    inputSize,
    hiddenSize,
    direction,
    layout: layouts[kind],
    activations: activations[kind],
    input: numbers(steps * batch * inputSize, 1),
    weight: numbers(rows * inputSize, 2),
    recurrentWeight: numbers(rows * hiddenSize, 3),
    bias: numbers(rows, 4),
  };
}

/** The node of a network whose operands but the input are constants. */
function nodeOf(g: Sketch, kind: Kind, input: Value, network: Network): readonly Value[] {
  const { steps, inputSize, hiddenSize, direction, weight, recurrentWeight, bias } = network;
  const ways = direction === "both" ? 2 : 1;
  const rows = gates[kind] * hiddenSize;
  return g.ops(kind, {
    input,
    steps,
    hiddenSize,
    direction,
    returnSequence: true,
    weight: g.constant("float32", [ways, rows, inputSize], weight),
    recurrentWeight: g.constant("float32", [ways, rows, hiddenSize], recurrentWeight),
    bias: g.constant("float32", [ways, rows], bias!),
  });
}

function assertNear(actual: readonly (number | bigint)[], wanted: readonly number[], what: string) {
  assertClose("float32", actual, wanted, 200, what, 1);
}

for (const kind of kinds) {
  test(`the program of ${kind} does not grow with its steps`, () => {
    const textOf = (steps: number): string => {
      const g = sketch();
      const network = networkOf(kind, [steps, 2, 3, 5], "both");
      const input = g.input("x", "float32", [steps, 2, 3]);
      const made = nodeOf(g, kind, input, { ...network, input: [] });
      const graph = g.finish(Object.fromEntries(made.map((value, i) => [`y${i}`, value])));
      const texts = [cpuLikeFacts, gpuLikeFacts].flatMap((facts) => {
        const { prepare, steps: run } = compileChecked(graph, facts);
        // The shader of the product of all inputs depends on how many there are.
        return [...prepare, ...run].map(({ kernel }) => {
          const shader = hasScan(kernel) ? emitWgsl(kernel, { hasHalf: false }).code : "";
          return printKernel(kernel) + shader;
        });
      });
      return texts.join("\n").replaceAll(/\d+/g, "#");
    };
    assert.equal(textOf(500), textOf(5));
    assert.match(textOf(5), /scan \(step < #\)/);
  });

  await onEveryDevice(`${kind} with a named batch`, async (device) => {
    const network = networkOf(kind, [4, 3, 2, 5], "both");
    const g = sketch();
    const input = g.input("x", "float32", [4, named({ name: "n" }), 2]);
    const outputs = nodeOf(g, kind, input, network);
    const graph = g.finish({ last: outputs[0]!, sequence: outputs.at(-1)! });
    const { constants } = g;
    const inputs = { x: network.input };
    const actual = await runOnDevice(device, { graph, constants, inputs, sizes: { n: 3 } });
    const wanted = statesOf(kind, network);
    assertNear(actual["last"]!, wanted.hidden, "last");
    assertNear(actual["sequence"]!, wanted.sequence, "sequence");
  });
}

await onEveryDevice(
  "a stack: the sequence of one network is the input of the next",
  async (device) => {
    const first = networkOf("lstm", [5, 2, 3, 4]);
    const second = networkOf("gru", [5, 2, 4, 6], "backward");
    const g = sketch();
    const [, cell, sequence] = nodeOf(g, "lstm", g.input("x", "float32", [5, 2, 3]), first);
    const input = g.op("reshape", { input: sequence!, newShape: [5, 2, 4] });
    const [last] = nodeOf(g, "gru", input, second);
    // Read by two nodes, and an output itself.
    const sum = g.op("reduceSum", { input: cell!, axes: [0, 1] });
    const graph = g.finish({ cell: cell!, sum, last: last! });
    const { constants } = g;
    const actual = await runOnDevice(device, { graph, constants, inputs: { x: first.input } });
    const states = statesOf("lstm", first);
    assertNear(actual["cell"]!, states.cell, "cell");
    const sums = [0, 1, 2, 3].map((j) => states.cell[j]! + states.cell[4 + j]!);
    assertNear(actual["sum"]!, sums, "sum");
    const { hidden } = statesOf("gru", { ...second, input: states.sequence });
    assertNear(actual["last"]!, hidden, "last");
  },
);

await onEveryDevice("a network of constants runs when the graph is built", async (device) => {
  const network = networkOf("lstm", [3, 1, 2, 4]);
  const g = sketch();
  const [hidden] = nodeOf(g, "lstm", g.constant("float32", [3, 1, 2], network.input), network);
  const y = g.op("add", { a: hidden!, b: g.input("x", "float32", [4]) });
  const graph: Graph = g.finish({ y });
  const { prepare, steps } = compileChecked(graph, device.facts);
  assert.ok(prepare.some(({ kernel }) => hasScan(kernel)));
  assert.equal(steps.length, 1);
  const { constants } = g;
  const actual = await runOnDevice(device, { graph, constants, inputs: { x: [0, 0, 0, 0] } });
  assertNear(actual["y"]!, statesOf("lstm", network).hidden, "y");
});

await onEveryDevice(
  "decoded weights, which are decoded once and not in each step",
  async (device) => {
    const network = networkOf("lstm", [3, 2, 4, 5]);
    const g = sketch();
    const decoded = (shape: readonly number[], values: readonly number[]): Value => {
      const input = g.constant("int8", shape, values.map((x) => x * 64)); // prettier-ignore
      const [scale, zeroPoint] = [g.scalar("float32", 1 / 64, 3), g.scalar("int8", 0, 3)];
      return g.op("dequantizeLinear", { input, scale, zeroPoint });
    };
    const [hidden, cell] = g.ops("lstm", {
      input: g.input("x", "float32", [3, 2, 4]),
      weight: decoded([1, 20, 4], network.weight),
      recurrentWeight: decoded([1, 20, 5], network.recurrentWeight),
      steps: 3,
      hiddenSize: 5,
      bias: g.constant("float32", [1, 20], network.bias!),
    });
    const graph = g.finish({ hidden: hidden!, cell: cell! });
    const kernels = compileChecked(graph, device.facts).steps.map(({ kernel }) => kernel);
    const [scan] = kernels.filter(hasScan);
    assert.ok(scan!.buffers.every((buffer) => buffer.dataType === "float32"));
    const { constants } = g;
    const actual = await runOnDevice(device, { graph, constants, inputs: { x: network.input } });
    const wanted = statesOf("lstm", network);
    assertNear(actual["hidden"]!, wanted.hidden, "hidden");
    assertNear(actual["cell"]!, wanted.cell, "cell");
  },
);

for (const dataType of ["float32", "float16"] as const) {
  await onEveryDevice(`cells, ${dataType}`, async (device) => {
    await checkCell(device, "lstm", dataType);
    await checkCell(device, "gru", dataType);
  });
}

/** A cell is a network of one step, without the dimension of directions. */
async function checkCell(
  device: Device,
  kind: Kind,
  dataType: "float32" | "float16",
): Promise<void> {
  const [batch, inputSize, hiddenSize] = [3, 4, 5];
  const rows = gates[kind] * hiddenSize;
  const states = batch * hiddenSize;
  const extra = kind === "lstm" ? { layout: "ifgo" } : { layout: "rzn", resetAfter: false };
  const network = {
    ...networkOf(kind, [1, batch, inputSize, hiddenSize]),
    ...extra,
    recurrentBias: numbers(rows, 5),
    ...(kind === "lstm" && {
      peepholeWeight: numbers(3 * hiddenSize, 6),
      initialCellState: numbers(states, 7),
    }),
    initialHiddenState: numbers(states, 8),
  };
  const g = sketch();
  const constant = (shape: readonly number[], values: readonly number[]) =>
    g.constant(dataType, shape, values);
  const args = {
    ...extra,
    hiddenSize,
    input: g.input("x", dataType, [batch, inputSize]),
    weight: constant([rows, inputSize], network.weight),
    recurrentWeight: constant([rows, hiddenSize], network.recurrentWeight),
    bias: constant([rows], network.bias!),
    recurrentBias: constant([rows], network.recurrentBias),
    hiddenState: constant([batch, hiddenSize], network.initialHiddenState),
    ...(network.peepholeWeight && {
      peepholeWeight: constant([3 * hiddenSize], network.peepholeWeight),
      cellState: constant([batch, hiddenSize], network.initialCellState!),
    }),
  };
  const made = g.ops(`${kind}Cell`, args);
  const graph = g.finish(Object.fromEntries(made.map((value, i) => [["h", "c"][i]!, value])));
  const { constants } = g;
  const actual = await runOnDevice(device, { graph, constants, inputs: { x: network.input } });
  const wanted = statesOf(kind, network);
  const ulp = rowNamed(`${kind}Cell`).ulp(args);
  assertClose(dataType, actual["h"]!, wanted.hidden, ulp, `${kind}Cell hidden`, 1);
  if (kind === "lstm") assertClose(dataType, actual["c"]!, wanted.cell, ulp, "lstmCell cell", 1);
}

test("what must throw", () => {
  const builder = new MLGraphBuilder(newContext());
  let names = 0;
  const x = (shape: readonly number[], dataType: "float32" | "float16" | "int32" = "float32") =>
    builder.input(`x${names++}`, { dataType, shape });
  const [steps, hidden] = [2, 4];
  const input = x([steps, 3, 5]);
  const weights = (gateCount: number, ways = 1) =>
    [x([ways, gateCount * hidden, 5]), x([ways, gateCount * hidden, hidden])] as const;
  const [w, r] = weights(4);
  const [gw, gr] = weights(3);
  const lstm = (options: object, count = steps, size = hidden) =>
    builder.lstm(input, w, r, count, size, options);
  const gru = (options: object, count = steps, size = hidden) =>
    builder.gru(input, gw, gr, count, size, options);
  const wrong: readonly (readonly [RegExp, () => unknown])[] = [
    [/steps is 0/, () => lstm({}, 0)],
    [/the first dimension of input and steps: 2 is not equal to 3/, () => lstm({}, 3)],
    [/there.*hiddenSize 0 times 8/, () => lstm({ label: "there" }, steps, 0)],
    [/hiddenSize 268435456 times 8/, () => lstm({}, steps, 2 ** 28)],
    [/hiddenSize 715827883 times 6/, () => gru({}, steps, 715827883)],
    [/dimension 1 of weight/, () => builder.lstm(input, gw, r, steps, hidden)],
    [/dimension 1 of recurrentWeight/, () => builder.gru(input, gw, r, steps, hidden)],
    [/dimension 0 of weight/, () => lstm({ direction: "both" })],
    [/dimension 1 of bias/, () => lstm({ bias: x([1, 12]) })],
    [/bias has rank 1/, () => gru({ bias: x([12]) })],
    [/dimension 1 of recurrentBias/, () => gru({ recurrentBias: x([1, 16]) })],
    [/recurrentBias is float16/, () => gru({ recurrentBias: x([1, 12], "float16") })],
    [/dimension 1 of peepholeWeight/, () => lstm({ peepholeWeight: x([1, 16]) })],
    [/dimension 1 of initialHiddenState/, () => gru({ initialHiddenState: x([1, 2, hidden]) })],
    [/dimension 2 of initialCellState/, () => lstm({ initialCellState: x([1, 3, 5]) })],
    [/activations has 2 items, not 3/, () => lstm({ activations: ["relu", "relu"] })],
    [/activations has 3 items, not 2/, () => gru({ activations: ["relu", "relu", "tanh"] })],
    [/activations/, () => gru({ activations: ["relu", "gelu"] })],
    [/layout/, () => gru({ layout: "iofg" })],
    [/direction/, () => lstm({ direction: "sideways" })],
    [/input is int32/, () => builder.lstm(x([2, 3, 5], "int32"), w, r, steps, hidden)],
    [/dimension 1 of hiddenState/, () => builder.gruCell(x([3, 5]), x([12, 5]), x([12, 4]), x([3, 5]), 4)],
    [/dimension 0 of cellState/, () => builder.lstmCell(x([3, 5]), x([16, 5]), x([16, 4]), x([3, 4]), x([2, 4]), 4)],
    [/input has rank 3/, () => builder.gruCell(input, x([12, 5]), x([12, 4]), x([3, 4]), 4)],
  ]; // prettier-ignore
  for (const [message, call] of wrong) assert.throws(call, { name: "TypeError", message });
  const shapes = (operands: readonly { readonly shape: readonly Size[] }[]): unknown =>
    operands.map(({ shape }) => shape);
  assert.deepEqual(shapes(lstm({ returnSequence: true })), [[1, 3, 4], [1, 3, 4], [2, 1, 3, 4]]); // prettier-ignore
  assert.deepEqual(shapes(lstm({})), [[1, 3, 4], [1, 3, 4]]); // prettier-ignore
  assert.deepEqual(shapes(gru({})), [[1, 3, 4]]);
  assert.deepEqual(shapes(gru({ returnSequence: true })), [[1, 3, 4], [2, 1, 3, 4]]); // prettier-ignore
});
