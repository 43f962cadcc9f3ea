/** MultiHeadAttention and Attention of com.microsoft: attention as BERT, GPT-2 and Whisper have it. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import {
  append,
  attend,
  headsOf,
  mergeHeads,
  pastLength,
  queryPositions,
  splitHeads,
  windowMask,
  type Heads,
} from "./attention-core.ts";
import { calculatorOf } from "./calculate.ts";
import { multiplyMatrices } from "./matmul.ts";
import { paddingBias } from "./padding-mask.ts";
import { contribOp, type OpRow } from "./row.ts";

export const multiHeadRows: readonly OpRow[] = [
  contribOp("MultiHeadAttention", {
    empties: true,
    convert: multiHead,
    caches: [
      { past: 6, present: 1 },
      { past: 7, present: 2 },
    ],
  }),
  contribOp("Attention", {
    empties: true,
    convert: selfAttention,
    caches: [{ past: 4, present: 1 }],
  }),
];

/** Inputs that both ops have, at different positions. */
interface Masks {
  readonly padding: number;
  readonly bias: number;
  readonly past: Size;
}

function multiHead(node: NodeContext): readonly Value[] {
  for (const input of [8, 9]) {
    if (node.has(input)) node.fail(`input ${input}, of a cache that is shared with its results`);
  }
  const { q, k, v } = withBias(node, readHeads(node, headsOf(node, "num_heads")));
  const present = { k: append(node, 6, k), v: append(node, 7, v) };
  const { y, probabilities } = attention(
    node,
    { q, ...present },
    { padding: 4, bias: 5, past: pastLength(node, 6) },
  );
  return [
    node.result(mergeHeads(node, y)),
    node.result(present.k),
    node.result(present.v),
    node.result(probabilities),
  ];
}

function attention(node: NodeContext, heads: Heads, { padding, bias, past }: Masks) {
  const { q, k } = heads;
  const [queries, keys] = [q.shape[2]!, k.shape[2]!];
  const isCausal = node.int("unidirectional", 0) !== 0;
  const places = queryPositions(node, queries, past);
  return attend(node, heads, {
    scale: node.float("scale", 0) || 1 / Math.sqrt(node.decisions.number(q.shape[3]!)),
    biases: [
      ...(node.has(padding)
        ? [paddingBias(node, padding, { batch: q.shape[0]!, queries, keys, past })]
        : []),
      ...(node.has(bias) ? [node.operand(bias)] : []),
    ],
    allowed: isCausal ? windowMask(node, places, keys, { left: undefined, right: 0 }) : [],
  });
}

/** Three tensors; one or two that hold several; or keys and values that are split into heads already. */
function readHeads(node: NodeContext, heads: number): Heads {
  const x = node.operand(0);
  if (x.shape.length === 5)
    return { q: part(node, 0, 0), k: part(node, 0, 1), v: part(node, 0, 2) };
  const q = splitHeads(node, x, heads);
  if (!node.has(1)) return node.fail("key is missing");
  const rank = node.rank(1);
  if (rank === 5) return { q, k: part(node, 1, 0), v: part(node, 1, 1) };
  const [k, v] = [node.operand(1), node.operand(2)];
  if (rank === 4) return { q, k, v };
  return { q, k: splitHeads(node, k, heads), v: splitHeads(node, v, heads) };
}

/** One of the tensors in [batch, length, heads, how many, size]. */
function part(node: NodeContext, input: number, index: number): Operand {
  const { reshape, transpose } = calculatorOf(node);
  const all = node.operand(input);
  const [batch, length, heads, , size] = all.shape;
  const one = node.builder.slice(all, [0, 0, 0, index, 0], [batch!, length!, heads!, 1, size!], {
    label: node.label,
  });
  return transpose(reshape(one, [batch!, length!, heads!, size!]), [0, 2, 1, 3]);
}

/** The bias of all three stands in one vector; keys that are a past have none. */
function withBias(node: NodeContext, { q, k, v }: Heads): Heads {
  if (!node.has(3)) return { q, k, v };
  const { add, reshape } = calculatorOf(node);
  const bias = node.operand(3);
  const { number } = node.decisions;
  let start = 0;
  const added = (x: Operand, isPast: boolean): Operand => {
    const [heads, size] = [number(x.shape[1]!), number(x.shape[3]!)];
    const own = node.builder.slice(bias, [start], [heads * size], { label: node.label });
    start += heads * size;
    return isPast ? x : add(x, reshape(own, [1, heads, 1, size]));
  };
  const isPast = node.has(1) && node.rank(1) === 4;
  return { q: added(q, false), k: added(k, isPast), v: added(v, isPast) };
}

/** input · weights + bias is split into queries, keys and values. */
function selfAttention(node: NodeContext): readonly Value[] {
  if (node.int("do_rotary", 0) !== 0) node.fail("do_rotary 1, whose angles no input gives");
  if (node.has(6) || node.int("past_present_share_buffer", 0) !== 0) {
    node.fail("a cache that is shared with its results");
  }
  const { add, reshape } = calculatorOf(node);
  const heads = headsOf(node, "num_heads");
  const product = multiplyMatrices(node, node.operand(0), node.operand(1), node.label);
  const all = node.has(2) ? add(product, node.operand(2)) : product;
  const widths = widthsOf(node, node.decisions.number(all.shape[2]!));
  const [batch, length] = all.shape;
  const [q, k, v] = widths.map((width, i) => {
    const start = widths.slice(0, i).reduce((sum, other) => sum + other, 0);
    const own = node.builder.slice(all, [0, 0, start], [batch!, length!, width], {
      label: node.label,
    });
    return splitHeads(node, own, heads);
  });
  const isPast = node.has(4) && !node.decisions.equal(node.shape(4)[3] ?? 0, 0);
  const past: Size = isPast ? node.shape(4)[3]! : 0;
  const joined = (x: Operand, index: number): Operand => {
    if (!isPast) return x;
    const [, ...shape] = node.shape(4);
    const { label } = node;
    const old = node.builder.slice(node.operand(4), [index, 0, 0, 0, 0], [1, ...shape], { label });
    return node.builder.concat([reshape(old, shape), x], 2, { label });
  };
  const present = { k: joined(k!, 0), v: joined(v!, 1) };
  const { y } = attention(node, { q: q!, ...present }, { padding: 3, bias: 5, past });
  const result = node.result(mergeHeads(node, y));
  if ((node.node.outputs[1] ?? "") === "") return [result];
  const pair = [present.k, present.v].map((x) => reshape(x, [1, ...x.shape]));
  return [result, node.result(node.builder.concat(pair, 0, { label: node.label }))];
}

function widthsOf(node: NodeContext, total: number): readonly number[] {
  const widths = node.ints("qkv_hidden_sizes") ?? [total / 3, total / 3, total / 3];
  const isWhole =
    widths.length === 3 && widths.every((width) => Number.isInteger(width) && width > 0);
  if (!isWhole || widths.reduce((sum, width) => sum + width, 0) !== total) {
    node.fail(`qkv_hidden_sizes ${widths.join(", ")} of ${total} columns`);
  }
  return widths;
}
