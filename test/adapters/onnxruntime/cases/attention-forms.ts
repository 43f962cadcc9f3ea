/** Attention of encoders and decoders: com.microsoft's MultiHeadAttention and Attention, and that of the standard. */
import { f32, i64, type AttributeSpec, type NodeSpec, type TensorSpec } from "../onnx-writer.ts";
import { bools, contrib, i32, int, ints, one, random, type OpCase } from "./make-case.ts";

type Tensors = Readonly<Record<string, TensorSpec>>;
type Attributes = Readonly<Record<string, AttributeSpec>>;
const float = (value: number) => ({ float: value });
const tolerance = 5e-6;
const floats = (count: number) => new Array<"float32">(count).fill("float32");

/** Only those inputs that `tensors` has, "" for others before the last of them. */
function inputsOf(names: readonly string[], tensors: Tensors): readonly string[] {
  const given = names.map((name) => (name in tensors ? name : ""));
  return given.slice(0, given.findLastIndex((name) => name !== "") + 1);
}

const [batch, queries, keys, heads, size] = [2, 3, 4, 2, 8];
const q = random([batch, queries, heads * size], 1, 3);
const k = random([batch, keys, heads * size], 1, 5);
const v = random([batch, keys, heads * size], 1, 7);
const cross = { q, k, v };
const self = { q, k: random([2, 3, 16], 1, 5), v: random([2, 3, 16], 1, 7) };
const past = { pastK: random([2, 2, 4, 8], 1, 11), pastV: random([2, 2, 4, 8], 1, 13) };
const bias = random([48], 1, 17);

const multiHeadNames = ["q", "k", "v", "bias", "padding", "scores", "pastK", "pastV"];
const multiHead = (why: string, tensors: Tensors, attributes: Attributes = {}): OpCase =>
  contrib("MultiHeadAttention", why, tensors, {
    inputs: inputsOf(multiHeadNames, tensors),
    attributes: { num_heads: int(heads), ...attributes },
    types: floats("pastK" in tensors ? 3 : 1),
    constants: ["bias"].filter((name) => name in tensors),
    tolerance,
  });

/** Forms that onnxruntime-node has for other devices only: it takes the same in three tensors. */
const asThree = (opCase: OpCase, nodes: readonly NodeSpec[]): OpCase => {
  const shapes = [3, 4].map((length): NodeSpec => {
    const value = { tensor: i64([3], [2, length, 16]) };
    return { op: "Constant", inputs: [], outputs: [`shape${length}`], attributes: { value } };
  });
  const last = { ...opCase.nodes[0]!, inputs: ["q3", "k3", "v3"] };
  return { ...opCase, oracle: [...shapes, ...nodes, last] };
};
const flattened = (input: string, output: string, length: 3 | 4): NodeSpec => ({
  op: "Reshape",
  inputs: [input, `shape${length}`],
  outputs: [output],
});
const turned = (input: string, output: string): NodeSpec => ({
  op: "Transpose",
  inputs: [input],
  outputs: [output],
  attributes: { perm: ints(0, 2, 1, 3) },
});

const multiHeads: readonly OpCase[] = [
  multiHead("of other keys", cross),
  multiHead("a bias", { ...cross, bias }),
  multiHead("a bias of scores", { ...cross, scores: random([1, 2, 3, 4], 1, 19) }),
  multiHead("lengths of sequences", { ...cross, padding: i32([2], [3, 1]) }),
  multiHead("a mask of keys", { ...cross, padding: i32([2, 4], [1, 1, 0, 1, 0, 0, 1, 1]) }),
  multiHead(
    "a mask of queries and keys",
    { ...self, padding: i32([2, 3, 3], [1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1]) },
    { mask_filter_value: float(-3) },
  ),
  multiHead("a past", { ...self, ...past, bias }),
  multiHead("a past, causal", { ...self, ...past }, { unidirectional: int(1) }),
  multiHead("a scale", cross, { scale: float(0.2) }),
  multiHead("causal", self, { unidirectional: int(1) }),
  asThree(multiHead("all in one tensor", { q: random([2, 3, 2, 3, 8], 1, 3) }), [
    { op: "Split", inputs: ["q"], outputs: ["q5", "k5", "v5"], attributes: { axis: int(3) } },
    flattened("q5", "q3", 3),
    flattened("k5", "k3", 3),
    flattened("v5", "v3", 3),
  ]),
  asThree(multiHead("keys and values in one tensor", { q, k: random([2, 4, 2, 2, 8], 1, 5) }), [
    { op: "Split", inputs: ["k"], outputs: ["k5", "v5"], attributes: { axis: int(3) } },
    { op: "Identity", inputs: ["q"], outputs: ["q3"] },
    flattened("k5", "k3", 4),
    flattened("v5", "v3", 4),
  ]),
  asThree(
    multiHead("keys that are split into heads", {
      q,
      k: random([2, 2, 4, 8], 1, 5),
      v: random([2, 2, 4, 8], 1, 7),
    }),
    [
      { op: "Identity", inputs: ["q"], outputs: ["q3"] },
      turned("k", "k5"),
      turned("v", "v5"),
      flattened("k5", "k3", 4),
      flattened("v5", "v3", 4),
    ],
  ),
  multiHead("values of another size", { q, k, v: random([2, 4, 8], 1, 7) }),
];

const x = random([2, 3, 6], 1, 3);
const weights = random([6, 48], 1, 5);
const attentionNames = ["x", "weights", "bias", "padding", "past", "scores"];
const selfAttention = (why: string, tensors: Tensors, attributes: Attributes = {}): OpCase =>
  contrib("Attention", why, tensors, {
    inputs: inputsOf(attentionNames, tensors),
    attributes: { num_heads: int(heads), ...attributes },
    types: floats("past" in tensors ? 2 : 1),
    constants: ["weights", "bias"].filter((name) => name in tensors),
    tolerance,
  });
const projected = { x, weights, bias };
const pair = random([2, 2, 2, 4, 8], 1, 11);

/** On its CPU onnxruntime-node needs a bias. */
function withoutBias(opCase: OpCase): OpCase {
  const zeros = { tensor: f32([48], new Array<number>(48).fill(0)) };
  const constant: NodeSpec = {
    op: "Constant",
    inputs: [],
    outputs: ["zeros"],
    attributes: { value: zeros },
  };
  const only = { ...opCase.nodes[0]!, inputs: ["x", "weights", "zeros"] };
  return { ...opCase, oracle: [constant, only] };
}

const selfAttentions: readonly OpCase[] = [
  selfAttention("weights and bias", projected),
  withoutBias(selfAttention("without bias, causal", { x, weights }, { unidirectional: int(1) })),
  selfAttention("ends of sequences", { ...projected, padding: i32([2], [2, 3]) }),
  selfAttention("ends and starts", { ...projected, padding: i32([4], [3, 2, 1, 0]) }),
  selfAttention("a mask of keys", { ...projected, padding: i32([2, 3], [1, 1, 0, 0, 1, 1]) }),
  selfAttention("a past", { ...projected, past: pair }),
  selfAttention("a past, causal", { ...projected, past: pair }, { unidirectional: int(1) }),
  selfAttention("a bias of scores", { ...projected, scores: random([1, 2, 3, 3], 1, 19) }),
  selfAttention(
    "values of another width, a scale",
    { x, weights: random([6, 40], 1, 5), bias: random([40], 1, 7) },
    { qkv_hidden_sizes: ints(16, 16, 8), scale: float(0.2) },
  ),
];

const standardNames = ["q", "k", "v", "mask", "pastK", "pastV", "lengths"];
const standard = (
  why: string,
  tensors: Tensors,
  attributes: Attributes = {},
  { opset = 23, outputs = 1 } = {},
): OpCase => {
  const opCase = one("Attention", `${why}, of the standard`, tensors, {
    opset,
    attributes,
    types: floats(outputs),
    tolerance,
  });
  return { ...opCase, nodes: [{ ...opCase.nodes[0]!, inputs: inputsOf(standardNames, tensors) }] };
};
const q4 = random([2, 4, 3, 8], 1, 3);
const [k4, v4] = [random([2, 2, 5, 8], 1, 5), random([2, 2, 5, 6], 1, 7)];
const four = { q: q4, k: k4, v: v4 };
const flat = {
  q: random([2, 3, 32], 1, 3),
  k: random([2, 5, 16], 1, 5),
  v: random([2, 5, 16], 1, 7),
};
const flatHeads = { q_num_heads: int(4), kv_num_heads: int(2) };
const olds = { pastK: random([2, 2, 4, 8], 1, 11), pastV: random([2, 2, 4, 6], 1, 13) };
const seen = bools([3, 5], [1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1]);
const added = f32([1, 1, 3, 5], [0, -1, 0.5, -Infinity, 0, 1, 0, 0, 2, -2, 0, 0, 0, 0, -Infinity]);

const standards: readonly OpCase[] = [
  standard("heads of groups", four),
  standard("without a dimension of heads", flat, flatHeads),
  standard("causal", { ...four, k: random([2, 2, 3, 8], 1, 5), v: random([2, 2, 3, 6], 1, 7) }, {
    is_causal: int(1),
  }),
  standard("a mask of booleans", { ...four, mask: seen }),
  standard("a mask that is added", { ...four, mask: added }),
  standard("a scale and a soft cap", four, { scale: float(0.3), softcap: float(0.5) }),
  standard("a past", { ...four, ...olds }, {}, { outputs: 3 }),
  standard("a past, causal", { ...four, ...olds }, { is_causal: int(1) }, { outputs: 3 }),
  standard("scores", four, { softcap: float(0.5) }, { outputs: 4 }),
  standard("probabilities", { ...four, mask: seen }, { qk_matmul_output_mode: int(3) }, { outputs: 4 }),
  standard("lengths, opset 24", { ...four, lengths: i64([2], [4, 2]) }, {}, { opset: 24 }),
]; // prettier-ignore

export const attentionForms: readonly OpCase[] = [...multiHeads, ...selfAttentions, ...standards];
