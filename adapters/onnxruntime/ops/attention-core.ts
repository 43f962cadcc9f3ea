/** What all attention ops share: heads, masks, and softmax(q · kᵀ) · v. */
import type { NodeContext } from "../convert/node-context.ts";
import { multiplySizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { positions } from "./positions.ts";

/** [batch, heads, length, size of a head]; there may be fewer heads of keys and values, each for some of the queries. */
export interface Heads {
  readonly q: Operand;
  readonly k: Operand;
  readonly v: Operand;
}

export interface AttentionForm {
  readonly scale: number;
  /** 0 for none. */
  readonly softcap?: number;
  /** Added to the scores; broadcast against [batch, heads, queries, keys]. */
  readonly biases?: readonly Operand[];
  /** The same, added before the cap. */
  readonly uncapped?: readonly Operand[];
  /** 1 where a query sees a key; a query that sees none gives 0. */
  readonly allowed?: readonly Operand[];
  /** The score of one more key, without value, for each head. */
  readonly sink?: Operand;
}

export interface Attended {
  /** [batch, heads, queries, size of a value] */
  readonly y: Operand;
  readonly raw: Operand;
  readonly capped: Operand;
  readonly biased: Operand;
  readonly probabilities: Operand;
}

/** A number below all scores, which a core on a GPU may take for finite. */
const lowest = -3e38;

/** [batch, length, heads · size] as [batch, heads, length, size]. */
export function splitHeads(node: NodeContext, x: Operand, heads: number): Operand {
  const { reshape, transpose } = calculatorOf(node);
  const [batch, length] = x.shape;
  const width = node.decisions.number(x.shape[2] ?? 0);
  if (x.shape.length !== 3 || width % heads !== 0) {
    node.fail(`${x.shape.length} dimensions, the last ${width}, are no ${heads} heads`);
  }
  return transpose(reshape(x, [batch!, length!, heads, width / heads]), [0, 2, 1, 3]);
}

export function mergeHeads(node: NodeContext, x: Operand): Operand {
  const { reshape, transpose } = calculatorOf(node);
  const [batch, heads, length, size] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch!, length!, multiplySizes(heads!, size!)]);
}

/** A positive number of heads. */
export function headsOf(node: NodeContext, name: string, otherwise = 0): number {
  const heads = node.int(name, otherwise);
  return heads >= 1 && heads <= 2 ** 16
    ? heads
    : node.fail(`${name} ${heads}, expected 1 to 65536`);
}

export function attend(node: NodeContext, { q, k, v }: Heads, form: AttentionForm): Attended {
  const { add, cast, div, mul, where } = calculatorOf(node);
  const { builder, label } = node;
  const raw = scoresOf(node, mul(q, form.scale), k);
  const type = raw.dataType;
  for (const { shape } of [...(form.biases ?? []), ...(form.uncapped ?? [])]) {
    node.broadcast(raw.shape, shape);
  }
  // Softmax in float32: what is masked is far outside float16.
  const sum = (x: Operand, all: readonly Operand[] = []): Operand =>
    all.reduce((total, bias) => add(total, cast(bias, "float32")), x);
  const wide = sum(cast(raw, "float32"), form.uncapped);
  const { softcap = 0 } = form;
  const capped = softcap > 0 ? mul(builder.tanh(div(wide, softcap), { label }), softcap) : wide;
  const biased = sum(capped, form.biases);
  const { allowed = [] } = form;
  const isSeen =
    allowed.length === 0 ? undefined : allowed.reduce((a, b) => calculatorOf(node).and(a, b));
  const scores = isSeen === undefined ? biased : where(isSeen, biased, lowest);
  const soft = softmaxOf(node, scores, form.sink);
  const probabilities = cast(isSeen === undefined ? soft : where(isSeen, soft, 0), type);
  const y = weigh(node, probabilities, v);
  return {
    y, raw, probabilities,
    capped: cast(capped, type),
    biased: cast(scores, type),
  }; // prettier-ignore
}

/** q · kᵀ: queries of the heads that share keys stand below each other. */
function scoresOf(node: NodeContext, q: Operand, k: Operand): Operand {
  const { matmul, reshape, transpose } = calculatorOf(node);
  const [batch, heads, length] = q.shape;
  const product = matmul(grouped(node, q, k), transpose(k, [0, 1, 3, 2]));
  return reshape(product, [batch!, heads!, length!, k.shape[2]!]);
}

function weigh(node: NodeContext, probabilities: Operand, v: Operand): Operand {
  const { matmul, reshape } = calculatorOf(node);
  const [batch, heads, length] = probabilities.shape;
  const product = matmul(grouped(node, probabilities, v), v);
  return reshape(product, [batch!, heads!, length!, v.shape[3]!]);
}

function grouped(node: NodeContext, x: Operand, keys: Operand): Operand {
  const [batch, heads, length, size] = x.shape;
  const [all, groups] = [heads!, keys.shape[1]!].map(node.decisions.number);
  if (all === groups) return x;
  if (all! % groups! !== 0) node.fail(`${all} heads of queries for ${groups} of keys`);
  const each = all! / groups!;
  return calculatorOf(node).reshape(x, [batch!, groups!, multiplySizes(each, length!), size!]);
}

function softmaxOf(node: NodeContext, scores: Operand, sink: Operand | undefined): Operand {
  const { builder, label } = node;
  if (sink === undefined) return builder.softmax(scores, 3, { label });
  const { cast, expand, reshape } = calculatorOf(node);
  const shape = [...scores.shape.slice(0, 3), 1];
  const column = expand(reshape(cast(sink, "float32"), [1, sink.shape[0]!, 1, 1]), shape);
  const all = builder.softmax(builder.concat([scores, column], 3, { label }), 3, { label });
  return builder.slice(all, [0, 0, 0, 0], scores.shape, { label });
}

/** Where each query is among the keys: a size for all sequences, or an operand [batch] of int32. */
export type Offset = Size | Operand;

const isOperand = (offset: Offset): offset is Operand =>
  typeof offset === "object" && "dataType" in offset;

/** The positions of queries as int32 [queries, 1], or [batch, 1, queries, 1]. */
export function queryPositions(node: NodeContext, length: Size, offset: Offset): Operand {
  const { add, reshape, size } = calculatorOf(node);
  if (isOperand(offset)) {
    const starts = reshape(offset, [offset.shape[0]!, 1, 1, 1]);
    return add(positions(node, "int32", length, 2, 0), starts);
  }
  const places = positions(node, "int32", length, 2, 0);
  return offset === 0 ? places : add(places, size(offset, "int32"));
}

/** Keys from `left` before a query to `right` behind it; undefined is no limit. */
export function windowMask(
  node: NodeContext,
  queries: Operand,
  keys: Size,
  { left, right }: { readonly left: number | undefined; readonly right: number | undefined },
): readonly Operand[] {
  const { add, greaterOrEqual, lesserOrEqual, sub } = calculatorOf(node);
  const places = positions(node, "int32", keys);
  return [
    ...(right === undefined
      ? []
      : [lesserOrEqual(places, right === 0 ? queries : add(queries, right))]),
    ...(left === undefined ? [] : [greaterOrEqual(places, sub(queries, left))]),
  ];
}

/** Past and new keys, or values; the past is left out where it is empty. */
export function append(node: NodeContext, past: number, x: Operand): Operand {
  if (!node.has(past) || node.decisions.equal(node.shape(past)[2] ?? 0, 0)) return x;
  return node.builder.concat([node.operand(past), x], 2, { label: node.label });
}

/** How long the past is: 0 where there is none. */
export function pastLength(node: NodeContext, past: number): Size {
  return node.has(past) ? (node.shape(past)[2] ?? 0) : 0;
}
