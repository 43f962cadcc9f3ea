/**
 * Writes a small language model with random weights in the form in which Llama is exported for ONNX Runtime: weights of
 * 4 bits, GroupQueryAttention with rotary positions and a cache, root-mean-square norms fused with sums.
 */
import { noise } from "../../adapters/onnxruntime/cases/make-case.ts";
import {
  f32,
  i64,
  writeModel,
  type AttributeSpec,
  type NodeSpec,
  type TensorSpec,
} from "../../adapters/onnxruntime/onnx-writer.ts";

export const llama = {
  layers: 4,
  hidden: 256,
  heads: 8,
  kvHeads: 2,
  headSize: 32,
  inner: 512,
  vocabulary: 1000,
  longest: 256,
} as const;

const blockSize = 32;
const int = (value: number): AttributeSpec => ({ int: value });

export interface Part {
  readonly nodes: readonly NodeSpec[];
  readonly initializers: Readonly<Record<string, TensorSpec>>;
}

/** Names of the cache's tensors by layer, without "past_key_values." and "present.". */
export const cacheNames = Array.from({ length: llama.layers }, (_, layer) => [
  `${layer}.key`,
  `${layer}.value`,
]).flat();

export function makeLlama(seed = 1): Uint8Array<ArrayBuffer> {
  const parts = [
    embedding(seed),
    ...Array.from({ length: llama.layers }, (_, layer) => layerOf(layer, seed + 100 * (layer + 1))),
    product("lm_head", "normal.out", "logits", llama.hidden, llama.vocabulary, seed + 1),
  ];
  const cache = (first: string, rows: string) =>
    cacheNames.map((name) => ({
      name: `${first}.${name}`,
      type: "float32" as const,
      shape: ["batch", llama.kvHeads, rows, llama.headSize],
    }));
  return writeModel({
    opset: 21,
    opsets: { "com.microsoft": 1 },
    nodes: parts.flatMap(({ nodes }) => nodes),
    initializers: Object.assign({}, ...parts.map(({ initializers }) => initializers)) as Record<
      string,
      TensorSpec
    >,
    inputs: [
      { name: "input_ids", type: "int64", shape: ["batch", "length"] },
      { name: "attention_mask", type: "int64", shape: ["batch", "total"] },
      ...cache("past_key_values", "past"),
    ],
    outputs: [
      { name: "logits", type: "float32", shape: ["batch", "length", llama.vocabulary] },
      ...cache("present", "present"),
    ],
  });
}

/** Words, the two numbers that attention takes from the mask, the angles, and the first norm. */
function embedding(seed: number): Part {
  const { hidden, vocabulary, longest, headSize } = llama;
  const angles = Array.from({ length: longest * (headSize / 2) }, (_, i) => {
    const [position, pair] = [Math.floor(i / (headSize / 2)), i % (headSize / 2)];
    return position / 10_000 ** ((2 * pair) / headSize);
  });
  const table = [longest, headSize / 2];
  return {
    nodes: [
      { op: "Gather", inputs: ["words", "input_ids"], outputs: ["x"] },
      {
        op: "ReduceSum",
        inputs: ["attention_mask", "one"],
        outputs: ["lengths"],
        attributes: { keepdims: int(0) },
      },
      { op: "Sub", inputs: ["lengths", "one"], outputs: ["last"] },
      { op: "Cast", inputs: ["last"], outputs: ["seqlens_k"], attributes: { to: int(6) } },
      { op: "Shape", inputs: ["attention_mask"], outputs: ["mask shape"] },
      { op: "Gather", inputs: ["mask shape", "axis"], outputs: ["total"] },
      { op: "Cast", inputs: ["total"], outputs: ["total_length"], attributes: { to: int(6) } },
      {
        op: "SimplifiedLayerNormalization",
        inputs: ["x", "norm.scale"],
        outputs: ["normal.0"],
        attributes: { epsilon: { float: 1e-5 } },
      },
    ],
    initializers: {
      words: f32([vocabulary, hidden], noise(vocabulary * hidden, 1, seed)),
      one: i64([1], [1]),
      axis: i64([], [1]),
      cos: f32(table, angles.map(Math.cos)),
      sin: f32(table, angles.map(Math.sin)),
      "norm.scale": scaleOf(seed + 2),
    },
  };
}

const scaleOf = (seed: number): TensorSpec =>
  f32(
    [llama.hidden],
    noise(llama.hidden, 0.2, seed).map((x) => 1 + x),
  );

function layerOf(layer: number, seed: number): Part {
  const { hidden, heads, kvHeads, headSize, inner, layers } = llama;
  const n = (name: string) => `${layer}.${name}`;
  const [sum, next] = [layer === 0 ? "x" : n("sum"), layer + 1];
  const isLast = next === layers;
  const project = (name: string, input: string, from: number, to: number, at: number) =>
    product(n(name), input, n(`${name}.out`), from, to, seed + at);
  const projections = [
    project("q", `normal.${layer}`, hidden, heads * headSize, 1),
    project("k", `normal.${layer}`, hidden, kvHeads * headSize, 2),
    project("v", `normal.${layer}`, hidden, kvHeads * headSize, 3),
  ];
  const caches = ["key", "value"].map((name) => `past_key_values.${layer}.${name}`);
  const behind = [
    skipNorm(n("middle"), [sum, n("o.out")], [n("normal"), n("middle sum")], seed + 4),
    project("gate", n("normal"), hidden, inner, 5),
    project("up", n("normal"), hidden, inner, 6),
    gate(n),
    project("down", n("gated"), inner, hidden, 7),
    skipNorm(
      n("end"),
      [n("middle sum"), n("down.out")],
      [isLast ? "normal.out" : `normal.${next}`, isLast ? "" : `${next}.sum`],
      seed + 8,
    ),
  ];
  const attention: NodeSpec = {
    op: "GroupQueryAttention",
    domain: "com.microsoft",
    inputs: [
      n("q.out"), n("k.out"), n("v.out"), ...caches, "seqlens_k", "total_length", "cos", "sin",
    ],
    outputs: [n("attended"), `present.${layer}.key`, `present.${layer}.value`],
    attributes: { num_heads: int(heads), kv_num_heads: int(kvHeads), do_rotary: int(1) },
  }; // prettier-ignore
  return join([
    ...projections,
    { nodes: [attention], initializers: {} },
    project("o", n("attended"), heads * headSize, hidden, 9),
    ...behind,
  ]);
}

function gate(n: (name: string) => string): Part {
  return {
    nodes: [
      { op: "Sigmoid", inputs: [n("gate.out")], outputs: [n("open")] },
      { op: "Mul", inputs: [n("gate.out"), n("open")], outputs: [n("silu")] },
      { op: "Mul", inputs: [n("silu"), n("up.out")], outputs: [n("gated")] },
    ],
    initializers: {},
  };
}

function join(parts: readonly Part[]): Part {
  return {
    nodes: parts.flatMap(({ nodes }) => nodes),
    initializers: Object.assign({}, ...parts.map((part) => part.initializers)) as Record<
      string,
      TensorSpec
    >,
  };
}

function skipNorm(
  name: string,
  [x, skip]: readonly [string, string],
  [normal, sum]: readonly [string, string],
  seed: number,
): Part {
  return {
    nodes: [
      {
        op: "SkipSimplifiedLayerNormalization",
        domain: "com.microsoft",
        inputs: [x, skip, `${name}.scale`],
        outputs: sum === "" ? [normal] : [normal, "", "", sum],
        attributes: { epsilon: { float: 1e-5 } },
      },
    ],
    initializers: { [`${name}.scale`]: scaleOf(seed) },
  };
}

/** A product with weights of 4 bits, whose spread keeps a vector's length; every other one has zero points. */
function product(
  name: string,
  input: string,
  output: string,
  from: number,
  to: number,
  seed: number,
): Part {
  const blocks = from / blockSize;
  const bytes = (shape: readonly number[], at: number): TensorSpec => ({
    type: "uint8",
    shape,
    data: noise(shape.reduce((x, y) => x * y, 1), 127.5, at).map((x) => Math.round(x + 127.5)),
  }); // prettier-ignore
  const spread = 0.22 / Math.sqrt(from);
  const hasZeros = seed % 2 === 1;
  const scales = noise(to * blocks, spread / 4, seed + 50).map((x) => spread + x);
  return {
    nodes: [
      {
        op: "MatMulNBits",
        domain: "com.microsoft",
        name,
        inputs: [input, `${name}.weight`, `${name}.scales`, ...(hasZeros ? [`${name}.zeros`] : [])],
        outputs: [output],
        attributes: { K: int(from), N: int(to), bits: int(4), block_size: int(blockSize) },
      },
    ],
    initializers: {
      [`${name}.weight`]: bytes([to, blocks, blockSize / 2], seed + 20),
      [`${name}.scales`]: f32([to, blocks], scales),
      ...(hasZeros && {
        // Zero points near the middle, as quantisers make them: 6 to 9 in both halves of a byte.
        [`${name}.zeros`]: {
          ...bytes([to, Math.ceil(blocks / 2)], seed + 30),
          data: bytes([to, Math.ceil(blocks / 2)], seed + 30).data.map(
            (byte) => (6 + (Number(byte) & 3)) | ((6 + ((Number(byte) >> 4) & 3)) << 4),
          ),
        },
      }),
    },
  };
}
