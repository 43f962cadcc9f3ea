/** Random valid graphs: of one op, or of several that build on each other. The same seed gives the same graph. */
import type { MLOpSupportLimits } from "../../core-webnn/index.ts";
import type { Arithmetic } from "../reference/bounds.ts";
import { isCall, type SmallGraph } from "../reference/graph.ts";
import { randomNumbers } from "../reference/values.ts";
import { Draft } from "./draft.ts";
import { makers } from "./makers.ts";

export interface GraphOptions {
  readonly limits: MLOpSupportLimits;
  readonly arithmetic: Arithmetic;
  /** Only of these ops, as far as the context offers them; all, where left out. */
  readonly ops?: readonly string[];
  readonly mostNodes?: number;
}

export function randomGraph(seed: number, given: GraphOptions): SmallGraph {
  const { limits, arithmetic, mostNodes = 14 } = given;
  const draft = new Draft(limits, randomNumbers(seed), arithmetic);
  const ops = (given.ops ?? Object.keys(makers)).filter((op) => op in limits);
  const nodes = draft.chance(0.4) ? 1 : 2 + draft.below(mostNodes - 1);
  for (let tries = 0; countCalls(draft.graph) < nodes && tries < 5 * nodes + 20; tries++) {
    const op = draft.pick(ops);
    makers[op]!(draft, op);
  }
  return withoutUnused(draft.graph);
}

function countCalls(graph: SmallGraph): number {
  return Object.values(graph).filter(isCall).length;
}

/** Without leaves that no call takes. */
export function withoutUnused(graph: SmallGraph): SmallGraph {
  const used = new Set(
    Object.values(graph)
      .filter(isCall)
      .flatMap(([, args]) => Object.values(args).flat()),
  );
  return Object.fromEntries(
    Object.entries(graph).filter(([name, statement]) => isCall(statement) || used.has(name)),
  );
}
