/** Attention of the standard, since opset 23. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { subtractSizes, type Size } from "../core.ts";
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
  type Attended,
  type Offset,
} from "./attention-core.ts";
import { calculatorOf } from "./calculate.ts";
import { positions } from "./positions.ts";
import { op, type OpRow } from "./row.ts";

export const standardAttentionRows: readonly OpRow[] = [
  op("Attention", {
    since: 23,
    empties: true,
    convert: attention,
    caches: [
      { past: 4, present: 1 },
      { past: 5, present: 2 },
    ],
  }),
];

function attention(node: NodeContext): readonly Value[] {
  const isFlat = node.rank(0) === 3;
  const inHeads = (input: number, heads: string): Operand =>
    isFlat ? splitHeads(node, node.operand(input), headsOf(node, heads)) : node.operand(input);
  const q = inHeads(0, "q_num_heads");
  const k = append(node, 4, inHeads(1, "kv_num_heads"));
  const v = append(node, 5, inHeads(2, "kv_num_heads"));
  const keys = k.shape[2]!;
  const given = node.has(3) ? maskOf(node, keys) : undefined;
  const attended = attend(
    node,
    { q, k, v },
    {
      scale: node.float("scale", 0) || 1 / Math.sqrt(node.decisions.number(q.shape[3]!)),
      softcap: node.float("softcap", 0),
      biases: given?.bias === undefined ? [] : [given.bias],
      allowed: [...(given === undefined ? [] : [given.allowed]), ...masks(node, q.shape[2]!, keys)],
    },
  );
  return [
    node.result(isFlat ? mergeHeads(node, attended.y) : attended.y),
    node.result(k, node.type(1)),
    node.result(v, node.type(2)),
    node.result(scoresAsked(node, attended)),
  ];
}

/** What `qk_matmul_output_mode` says of the last output. */
function scoresAsked(node: NodeContext, { raw, capped, biased, probabilities }: Attended): Operand {
  const mode = node.int("qk_matmul_output_mode", 0);
  const all = [raw, capped, biased, probabilities];
  return all[mode] ?? node.fail(`qk_matmul_output_mode ${mode} is not 0, 1, 2 or 3`);
}

/** A mask of floats is added, but where it is infinite no key is seen; there may be more keys than it says. */
function maskOf(
  node: NodeContext,
  keys: Size,
): { readonly allowed: Operand; readonly bias?: Operand } {
  const { builder, label } = node;
  const { where } = calculatorOf(node);
  const mask = node.operand(3);
  const none = mask.shape.map(() => 0);
  const rest = node.decisions.number(subtractSizes(keys, mask.shape.at(-1) ?? keys));
  if (rest < 0) node.fail(`a mask of ${-rest} more keys than there are`);
  const fill = (x: Operand) =>
    rest === 0 ? x : builder.pad(x, none, [...none.slice(1), rest], { label });
  if (node.type(3) === "bool") return { allowed: fill(mask) };
  const isInfinite = builder.isInfinite(mask, { label });
  const allowed = fill(builder.logicalNot(isInfinite, { label }));
  return { allowed, bias: fill(where(isInfinite, 0, mask)) };
}

/** What is behind a query, outside its window, or only fills a sequence up. */
function masks(node: NodeContext, queries: Size, keys: Size): readonly Operand[] {
  const { cast, lesser, reshape, size, sub } = calculatorOf(node);
  const lengths = node.has(6) ? cast(node.operand(6), "int32") : undefined;
  const offset: Offset =
    lengths === undefined ? pastLength(node, 4) : sub(lengths, size(queries, "int32"));
  const bound = (name: string) => {
    const value = node.int(name, -1);
    return value < 0 ? undefined : value;
  };
  const right = node.int("is_causal", 0) === 0 ? bound("right_window_size") : 0;
  const window = { left: bound("left_window_size"), right };
  const places = queryPositions(node, queries, offset);
  const ends =
    lengths &&
    lesser(positions(node, "int32", keys), reshape(lengths, [lengths.shape[0]!, 1, 1, 1]));
  return [...windowMask(node, places, keys, window), ...(ends === undefined ? [] : [ends])];
}
