/** The one rule for integers: products of 8-bit operands are exact sums, and weights stay encoded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph, Value } from "../../../core-webnn/graph/ir.ts";
import type { DataType } from "../../../core-webnn/util/data-type.ts";
import { cpuLikeFacts, gpuLikeFacts } from "../../reference/interpreter-device.ts";
import { integerProduct, type Encoded } from "../../reference/products.ts";
import { compileChecked } from "../../reference/run-on-devices.ts";
import { sketch, type Sketch } from "../../reference/sketch.ts";
import { randomIntegers, randomNumbers } from "../../reference/values.ts";
import { bothFacts, expectNoFloats, expectOutputs, expectSteps } from "./expect.ts";

type Byte = Extract<DataType, "int8" | "uint8">;

interface Product {
  readonly why: string;
  readonly size: readonly [m: number, k: number, n: number];
  readonly a: Byte;
  readonly b: Byte;
  readonly za: number;
  /** One, or one per column. */
  readonly zb: readonly number[];
  /** Zero points that the graph knows, or constants that only the device has. */
  readonly known?: false;
}

const products: readonly Product[] = [
  { why: "zero points of both", size: [3, 5, 4], a: "uint8", b: "uint8", za: 131, zb: [7] },
  { why: "weights about 0", size: [3, 5, 4], a: "uint8", b: "int8", za: 128, zb: [0] },
  { why: "both about 0", size: [2, 9, 3], a: "int8", b: "int8", za: 0, zb: [0] },
  { why: "per column", size: [3, 6, 4], a: "uint8", b: "int8", za: 3, zb: [1, 0, -128, 127] },
  { why: "unknown zeros", size: [3, 6, 2], a: "int8", b: "uint8", za: -5, zb: [9], known: false },
  { why: "k = 1", size: [3, 1, 4], a: "uint8", b: "int8", za: 200, zb: [-3] },
  { why: "one row", size: [1, 17, 5], a: "uint8", b: "uint8", za: 128, zb: [128] },
  { why: "one column", size: [5, 17, 1], a: "uint8", b: "uint8", za: 1, zb: [255] },
  { why: "past tiles and vectors", size: [9, 33, 17], a: "uint8", b: "int8", za: 77, zb: [5] },
];

/** a · b as ONNX spells it: both decoded by scales of powers of two, so that nothing rounds. */
function productGraph(spec: Product, values: { a: readonly number[]; b: readonly number[] }) {
  const g = sketch();
  const [m, k, n] = spec.size;
  const q = g.input("a", spec.a, [m, k]);
  const zero = (type: Byte, zeros: readonly number[]): Value =>
    spec.known === false || zeros.length > 1
      ? g.constant(type, [1, zeros.length], zeros)
      : g.scalar(type, zeros[0]!, 2);
  const a = decode(g, q, g.scalar("float32", 0.5, 2), zero(spec.a, [spec.za]));
  const scales = g.constant("float32", [1, spec.zb.length], Array(spec.zb.length).fill(0.25));
  const b = decode(g, g.constant(spec.b, [k, n], values.b), scales, zero(spec.b, spec.zb));
  return { graph: g.finish({ y: g.op("matmul", { a, b }) }), constants: g.constants };
}

function decode(g: Sketch, input: Value, scale: Value, zeroPoint: Value): Value {
  return g.op("dequantizeLinear", { input, scale, zeroPoint });
}

function bytes(random: () => number, type: Byte, count: number): number[] {
  return type === "int8"
    ? randomIntegers(random, count, -128, 127)
    : randomIntegers(random, count, 0, 255);
}

for (const spec of products) {
  test(`a product of ${spec.a} and ${spec.b} is exact: ${spec.why}`, async () => {
    const random = randomNumbers(7);
    const [m, k, n] = spec.size;
    const values = { a: bytes(random, spec.a, m * k), b: bytes(random, spec.b, k * n) };
    const { graph, constants } = productGraph(spec, values);
    for (const facts of bothFacts) assert.ok(sumsIntegers(graph, facts), facts.name);
    const a: Encoded = { q: values.a, shape: [m, k], zero: [spec.za] };
    const along = spec.zb.length > 1 ? { along: "columns" as const } : {};
    const b: Encoded = { q: values.b, shape: [k, n], zero: spec.zb, ...along };
    const y = integerProduct(a, b).map((sum) => sum * 0.125);
    await expectOutputs({ graph, constants, inputs: { a: values.a } }, { y });
  });
}

function sumsIntegers(graph: Graph, facts = cpuLikeFacts): boolean {
  return compileChecked(graph, facts).steps.some(({ kernel }) =>
    kernel.body.some((stmt) => stmt.kind === "contract" && stmt.accumulator.type === "i32"),
  );
}

test("zero points that are all 0 need no sums of rows", async () => {
  const g = sketch();
  const a = decode(
    g,
    g.input("a", "uint8", [2, 3]),
    g.scalar("float32", 1, 2),
    g.scalar("uint8", 2, 2),
  );
  const [scales, zeros] = [g.constant("float32", [1, 2], [1, 2]), g.small("int8", [1, 2], [0, 0])];
  const b = decode(g, g.constant("int8", [3, 2], [1, 2, 3, 4, 5, 6]), scales, zeros);
  const graph = g.finish({ y: g.op("matmul", { a, b }) });
  expectSteps(graph, 1);
  const inputs = { a: [2, 3, 4, 5, 6, 7] };
  await expectOutputs({ graph, constants: g.constants, inputs }, { y: [13, 32, 40, 104] });
});

test("the longest sum that an int32 holds is taken in integers, a longer one is not", async () => {
  for (const k of [33_025, 33_026]) {
    const spec: Product = {
      why: "largest products",
      size: [1, k, 1],
      a: "uint8",
      b: "uint8",
      za: 0,
      zb: [0],
    };
    const values = { a: Array<number>(k).fill(255), b: Array<number>(k).fill(255) };
    const { graph, constants } = productGraph(spec, values);
    assert.equal(sumsIntegers(graph), k === 33_025);
    const y = [k * 255 * 255 * 0.125];
    // The integer sum rounds once, to float32; a sum of floats in any order is near.
    const relative = k === 33_025 ? 2 ** -24 : 1e-4;
    await expectOutputs({ graph, constants, inputs: { a: values.a } }, { y }, relative);
  }
});

test("all parameters in buffers are too many for a small device, which decodes one operand", async () => {
  const g = sketch();
  const parameter = (name: string, type: DataType): Value => g.input(name, type, [1, 1]);
  const [q, w] = [g.input("a", "uint8", [3, 4]), g.input("b", "uint8", [4, 2])];
  const a = decode(g, q, parameter("sa", "float32"), parameter("za", "uint8"));
  const b = decode(g, w, parameter("sb", "float32"), parameter("zb", "uint8"));
  const y = g.op("gemm", { a, b, c: g.input("c", "float32", [2]) });
  const graph = g.finish({ y });
  assert.equal(sumsIntegers(graph), true);
  assert.equal(sumsIntegers(graph, gpuLikeFacts), false);
  const random = randomNumbers(3);
  const values = { a: bytes(random, "uint8", 12), b: bytes(random, "uint8", 8) };
  const inputs = { ...values, sa: [0.5], za: [3], sb: [0.25], zb: [100], c: [1, 2] };
  const sums = integerProduct(
    { q: values.a, shape: [3, 4], zero: [3] },
    { q: values.b, shape: [4, 2], zero: [100] },
  );
  await expectOutputs({ graph, inputs }, { y: sums.map((sum, i) => sum / 8 + 1 + (i % 2)) });
});

test("padding of a quantised convolution counts as zero, not as the zero point's distance", async () => {
  const g = sketch();
  const q = g.input("q", "uint8", [1, 1, 3, 3]);
  const input = decode(g, q, g.scalar("float32", 1, 4), g.scalar("uint8", 100, 4));
  const weights = g.constant("uint8", [1, 1, 3, 3], Array(9).fill(9));
  const filter = decode(g, weights, g.scalar("float32", 1, 4), g.scalar("uint8", 7, 4));
  const y = g.op("conv2d", { input, filter, padding: [1, 1, 1, 1] });
  const graph = g.finish({ y });
  assert.ok(sumsIntegers(graph) && sumsIntegers(graph, gpuLikeFacts));
  // Nine values of 101 - 100, each by 9 - 7: what is inside the image counts.
  const expected = [4, 6, 4, 6, 9, 6, 4, 6, 4].map((inside) => 2 * inside);
  await expectOutputs(
    { graph, constants: g.constants, inputs: { q: Array(9).fill(101) } },
    { y: expected },
  );
});

const [k, n] = [6, 10];
const ramp = Array.from({ length: k * n }, (_, i) => ((i * 37) % 255) - 127);

/** The same real weights [k, n], encoded as [n, k] and turned before or after they are decoded. */
const turned: readonly { readonly why: string; readonly make: (g: Sketch, q: Value) => Value }[] = [
  {
    why: "decoded, then transposed",
    make: (g, q) =>
      g.op("transpose", { input: decode(g, q, scalesOf(g, [n, 1]), zerosOf(g, [n, 1])) }),
  },
  {
    why: "transposed, then decoded",
    make: (g, q) =>
      decode(g, g.op("transpose", { input: q }), scalesOf(g, [1, n]), zerosOf(g, [1, n])),
  },
  {
    why: "decoded behind a reshape, then transposed",
    make: (g, q) => {
      const [scale, zeroPoint] = [scalesOf(g, [1, n, 1]), zerosOf(g, [1, n, 1])];
      const input = g.op("reshape", { input: q, newShape: [1, n, k] });
      const decoded = g.op("reshape", {
        input: decode(g, input, scale, zeroPoint),
        newShape: [n, k],
      });
      return g.op("transpose", { input: decoded });
    },
  },
];

function scalesOf(g: Sketch, shape: readonly number[]): Value {
  return g.constant(
    "float32",
    shape,
    Array.from({ length: n }, (_, i) => 2 ** (i % 3)),
  );
}

function zerosOf(g: Sketch, shape: readonly number[]): Value {
  return g.constant(
    "int8",
    shape,
    Array.from({ length: n }, (_, i) => i - 4),
  );
}

for (const { why, make } of turned) {
  test(`weights ${why} are never stored as floats`, async () => {
    const g = sketch();
    const b = make(g, g.constant("int8", [n, k], ramp));
    const a = g.input("a", "float32", [2, k]);
    const graph = g.finish({ y: g.op("matmul", { a, b }) });
    for (const facts of bothFacts) expectNoFloats(compileChecked(graph, facts), n * k);
    const x = Array.from({ length: 2 * k }, (_, i) => (i % 5) - 2);
    const y = Array.from({ length: 2 * n }, (_, at) => {
      const [row, column] = [Math.floor(at / n), at % n];
      const terms = Array.from(
        { length: k },
        (_, p) => x[row * k + p]! * (ramp[column * k + p]! - (column - 4)) * 2 ** (column % 3),
      );
      return terms.reduce((sum, term) => sum + term, 0);
    });
    await expectOutputs({ graph, constants: g.constants, inputs: { a: x } }, { y });
  });
}

test("rows that are looked up are multiplied, not the first row", async () => {
  const g = sketch();
  const input = decode(
    g,
    g.constant("int8", [n, k], ramp),
    scalesOf(g, [n, 1]),
    zerosOf(g, [n, 1]),
  );
  const a = g.op("gather", { input, indices: g.input("ids", "int32", [3]) });
  const graph = g.finish({ y: g.op("matmul", { a, b: g.op("transpose", { input }) }) });
  const real = (row: number, p: number): number =>
    (ramp[row * k + p]! - (row - 4)) * 2 ** (row % 3);
  const ids = [7, 0, 4];
  const y = ids.flatMap((id) =>
    Array.from({ length: n }, (_, row) =>
      Array.from({ length: k }, (__, p) => real(id, p) * real(row, p)).reduce((x, z) => x + z),
    ),
  );
  await expectOutputs({ graph, constants: g.constants, inputs: { ids } }, { y });
});
