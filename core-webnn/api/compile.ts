/** From a graph to the program for a device: pure, so that it can run in any thread. */
import { verifyGraph } from "../graph/verify.ts";
import type { Graph } from "../graph/ir.ts";
import { lower } from "../lower/lower.ts";
import { runPasses } from "../passes/pipeline.ts";
import { planProgram } from "../plan/plan.ts";
import type { Program } from "../plan/program.ts";
import type { DeviceFacts } from "../util/device-facts.ts";

export function compile(graph: Graph, facts: DeviceFacts): Program {
  verifyGraph(graph);
  const simplified = runPasses(graph, facts);
  return planProgram(simplified, lower(simplified, facts));
}
