/**
 * GroupQueryAttention of com.microsoft: attention with a cache of keys and values that grows with each run, or that has
 * room for all and is written at each sequence's own place.
 */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { addSizes, sizesEqual, subtractSizes, type Size } from "../core.ts";
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
  type Offset,
} from "./attention-core.ts";
import { calculatorOf } from "./calculate.ts";
import { positions } from "./positions.ts";
import { anglesAt, rotate } from "./rotary.ts";
import { contribOp, type OpRow } from "./row.ts";

export const groupAttentionRows: readonly OpRow[] = [
  contribOp("GroupQueryAttention", {
    empties: true,
    convert: groupQuery,
    caches: [
      { past: 3, present: 1 },
      { past: 4, present: 2 },
    ],
  }),
];

/** What a run does with the cache. */
interface Cache {
  /** Where the new keys begin. */
  readonly offset: Offset;
  /** How many keys there are to look at. */
  readonly keys: Size;
  readonly update: (past: number, x: Operand) => Operand;
}

function groupQuery(node: NodeContext): readonly Value[] {
  refuseOthers(node);
  const { q, k, v } = readHeads(node);
  const cache = cacheOf(node, k);
  const turned = node.int("do_rotary", 0) !== 0 ? rotateHeads(node, q, k, cache.offset) : { q, k };
  const present = { k: cache.update(3, turned.k), v: cache.update(4, v) };
  const { softcap, ...form } = {
    scale: node.float("scale", 0) || 1 / Math.sqrt(node.decisions.number(q.shape[3]!)),
    softcap: node.float("softcap", 0),
  };
  const attended = attend(
    node,
    { q: turned.q, k: upTo(node, present.k, cache.keys), v: upTo(node, present.v, cache.keys) },
    {
      ...form,
      softcap,
      biases: node.has(10) ? [node.operand(10)] : [],
      allowed: masks(node, q.shape[2]!, cache),
      ...sinkOf(node, q),
    },
  );
  const qk = node.int("qk_output", 0) === 2 ? attended.probabilities : attended.biased;
  return [
    node.result(mergeHeads(node, attended.y)),
    node.result(present.k),
    node.result(present.v),
    node.result(qk),
  ];
}

function refuseOthers(node: NodeContext): void {
  for (const name of ["k_quant_type", "v_quant_type"]) {
    const type = node.text(name, "NONE");
    if (type !== "NONE") node.fail(`${name} '${type}', a cache of integers`);
  }
  if (node.int("sliding_window_cache", 0) !== 0) node.fail("sliding_window_cache 1");
  if (node.has(14) || node.has(15)) node.fail("q_norm_weight and k_norm_weight");
}

/** Queries, keys and values of their own, or all in one tensor. */
function readHeads(node: NodeContext): Heads {
  const [heads, kvHeads] = [headsOf(node, "num_heads"), headsOf(node, "kv_num_heads")];
  if (heads % kvHeads !== 0) node.fail(`num_heads ${heads} and kv_num_heads ${kvHeads}`);
  const x = node.operand(0);
  if (node.has(1)) {
    const [k, v] = [node.operand(1), node.operand(2)];
    return {
      q: splitHeads(node, x, heads),
      k: splitHeads(node, k, kvHeads),
      v: splitHeads(node, v, kvHeads),
    };
  }
  const all = splitHeads(node, x, heads + 2 * kvHeads);
  const [batch, , length, size] = all.shape;
  const some = (start: number, count: number) =>
    node.builder.slice(all, [0, start, 0, 0], [batch!, count, length!, size!], {
      label: node.label,
    });
  return {
    q: some(0, heads),
    k: some(heads, kvHeads),
    v: some(heads + kvHeads, kvHeads),
  };
}

/**
 * Without a past, new keys begin at 0; a growing past of one sequence ends where they begin. Else each sequence says
 * by `seqlens_k`, its last position, where its own begin.
 */
function cacheOf(node: NodeContext, k: Operand): Cache {
  const { decisions } = node;
  const [batch, , length] = k.shape;
  const past = pastLength(node, 3);
  if (decisions.equal(past, 0)) return { offset: 0, keys: length!, update: (_, x) => x };
  const total = node.integers(6)[0] ?? node.fail("total_sequence_length is missing");
  const grows = decisions.less(past, total);
  const isWhole = decisions.equal(total, addSizes(past, length!));
  const offset = startsOf(node, length!);
  if (grows && isWhole && decisions.equal(batch!, 1)) {
    // The offset is `past`. As data it makes what `total` is a size of an input of the graph: one graph for all sizes.
    return { offset, keys: addSizes(past, length!), update: (i, x) => append(node, i, x) };
  }
  const indices = writePlaces(node, k, offset);
  return {
    offset,
    keys: total,
    update(i, x) {
      const old = node.operand(i);
      const { label } = node;
      const room = grows ? withRoom(node, old, subtractSizes(total, past)) : old;
      return node.builder.scatterND(room, indices, x, { label });
    },
  };
}

/** max(seqlens_k + 1 − length, 0) */
function startsOf(node: NodeContext, length: Size): Operand {
  const { add, max, reshape, size, sub } = calculatorOf(node);
  const ends = add(node.operand(5), 1);
  const flat = ends.shape.length === 1 ? ends : reshape(ends, [node.shape(0)[0]!]);
  return max(sub(flat, size(length, "int32")), 0);
}

/** The indices [batch, heads, length, 3] of the rows of a cache that new keys go to. */
function writePlaces(node: NodeContext, { shape }: Operand, starts: Operand): Operand {
  const { add, expand, reshape } = calculatorOf(node);
  const [batch, heads, length] = shape;
  const whole = [batch!, heads!, length!, 1];
  const along = (axis: number) => positions(node, "int32", shape[axis]!, 4, axis);
  const rows = add(along(2), reshape(starts, [batch!, 1, 1, 1]));
  const places = [along(0), along(1), rows].map((each) => expand(each, whole));
  return node.builder.concat(places, 3, { label: node.label });
}

function withRoom(node: NodeContext, past: Operand, count: Size): Operand {
  const [batch, heads, , size] = past.shape;
  const room = node.writer.filled(past.dataType, 0, [batch!, heads!, count, size!]);
  return node.builder.concat([past, room], 2, { label: node.label });
}

function upTo(node: NodeContext, x: Operand, keys: Size): Operand {
  const [batch, heads, length, size] = x.shape;
  if (sizesEqual(length!, keys)) return x;
  return node.builder.slice(x, [0, 0, 0, 0], [batch!, heads!, keys, size!], { label: node.label });
}

function rotateHeads(
  node: NodeContext,
  q: Operand,
  k: Operand,
  offset: Offset,
): Pick<Heads, "q" | "k"> {
  const { reshape } = calculatorOf(node);
  const length = q.shape[2]!;
  const queries = queryPositions(node, length, offset);
  const shape = queries.shape.length === 2 ? [length] : [queries.shape[0]!, length];
  const places = node.has(9) ? node.operand(9) : reshape(queries, shape);
  const [cos, sin] = [7, 8].map((table) => anglesAt(node, node.operand(table), places));
  const isInterleaved = node.int("rotary_interleaved", 0) !== 0;
  const rotation = { cos: cos!, sin: sin!, isInterleaved };
  return { q: rotate(node, q, rotation), k: rotate(node, k, rotation) };
}

/** A query sees itself and the keys before it, or of these only the last `local_window_size`. */
function masks(node: NodeContext, length: Size, { offset, keys }: Cache): readonly Operand[] {
  const { add, lesser, reshape } = calculatorOf(node);
  const window = node.int("local_window_size", -1);
  if (node.int("causal", 1) === 0) {
    const ends = add(node.operand(5), 1);
    const places = positions(node, "int32", keys);
    return [lesser(places, reshape(ends, [node.shape(0)[0]!, 1, 1, 1]))];
  }
  const queries = queryPositions(node, length, offset);
  return windowMask(node, queries, keys, { left: window > 0 ? window - 1 : undefined, right: 0 });
}

/** A smooth softmax has one more score, which is 0 unless each head says its own. */
function sinkOf(node: NodeContext, q: Operand): { readonly sink?: Operand } {
  if (node.has(11)) return { sink: node.operand(11) };
  if (node.int("smooth_softmax", 0) === 0) return {};
  return { sink: node.writer.filled("float32", 0, [q.shape[1]!]) };
}
