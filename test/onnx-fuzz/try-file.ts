/** Opens a session on a file and runs it: says what is wrong with how that ends, or undefined. */
import { Tensor } from "onnxruntime-common";
import {
  OnnxMemoryError,
  OnnxModelError,
  OnnxValueError,
} from "../../adapters/onnxruntime/errors.ts";
import { inlineFunctions } from "../../adapters/onnxruntime/model/inline-functions.ts";
import { readModel } from "../../adapters/onnxruntime/model/read-model.ts";
import { hasRow } from "../../adapters/onnxruntime/ops/table.ts";
import type { ValueInfo } from "../../adapters/onnxruntime/model/model.ts";
import { openRead } from "../adapters/onnxruntime/open-session.ts";
import type { MLContext } from "../../core-webnn/index.ts";

/** Elements of a feed. */
const mostElements = 4096;
/** Seconds of one file, of this process alone. */
const longest = 10;
/** Bytes that a process may have: of its own 200 MB, and results of small feeds. */
const mostMemory = 2.5e9;

const files = new Map([["weights", new Uint8Array(32).fill(1)]]);

export async function tryFile(bytes: Uint8Array, context: MLContext): Promise<string | undefined> {
  const before = process.cpuUsage();
  let says: string | undefined;
  try {
    await run(bytes, context);
  } catch (error) {
    says = wrongError(error);
  }
  const { user, system } = process.cpuUsage(before);
  if (says !== undefined) return says;
  const seconds = (user + system) / 1e6;
  if (seconds > longest) return `${seconds} seconds`;
  const { rss } = process.memoryUsage();
  return rss > mostMemory ? `${rss} bytes in memory` : undefined;
}

async function run(bytes: Uint8Array, context: MLContext): Promise<void> {
  const file = readModel(bytes, files);
  const model = inlineFunctions(file, (node) => hasRow(node, file.opsets));
  const session = openRead(model, context);
  try {
    const feeds: Record<string, Tensor> = {};
    for (const input of model.graph.inputs) {
      const feed = feedOf(input);
      if (feed === undefined) return;
      feeds[input.name] = feed;
    }
    await session.fetch(feeds);
  } finally {
    await session.dispose();
  }
}

/** Undefined where it would be large. */
function feedOf({ type = "float32", shape = [] }: ValueInfo): Tensor | undefined {
  const dims = shape.map((size) => (typeof size === "number" ? size : 2));
  const count = dims.reduce((a, b) => a * b, 1);
  if (dims.some((size) => size < 0) || count > mostElements) return undefined;
  const values = Array.from({ length: count }, (_, i) => i % 3);
  const arrays = {
    float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array,
    int16: Int16Array, uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array, float16: Uint16Array,
  }; // prettier-ignore
  if (type === "int64") return new Tensor("int64", BigInt64Array.from(values.map(BigInt)), dims);
  if (type === "uint64") return new Tensor("uint64", BigUint64Array.from(values.map(BigInt)), dims);
  if (type === "bool") return new Tensor("bool", Uint8Array.from(values, (v) => v & 1), dims); // prettier-ignore
  const Data = (arrays as unknown as Partial<Record<string, typeof Float32Array>>)[type];
  return Data && new Tensor(type as "float32", Data.from(values), dims);
}

/** What JavaScript says of mistakes in a program, which has no place in an error of ours. */
const slips =
  /Cannot read prop|is not a function|is not iterable|unreachable|Invalid array length|call stack|Cannot convert|Cannot mix|out of bounds|offset is|Invalid typed array|undefined is|Invalid count|detached/;

function wrongError(error: unknown): string | undefined {
  const isTyped =
    error instanceof OnnxModelError ||
    error instanceof OnnxValueError ||
    error instanceof OnnxMemoryError ||
    error instanceof DOMException;
  if (isTyped && !slips.test(error.message)) return undefined;
  let says = "";
  for (let cause = error; cause instanceof Error; cause = cause.cause) says += `${cause.stack}\n`;
  return says || String(error);
}
