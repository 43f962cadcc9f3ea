/**
 * What the adapter's cases lack of the operators that onnxruntime-web's WebNN provider lists, so that every one of
 * them is built on our `navigator.ml`.
 */
import {
  bytes,
  chain,
  i32,
  int,
  ints,
  one,
  random,
  type OpCase,
} from "../../adapters/onnxruntime/cases/make-case.ts";
import { f32, i64, u8, type NodeSpec } from "../../adapters/onnxruntime/onnx-writer.ts";

const float = (value: number) => ({ float: value });
const text = (value: string) => ({ text: value });

const image = random([2, 4, 5, 6]);
const perChannel = (seed: number, scale = 1) => random([4], scale, seed);
const positivePerChannel = f32([4], [0.5, 1, 2, 0.25]);

const pooling: readonly OpCase[] = [
  one(
    "AveragePool",
    "padding does not count",
    { x: image },
    {
      attributes: { kernel_shape: ints(3, 2), pads: ints(1, 0, 1, 1), strides: ints(2, 1) },
    },
  ),
  one(
    "AveragePool",
    "rounds sizes up",
    { x: image },
    {
      attributes: { kernel_shape: ints(2, 2), strides: ints(2, 4), ceil_mode: int(1) },
    },
  ),
  one(
    "MaxPool",
    "dilated",
    { x: image },
    {
      attributes: { kernel_shape: ints(2, 2), dilations: ints(2, 3) },
    },
  ),
  one(
    "MaxPool",
    "same as the input",
    { x: image },
    {
      attributes: { kernel_shape: ints(3, 3), auto_pad: text("SAME_UPPER"), strides: ints(2, 2) },
    },
  ),
  one(
    "LpPool",
    "of squares",
    { x: image },
    { attributes: { kernel_shape: ints(2, 3), p: int(2) } },
  ),
  one("GlobalAveragePool", "of an image", { x: image }),
  one("GlobalMaxPool", "of an image", { x: image }),
  one("GlobalLpPool", "of squares", { x: image }, { attributes: { p: int(2) } }),
];

const normalisation: readonly OpCase[] = [
  one(
    "BatchNormalization",
    "by channel",
    { x: image, s: perChannel(2), b: perChannel(3), m: perChannel(4), v: positivePerChannel },
    { constants: ["s", "b", "m", "v"] },
  ),
  one(
    "InstanceNormalization",
    "of images",
    { x: image, s: perChannel(2), b: perChannel(3) },
    {
      constants: ["s", "b"],
      tolerance: 3e-6,
    },
  ),
  one(
    "LRN",
    "over three channels",
    { x: image },
    {
      attributes: { size: int(3), alpha: float(0.01), beta: float(0.7), bias: float(1.5) },
    },
  ),
  one("LpNormalization", "by length", { x: image }, { attributes: { axis: int(1), p: int(2) } }),
  one("LpNormalization", "by sum", { x: image }, { attributes: { axis: int(-1), p: int(1) } }),
  one(
    "SimplifiedLayerNormalization",
    "by root of mean squares",
    { x: random([2, 3, 8]), s: random([8]) },
    {
      constants: ["s"],
      attributes: { axis: int(-1), epsilon: float(1e-5) },
      tolerance: 3e-6,
    },
  ),
  microsoft(
    "SkipLayerNormalization",
    "with a bias",
    ["x", "k", "g", "b", "c"],
    {
      x: random([2, 3, 8]),
      k: random([2, 3, 8], 1, 2),
      g: random([8], 1, 3),
      b: random([8], 1, 4),
      c: random([8], 1, 5),
    },
    { constants: ["g", "b", "c"], attributes: { epsilon: float(1e-5) }, tolerance: 3e-6 },
  ),
  microsoft(
    "SkipSimplifiedLayerNormalization",
    "without a bias",
    ["x", "k", "g"],
    {
      x: random([2, 3, 8]),
      k: random([2, 3, 8], 1, 2),
      g: random([8], 1, 3),
    },
    { constants: ["g"], attributes: { epsilon: float(1e-5) }, tolerance: 3e-6 },
  ),
];

const layout: readonly OpCase[] = [
  one(
    "DepthToSpace",
    "columns first",
    { x: random([1, 8, 2, 3]) },
    { attributes: { blocksize: int(2), mode: text("DCR") } },
  ),
  one(
    "DepthToSpace",
    "depth first",
    { x: random([1, 8, 2, 3]) },
    { attributes: { blocksize: int(2), mode: text("CRD") } },
  ),
  one(
    "GatherElements",
    "negative indices",
    { x: random([3, 4]), i: i64([2, 4], [0, -1, 2, 1, -3, 0, 1, 2]) },
    { attributes: { axis: int(0) } },
  ),
  one("GatherND", "of rows", { x: random([3, 4, 2]), i: i64([2, 2], [0, 3, -1, 1]) }),
  one(
    "ScatterElements",
    "into rows",
    { x: random([3, 4]), i: i64([2, 4], [0, 1, 2, 1, 2, 0, 1, 2]), u: random([2, 4], 1, 4) },
    { attributes: { axis: int(0) } },
  ),
  one("ScatterND", "of rows", {
    x: random([4, 3]),
    i: i64([2, 1], [3, 1]),
    u: random([2, 3], 1, 4),
  }),
  one(
    "Trilu",
    "upper, above the diagonal",
    { x: random([2, 4, 5]), k: i64([], [1]) },
    { constants: ["k"] },
  ),
  one("Trilu", "lower", { x: random([4, 4]) }, { attributes: { upper: int(0) } }),
  one(
    "CumSum",
    "backwards, without itself",
    { x: random([3, 5]), a: i64([], [1]) },
    { constants: ["a"], attributes: { exclusive: int(1), reverse: int(1) } },
  ),
  one(
    "ArgMax",
    "of rows",
    { x: random([3, 5]) },
    { attributes: { axis: int(1), keepdims: int(0) }, types: ["int64"] },
  ),
  one(
    "ArgMin",
    "of columns",
    { x: random([3, 5]) },
    { attributes: { axis: int(0) }, types: ["int64"] },
  ),
  one(
    "PRelu",
    "a slope per channel",
    { x: image, s: f32([4, 1, 1], [0.1, 0.2, -0.3, 1]) },
    { constants: ["s"] },
  ),
];

/** WebNN knows these two ways; of ONNX's others ORT's provider makes the same. */
const resizing: readonly OpCase[] = ["nearest", "linear"].map((mode) =>
  one(
    "Resize",
    `${mode}, by centres of pixels`,
    { x: image, r: f32([0], []), s: f32([4], [1, 1, 2, 1.5]) },
    {
      constants: ["r", "s"],
      attributes: { mode: text(mode), coordinate_transformation_mode: text("half_pixel") },
    },
  ),
);

const products: readonly OpCase[] = [
  one(
    "ConvTranspose",
    "in groups, with output padding",
    { x: random([1, 4, 4, 5]), w: random([4, 2, 3, 3], 1, 2), b: random([4], 1, 3) },
    {
      constants: ["w", "b"],
      attributes: {
        group: int(2),
        strides: ints(2, 2),
        pads: ints(1, 1, 1, 1),
        output_padding: ints(1, 1),
      },
      tolerance: 3e-6,
    },
  ),
  one(
    "ConvTranspose",
    "of a sequence",
    { x: random([1, 3, 7]), w: random([3, 2, 3], 1, 2) },
    {
      constants: ["w"],
      attributes: { strides: ints(2) },
      tolerance: 3e-6,
    },
  ),
  one(
    "Einsum",
    "of matrices in batches",
    { a: random([2, 3, 4]), b: random([2, 4, 5], 1, 2) },
    { attributes: { equation: text("bij,bjk->bik") }, tolerance: 3e-6 },
  ),
  one(
    "Einsum",
    "of a diagonal",
    { a: random([4, 4]) },
    { attributes: { equation: text("ii->i") } },
  ),
];

const recurrent: readonly OpCase[] = ["forward", "reverse", "bidirectional"].flatMap(
  (direction) => [recurrence("LSTM", direction, 4), recurrence("GRU", direction, 3)],
);

/** Four steps of two sequences with five features, and a hidden state of three. */
function recurrence(op: "LSTM" | "GRU", direction: string, gates: number): OpCase {
  const directions = direction === "bidirectional" ? 2 : 1;
  const [steps, batch, features, hidden] = [4, 2, 5, 3];
  const names = ["y", "h", ...(op === "LSTM" ? ["c"] : [])];
  return {
    ...one(
      op,
      direction,
      {
        x: random([steps, batch, features]),
        w: random([directions, gates * hidden, features], 1, 2),
        r: random([directions, gates * hidden, hidden], 1, 3),
        b: random([directions, 2 * gates * hidden], 1, 4),
      },
      { constants: ["w", "r", "b"], tolerance: 3e-6 },
    ),
    nodes: [
      {
        op,
        name: "node",
        inputs: ["x", "w", "r", "b"],
        outputs: names,
        attributes: {
          hidden_size: int(hidden),
          direction: text(direction),
        },
      },
    ],
    outputs: Object.fromEntries(names.map((name) => [name, "float32" as const])),
  };
}

/** [sequence, heads × width] by heads. */
const tokens = (length: number, seed: number) => random([1, length, 16], 1, seed);

const attention: readonly OpCase[] = [
  microsoft(
    "MultiHeadAttention",
    "of two heads",
    ["q", "k", "v"],
    {
      q: tokens(3, 1),
      k: tokens(5, 2),
      v: tokens(5, 3),
    },
    { attributes: { num_heads: int(2) }, tolerance: 3e-6 },
  ),
  {
    ...microsoft(
      "GroupQueryAttention",
      "into a cache of eight",
      ["q", "k", "v", "pk", "pv", "n", "t"],
      {
        q: tokens(4, 1),
        k: random([1, 4, 8], 1, 2),
        v: random([1, 4, 8], 1, 3),
        pk: random([1, 1, 8, 8], 1, 4),
        pv: random([1, 1, 8, 8], 1, 5),
        n: i32([1], [3]),
        t: i32([], [4]),
      },
      {
        constants: ["t"],
        attributes: { num_heads: int(2), kv_num_heads: int(1) },
        tolerance: 3e-6,
        unread: ["present key", "present value"],
      },
    ),
  },
  microsoft(
    "RotaryEmbedding",
    "interleaved not",
    ["x", "p", "c", "s"],
    {
      x: tokens(3, 1),
      p: i64([1, 3], [0, 1, 5]),
      c: random([8, 4], 1, 2),
      s: random([8, 4], 1, 3),
    },
    { constants: ["c", "s"], attributes: { num_heads: int(2) } },
  ),
];

/** 4-bit weights: two rows of 32 in blocks of 16, two to a byte. */
const packed = bytes("uint8", [2, 2, 8]);
const scales = f32([4], [0.1, 0.02, 0.5, 1]);
const blocks = { K: int(32), N: int(2), block_size: int(16) };

const fourBits: readonly OpCase[] = [
  microsoft(
    "MatMulNBits",
    "4 bits around 8",
    ["x", "w", "s"],
    { x: random([3, 32]), w: packed, s: scales },
    {
      constants: ["w", "s"],
      attributes: { ...blocks, bits: int(4) },
      tolerance: 1e-5,
    },
  ),
  microsoft(
    "MatMulNBits",
    "4 bits with zero points",
    ["x", "w", "s", "z"],
    { x: random([3, 32]), w: packed, s: scales, z: u8([2], [0x37, 0xf0]) },
    {
      constants: ["w", "s", "z"],
      attributes: { ...blocks, bits: int(4) },
      tolerance: 1e-5,
    },
  ),
  microsoft(
    "MatMulNBits",
    "8 bits",
    ["x", "w", "s"],
    { x: random([3, 32]), w: bytes("uint8", [2, 2, 16]), s: scales },
    {
      constants: ["w", "s"],
      attributes: { ...blocks, bits: int(8) },
      tolerance: 1e-5,
    },
  ),
  microsoft(
    "GatherBlockQuantized",
    "rows of 4 bits",
    ["w", "i", "s", "z"],
    {
      w: bytes("uint8", [5, 16]),
      i: i64([3], [4, 0, 2]),
      s: random([5, 2], 1, 2),
      z: bytes("uint8", [5, 1], 3),
    },
    {
      constants: ["w", "s", "z"],
      attributes: { gather_axis: int(0), quantize_axis: int(1), block_size: int(16), bits: int(4) },
    },
  ),
];

interface MicrosoftForm {
  readonly constants?: readonly string[];
  readonly attributes?: NonNullable<NodeSpec["attributes"]>;
  readonly tolerance?: number;
  /** Outputs that are there and are not compared. */
  readonly unread?: readonly string[];
}

function microsoft(
  op: string,
  why: string,
  inputs: readonly string[],
  tensors: OpCase["tensors"],
  { constants = [], attributes = {}, tolerance = 1e-6, unread = [] }: MicrosoftForm,
): OpCase {
  const domain = "com.microsoft";
  return {
    ...one(op, why, tensors, { constants, tolerance }),
    opsets: { [domain]: 1 },
    nodes: [{ op, domain, name: "node", inputs, outputs: ["y0", ...unread], attributes }],
  };
}

export const ownCases: readonly OpCase[] = [
  ...pooling, ...normalisation, ...layout, ...resizing, ...products, ...recurrent,
  ...attention, ...fourBits,
]; // prettier-ignore

/** ORT gives its zero point the rank of the weights. Each operator has a case without it. */
export const signedWeights: OpCase = chain(
  "weights of 4 bits with a sign",
  [
    { op: "DequantizeLinear", name: "decoded", inputs: ["w", "s", "z"], outputs: ["d"] },
    { op: "MatMul", name: "node", inputs: ["x", "d"], outputs: ["y0"] },
  ],
  {
    x: random([2, 3]),
    w: { type: "int4", shape: [3, 5], data: [-8, -7, -1, 0, 1, 2, 3, 4, 5, 6, 7, -8, 7, -2, -3] },
    s: f32([], [0.25]),
    z: { type: "int4", shape: [], data: [-3] },
  },
  { y0: "float32" },
  { opset: 21, constants: ["w", "s", "z"] },
);
