/** What must hold of a random graph: on the device it gives what the reference says, with all nodes as outputs and with few. */
import type { MLContext } from "../../core-webnn/index.ts";
import { evaluateGraph, type Arithmetic, type Known } from "../reference/bounds.ts";
import { isCall, type SmallGraph } from "../reference/graph.ts";
import { firstDifference, outputsOf, runSmallGraph } from "../reference/run-small-graph.ts";

export interface Failure {
  /** Graphs that fail for one reason have the same kind: numbers differ, or an error says something. */
  readonly kind: string;
  readonly says: string;
}

/** What is wrong, if anything is. */
export async function checkGraph(
  context: MLContext,
  graph: SmallGraph,
  arithmetic: Arithmetic,
): Promise<Failure | undefined> {
  const expected = evaluateGraph(graph, arithmetic);
  const failure = await checkOutputs(context, graph, expected);
  // Some ops need to know some sizes; then their graph is one of numbers alone.
  const isRefused = failure?.kind.startsWith("TypeError") ?? false;
  return isRefused && isDynamic(graph)
    ? checkOutputs(context, withNumbers(graph), expected)
    : failure;
}

async function checkOutputs(
  context: MLContext,
  graph: SmallGraph,
  expected: ReadonlyMap<string, Known>,
): Promise<Failure | undefined> {
  const all = outputsOf(graph, expected);
  const last = all.filter((name) => !isRead(graph, name));
  const choices = last.length === all.length || last.length === 0 ? [all] : [all, last];
  for (const outputs of choices) {
    try {
      const actual = await runSmallGraph(context, graph, outputs, expected);
      for (const name of outputs) {
        const differs = firstDifference(expected.get(name)!, actual.get(name)!);
        if (differs === undefined) continue;
        return { kind: "difference", says: `${name} of ${outputs.join(", ")}: ${differs}` };
      }
    } catch (error) {
      const kind = String(error).replaceAll(/\d+/g, "");
      const says = error instanceof Error ? error.stack : String(error);
      return { kind, says: `with outputs ${outputs.join(", ")}: ${says}` };
    }
  }
  return undefined;
}

function isDynamic(graph: SmallGraph): boolean {
  return Object.values(graph).some((statement) => "declared" in statement);
}

function withNumbers(graph: SmallGraph): SmallGraph {
  const entries = Object.entries(graph).map(([name, statement]) => {
    if (isCall(statement)) return [name, statement] as const;
    const { declared: _, ...leaf } = statement;
    return [name, leaf] as const;
  });
  return Object.fromEntries(entries);
}

/** Fused with what reads it, a value need not be stored. */
function isRead(graph: SmallGraph, name: string): boolean {
  return Object.values(graph).some(
    (statement) => isCall(statement) && Object.values(statement[1]).flat().includes(name),
  );
}
