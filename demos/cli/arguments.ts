/** The command line of `npm run transcribe`. */
import { parseArgs } from "node:util";

export const usage = `Usage: npm run transcribe -- [file.wav] [options]

Prints what is said in a wav file; without a file, in our own clip.

  --device cpu|gpu             where the model runs (default: cpu)
  --threads N                  threads of the CPU device (default: as many as pay)
  --language CODE              what is spoken, such as en (default: heard from the audio)
  --task transcribe|translate  "translate" is into English (default: transcribe)
  --runtime webnn|onnxruntime-node
                               ours (default), or Microsoft's for comparison:
                               npm ci --ignore-scripts --prefix test/peers
  --json                       a last line of JSON: ids, times, where it ran
  --help                       this text`;

export interface Arguments {
  /** Absent: our clip. */
  readonly file: string | undefined;
  readonly device: "cpu" | "gpu";
  readonly threads: number | undefined;
  readonly language: string | undefined;
  readonly task: "transcribe" | "translate";
  readonly runtime: "webnn" | "onnxruntime-node";
  readonly json: boolean;
  readonly help: boolean;
}

/** The command was called wrongly; the message says how. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) {
    throw new UsageError(
      `one file at a time, not ${positionals.length}: ${positionals.join(", ")}`,
    );
  }
  return {
    file: positionals[0],
    device: oneOf("--device", values.device, ["cpu", "gpu"]),
    threads:
      values.threads === undefined ? undefined : positiveInteger("--threads", values.threads),
    language: values.language,
    task: oneOf("--task", values.task, ["transcribe", "translate"]),
    runtime: oneOf("--runtime", values.runtime, ["webnn", "onnxruntime-node"]),
    json: values.json,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        device: { type: "string", default: "cpu" },
        threads: { type: "string" },
        language: { type: "string" },
        task: { type: "string", default: "transcribe" },
        runtime: { type: "string", default: "webnn" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    // An unknown option or a missing value: parseArgs says which.
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new UsageError(`${option} is "${value}"; expected ${choices.join(" or ")}`);
}

function positiveInteger(option: string, value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new UsageError(`${option} is "${value}"; expected a whole number from 1 to 9999`);
}
