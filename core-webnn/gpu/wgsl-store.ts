/**
 * Stores. Elements of 32 bits and more, and `f16`, are written one by one. Smaller ones share words:
 * either one invocation computes all elements of a word and collects them (`words` of the scope says
 * in which variables), or each element is put in by two atomic operations on its own bits.
 */
import type { ValueType } from "../kernel/ir.ts";
import { bitsPerElement, type StorageType } from "../util/data-type.ts";
import { unreachable } from "../util/unreachable.ts";
import { valueTypeOf } from "../kernel/expr.ts";
import { castTemplates } from "./wgsl-operations.ts";
import type { Scope } from "./wgsl-scope.ts";
import { bitOffset, lanesPerWord, type BufferCode, type WordVariables } from "./wgsl-storage.ts";
import {
  compose,
  freshName,
  named,
  write,
  writeBlock,
  type Block,
  type Value,
} from "./wgsl-writer.ts";

export function emitStore(
  scope: Scope,
  buffer: BufferCode,
  index: Value,
  value: Value,
  type: ValueType,
): void {
  const { block } = scope;
  const stored = asStored(scope, buffer.dataType, value, type);
  switch (buffer.form) {
    case "whole":
      return write(block, `${buffer.name}[${index.text}] = ${stored.text};`);
    case "half": {
      const target = `${buffer.name}[${index.text}]`;
      const bits = compose(block, "half_from_f32($x)", { x: stored }).text;
      return write(block, `${target} = bitcast<vec2<f16>>(${bits}).x;`);
    }
    case "packed":
    case "atomic":
      return emitPackedStore(scope, buffer, named(block, index), stored);
    case "quad":
      return unreachable(`a store to ${buffer.name}, which is only read`);
    default:
      return buffer.form satisfies never;
  }
}

/**
 * Runs `body` with a word of each buffer to collect into, then writes what was collected. No other
 * invocation may store to these words; elements that `body` leaves out keep their bytes.
 */
export function emitWithWords(
  scope: Scope,
  buffers: readonly BufferCode[],
  body: (scope: Scope) => void,
): void {
  const { block } = scope;
  const words = new Map(buffers.map(({ name }) => [name, declareWord(block)]));
  body({ ...scope, words });
  for (const [name, { bits, mask, at }] of words) {
    writeBlock(block, `if (${mask} == 0xffffffffu)`, (inner) =>
      write(inner, `${name}[${at}] = ${bits};`),
    );
    writeBlock(block, `else if (${mask} != 0u)`, (inner) =>
      write(inner, `${name}[${at}] = (${name}[${at}] & ~${mask}) | ${bits};`),
    );
  }
}

function declareWord(block: Block): WordVariables {
  const [bits, mask, at] = ["bits", "mask", "at"].map((prefix) => freshName(block, prefix));
  write(block, `var ${bits!} = 0u;`);
  write(block, `var ${mask!} = 0u;`);
  write(block, `var ${at!} = 0i;`);
  return { bits: bits!, mask: mask!, at: at! };
}

/** All bits that an element of the type may set, at the bottom of a word. */
export function elementMask(dataType: StorageType): string {
  return `0x${(2 ** bitsPerElement(dataType) - 1).toString(16)}u`;
}

function emitPackedStore(scope: Scope, buffer: BufferCode, index: Value, stored: Value): void {
  const { block } = scope;
  const offset = named(block, bitOffset(block, buffer.dataType, index));
  const bits = compose(block, "$x << $s", { x: elementBits(scope, buffer, stored), s: offset });
  const mask = compose(block, `${elementMask(buffer.dataType)} << $s`, { s: offset });
  const shift = 31 - Math.clz32(lanesPerWord(buffer.dataType));
  const at = compose(block, `$i >> ${shift}u`, { i: index });
  const word = scope.words.get(buffer.name);
  if (word !== undefined) {
    write(block, `${word.bits} |= ${bits.text};`);
    write(block, `${word.mask} |= ${mask.text};`);
    write(block, `${word.at} = ${at.text};`);
    return;
  }
  if (buffer.form !== "atomic") unreachable(`a word of ${buffer.name} in scope`);
  write(block, `atomicAnd(&${buffer.name}[${at.text}], ~(${mask.text}));`);
  write(block, `atomicOr(&${buffer.name}[${at.text}], ${bits.text});`);
}

/** The element's bits as a u32 with nothing above them. */
function elementBits(scope: Scope, { dataType }: BufferCode, stored: Value): Value {
  const { block } = scope;
  if (dataType === "float16")
    return named(block, compose(block, "half_from_f32($x)", { x: stored }));
  return compose(block, `u32($x) & ${elementMask(dataType)}`, { x: stored });
}

/** A bool is stored as 0 or 1 of any type; an integer goes to a narrower one of either sign. */
function asStored(scope: Scope, dataType: StorageType, value: Value, type: ValueType): Value {
  if (type !== "bool") return value;
  const template = castTemplates.bool[valueTypeOf(dataType)];
  return compose(scope.block, template ?? unreachable(`a bool as ${dataType}`), { x: value });
}
