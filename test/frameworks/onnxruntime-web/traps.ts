/** What `page/traps.ts` tells of each trap. */

import type { Bundle } from "./page/open.ts";

export interface Trap {
  readonly boundTensors: Counted & {
    readonly elsewhere: readonly string[];
    readonly devices: readonly string[];
  };
  readonly keptOutputs: Counted & {
    readonly locations: readonly string[];
    /** Of tensors, when the session is closed and its results are disposed of. */
    readonly leftBytes: number;
  };
  readonly increments: { readonly y: readonly number[]; readonly elsewhere: readonly string[] };
  readonly ownGPUDevice: Trap["increments"] & {
    readonly devices: readonly string[];
    /** What the application's GPUDevice still does when the context is destroyed. */
    readonly read: readonly number[];
  };
  readonly symbolicSizes: { readonly free: Sized; readonly fixed: Sized };
  readonly int64: {
    readonly y: readonly string[];
    /** Of inputs and constants. */
    readonly types: readonly string[];
    readonly built: readonly string[];
  };
  /** Nodes that are not WebNN's, by what the limits lacked. */
  readonly incompleteLimits: { readonly elsewhere: Readonly<Record<string, readonly string[]>> };
  readonly fourBits: { readonly uint4: FourBits; readonly int4: FourBits };
  readonly sharedHeap: {
    readonly y: readonly number[];
    readonly elsewhere: readonly string[];
    /** Views that tensors were written from and read into. */
    readonly written: readonly string[];
    readonly read: readonly string[];
  };
  readonly otherContext: { readonly error: string; readonly y: readonly number[] };
  /** Of tensors, after each was used and destroyed. */
  readonly husks: { readonly bytes: readonly number[]; readonly byteLength: number };
  readonly scalars: {
    readonly location: string;
    readonly dims: readonly number[];
    readonly y: readonly number[];
  };
  readonly legacyFields: {
    readonly y: readonly number[];
    /** Members of the dictionaries that were passed, by method. */
    readonly fields: Readonly<Record<string, readonly string[]>>;
    readonly refused: string;
  };
}

export interface FourBits {
  /** Of constants. */
  readonly types: readonly string[];
  readonly elsewhere: readonly string[];
  /** Against ORT's own kernels, relative to the largest value. */
  readonly error: number;
}

interface Counted {
  readonly y: readonly number[];
  /** Calls of `writeTensor` and `readTensor`, whoever made them. */
  readonly writes: number;
  readonly reads: number;
}

interface Sized {
  readonly y: readonly number[];
  readonly names: readonly string[];
  readonly elsewhere: readonly string[];
}

export interface TrapTask {
  readonly trap: keyof Trap;
  readonly bundle: Bundle;
  readonly threads: number;
  readonly deviceType: "cpu" | "gpu";
}
