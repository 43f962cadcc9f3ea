/**
 * Cuts a kernel's space into units of work: the points of all axes but the vectorised one, times blocks
 * of that one.
 */
import {
  axisAddress,
  constant,
  minAddress,
  mulAddress,
  sizeAddress,
  subtractAddress,
} from "../../kernel/address.ts";
import type { Axis, Kernel } from "../../kernel/ir.ts";
import { addSizes, floorDivideSizes, productOf } from "../../util/size.ts";
import type { Size } from "../../util/size.ts";
import { stretchOf } from "./strips.ts";
import type { Stretch } from "./strips.ts";
import { workOf } from "./vector-axis.ts";

export interface Units {
  /** In order, the last counts fastest. */
  readonly axes: readonly Axis[];
  readonly count: Size;
  readonly cost: number;
  /** What a unit does of the vectorised axis. */
  readonly stretch: Stretch | undefined;
}

/** Operations worth claiming as one unit. */
const unitWork = 16384;
/** Elements of a block: whole groups of any unrolling, and within a first-level cache. */
const [smallestBlock, largestBlock] = [16, 4096];

export function unitsOf({ space, body }: Kernel, vectorAxis: Axis | undefined): Units {
  const work = Math.max(1, workOf(body));
  const others = space.filter((axis) => axis !== vectorAxis);
  if (vectorAxis === undefined) {
    return { axes: others, count: extentsOf(others), cost: work, stretch: undefined };
  }
  const { extent } = vectorAxis;
  const block = blockLength(work);
  if (typeof extent === "number" && extent <= block) {
    const stretch = stretchOf(vectorAxis);
    return { axes: others, count: extentsOf(others), cost: work * extent, stretch };
  }
  const blocks: Axis = {
    name: `${vectorAxis.name}'block`,
    extent: floorDivideSizes(addSizes(extent, block - 1), block),
  };
  const axes = [...others, blocks];
  return {
    axes,
    count: extentsOf(axes),
    cost: work * block,
    stretch: blockStretch(vectorAxis, blocks, block),
  };
}

function blockStretch(axis: Axis, blocks: Axis, block: number): Stretch {
  const start = mulAddress(axisAddress(blocks), constant(block));
  const rest = subtractAddress(sizeAddress(axis.extent), start);
  return { axis, start, count: minAddress(constant(block), rest), limit: block };
}

function blockLength(work: number): number {
  const elements = 2 ** Math.floor(Math.log2(unitWork / work));
  return Math.min(largestBlock, Math.max(smallestBlock, elements));
}

function extentsOf(axes: readonly Axis[]): Size {
  return productOf(axes.map(({ extent }) => extent));
}
