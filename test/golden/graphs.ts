/** The graphs whose generated text is kept in git: what models are made of, small enough to read. */
import type { Value } from "../../core-webnn/graph/ir.ts";
import { addSizes, named } from "../../core-webnn/util/size.ts";
import { sketch, type Sketch } from "../reference/sketch.ts";
import { appended, attention, layerNorm, quantisationOf } from "../unit/lower/spelled-out.ts";

export interface GoldenGraph {
  readonly name: string;
  readonly make: (g: Sketch) => Readonly<Record<string, Value>>;
  /** Its kernels are also kept as WebAssembly. */
  readonly withWasm?: true;
}

const past = named({ name: "past", maxSize: 448 });
const sequence = named({ name: "sequence", maxSize: 448 });

/** Values do not show in the text. */
function weights(
  g: Sketch,
  shape: readonly number[],
  dataType: "float32" | "int8" = "float32",
): Value {
  const count = shape.reduce((a, b) => a * b, 1);
  return g.constant(dataType, shape, Array<number>(count).fill(1));
}

function decoded(g: Sketch, input: Value, scale: Value, zeroPoint: Value): Value {
  return g.op("dequantizeLinear", { input, scale, zeroPoint });
}

/** Each column its own scale, all about 0. */
function decodedWeights(g: Sketch, k: number, n: number): Value {
  const zero = g.small("int8", [1, n], Array<number>(n).fill(0));
  return decoded(g, weights(g, [k, n], "int8"), weights(g, [1, n]), zero);
}

export const goldenGraphs: readonly GoldenGraph[] = [
  {
    name: "perceptron",
    make(g) {
      const x = g.input("x", "float32", [named({ name: "batch" }), 8]);
      const layer = (a: Value, k: number, n: number): Value =>
        g.op("gemm", { a, b: weights(g, [k, n]), c: weights(g, [n]) });
      return { y: layer(g.op("relu", { input: layer(x, 8, 16) }), 16, 4) };
    },
  },
  {
    name: "elementwise",
    withWasm: true,
    make(g) {
      const [a, b] = ["a", "b"].map((name) => g.input(name, "float32", [6, 10]));
      return { y: g.op("max", { a: g.op("add", { a: a!, b: b! }), b: g.scalar("float32", 0) }) };
    },
  },
  {
    name: "softmax",
    withWasm: true,
    make: (g) => ({
      y: g.op("softmax", { input: g.input("x", "float32", [4, sequence]), axis: 1 }),
    }),
  },
  {
    name: "layer-norm",
    make: (g) => ({
      y: layerNorm(
        g,
        g.input("x", "float32", [1, sequence, 384]),
        weights(g, [384]),
        weights(g, [384]),
      ),
    }),
  },
  {
    name: "dynamic-quantisation",
    make(g) {
      const input = g.input("x", "float32", [1, sequence, 384]);
      const { scale, zeroPoint } = quantisationOf(g, input);
      return { q: g.op("quantizeLinear", { input, scale, zeroPoint }), scale, zeroPoint };
    },
  },
  {
    name: "integer-matmul",
    make(g) {
      const parameter = (name: string, type: "float32" | "uint8"): Value =>
        g.input(name, type, [1, 1]);
      const q = g.input("q", "uint8", [sequence, 384]);
      const a = decoded(g, q, parameter("scale", "float32"), parameter("zero", "uint8"));
      const sum = g.op("matmul", { a, b: decodedWeights(g, 384, 64) });
      return { y: g.op("add", { a: sum, b: weights(g, [64]) }) };
    },
  },
  {
    name: "decoded-matmul",
    make(g) {
      const b = decodedWeights(g, 32, 48);
      return { y: g.op("matmul", { a: g.input("x", "float32", [4, 32]), b }) };
    },
  },
  {
    name: "tied-weights",
    make(g) {
      const table = weights(g, [100, 32], "int8");
      const input = decoded(g, table, weights(g, [1, 1]), g.scalar("int8", 0, 2));
      const x = g.op("gather", { input, indices: g.input("ids", "int32", [sequence]) });
      return { x, logits: g.op("matmul", { a: x, b: g.op("transpose", { input }) }) };
    },
  },
  {
    name: "conv1d",
    make(g) {
      const input = g.input("mel", "float32", [1, 80, 1, 300]);
      const filter = weights(g, [64, 80, 1, 3]);
      const options = { bias: weights(g, [64]), padding: [0, 0, 1, 1], strides: [1, 2] };
      return { y: gelu(g, g.op("conv2d", { input, filter, ...options })) };
    },
  },
  {
    name: "attention",
    make: (g) => ({
      y: attention(g, {
        query: g.input("query", "float32", [1, 6, sequence, 64]),
        key: g.input("key", "float32", [1, 6, past, 64]),
        value: g.input("value", "float32", [1, 6, past, 64]),
        mask: g.input("mask", "float32", [1, 1, sequence, past]),
      }),
    }),
  },
  {
    name: "head-split",
    make(g) {
      const a = g.input("x", "float32", [1, sequence, 384]);
      const input = g.op("matmul", { a, b: weights(g, [384, 384]) });
      const heads = g.op("reshape", { input, newShape: [1, sequence, 6, 64] });
      return { y: g.op("transpose", { input: heads, permutation: [0, 2, 1, 3] }) };
    },
  },
  {
    name: "kv-concat",
    withWasm: true,
    make(g) {
      const cache = g.input("cache", "float32", [1, 6, past, 64]);
      return { present: appended(g, cache, g.input("new", "float32", [1, 6, sequence, 64])) };
    },
  },
  {
    name: "gelu",
    make: (g) => ({ y: gelu(g, g.input("x", "float32", [sequence, 1536])) }),
  },
  {
    name: "normal-tail",
    make: (g) => ({ y: g.op("gelu", { input: g.input("x", "float16", [sequence, 64]) }) }),
  },
  {
    name: "pools",
    make(g) {
      const input = g.input("x", "float32", [1, 8, 12, 12]);
      const options = { windowDimensions: [3, 3], padding: [1, 1, 1, 1], strides: [2, 2] };
      return {
        largest: g.op("maxPool2d", { input, ...options }),
        average: g.op("averagePool2d", { input, ...options }),
      };
    },
  },
  {
    name: "resampling",
    make(g) {
      const input = g.input("x", "float32", [1, 4, sequence, 6]);
      const larger = g.op("resample2d", { input, scales: [2, 1.5] });
      return { larger, smoother: g.op("resample2d", { input, sizes: [32, 9], mode: "linear" }) };
    },
  },
  {
    name: "conv-transpose",
    make(g) {
      const input = g.input("x", "float16", [1, 8, 5, 5]);
      const filter = g.input("filter", "float16", [8, 4, 3, 3]);
      const options = { strides: [2, 2], padding: [1, 1, 1, 1], outputPadding: [1, 1] };
      const bias = g.input("bias", "float16", [4]);
      return { y: g.op("convTranspose2d", { input, filter, bias, ...options }) };
    },
  },
  {
    name: "positions",
    make(g) {
      const table = weights(g, [448, 32]);
      const rows = { starts: [past, 0], sizes: [sequence, 32] };
      const mask = g.op("iota", {
        dataType: "int32",
        length: [addSizes(past, sequence)],
        start: [0],
        delta: [1],
      });
      const isSeen = g.op("lesserOrEqual", { a: mask, b: g.input("last", "int32", []) });
      const x = g.input("x", "float32", [sequence, 32]);
      return { y: g.op("add", { a: x, b: g.op("slice", { input: table, ...rows }) }), isSeen };
    },
  },
  {
    name: "small-types",
    make(g) {
      const x = g.input("x", "float16", [3, 5]);
      const bytes = g.op("cast", { input: x, dataType: "uint8" });
      return { sum: g.op("reduceSum", { input: x, axes: [1] }), bytes };
    },
  },
  {
    name: "four-bits",
    make(g) {
      const input = g.input("x", "float32", [3, 5]);
      const scale = g.input("scale", "float32", [3, 1]);
      const zeroPoint = g.input("zero", "int4", [3, 1]);
      return { q: g.op("quantizeLinear", { input, scale, zeroPoint }) };
    },
  },
  {
    name: "lstm",
    make(g) {
      const [steps, hiddenSize] = [500, 64];
      const [hidden, , sequence] = g.ops("lstm", {
        steps,
        hiddenSize,
        returnSequence: true,
        input: g.input("x", "float32", [steps, named({ name: "batch" }), 16]),
        weight: weights(g, [1, 4 * hiddenSize, 16]),
        recurrentWeight: weights(g, [1, 4 * hiddenSize, hiddenSize]),
        bias: weights(g, [1, 4 * hiddenSize]),
      });
      return { hidden: hidden!, sequence: sequence! };
    },
  },
  {
    name: "cumulative-sum",
    withWasm: true,
    make: (g) => ({
      y: g.op("cumulativeSum", { input: g.input("x", "int32", [6, sequence]), axis: 1 }),
    }),
  },
];

function gelu(g: Sketch, x: Value): Value {
  const scaled = g.op("div", { a: x, b: g.scalar("float32", Math.SQRT2) });
  const e = g.op("add", { a: g.op("erf", { input: scaled }), b: g.scalar("float32", 1) });
  const half = g.op("mul", { a: g.op("mul", { a: x, b: e }), b: g.scalar("float32", 0.5) });
  return half;
}

export function makeGolden({ make }: GoldenGraph) {
  const g = sketch();
  return g.finish(make(g));
}
