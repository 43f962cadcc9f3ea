/** How the work of a kernel is divided among invocations. */
import type { Size } from "../util/size.ts";
import type { Scope } from "./wgsl-scope.ts";
import type { Value } from "./wgsl-writer.ts";

export interface Grid {
  readonly invocations: Size;
  /** Numbers of buffers whose packed elements are stored by atomic operations. */
  readonly atomics: ReadonlySet<number>;
  /** Numbers of buffers that are read as vectors of four. */
  readonly quads: ReadonlySet<number>;
  /** Writes the work of invocation `index`, which is less than `invocations`. */
  emit(scope: Scope, index: Value): void;
}
