/**
 * The kinds of context that tests of the API run on: interpreted in this thread, in a worker's WebAssembly with one
 * thread and with two, and on the GPU where a driver is named.
 */
import { test } from "node:test";
import { ml, MLGraphBuilder, type MLContext, type MLGraph } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { interpreterContext } from "../../reference/interpreter-context.ts";

export interface ContextKind {
  readonly name: string;
  readonly skip: string | false;
  readonly open: () => Promise<MLContext>;
}

export const contextKinds: readonly ContextKind[] = [
  { name: "interpreter", skip: false, open: async () => interpreterContext() },
  {
    name: "cpu",
    skip: false,
    open: () => ml.createContext({ deviceType: "cpu", numThreads: 1 }),
  },
  {
    name: "cpu, 2 threads",
    skip: false,
    open: () => ml.createContext({ deviceType: "cpu", numThreads: 2 }),
  },
  { name: "gpu", skip: missing("gpu"), open: () => ml.createContext({ deviceType: "gpu" }) },
];

/** Those with memory of their own to account for. */
export const deviceKinds = contextKinds.filter(({ name }) => name !== "interpreter");

/** Opened when first asked for, one for all tests of a file that leave it as they find it. */
const shared = new Map<ContextKind, Promise<MLContext>>();

/** Registers a test for each kind. `body` must not destroy the context. */
export function onEachContext(
  name: string,
  body: (context: MLContext, kind: ContextKind) => Promise<void>,
  skip: string | false = false,
): void {
  for (const kind of contextKinds) {
    test(`${name} (${kind.name})`, { skip: skip === false ? kind.skip : skip }, async () => {
      const context = shared.get(kind) ?? kind.open();
      shared.set(kind, context);
      await body(await context, kind);
    });
  }
}

/** Registers a test for each kind, with a context of its own, which is destroyed afterwards. */
export function onOwnContext(
  name: string,
  body: (context: MLContext, kind: ContextKind) => Promise<void>,
  kinds = contextKinds,
): void {
  for (const kind of kinds) {
    test(`${name} (${kind.name})`, { skip: kind.skip }, async () => {
      const context = await kind.open();
      try {
        await body(context, kind);
      } finally {
        context.destroy();
      }
    });
  }
}

export const pair = { dataType: "float32", shape: [2] } as const;
export const flags = { readable: true, writable: true } as const;

/** y = a·x + b */
export async function buildLine(context: MLContext, a: number, b: number): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", pair);
  return builder.build({ y: builder.linear(x, { alpha: a, beta: b }) });
}

export async function readPair(
  context: MLContext,
  tensor: Parameters<MLContext["readTensor"]>[0],
): Promise<number[]> {
  return [...new Float32Array(await context.readTensor(tensor))];
}
