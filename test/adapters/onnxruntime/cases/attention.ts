/** Attention of language models: groups of queries with caches, and rotary positions. */
import { toHalf } from "../../../../core-webnn/util/half.ts";
import type { AttributeSpec, TensorSpec } from "../onnx-writer.ts";
import { i64, type ElementTypeName } from "../onnx-writer.ts";
import { contrib, i32, inFloats, int, one, random, typed, type OpCase } from "./make-case.ts";

const float = (value: number) => ({ float: value });
const half = (tensor: TensorSpec): TensorSpec =>
  typed(
    "float16",
    tensor.data.map((value) => toHalf(Number(value))),
    tensor.shape,
  );
const tolerance = 5e-6;

interface Group {
  readonly batch?: number;
  readonly length?: number;
  /** The cache's rows; none is no cache. */
  readonly past?: number;
  readonly total?: number;
  /** The last position of each sequence. */
  readonly ends?: readonly number[];
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly rotary?: "halves" | "interleaved";
  readonly packed?: true;
  readonly bias?: readonly number[];
  readonly sink?: true;
  readonly type?: "float16";
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

function group(why: string, form: Group = {}): OpCase {
  const { batch = 1, length = 3, past, heads = 4, kvHeads = 2 } = form;
  // ONNX Runtime rotates heads of a multiple of 16 only.
  const size = form.rotary ? 16 : 8;
  const total = form.total ?? (past ?? 0) + length;
  const ends = form.ends ?? new Array<number>(batch).fill(total - 1);
  const angles = size / 2;
  const of = (shape: readonly number[], seed: number, scale = 1): TensorSpec => {
    const tensor = random(shape, scale, seed);
    return form.type === "float16" ? half(tensor) : tensor;
  };
  // Rows of a cache that no sequence has written yet are zeros.
  const cache = (seed: number): TensorSpec => {
    const tensor = of([batch, kvHeads, past!, size], seed);
    const isWritten = (_: unknown, i: number) => {
      const row = Math.floor(i / size) % past!;
      return row < ends[Math.floor(i / (kvHeads * past! * size))]! + 1 - length;
    };
    return { ...tensor, data: tensor.data.map((x, i) => (isWritten(x, i) ? x : 0)) };
  };
  const tensors: Record<string, TensorSpec> = {
    q: of([batch, length, (form.packed ? heads + 2 * kvHeads : heads) * size], 3),
    ...(!form.packed && {
      k: of([batch, length, kvHeads * size], 5),
      v: of([batch, length, kvHeads * size], 7),
    }),
    ...(past !== undefined && {
      pastK: cache(11),
      pastV: cache(13),
    }),
    ends: i32([batch], ends),
    total: i32([], [total]),
    ...(form.rotary && { cos: of([16, angles], 17), sin: of([16, angles], 19) }),
    ...(form.bias && { bias: of(form.bias, 23) }),
    ...(form.sink && { sink: of([heads], 29) }),
  };
  const names = [
    "q",
    "k",
    "v",
    "pastK",
    "pastV",
    "ends",
    "total",
    "cos",
    "sin",
    "",
    "bias",
    "sink",
  ];
  const given = names.map((name) => (name in tensors ? name : ""));
  const type: ElementTypeName = form.type ?? "float32";
  const opCase = contrib("GroupQueryAttention", why, tensors, {
    inputs: given.slice(0, given.findLastIndex((name) => name !== "") + 1),
    types: [type, type, type],
    constants: ["total", "cos", "sin"].filter((name) => name in tensors),
    attributes: {
      num_heads: int(heads),
      kv_num_heads: int(kvHeads),
      ...(form.rotary && { do_rotary: int(1) }),
      ...(form.rotary === "interleaved" && { rotary_interleaved: int(1) }),
      ...form.attributes,
    },
    tolerance: form.type === "float16" ? 4e-3 : tolerance,
  });
  return inFloats(opCase);
}

const groups: readonly OpCase[] = [
  group("a prompt"),
  group("a prompt of two sequences", { batch: 2 }),
  group("as many heads of keys", { kvHeads: 4 }),
  group("a prompt with rotary positions", { rotary: "halves" }),
  group("interleaved rotary positions", { rotary: "interleaved" }),
  group("all in one tensor", { packed: true, rotary: "halves" }),
  group("a growing cache", { past: 5, length: 1, rotary: "halves" }),
  group("a growing cache, several new tokens", { past: 5, rotary: "halves" }),
  group("a growing cache of two sequences", { batch: 2, past: 5, length: 1, rotary: "halves" }),
  group("a growing cache, sequences of different lengths", {
    batch: 2,
    past: 5,
    length: 1,
    ends: [5, 3],
    rotary: "halves",
  }),
  group("room for all, a prompt", { past: 8, total: 3, rotary: "halves" }),
  group("room for all, one token", { past: 8, length: 1, total: 5, rotary: "halves" }),
  group("room for all, several tokens", { past: 8, total: 6, rotary: "interleaved" }),
  group("room for all, sequences of different lengths", {
    batch: 3,
    past: 8,
    length: 1,
    total: 7,
    ends: [6, 2, 4],
    rotary: "halves",
  }),
  group("a scale", { attributes: { scale: float(0.3) } }),
  group("a soft cap", { attributes: { softcap: float(0.4) }, past: 4 }),
  group("a window", { length: 6, attributes: { local_window_size: int(2) } }),
  group("a window, one token", { past: 6, length: 1, attributes: { local_window_size: int(3) } }),
  group("a smooth softmax", { attributes: { smooth_softmax: int(1) } }),
  group("a sink for each head", { sink: true, past: 2 }),
  group("a bias", { bias: [1, 4, 3, 5], past: 2 }),
  group("a bias and a soft cap", {
    bias: [1, 1, 3, 5],
    past: 2,
    attributes: { softcap: float(0.4) },
  }),
  group("float16", { type: "float16", past: 5, length: 1, rotary: "halves" }),
];

const cosSin = (of: readonly number[]) => ({ cos: random(of, 1, 17), sin: random(of, 1, 19) });
const x3 = random([2, 3, 16], 1, 3);
const x4 = random([2, 4, 3, 8], 1, 3);
const places = i64([2, 3], [0, 1, 2, 7, 3, 5]);

const rotary: readonly OpCase[] = [
  contrib("RotaryEmbedding", "positions of each", { x3, places, ...cosSin([8, 4]) }),
  contrib("RotaryEmbedding", "one start", { x3, start: i64([1], [2]), ...cosSin([8, 4]) }),
  contrib("RotaryEmbedding", "interleaved", { x3, places, ...cosSin([8, 4]) }, {
    attributes: { interleaved: int(1) },
  }),
  contrib("RotaryEmbedding", "heads before the sequence", { x4, places, ...cosSin([8, 4]) }),
  contrib("RotaryEmbedding", "a part of each head", { x3, places, ...cosSin([8, 2]) }, {
    attributes: { num_heads: int(2), rotary_embedding_dim: int(4) },
  }),
  one("RotaryEmbedding", "positions of each, opset 23", { x3, ...cosSin([8, 4]), places }, {
    opset: 23, attributes: { num_heads: int(2) },
  }),
  one("RotaryEmbedding", "angles of each", { x4, ...cosSin([2, 3, 4]) }, { opset: 23 }),
  one("RotaryEmbedding", "a part, interleaved", { x4, ...cosSin([8, 2]), places }, {
    opset: 23, attributes: { interleaved: int(1), rotary_embedding_dim: int(4) },
  }),
]; // prettier-ignore

export const attention: readonly OpCase[] = [...groups, ...rotary];
