/** What `run.ts` starts: checks one seed after the other, and tells its parent which. */
import { ml, type MLContext } from "../../core-webnn/index.ts";
import { exactArithmetic, flushingArithmetic } from "../reference/bounds.ts";
import { printSmallGraph, type SmallGraph } from "../reference/graph.ts";
import { interpreterContext } from "../reference/interpreter-context.ts";
import { checkGraph, type Failure } from "./check-graph.ts";
import { checkInvalid } from "./check-invalid.ts";
import { makers } from "./makers.ts";
import { randomGraph } from "./random-graph.ts";
import { shrink } from "./shrink.ts";

interface Options {
  readonly device: string;
  readonly kind: string;
  readonly only: string;
  readonly except: string;
  readonly end: number;
}

const options = JSON.parse(process.env["WEBNN_FUZZ"]!) as Options;
const ops = Object.keys(makers).filter(
  (op) =>
    (options.only === "" || options.only.split(",").includes(op)) &&
    !options.except.split(",").includes(op),
);
const arithmetic = options.device === "gpu" ? flushingArithmetic : exactArithmetic;
const context = await openContext();
let seed = Number(process.argv[2]);
do {
  tell({ seed });
  const says = isInvalid(seed) ? await checkRefusal() : await checkValid();
  if (says !== undefined) {
    tell({ failed: true });
    console.log(`seed ${seed}: ${says}`);
  }
  seed++;
} while (Date.now() < options.end);
await context.destroy();
tell({ seed });
tell({});
process.disconnect();

/** Every third seed is a call that must be refused, unless one kind alone is asked for. */
function isInvalid(of: number): boolean {
  return options.kind === "both" ? of % 3 === 0 : options.kind === "invalid";
}

async function checkValid(): Promise<string | undefined> {
  const graph = randomGraph(seed, { limits: context.opSupportLimits(), arithmetic, ops });
  const wrong = await checkGraph(context, graph, arithmetic);
  if (wrong === undefined) return undefined;
  const small = await shrink(graph, arithmetic, async (candidate) => {
    tell({ seed });
    return (await failureOf(candidate))?.kind === wrong.kind;
  });
  const again = await failureOf(small);
  return `${again?.says ?? `only at times: ${wrong.says}`}\n${printSmallGraph(small)}`;
}

/** Shrinking may make a graph that no longer means anything. */
async function failureOf(graph: SmallGraph): Promise<Failure | undefined> {
  try {
    return await checkGraph(context, graph, arithmetic);
  } catch {
    return undefined;
  }
}

async function checkRefusal(): Promise<string | undefined> {
  try {
    return await checkInvalid(context, seed, { arithmetic, ops });
  } catch (error) {
    return error instanceof Error ? error.stack : String(error);
  }
}

function openContext(): Promise<MLContext> | MLContext {
  const { device } = options;
  if (device === "interpreter") return interpreterContext();
  if (device !== "cpu" && device !== "gpu") throw new TypeError(`--device ${device}: cpu, gpu or interpreter`); // prettier-ignore
  return ml.createContext({ deviceType: device });
}

function tell(message: { readonly seed?: number; readonly failed?: true }): void {
  process.send!(message);
}
