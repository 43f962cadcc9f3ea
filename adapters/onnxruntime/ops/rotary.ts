/** Rotary positions: pairs of elements of a head, turned by an angle that grows with the position. */
import type { NodeContext } from "../convert/node-context.ts";
import { multiplySizes } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { mergeHeads, splitHeads } from "./attention-core.ts";
import { calculatorOf } from "./calculate.ts";
import { positions } from "./positions.ts";
import { contribOp, op, type OpRow } from "./row.ts";

export const rotaryRows: readonly OpRow[] = [
  op("RotaryEmbedding", {
    since: 23,
    convert(node) {
      const places = node.has(3) ? node.operand(3) : undefined;
      return node.result(rotaryNode(node, [1, 2], places));
    },
  }),
  contribOp("RotaryEmbedding", {
    convert: (node) => node.result(rotaryNode(node, [2, 3], placesOf(node))),
  }),
];

export interface Rotation {
  /** [length, size / 2], or [batch, 1, length, size / 2]. */
  readonly cos: Operand;
  readonly sin: Operand;
  readonly isInterleaved: boolean;
}

/** One start for all of a batch, or the position of each element. */
function placesOf(node: NodeContext): Operand {
  const { add } = calculatorOf(node);
  const given = node.operand(1);
  if (given.shape.length !== 1) return given;
  const length = node.rank(0) === 4 ? node.shape(0)[2]! : node.shape(0)[1]!;
  return add(positions(node, "int64", length), node.writer.reshaped(node.value(1), [], node.label));
}

function rotaryNode(
  node: NodeContext,
  caches: readonly [number, number],
  places: Operand | undefined,
): Operand {
  const { reshape } = calculatorOf(node);
  const x = node.operand(0);
  if (x.shape.length !== 3 && x.shape.length !== 4) {
    node.fail(`an input of ${x.shape.length} dimensions, expected 3 or 4`);
  }
  const half = node.decisions.number(node.shape(caches[0]).at(-1) ?? 0);
  const named = node.int("num_heads", 0);
  const width = node.decisions.number(x.shape.at(-1)!);
  // Without a number of heads, a head is as wide as its angles say.
  const heads = named > 0 ? named : Math.floor(width / (2 * half));
  const split = x.shape.length === 4 ? x : splitHeads(node, x, Math.max(heads, 1));
  const size = node.int("rotary_embedding_dim", 0);
  if (size !== 0 && size !== 2 * half)
    node.fail(`rotary_embedding_dim ${size} with ${half} angles`);
  const factor = node.float("scale", 1);
  if (factor !== 1) node.fail(`scale ${factor}`);
  const [cos, sin] = caches.map((cache) =>
    places === undefined
      ? reshape(node.operand(cache), [x.shape[0]!, 1, ...node.shape(cache).slice(1)])
      : anglesAt(node, node.operand(cache), places),
  );
  const isInterleaved = node.int("interleaved", 0) !== 0;
  const turned = rotate(node, split, { cos: cos!, sin: sin!, isInterleaved });
  return x.shape.length === 4 ? turned : mergeHeads(node, turned);
}

/** Rows of a table of angles at positions [length] or [batch, length]. */
export function anglesAt(node: NodeContext, table: Operand, places: Operand): Operand {
  const rows = node.builder.gather(table, places, { axis: 0, label: node.label });
  if (rows.shape.length < 3) return rows;
  const [batch, length, half] = rows.shape;
  return calculatorOf(node).reshape(rows, [batch!, 1, length!, half!]);
}

/** [batch, heads, length, size]; what of a head has no angles stays as it is. */
export function rotate(
  node: NodeContext,
  x: Operand,
  { cos, sin, isInterleaved }: Rotation,
): Operand {
  const { builder, label } = node;
  const { add, mul, reshape, sub } = calculatorOf(node);
  const outer = x.shape.slice(0, 3);
  const [size, half] = [x.shape[3]!, cos.shape.at(-1)!].map(node.decisions.number) as [
    number,
    number,
  ];
  if (2 * half > size) node.fail(`${half} angles for heads of ${size}`);
  const part = (start: number, count: number) =>
    builder.slice(x, [0, 0, 0, start], [...outer, count], { label });
  const pairs = isInterleaved ? reshape(part(0, 2 * half), [...outer, half, 2]) : undefined;
  const ofPairs = (i: number) =>
    reshape(builder.slice(pairs!, [0, 0, 0, 0, i], [...outer, half, 1], { label }), [
      ...outer,
      half,
    ]);
  const [a, b] = isInterleaved ? [ofPairs(0), ofPairs(1)] : [part(0, half), part(half, half)];
  const real = sub(mul(a, cos), mul(b, sin));
  const imaginary = add(mul(a, sin), mul(b, cos));
  const rest = size > 2 * half ? [part(2 * half, size - 2 * half)] : [];
  if (!isInterleaved) return builder.concat([real, imaginary, ...rest], 3, { label });
  const joined = builder.concat(
    [real, imaginary].map((each) => reshape(each, [...outer, half, 1])),
    4,
    { label },
  );
  const turned = reshape(joined, [...outer, multiplySizes(half, 2)]);
  return rest.length === 0 ? turned : builder.concat([turned, ...rest], 3, { label });
}
