/** Loop or Scan. */
import type { Repetition } from "./control.ts";
import type { Environment } from "./environment.ts";
import type { RepetitionContext } from "./repeat.ts";
import { runLoop } from "./run-loop.ts";
import { runScan } from "./run-scan.ts";
import type { RunValue } from "./run-value.ts";

export function runRepetition(
  control: Repetition,
  environment: Environment,
  context: RepetitionContext,
): Promise<ReadonlyMap<string, RunValue>> {
  return control.kind === "loop"
    ? runLoop(control, environment, context)
    : runScan(control, environment, context);
}
