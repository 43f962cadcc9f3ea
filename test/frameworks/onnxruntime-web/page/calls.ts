/** Listens to what onnxruntime-web calls of our interfaces. */
import type * as core from "../../../../core-webnn/index.ts";

export const { ML, MLContext, MLGraphBuilder, MLTensor } = globalThis as unknown as typeof core;
export const { ml } = navigator as unknown as { ml: core.ML };

export interface Call {
  readonly name: string;
  readonly given: readonly unknown[];
}

/** Runs `run` and gives the calls meanwhile of builders and contexts, and of `createContext`. */
export async function listen(run: () => Promise<unknown>): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const restore = [ML, MLContext, MLGraphBuilder].map(({ prototype }) => wrap(prototype, calls));
  try {
    await run();
  } finally {
    restore.forEach((undo) => undo());
  }
  return calls;
}

type Methods = Record<string, (...given: unknown[]) => unknown>;

function wrap(prototype: object, calls: Call[]): () => void {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
    ([name, { value }]) => typeof value === "function" && name !== "constructor",
  );
  for (const [name, { value }] of methods) {
    (prototype as Methods)[name] = function (...given) {
      calls.push({ name, given });
      return (value as Methods[string]).apply(this, given);
    };
  }
  return () => {
    for (const [name, descriptor] of methods) Object.defineProperty(prototype, name, descriptor);
  };
}

export function callsOf(calls: readonly Call[], name: string): readonly (readonly unknown[])[] {
  return calls.filter((call) => call.name === name).map(({ given }) => given);
}
