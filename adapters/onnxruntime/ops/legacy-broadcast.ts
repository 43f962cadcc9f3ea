/**
 * Broadcasting of opsets 1 to 6: only where the attribute `broadcast` is set, of the second operand alone, whose dimensions
 * stand at the attribute `axis` of the first one's (at its end by default).
 */
import type { HostNode } from "../convert/host-node.ts";

/** The second operand's shape, with trailing dimensions of 1 so that it broadcasts as later opsets have it. */
export function alignedShape<S>(
  node: HostNode,
  first: readonly S[],
  second: readonly S[],
): readonly (S | 1)[] {
  if (node.opset >= 7) return second;
  if (node.int("broadcast", 0) === 0) {
    if (first.length === second.length) return second;
    return node.fail(
      `operands of ranks ${first.length} and ${second.length} without the attribute broadcast`,
    );
  }
  if (!node.node.attributes.has("axis")) return second;
  const given = node.int("axis", 0);
  const axis = given < 0 ? given + first.length : given;
  const trailing = first.length - axis - second.length;
  if (axis < 0 || trailing < 0) {
    node.fail(`axis ${given} is out of range for ranks ${first.length} and ${second.length}`);
  }
  return [...second, ...new Array<1>(trailing).fill(1)];
}
