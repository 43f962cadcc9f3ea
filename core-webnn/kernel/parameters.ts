/** Which sizes a device must evaluate before it runs a kernel. */
import { sizeKey, type SymbolicSize } from "../util/size.ts";
import type { Kernel } from "./ir.ts";
import { visitSizes } from "./visit.ts";

/**
 * The distinct symbolic sizes of extents and addresses, in the order they appear in the kernel's text.
 * Devices put their values into a parameter block in this order.
 */
export function kernelSizes(kernel: Kernel): readonly SymbolicSize[] {
  const sizes = new Map<string, SymbolicSize>();
  visitSizes(kernel, (size) => {
    if (typeof size === "number") return;
    const key = sizeKey(size);
    if (!sizes.has(key)) sizes.set(key, size);
  });
  return [...sizes.values()];
}
