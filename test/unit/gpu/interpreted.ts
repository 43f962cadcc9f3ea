/** What a kernel must write: the bytes of all its buffers after the interpreter ran it. */
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import type { Sizes } from "../../../core-webnn/util/size.ts";

export function interpreted(
  kernel: Kernel,
  sizes: Sizes,
  inputs: readonly Uint8Array[],
): Uint8Array[] {
  const bytes = inputs.map((input) => input.slice());
  const views = bytes.map((copy, i) => bufferView(kernel.buffers[i]!.dataType, copy));
  interpret(kernel, views, sizes);
  return bytes;
}
