/** A kernel with the storages that its buffers are. */
import type { Axis, Kernel, Stmt } from "../kernel/ir.ts";
import { collapseAxes } from "./collapse.ts";
import type { Member } from "./roots.ts";
import type { KernelWriter } from "./writer.ts";

export interface LoweredKernel {
  readonly kernel: Kernel;
  /** Storage by buffer number. */
  readonly storages: readonly number[];
  /** What the nodes are called: label, or the op where there is none. */
  readonly nodes: readonly string[];
}

export function finishKernel(
  writer: KernelWriter,
  space: readonly Axis[],
  body: readonly Stmt[],
  members: readonly Member[],
): LoweredKernel {
  return {
    kernel: collapseAxes({ buffers: writer.buffers(), space, body }),
    storages: writer.storages(),
    nodes: members.map(({ node }) => node.label || node.op),
  };
}
