/** What one case comes to on a runtime with onnxruntime's API. */
import type * as Ort from "onnxruntime-common";
import { OnnxModelError } from "../../adapters/onnxruntime/errors.ts";
import { elementCount, type Constant, type Model } from "../../adapters/onnxruntime/model/model.ts";
import { readModel } from "../../adapters/onnxruntime/model/read-model.ts";
import { dataSetsOf, modelOf, type DataSet, type OnnxCase } from "./cases.ts";
import { tensorTypeOf } from "../../adapters/onnxruntime/session/element-arrays.ts";
import { difference, type Value } from "./compare.ts";
import { outsideOf } from "./scope.ts";

export interface Result {
  readonly name: string;
  /** Ops of the model, each once. */
  readonly ops: readonly string[];
  readonly outcome: "passed" | "failed" | "skipped";
  readonly says?: string;
}

/** A runtime under test. */
export interface Runtime {
  readonly ort: Pick<typeof Ort, "InferenceSession" | "Tensor">;
  readonly options: Ort.InferenceSession.SessionOptions;
  /** Whether what is refused has to be refused by a typed error that names it. */
  readonly isOurs: boolean;
}

/** Results of these are random: only their type, shape and range are compared. */
const randomOps = ["Bernoulli", "RandomUniform", "RandomUniformLike", "RandomNormal", "RandomNormalLike", "Multinomial"]; // prettier-ignore

/** A case that takes longer hangs. */
const patience = 120_000;

export async function resultOf(runtime: Runtime, one: OnnxCase): Promise<Result> {
  const bytes = modelOf(one);
  const model = readModel(bytes);
  const ops = [...new Set(model.graph.nodes.map(({ op }) => op))];
  const { name } = one;
  const outside = outsideOf(model, name);
  const work = (outside === undefined ? run : refused)(runtime, one, model, bytes);
  const says = await Promise.race([work.catch(explain), hang()]);
  if (says !== undefined) return { name, ops, outcome: "failed", says };
  return outside === undefined
    ? { name, ops, outcome: "passed" }
    : { name, ops, outcome: "skipped", says: outside };
}

function hang(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(`no result in ${patience / 1000} s`), patience).unref();
  });
}

function explain(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** What is left out has to be refused by name: when the session is made or, where a feed says it, by the run. */
async function refused(
  runtime: Runtime,
  one: OnnxCase,
  model: Model,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const { ort, options, isOurs } = runtime;
  if (!isOurs) return undefined;
  try {
    const session = await ort.InferenceSession.create(bytes, options);
    await session.release();
    if (outsideOf(model, one.name) === "training") await run(runtime, one, model, bytes);
    return "what is left out was taken";
  } catch (error) {
    if (error instanceof OnnxModelError && error.code === "unsupported") return undefined;
    return `refused by ${explain(error)}`;
  }
}

async function run(
  { ort, options }: Runtime,
  one: OnnxCase,
  model: Model,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const session = await ort.InferenceSession.create(bytes, options);
  try {
    for (const set of dataSetsOf(one)) {
      const says = await runSet(ort, session, asDeclared(model, set), isRandom(model));
      if (says !== undefined) return says;
    }
    return undefined;
  } finally {
    await session.release();
  }
}

/**
 * Four cases feed one element where their models declare twelve: an input of which only the type is used. It is repeated,
 * for a feed has to be what the model says.
 */
function asDeclared({ graph }: Model, { inputs, expected }: DataSet): DataSet {
  const fitting = inputs.map((input, i): Constant => {
    const declared = graph.inputs[i]?.shape;
    const isFixed = declared?.every((size): size is number => typeof size === "number") === true;
    const count = isFixed ? elementCount(declared as readonly number[]) : 1;
    if (elementCount(input.shape) !== 1 || count === 1) return input;
    const bytes = Array.from({ length: count }, () => [...input.bytes!]).flat();
    return { ...input, shape: declared as readonly number[], bytes: Uint8Array.from(bytes) };
  });
  return { inputs: fitting, expected };
}

function isRandom({ graph }: Model): boolean {
  return graph.nodes.some(({ op }) => randomOps.includes(op));
}

async function runSet(
  ort: Runtime["ort"],
  session: Ort.InferenceSession,
  { inputs, expected }: DataSet,
  isAnyNumber: boolean,
): Promise<string | undefined> {
  const feeds = Object.fromEntries(
    inputs.map((input, i) => [session.inputNames[i]!, tensorOf(ort, input)]),
  );
  const results = (await session.run(feeds)) as Readonly<Record<string, Value>>;
  for (const [i, wanted] of expected.entries()) {
    const name = session.outputNames[i]!;
    const says = isAnyNumber ? rangeDifference(results[name]!, wanted) : difference(results[name]!, wanted); // prettier-ignore
    if (says !== undefined) return `'${name}' is ${says}`;
  }
  return undefined;
}

/** For random results: type and shape, and between the bounds that all of these distributions have here. */
function rangeDifference(actual: Value, wanted: Constant): string | undefined {
  if (actual.type !== wanted.type || actual.dims.join() !== wanted.shape.join()) {
    return `${actual.type} [${actual.dims.join(", ")}], expected ${wanted.type} [${wanted.shape.join(", ")}]`;
  }
  const elements = Array.from(actual.data as Iterable<number | bigint>, Number);
  const wrong = elements.find((x) => !(x >= 0 && x <= 1));
  return wrong === undefined ? undefined : `${wrong}, expected a number from 0 to 1`;
}

function tensorOf(ort: Runtime["ort"], { type, shape, bytes }: Constant): Ort.Tensor {
  const arrays = {
    float32: Float32Array, float64: Float64Array, float16: Uint16Array, bfloat16: Uint16Array,
    int64: BigInt64Array, uint64: BigUint64Array, int32: Int32Array, uint32: Uint32Array,
    int16: Int16Array, uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array, bool: Uint8Array,
  }; // prettier-ignore
  const data = new arrays[type as keyof typeof arrays](new Uint8Array(bytes!).buffer);
  return new ort.Tensor(tensorTypeOf(type) as "float32", data as Float32Array, shape);
}
