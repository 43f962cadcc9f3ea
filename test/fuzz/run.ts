/**
 * `npm run fuzz -- [--seconds N] [--seed S] [--device cpu|gpu|interpreter] [--kind valid|invalid|both]
 * [--only OP,OP] [--except OP,OP]`: random graphs through the public interface, compared with the float64 reference, and
 * random calls that must be refused, until time is up.
 *
 * The graphs run in a process of its own, which tells this one the seed that it is at: one that crashes or
 * that says nothing for a minute and a half has failed with that seed, and a new one goes on behind it. Each failure is
 * printed as a small graph that `--seed S --seconds 0` finds again. Ends with 1 if there was one.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    device: { type: "string", default: "cpu" },
    kind: { type: "string", default: "both" },
    only: { type: "string", default: "" },
    except: { type: "string", default: "" },
  },
});
/** A software GPU compiles a graph with many nodes for seconds; a hang is longer. */
const patience = 90_000;
const end = Date.now() + 1000 * Number(options.seconds);

const tally = { graphs: 0, failed: 0 };
let seed = Number(options.seed);
do {
  const reached = await runFrom(seed);
  tally.graphs += reached - seed;
  seed = reached;
} while (Date.now() < end);
console.log(`${tally.graphs} graphs and calls, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;

/** Runs graphs from this seed on; gives the seed to go on with. */
function runFrom(first: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ["--import", "./test/setup/typescript.mjs", "test/fuzz/child.ts", String(first)],
    {
      env: { ...process.env, WEBNN_FUZZ: JSON.stringify({ ...options, end }) },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    },
  );
  let current = first;
  let isDone = false;
  let timer = setTimeout(stop, patience);
  child.on("message", (message: { readonly seed?: number; readonly failed?: true }) => {
    clearTimeout(timer);
    timer = setTimeout(stop, patience);
    if (message.failed) tally.failed++;
    else if (message.seed === undefined) isDone = true;
    else current = message.seed;
  });
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (!isDone) {
        tally.failed++;
        console.log(`seed ${current}: the process ended with ${signal ?? code}`);
      }
      resolve(isDone ? current : current + 1);
    });
  });

  function stop(): void {
    console.log(`seed ${current}: nothing was heard for ${patience / 1000} s`);
    child.kill("SIGKILL");
  }
}
