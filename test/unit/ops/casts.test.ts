/** What cast gives where the type cannot hold the number: floats saturate, NaN is 0, integers wrap. */
import assert from "node:assert/strict";
import { MLGraphBuilder, type MLContext } from "../../../core-webnn/index.ts";
import { isUnsigned, type DataType } from "../../../core-webnn/util/data-type.ts";
import { decodeValues, encodeValues, type Numeric } from "../../reference/values.ts";
import { onEachContext } from "../api/contexts.ts";

const integers = ["int8", "uint8", "int32", "uint32", "int64", "uint64"] as const;
const floats = [NaN, -Infinity, Infinity, -1e30, 1e30, -300.7, 300.7, -128.9, 127.9, 255.9, -0.5, 0.5, 4294967040, -0]; // prettier-ignore

/** A whole vector and a rest on the CPU. */
const long = Array.from({ length: 21 }, (_, i) => floats[i % floats.length]!);

function bitsOf(type: DataType): number {
  return Number(/\d+$/.exec(type)![0]);
}

function saturated(x: number, type: DataType): Numeric {
  const bits = BigInt(bitsOf(type));
  const [low, high] = isUnsigned(type)
    ? [0n, 2n ** bits - 1n]
    : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  if (Number.isNaN(x)) return asElement(0n, type);
  if (x === -Infinity || x <= Number(low)) return asElement(low, type);
  return asElement(x >= Number(high) ? high : BigInt(Math.trunc(x)), type);
}

function wrapped(x: bigint, type: DataType): Numeric {
  const bits = bitsOf(type);
  return asElement(isUnsigned(type) ? BigInt.asUintN(bits, x) : BigInt.asIntN(bits, x), type);
}

function asElement(x: bigint, type: DataType): Numeric {
  return bitsOf(type) === 64 ? x : Number(x);
}

for (const to of integers) {
  onEachContext(`floats become ${to} by saturation`, async (context) => {
    assert.deepEqual(
      await cast(context, "float32", long, to),
      long.map((x) => saturated(Math.fround(x), to)),
    );
    const halves = long.map((x) => (Math.abs(x) > 65504 ? Math.sign(x) * Infinity : x));
    const given = [300.75, -300.75, 127.875, -128.875].concat(halves.filter((x) => x * 8 === Math.round(x * 8))); // prettier-ignore
    assert.deepEqual(
      await cast(context, "float16", given, to),
      given.map((x) => saturated(x, to)),
    );
  });

  onEachContext(`integers become ${to} by their low bits`, async (context) => {
    const values = [-1n, 128n, 255n, 256n, 2n ** 31n, 2n ** 32n + 5n, -(2n ** 63n), 2n ** 63n - 1n];
    assert.deepEqual(
      await cast(context, "int64", values, to),
      values.map((x) => wrapped(x, to)),
    );
  });
}

async function cast(
  context: MLContext,
  from: DataType,
  values: readonly Numeric[],
  to: DataType,
): Promise<Numeric[]> {
  const builder = new MLGraphBuilder(context);
  const shape = [values.length];
  const x = builder.input("x", { dataType: from, shape });
  const graph = await builder.build({ y: builder.cast(x, to) });
  const [input, output] = await Promise.all([
    context.createTensor({ dataType: from, shape, writable: true }),
    context.createTensor({ dataType: to, shape, readable: true }),
  ]);
  context.writeTensor(input, encodeValues(from, values));
  context.dispatch(graph, { x: input }, { y: output });
  const bytes = new Uint8Array(await context.readTensor(output));
  [input, output, graph].forEach((resource) => resource.destroy());
  return decodeValues(to, bytes, values.length);
}
