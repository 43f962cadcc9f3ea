/**
 * How elements lie in storage buffers.
 *
 * A storage buffer is an array of f32, i32, u32 or pairs of words; 16-, 8- and 4-bit elements lie several
 * in a u32, lowest first. float16 uses `array<f16>` where the device has the type: its elements can be
 * stored one by one.
 */
import type { BufferUse } from "../kernel/ir.ts";
import { bitsPerElement, type StorageType } from "../util/data-type.ts";
import { compose, type Block, type Value } from "./wgsl-writer.ts";

export interface BufferCode {
  /** Of the WGSL variable; two buffers of a kernel bound to the same bytes share one. */
  readonly name: string;
  readonly dataType: StorageType;
  readonly form: ElementForm;
  /** Whether the kernel loads what it stores there: each load is made where it stands. */
  readonly changes: boolean;
}

/**
 * `whole`: one array element each. `quad`: four in a vector (32-bit types that are only read, always at a
 * known position in the vector). `half`: an `f16` each. `packed`: several in a word. `atomic`: like
 * packed, and written by several invocations.
 */
export type ElementForm = "whole" | "quad" | "half" | "packed" | "atomic";

/** Variables of a word under construction: its bits so far, which bits they are, and where it goes. */
export interface WordVariables {
  readonly bits: string;
  readonly mask: string;
  readonly at: string;
}

export function elementForm(
  { dataType }: BufferUse,
  hasHalf: boolean,
): "whole" | "half" | "packed" {
  if (bitsPerElement(dataType) >= 32) return "whole";
  return dataType === "float16" && hasHalf ? "half" : "packed";
}

/** The WGSL type of the array's elements. */
export function arrayElement({ dataType, form }: Pick<BufferCode, "dataType" | "form">): string {
  if (form === "quad") return `vec4<${arrayElement({ dataType, form: "whole" })}>`;
  if (form === "packed") return "u32";
  if (form === "atomic") return "atomic<u32>";
  if (form === "half") return "f16";
  if (dataType === "float32") return "f32";
  if (bitsPerElement(dataType) === 64) return "vec2<u32>";
  return dataType === "int32" ? "i32" : "u32";
}

/** Elements that share a word. */
export function lanesPerWord(dataType: StorageType): number {
  return Math.max(1, 32 / bitsPerElement(dataType));
}

/** Position in its word of the first bit of element `index`. */
export function bitOffset(block: Block, dataType: StorageType, index: Value): Value {
  const mask = lanesPerWord(dataType) - 1;
  const scale = log2(bitsPerElement(dataType));
  return compose(block, `(u32($i) & ${mask}u) << ${scale}u`, { i: index });
}

export function log2(powerOfTwo: number): number {
  return 31 - Math.clz32(powerOfTwo);
}
