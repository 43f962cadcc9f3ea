/** Reductions of host tensors: the few that shape arithmetic uses. */
import type { Size } from "../core.ts";
import type { Decisions } from "../convert/decisions.ts";
import { add, max, min, mul, type Elementwise } from "./elementwise.ts";
import type { HostTensor } from "./host-tensor.ts";
import { coordinatesOf, offsetOf } from "./index-math.ts";

const combiners: Readonly<Record<string, Elementwise>> = {
  reduceSum: add,
  reduceProduct: mul,
  reduceMax: max,
  reduceMin: min,
};

/** The reduced tensor, or undefined for a reduction that the host leaves to the device. */
export function makeReduction(
  decisions: Decisions,
  method: string,
  input: HostTensor,
  axes: readonly number[],
  keepDimensions: boolean,
): HostTensor | undefined {
  const combine = combiners[method];
  if (combine === undefined || input.elements.length === 0) return undefined;
  const kept = input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const totals: Size[] = [];
  for (const [i, element] of input.elements.entries()) {
    const at = coordinatesOf(i, input.shape).map((c, axis) => (axes.includes(axis) ? 0 : c));
    const target = offsetOf(at, kept);
    const total = totals[target];
    const next = total === undefined ? element : combine(decisions, [total, element], input.type);
    if (next === undefined) return undefined;
    totals[target] = next;
  }
  const shape = keepDimensions ? kept : kept.filter((_, axis) => !axes.includes(axis));
  return { type: input.type, shape, elements: totals };
}
