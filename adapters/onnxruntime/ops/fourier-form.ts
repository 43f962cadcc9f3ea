/** What a DFT or STFT node asks for. */
import { fixedSize } from "../convert/decisions.ts";
import { formatShape } from "../core.ts";
import { axisOf } from "./axes.ts";
import type { SizedNode } from "./sized-node.ts";

/**
 * "whole": complex points, as many as the transform is long; "half": the first half of them, of a real signal;
 * "real": a real signal from the first half of its spectrum.
 */
export interface DftForm {
  readonly kind: "whole" | "half" | "real";
  readonly inverse: boolean;
  readonly axis: number;
  readonly length: number;
  /** Points that are given and used. */
  readonly given: number;
  readonly wanted: number;
  /** 1 for a real input, 2 for a complex one. */
  readonly parts: number;
}

/** A longer prime factor would need its square of products: a length without one is near. */
const largestPrime = 4096;
const longest = 2 ** 26;

export function dftForm(node: SizedNode): DftForm {
  const shape = node.shape(0);
  const rank = shape.length;
  if (rank < 2) node.fail(`the shape ${formatShape(shape)}, expected two dimensions or more`);
  const parts = fixedSize(shape.at(-1)!);
  if (parts !== 1 && parts !== 2) node.fail(`the last dimension is ${parts}, expected 1 or 2`);
  const given = node.opset < 20 ? node.int("axis", 1) : scalarInput(node, 2, -2);
  const axis = axisOf(node, given, rank);
  if (axis === rank - 1) node.fail(`axis ${given}, the parts of complex numbers`);

  const [inverse, onesided] = [node.int("inverse", 0) !== 0, node.int("onesided", 0) !== 0];
  if (onesided && parts !== (inverse ? 2 : 1)) {
    node.fail(`onesided ${inverse ? "inverse of real" : "transform of complex"} numbers`);
  }
  const size = fixedSize(shape[axis]!);
  const kind = !onesided ? "whole" : inverse ? "real" : "half";
  const length = scalarInput(node, 1, kind === "real" ? 2 * (size - 1) : size);
  checkLength(node, length);
  const half = Math.floor(length / 2) + 1;
  return {
    kind,
    inverse,
    axis,
    length,
    given: Math.min(size, kind === "real" ? half : length),
    wanted: kind === "half" ? half : length,
    parts,
  };
}

/** An optional input of one integer. */
export function scalarInput(node: SizedNode, input: number, otherwise: number): number {
  if (!node.has(input)) return otherwise;
  const element = node.integers(input)[0] ?? node.fail(`input ${input} is empty`);
  return node.decisions.number(element);
}

export function checkLength(node: SizedNode, length: number): void {
  if (!(length >= 1 && length <= longest)) {
    node.fail(`a transform of length ${length}, expected 1 to ${longest}`);
  }
  const prime = largestFactor(length);
  if (prime > largestPrime) {
    node.fail(`length ${length} has the prime factor ${prime}, the limit is ${largestPrime}`);
  }
}

function largestFactor(n: number): number {
  for (let factor = 2; factor * factor <= n;) {
    if (n % factor === 0) n /= factor;
    else factor++;
  }
  return n;
}

export interface StftForm {
  readonly step: number;
  readonly length: number;
  readonly bins: number;
  readonly parts: number;
}

export function stftForm(node: SizedNode): StftForm {
  const shape = node.shape(0);
  if (shape.length < 2 || shape.length > 3) {
    node.fail(`a signal ${formatShape(shape)}, expected [batch, length, 1 or 2]`);
  }
  const parts = shape.length === 2 ? 1 : fixedSize(shape[2]!);
  if (parts !== 1 && parts !== 2) node.fail(`the last dimension is ${parts}, expected 1 or 2`);
  const window = node.has(2) ? fixedSize(node.shape(2)[0] ?? 1) : undefined;
  const length = scalarInput(node, 3, window ?? 0);
  if (length === 0) node.fail("neither a window nor frame_length says how long a frame is");
  checkLength(node, length);
  if (window !== undefined && window !== length) {
    node.fail(`a window of ${window} for frames of ${length}`);
  }
  if (node.decisions.less(shape[1]!, length)) {
    node.fail(`a signal ${formatShape(shape)} is shorter than a frame of ${length}`);
  }
  const step = scalarInput(node, 1, 0);
  if (!(step >= 1 && step < 2 ** 31)) node.fail(`frame_step ${step}, expected 1 or more`);
  const onesided = node.int("onesided", 1) !== 0;
  if (onesided && parts === 2) node.fail("onesided transforms of complex numbers");
  return { step, length, parts, bins: onesided ? Math.floor(length / 2) + 1 : length };
}
