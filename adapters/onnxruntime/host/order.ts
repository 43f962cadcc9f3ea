/** The order of elements of any numeric type: as numbers, and NaN after all, as numpy sorts. */
import type { Elements } from "./walk.ts";

export function compareElements(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  // Only a NaN comes here.
  return Number(a !== a) - Number(b !== b);
}

/**
 * The `count` first of the elements at start, start + step, … by `compare`, as numbers of those; of equal ones the lower
 * number is first.
 */
export function firstElements(
  elements: Elements,
  row: { readonly start: number; readonly step: number; readonly size: number },
  count: number,
  compare: (a: number | bigint, b: number | bigint) => number,
): Uint32Array {
  const { start, step, size } = row;
  const order = (a: number, b: number) =>
    compare(elements[start + a * step]!, elements[start + b * step]!) || a - b;
  // A heap of the best so far, the worst of them at its root.
  const heap = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = (count >> 1) - 1; i >= 0; i--) sink(heap, i, order);
  for (let i = count; i < size; i++) {
    if (count === 0 || order(i, heap[0]!) >= 0) continue;
    heap[0] = i;
    sink(heap, 0, order);
  }
  return heap.sort(order);
}

/** Moves the element at `i` down until none below it comes later. */
function sink(heap: Uint32Array, i: number, order: (a: number, b: number) => number): void {
  const moved = heap[i]!;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && order(heap[child + 1]!, heap[child]!) > 0) child++;
    if (order(heap[child]!, moved) <= 0) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = moved;
}
