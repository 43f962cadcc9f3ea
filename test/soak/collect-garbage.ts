/** The engine's collector on demand, without a flag on the command line. */
import { setTimeout } from "node:timers/promises";
import { becomes } from "../setup/patience.ts";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
// Optimised code lies in the heap too, and grows for thousands of rounds: what is counted are objects.
for (const tier of ["sparkplug", "maglev", "opt"]) setFlagsFromString(`--no-${tier}`);
const collect = runInNewContext("gc") as () => void;

/** Collects until `isDone` says so: what is found in one round is finalized, and frees more, in a later one. */
export async function collectUntil(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const collected = async (): Promise<boolean> => {
    await collectGarbage();
    return isDone();
  };
  if (!(await becomes(collected))) throw new Error("collections freed it not");
}

/** One full collection; finalizers have been called when it resolves. */
export async function collectGarbage(): Promise<void> {
  collect();
  await setTimeout(10);
}
