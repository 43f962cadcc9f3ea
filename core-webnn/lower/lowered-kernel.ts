/** A kernel with the storages that its buffers are. */
import type { Axis, Kernel, Stmt } from "../kernel/ir.ts";
import { collapseAxes } from "./collapse.ts";
import { renumberBuffers, usedBuffers } from "./kernel-buffers.ts";
import type { Member } from "./roots.ts";
import type { KernelWriter } from "./writer.ts";

export interface LoweredKernel {
  readonly kernel: Kernel;
  /** Storage by buffer number. */
  readonly storages: readonly number[];
  /** What the nodes are called: label, or the op where there is none. */
  readonly nodes: readonly string[];
}

/** What was only looked at while writing is no buffer of the kernel. */
export function finishKernel(
  writer: KernelWriter,
  space: readonly Axis[],
  body: readonly Stmt[],
  members: readonly Member[],
): LoweredKernel {
  const used = usedBuffers(body);
  const kernel = {
    buffers: used.map((buffer) => writer.buffers()[buffer]!),
    space,
    body: renumberBuffers(body, used),
  };
  return {
    kernel: collapseAxes(kernel),
    storages: used.map((buffer) => writer.storages()[buffer]!),
    nodes: members.map(({ node }) => node.label || node.op),
  };
}
