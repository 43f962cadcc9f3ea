/** scatterElements and scatterND against the spec's words: updates go into a copy of the input, one after the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../../core-webnn/graph/ir.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import { dataTypes, type DataType } from "../../../core-webnn/util/data-type.ts";
import { named, type Size, type Sizes } from "../../../core-webnn/util/size.ts";
import { onEveryDevice } from "../../reference/on-every-device.ts";
import { runOnDevice } from "../../reference/run-on-devices.ts";
import { sketch } from "../../reference/sketch.ts";
import type { Numeric } from "../../reference/values.ts";
import { indicesOf } from "./reference.ts";
import { newContext } from "./run-graph.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";

type Shape = readonly number[];

interface Case {
  readonly why: string;
  readonly op: "scatterElements" | "scatterND";
  readonly axis?: number;
  readonly input: Shape;
  readonly indices: Shape;
  readonly at: readonly Numeric[];
  readonly indexType?: "int32" | "uint32" | "int64";
}

const cases: readonly Case[] = [
  {
    why: "the first example of the spec",
    op: "scatterElements",
    input: [4, 3],
    indices: [2, 3],
    at: [3, 1, 1, 2, 0, 3],
  },
  {
    why: "along the last axis",
    op: "scatterElements",
    axis: 1,
    input: [4, 3],
    indices: [4, 1],
    at: [2, 1, 0, 2],
    indexType: "uint32",
  },
  {
    why: "duplicates: the later one wins, in the order of the axis",
    op: "scatterElements",
    axis: 1,
    input: [2, 3, 2],
    indices: [2, 5, 2],
    at: [1, 0, 1, 1, 0, 0, 1, 0, 0, 2, 2, 2, 2, 1, 2, 2, 0, 1, 2, 1],
  },
  {
    why: "negative and out of bounds",
    op: "scatterElements",
    input: [5],
    indices: [6],
    at: [-1, -5, -6, 5, 99, 1],
  },
  {
    why: "int64 beyond 2³²",
    op: "scatterElements",
    input: [4],
    indices: [3],
    at: [2n ** 32n + 1n, -(2n ** 40n), 1n],
    indexType: "int64",
  },
  {
    why: "uint32 beyond 2³¹",
    op: "scatterElements",
    input: [3],
    indices: [2],
    at: [2 ** 32 - 1, 0],
    indexType: "uint32",
  },
  {
    why: "more elements than a workgroup has lanes",
    op: "scatterElements",
    axis: 1,
    input: [3, 130],
    indices: [3, 70],
    at: Array.from({ length: 210 }, (_, i) => (i * 37) % 130),
  },
  {
    why: "whole coordinates",
    op: "scatterND",
    input: [2, 2],
    indices: [2, 2],
    at: [0, 0, 1, 1],
  },
  {
    why: "slices",
    op: "scatterND",
    input: [3, 2],
    indices: [2, 1],
    at: [2, 0],
    indexType: "uint32",
  },
  {
    why: "one coordinate, no rows of them",
    op: "scatterND",
    input: [3, 4],
    indices: [2],
    at: [1, 2],
  },
  {
    why: "one slice, no rows",
    op: "scatterND",
    input: [3, 2],
    indices: [1],
    at: [-1],
  },
  {
    why: "rows in two dimensions, with duplicates: the last one wins",
    op: "scatterND",
    input: [2, 3, 2],
    indices: [2, 3, 2],
    at: [0, 1, 1, 2, 0, 1, 1, 2, 0, 0, 0, 1],
  },
  {
    why: "negative and out of bounds in each coordinate",
    op: "scatterND",
    input: [3, 4],
    indices: [4, 2],
    at: [-1, -4, 7, 1, -9, 3, 1, -7],
    indexType: "int64",
  },
  {
    why: "more updates than a workgroup has lanes",
    op: "scatterND",
    input: [100],
    indices: [150, 1],
    at: Array.from({ length: 150 }, (_, i) => (i * 73) % 100),
  },
];

/** A whole coordinate for each update, and the update's index. */
function* updatesOf({ op, axis = 0, input, indices, at }: Case): Generator<[number[], number[]]> {
  const inside = (loaded: Numeric, size: number): number => {
    const index = Number(loaded) < 0 ? Number(loaded) + size : Number(loaded);
    return Math.min(Math.max(index, 0), size - 1);
  };
  if (op === "scatterElements") {
    for (const [i, index] of indicesOf(indices).entries()) {
      yield [index.with(axis, inside(at[i]!, input[axis]!)), index];
    }
    return;
  }
  const count = indices.at(-1)!;
  for (const [row, prefix] of indicesOf(indices.slice(0, -1)).entries()) {
    const target = input.slice(0, count).map((size, d) => inside(at[row * count + d]!, size));
    for (const rest of indicesOf(input.slice(count)))
      yield [
        [...target, ...rest],
        [...prefix, ...rest],
      ];
  }
}

function updatesShape({ op, input, indices }: Case): Shape {
  if (op === "scatterElements") return indices;
  return [...indices.slice(0, -1), ...input.slice(indices.at(-1))];
}

function offset(index: Shape, shape: Shape): number {
  return index.reduce((sum, i, d) => sum * shape[d]! + i, 0);
}

function expected(one: Case, input: readonly Numeric[], updates: readonly Numeric[]): Numeric[] {
  const result = [...input];
  for (const [target, source] of updatesOf(one)) {
    result[offset(target, one.input)] = updates[offset(source, updatesShape(one))]!;
  }
  return result;
}

/** Distinct from each other; float types have NaN and -0 too. */
function values(dataType: DataType, count: number, first: number): Numeric[] {
  return Array.from({ length: count }, (_, i): Numeric => {
    const x = (first + i * 3) % 113;
    if (dataType.startsWith("float")) return i % 11 === 7 ? NaN : i % 11 === 3 ? -0 : x / 4;
    return dataType.endsWith("64") ? BigInt(x) << 33n : x;
  });
}

function count(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

async function check(
  device: Device,
  one: Case,
  dataType: DataType,
  isNamed = false,
): Promise<void> {
  const { why, op, axis, input, indices, at, indexType = "int32" } = one;
  const g = sketch();
  const shapes = { input, indices, updates: updatesShape(one) };
  const n = named({ name: "n" });
  const given = {
    input: values(dataType, count(input), 1),
    indices: at,
    updates: values(dataType, count(shapes.updates), 60),
  };
  // What is the first dimension of indices and updates may have a name.
  const declared = (shape: Shape, isFirst: boolean): readonly Size[] =>
    isNamed && isFirst ? [n, ...shape.slice(1)] : shape;
  const operands: Record<string, Value> = {
    input: g.input("input", dataType, input),
    indices: g.input("indices", indexType, declared(indices, true)),
    updates: g.input("updates", dataType, declared(shapes.updates, true)),
  };
  const y = g.op(op, { ...operands, ...(axis !== undefined && { axis }) });
  const sizes: Sizes = isNamed ? { n: indices[0]! } : {};
  const actual = await runOnDevice(device, { graph: g.finish({ y }), inputs: given, sizes });
  const wanted = expected(one, given.input, given.updates);
  assert.deepEqual(actual["y"], wanted, `${op} ${why}, ${dataType}`);
}

await onEveryDevice("every case, in one type each", async (device) => {
  for (const [i, one] of cases.entries())
    await check(device, one, dataTypes[i % dataTypes.length]!);
});

await onEveryDevice("duplicates in every type", async (device) => {
  for (const dataType of dataTypes) {
    await check(device, cases[2]!, dataType);
    await check(device, cases[11]!, dataType);
  }
});

await onEveryDevice("a named number of updates, 0 too", async (device) => {
  await check(device, { ...cases[3]!, indices: [0], at: [] }, "float32", true);
  await check(device, cases[3]!, "float32", true);
  await check(device, cases[12]!, "int8", true);
});

test("what must throw", () => {
  const builder = new MLGraphBuilder(newContext());
  const x = (shape: Shape, dataType: DataType = "float32", name = `${shape}${dataType}`) =>
    builder.input(`${name}${Math.random()}`, { dataType, shape });
  const int = (shape: Shape) => x(shape, "int32");
  const label = { label: "there" };
  const wrong: readonly (readonly [RegExp, () => unknown])[] = [
    [
      /\[there\]|there/,
      () => builder.scatterElements(x([2, 3]), int([2, 3]), x([2, 3]), { axis: 2, ...label }),
    ],
    [/updates is float16/, () => builder.scatterElements(x([2]), int([2]), x([2], "float16"))],
    [/updates and indices/, () => builder.scatterElements(x([2, 3]), int([1, 3]), x([2, 3]))],
    [/indices and input/, () => builder.scatterElements(x([2, 3]), int([2, 2]), x([2, 2]))],
    [/indices has rank 1/, () => builder.scatterElements(x([2, 3]), int([2]), x([2]))],
    [
      /3 coordinates for an input of rank 2/,
      () => builder.scatterND(x([2, 3]), int([1, 3]), x([1])),
    ],
    [/updates and what indices say/, () => builder.scatterND(x([2, 3]), int([1, 1]), x([1]))],
    [/indices is float32/, () => builder.scatterND(x([2]), x([1, 1]), x([1]))],
  ];
  for (const [message, call] of wrong) assert.throws(call, { name: "TypeError", message });
});
