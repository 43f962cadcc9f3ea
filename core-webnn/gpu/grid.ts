/** How the work of a kernel is divided among invocations, or among workgroups of them. */
import type { Size } from "../util/size.ts";
import type { Scope } from "./wgsl-scope.ts";
import type { Value } from "./wgsl-writer.ts";

export interface Grid {
  /** What takes one unit of work: an invocation by itself, or the lanes of a workgroup together. */
  readonly unit: "invocation" | "workgroup";
  readonly count: Size;
  /** Numbers of buffers whose packed elements are stored by atomic operations. */
  readonly atomics: ReadonlySet<number>;
  /** Numbers of buffers that are read as vectors of four. */
  readonly quads: ReadonlySet<number>;
  /** Writes the work of unit `index`, which is less than `count`. */
  emit(scope: Scope, index: Value): void;
}
