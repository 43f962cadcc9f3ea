/** Which keys are none that only fill a sequence up: the forms in which com.microsoft's attention ops are told. */
import type { NodeContext } from "../convert/node-context.ts";
import { addSizes, multiplySizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { positions } from "./positions.ts";

interface Sizes {
  readonly batch: Size;
  readonly queries: Size;
  readonly keys: Size;
  readonly past: Size;
}

/** `mask_filter_value` where a key is masked, else 0; broadcast against the scores. */
export function paddingBias(node: NodeContext, input: number, sizes: Sizes): Operand {
  const { where } = calculatorOf(node);
  const value = node.float("mask_filter_value", -10000);
  const seen = seenKeys(node, input, sizes);
  const zero = node.writer.filled("float32", 0, []);
  return where(seen, zero, node.writer.filled("float32", value, []));
}

function seenKeys(
  node: NodeContext,
  input: number,
  { batch, queries, keys, past }: Sizes,
): Operand {
  const { greater, reshape } = calculatorOf(node);
  const mask = node.operand(input);
  switch (mask.shape.length) {
    case 1:
      return seenByLength(node, mask, batch, keys);
    case 2:
      node.broadcast([batch, keys], mask.shape);
      return reshape(greater(mask, 0), [mask.shape[0]!, 1, 1, mask.shape[1]!]);
    case 3:
      node.broadcast([batch, queries, keys], mask.shape);
      return reshape(greater(mask, 0), [mask.shape[0]!, 1, ...mask.shape.slice(1)]);
    case 4: {
      // Of all queries and keys that there may be.
      const [count, heads] = mask.shape;
      const own = node.builder.slice(mask, [0, 0, past, 0], [count!, heads!, queries, keys], {
        label: node.label,
      });
      return greater(own, 0);
    }
    default:
      return node.fail(`a mask of ${mask.shape.length} dimensions`);
  }
}

/** [batch] ends, or ends and then starts; of [3 · batch + 2] only the ends, which come first, are told apart here. */
function seenByLength(node: NodeContext, mask: Operand, batch: Size, keys: Size): Operand {
  const { and, greaterOrEqual, lesser, reshape } = calculatorOf(node);
  const places = positions(node, "int32", keys);
  const [count] = mask.shape;
  const part = (start: Size): Operand =>
    reshape(node.builder.slice(mask, [start], [batch], { label: node.label }), [batch, 1, 1, 1]);
  const { equal } = node.decisions;
  const isBeforeEnd = () => lesser(places, part(0));
  if (equal(count!, batch)) return lesser(places, reshape(mask, [batch, 1, 1, 1]));
  if (equal(count!, multiplySizes(batch, 2))) {
    return and(isBeforeEnd(), greaterOrEqual(places, part(batch)));
  }
  if (equal(count!, addSizes(multiplySizes(batch, 3), 2))) return isBeforeEnd();
  return node.fail("a mask whose length is none of batch, 2 · batch and 3 · batch + 2");
}
