/** cumulativeSum: sums in float64 and in bigints, one after the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { rowNamed } from "../../../core-webnn/ops/table.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import { isFloat, type DataType } from "../../../core-webnn/util/data-type.ts";
import { named, type Sizes } from "../../../core-webnn/util/size.ts";
import { onEveryDevice } from "../../reference/on-every-device.ts";
import { runOnDevice } from "../../reference/run-on-devices.ts";
import { sketch } from "../../reference/sketch.ts";
import { randomNumbers, type Numeric } from "../../reference/values.ts";
import { assertClose } from "./assert-close.ts";
import { indicesOf } from "./reference.ts";
import { newContext } from "./run-graph.ts";

interface Options {
  readonly exclusive: boolean;
  readonly reversed: boolean;
}

const types = ["float32", "float16", "int32", "uint32", "int64", "uint64"] as const;
const options = [false, true].flatMap((exclusive) =>
  [false, true].map((reversed): Options => ({ exclusive, reversed })),
);
const shapes: readonly (readonly [shape: readonly number[], axis: number])[] = [
  [[1], 0],
  [[17], 0],
  [[3, 5], 0],
  [[3, 5], 1],
  [[2, 4, 5], 1],
  [[2, 70, 3], 1],
  [[2, 3, 2, 3, 2], 3],
];

function reference(
  dataType: DataType,
  values: readonly Numeric[],
  shape: readonly number[],
  axis: number,
  { exclusive, reversed }: Options,
): Numeric[] {
  const offset = (index: readonly number[]): number =>
    index.reduce((sum, i, d) => sum * shape[d]! + i, 0);
  return indicesOf(shape).map((index) => {
    const at = index[axis]!;
    const included = Array.from({ length: shape[axis]! }, (_, i) => i).filter((i) =>
      i === at ? !exclusive : reversed ? i > at : i < at,
    );
    const terms = included.map((i) => values[offset(index.with(axis, i))]!);
    if (isFloat(dataType)) return terms.reduce<number>((sum, x) => sum + Number(x), 0);
    const sum = terms.reduce<bigint>((total, x) => total + BigInt(x), 0n);
    const bits = dataType.endsWith("64") ? 64 : 32;
    return dataType.startsWith("u") ? BigInt.asUintN(bits, sum) : BigInt.asIntN(bits, sum);
  });
}

/** Large integers, so that sums wrap. */
function numbers(dataType: DataType, count: number): Numeric[] {
  const random = randomNumbers(count);
  return Array.from({ length: count }, (): Numeric => {
    if (isFloat(dataType)) return Math.round(random() * 64 - 32) / 8;
    const [bits, isUnsigned] = [dataType.endsWith("64") ? 64 : 32, dataType.startsWith("u")];
    const x = BigInt(Math.floor(random() * 2 ** 32)) << BigInt(bits - 32);
    const wrapped = isUnsigned ? BigInt.asUintN(bits, x) : BigInt.asIntN(bits, x);
    return bits === 64 ? wrapped : Number(wrapped);
  });
}

async function check(
  device: Device,
  dataType: DataType,
  [shape, axis]: readonly [readonly number[], number],
  given: Options,
  isNamed = false,
): Promise<void> {
  const values = numbers(
    dataType,
    shape.reduce((a, b) => a * b, 1),
  );
  const g = sketch();
  const n = named({ name: "n" });
  const input = g.input("x", dataType, isNamed ? shape.with(axis, 0).map((s) => s || n) : shape);
  const args = { input, axis, ...given };
  const graph = g.finish({ y: g.op("cumulativeSum", args) });
  const sizes: Sizes = isNamed ? { n: shape[axis]! } : {};
  const { y } = await runOnDevice(device, { graph, inputs: { x: values }, sizes });
  const ulp = rowNamed("cumulativeSum").ulp({ ...args, input: { dataType, shape } });
  const what = `${dataType} [${shape}] along ${axis} ${JSON.stringify(given)}`;
  assertClose(dataType, y!, reference(dataType, values, shape, axis, given), ulp, what);
}

await onEveryDevice("types, options, ranks and axes", async (device, name) => {
  const isSlow = !name.startsWith("interpreter") && name !== "cpu";
  let i = 0;
  for (const dataType of types) {
    for (const shape of shapes) {
      for (const given of options) {
        // Shaders compile slowly: every fifth, which meets all types, shapes and options.
        if (!isSlow || i++ % 5 === 0) await check(device, dataType, shape, given);
      }
    }
  }
});

await onEveryDevice("a named axis", async (device) => {
  await check(device, "float32", [[3, 9], 1], options[0]!, true);
  await check(device, "int64", [[9, 3], 0], options[3]!, true);
  await check(device, "int32", [[1], 0], options[2]!, true);
  await check(device, "int32", [[0, 3], 0], options[1]!, true);
});

await onEveryDevice("NaN, infinities and -0", async (device) => {
  const g = sketch();
  const input = g.input("x", "float32", [2, 4]);
  const sum = (given: Options) => g.op("cumulativeSum", { input, axis: 1, ...given });
  const graph = g.finish({ y: sum(options[0]!), reversed: sum(options[1]!) });
  const x = [-0, -0, Infinity, 1, NaN, 1, -Infinity, 2];
  const { y, reversed } = await runOnDevice(device, { graph, inputs: { x } });
  assert.deepEqual(y, [-0, -0, Infinity, Infinity, NaN, NaN, NaN, NaN]);
  assert.deepEqual(reversed, [Infinity, Infinity, Infinity, 1, NaN, -Infinity, -Infinity, 2]);
});

test("what must throw", () => {
  const builder = new MLGraphBuilder(newContext());
  const x = builder.input("x", { dataType: "float32", shape: [2, 3] });
  const bytes = builder.input("b", { dataType: "int8", shape: [2] });
  const scalar = builder.input("s", { dataType: "float32", shape: [] });
  assert.throws(() => builder.cumulativeSum(x, 2), { name: "TypeError", message: /axis 2/ });
  assert.throws(() => builder.cumulativeSum(bytes, 0), { name: "TypeError", message: /int8/ });
  assert.throws(() => builder.cumulativeSum(scalar, 0), { name: "TypeError", message: /rank 0/ });
});
