/**
 * How elements lie in storage buffers, and loads of them.
 *
 * A storage buffer is an array of f32, i32, u32 or pairs of words; 16-, 8- and 4-bit elements lie several
 * in a u32, lowest first. float16 uses `array<f16>` where the device has the type: its elements can be
 * stored one by one.
 */
import type { BufferUse } from "../kernel/ir.ts";
import { bitsPerElement, isUnsigned, type StorageType } from "../util/data-type.ts";
import { compose, conditionDepth, named, type Block, type Value } from "./wgsl-writer.ts";

export interface BufferCode {
  /** Of the WGSL variable; two buffers of a kernel bound to the same bytes share one. */
  readonly name: string;
  readonly dataType: StorageType;
  readonly form: ElementForm;
}

/**
 * `whole`: one array element each. `half`: an `f16` each. `packed`: several in a word.
 * `atomic`: like packed, and written by several invocations.
 */
export type ElementForm = "whole" | "half" | "packed" | "atomic";

export function elementForm(
  { dataType }: BufferUse,
  hasHalf: boolean,
): Exclude<ElementForm, "atomic"> {
  if (bitsPerElement(dataType) >= 32) return "whole";
  return dataType === "float16" && hasHalf ? "half" : "packed";
}

/** The WGSL type of the array's elements. */
export function arrayElement({ dataType, form }: BufferCode): string {
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

/** The element as the IR's value type; named, since a load is worth keeping. */
export function emitLoad(block: Block, buffer: BufferCode, index: Value): Value {
  const depth = Math.max(index.depth, conditionDepth(block));
  if (buffer.form === "whole" || buffer.form === "half") {
    const x = element(block, buffer.name, index, depth);
    return buffer.form === "whole" ? x : named(block, compose(block, "f32($x)", { x }));
  }
  const at = named(block, index);
  const shift = log2(lanesPerWord(buffer.dataType));
  const position = compose(block, `$i >> ${shift}u`, { i: at });
  const word = element(block, buffer.name, position, depth);
  return named(block, unpack(block, buffer.dataType, word, at));
}

/** Position in its word of the first bit of element `index`. */
export function bitOffset(block: Block, dataType: StorageType, index: Value): Value {
  const mask = lanesPerWord(dataType) - 1;
  const scale = log2(bitsPerElement(dataType));
  return compose(block, `(u32($i) & ${mask}u) << ${scale}u`, { i: index });
}

function element(block: Block, name: string, index: Value, depth: number): Value {
  const { text } = compose(block, `${name}[$i]`, { i: index });
  return named(block, { text, depth, form: "call" });
}

function unpack(block: Block, dataType: StorageType, word: Value, index: Value): Value {
  const bits = bitsPerElement(dataType);
  const offset = bitOffset(block, dataType, index);
  if (dataType === "float16") {
    return compose(block, "f32_from_half(($w >> $s) & 0xffffu)", { w: word, s: offset });
  }
  if (isUnsigned(dataType)) {
    return compose(block, `($w >> $s) & ${2 ** bits - 1}u`, { w: word, s: offset });
  }
  const left = compose(block, `${32 - bits}u - $s`, { s: offset });
  return compose(block, `bitcast<i32>($w << $s) >> ${32 - bits}u`, { w: word, s: left });
}

function log2(powerOfTwo: number): number {
  return 31 - Math.clz32(powerOfTwo);
}
