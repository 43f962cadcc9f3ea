/** Tries spoiled files in a process of their own, so that one that crashes or hangs is found out and the next go on. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Failure {
  readonly seed: number;
  readonly says: string;
}

/** Milliseconds without a word; a machine may have much else to do. */
const patience = 45_000;

export async function runSeeds(first: number, count: number): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (let seed = first; seed < first + count;) {
    seed = await runFrom(seed, first + count, (failure) => failures.push(failure));
  }
  return failures;
}

interface Message {
  readonly seed?: number;
  readonly says?: string;
  readonly isDone?: true;
}

/** Gives the seed to go on with. */
function runFrom(first: number, last: number, fail: (failure: Failure) => void): Promise<number> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--import", "./test/setup/typescript.mjs", "test/onnx-fuzz/child.ts", `${first}`, `${last}`],
    { cwd: root, stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  let seed = first;
  let isDone = false;
  const stop = () => {
    fail({ seed, says: `nothing was heard for ${patience / 1000} s` });
    child.kill("SIGKILL");
  };
  let timer = setTimeout(stop, patience);
  child.on("message", (message: Message) => {
    clearTimeout(timer);
    timer = setTimeout(stop, patience);
    seed = message.seed ?? seed;
    isDone = message.isDone ?? false;
    if (message.says !== undefined) fail({ seed, says: message.says });
  });
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (!isDone && signal !== "SIGKILL") fail({ seed, says: `the process ended with ${signal ?? code}` }); // prettier-ignore
      resolve(isDone ? last : seed + 1);
    });
  });
}
