/**
 * Einsum's equation as labels of dimensions: `"b...ij, ...jk"` → terms and a result. The dimensions of an
 * ellipsis are labelled by their distance from its end: they broadcast as numpy's do.
 */
import type { HostNode } from "./row.ts";

export interface Equation {
  /** For each operand a label for each dimension; a label may come twice in one term. */
  readonly terms: readonly (readonly string[])[];
  readonly result: readonly string[];
}

export function readEquation(node: HostNode, ranks: readonly number[]): Equation {
  const text = node.text("equation", "").replaceAll(" ", "");
  const fail = (why: string) => node.fail(`equation '${text}': ${why}`);
  const sides = text.split("->");
  if (sides.length > 2) fail("more than one '->'");
  const given = sides[0]!.split(",");
  if (given.length !== ranks.length) {
    fail(`it has ${given.length} terms, but there are ${ranks.length} operands`);
  }
  const terms = given.map((term, i) => labelsOf(term, ranks[i]!, fail));
  // All ellipses have the dimensions of the longest.
  const ellipsis = longest(terms.map((labels) => labels.filter(isDots)));
  const result =
    sides[1] === undefined
      ? implicitResult(terms, ellipsis)
      : labelsOf(sides[1], lengthOf(sides[1], ellipsis.length), fail);
  for (const label of result) {
    if (!terms.some((labels) => labels.includes(label))) fail(`no operand has '${label}'`);
  }
  if (new Set(result).size < result.length) fail("a letter comes twice in the result");
  return { terms, result };
}

function isDots(label: string): boolean {
  return label.startsWith("...");
}

function lengthOf(term: string, dots: number): number {
  return term.includes("...") ? term.length - 3 + dots : term.length;
}

function labelsOf(term: string, rank: number, fail: (why: string) => never): readonly string[] {
  const parts = /^([A-Za-z]*)(\.\.\.)?([A-Za-z]*)$/.exec(term);
  if (parts === null) return fail(`the term '${term}' is no list of letters`);
  const [, before = "", dots, after = ""] = parts;
  const free = rank - before.length - after.length;
  if (free < 0 || (dots === undefined && free > 0)) {
    fail(`the term '${term}' does not fit an operand of rank ${rank}`);
  }
  const ellipsis = Array.from({ length: free }, (_, i) => `...${free - i}`);
  return [...before, ...ellipsis, ...after];
}

function longest(lists: readonly (readonly string[])[]): readonly string[] {
  return lists.reduce((a, b) => (b.length > a.length ? b : a), []);
}

/** The ellipsis, then the letters that come once, in ASCII's order. */
function implicitResult(
  terms: readonly (readonly string[])[],
  ellipsis: readonly string[],
): readonly string[] {
  const all = terms.flat().filter((label) => !isDots(label));
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return [...ellipsis, ...once.sort()];
}
