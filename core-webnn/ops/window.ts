/** Windows that slide over two dimensions of an image: what conv2d and the pools share. */
import { addAddress, constant, mulAddress } from "../kernel/address.ts";
import type { Address, Expr } from "../kernel/ir.ts";
import {
  addSizes,
  floorDivideSizes,
  multiplySizes,
  subtractSizes,
  type Size,
} from "../util/size.ts";
import { allOf, insideDimension } from "./addresses.ts";
import type { Claims } from "./row.ts";
import { check, checkLength } from "./shapes.ts";

export interface Window {
  /** Beginning and ending of height, then of width. */
  readonly padding: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

export type Layout = "nchw" | "nhwc";

export const windowOptions = {
  padding: { kind: "u32List", optional: true },
  strides: { kind: "u32List", optional: true },
  dilations: { kind: "u32List", optional: true },
} as const;

export function resolveWindow(given: {
  readonly [K in keyof Window]: Window[K] | undefined;
}): Window {
  const { padding = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = given;
  return { padding, strides, dilations };
}

export function checkWindow({ padding, strides, dilations }: Window): void {
  checkLength(padding, 4, "padding");
  checkPair(strides, "strides");
  checkPair(dilations, "dilations");
}

/** Two sizes, none of them 0. */
export function checkPair(pair: readonly number[], name: string): void {
  checkLength(pair, 2, name);
  check(!pair.includes(0), `${name} [${pair.join(", ")}] must not contain 0`);
}

/** Batch, channel and position in the order of the layout: of sizes and of addresses alike. */
export function inLayout<T>(layout: Layout, batch: T, channel: T, position: readonly T[]): T[] {
  return layout === "nchw" ? [batch, channel, ...position] : [batch, ...position, channel];
}

/** The parts of an index or a shape in this layout. */
export function fromLayout<T>(
  layout: Layout,
  [batch, second, third, fourth]: readonly T[],
): { readonly batch: T; readonly channel: T; readonly position: readonly T[] } {
  return layout === "nchw"
    ? { batch: batch!, channel: second!, position: [third!, fourth!] }
    : { batch: batch!, channel: fourth!, position: [second!, third!] };
}

/** https://www.w3.org/TR/webnn/#mlgraphbuilder-calculate-conv2d-output-sizes */
export function windowOutputSizes(
  spatial: readonly Size[],
  extent: readonly Size[],
  { padding, strides, dilations }: Window,
  rounding: "floor" | "ceil",
): Size[] {
  return spatial.map((size, d) => {
    const reach = multiplySizes(subtractSizes(extent[d]!, 1), dilations[d]!);
    const padded = addSizes(size, padding[2 * d]!, padding[2 * d + 1]!);
    const last = subtractSizes(subtractSizes(padded, 1), reach);
    const rounded = rounding === "ceil" ? addSizes(last, strides[d]! - 1) : last;
    return addSizes(floorDivideSizes(rounded, strides[d]!), 1);
  });
}

export function claimPositive(sizes: readonly Size[], claims: Claims): void {
  const names = ["height", "width"];
  sizes.forEach((size, d) => claims.atMost(1, size, `1 and the output ${names[d]}`));
}

/** Where in the image an element of the window lies; outside it is padding. */
export function imagePosition(
  { padding, strides, dilations }: Window,
  output: readonly Address[],
  element: readonly Address[],
): Address[] {
  return output.map((at, d) =>
    addAddress(
      addAddress(
        mulAddress(at, constant(strides[d]!)),
        mulAddress(element[d]!, constant(dilations[d]!)),
      ),
      constant(-padding[2 * d]!),
    ),
  );
}

export function insideImage(position: readonly Address[], spatial: readonly Size[]): Expr {
  return allOf(position.map((at, d) => insideDimension(at, spatial[d]!)));
}
