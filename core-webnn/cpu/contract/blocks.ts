/**
 * How a contraction is cut into units of work, the same for all its threads: blocks of rows and columns
 * of one point of the outer axes. Columns change fastest, so that a's rows stay in the cache.
 */
import { addSizes, floorDivideSizes, multiplySizes, productOf } from "../../util/size.ts";
import type { Size } from "../../util/size.ts";
import { panelColumns } from "./contraction.ts";
import type { Contraction } from "./contraction.ts";

/**
 * Rows of a unit. V8 has no on-stack replacement: a long first call stays in its baseline compiler, at
 * a fourth of the speed, so units are short.
 */
export const blockRows = 48;

/** Columns of a unit; few enough that a block's sums (12 KiB) and a strip of b stay in the first cache. */
export const blockColumns = 64;

/** Bytes from row to row of the sums of a block, which lie in scratch memory. */
export const sumsRowStride = blockColumns * 4;

const sumsByteLength = blockRows * sumsRowStride;

/** Steps along k for which a strip of b is packed: a panel of 12 KiB. */
export const blockDepth = 384;

/** A panel, and what packing may write past its end. */
const panelByteLength = (blockDepth + 8) * panelColumns * 4;

/** The sums come first in scratch memory, then the panel. */
export const panelOffset = sumsByteLength;
export const scratchByteLength = sumsByteLength + panelByteLength;

export function unitsOf({ outer, m, n }: Contraction): Size {
  const outside = productOf(outer.map(({ extent }) => extent));
  return multiplySizes(
    outside,
    blockCount(m.extent, blockRows),
    blockCount(n.extent, blockColumns),
  );
}

/** Multiplications of a unit, roughly. */
export function unitCostOf({ m, n, k, kOuter }: Contraction): Size {
  const depth = productOf([k, ...kOuter].map(({ extent }) => extent));
  return multiplySizes(usual(m.extent, blockRows), usual(n.extent, blockColumns), depth);
}

export function blockCount(extent: Size, block: number): Size {
  return floorDivideSizes(addSizes(extent, block - 1), block);
}

/** What a block has of an extent, on average; never a division by zero. */
function usual(extent: Size, block: number): Size {
  if (typeof extent === "number") return Math.min(extent, block);
  return floorDivideSizes(extent, addSizes(floorDivideSizes(extent, block), 1));
}
