/** The order in which several values are computed beside each other. */
import type { Value } from "./value-graph.ts";

/**
 * All that the values need and that is not `known`, operands first: a step of the first value, a step of
 * the second, and so on. Their chains do not depend on each other, so a processor waits for none.
 */
export function interleave(
  values: readonly Value[],
  isKnown: (value: Value) => boolean,
): readonly Value[] {
  const seen = new Set<Value>();
  const chains = values.map((value) => chainOf(value, isKnown, seen));
  const longest = Math.max(0, ...chains.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) =>
    chains.flatMap((chain) => chain[i] ?? []),
  ).flat();
}

/** What only a branch needs is left to it. */
function chainOf(
  value: Value,
  isKnown: (value: Value) => boolean,
  seen: Set<Value>,
): readonly Value[] {
  const chain: Value[] = [];
  const visit = (x: Value): void => {
    if (seen.has(x) || isKnown(x)) return;
    seen.add(x);
    if (x.instruction.kind === "choose") visit(x.args[0]!);
    else x.args.forEach(visit);
    chain.push(x);
  };
  visit(value);
  return chain;
}
