/**
 * Loads. Several elements of a word or a vector are one load: the word's address and the position in it
 * are found by algebra, so that neighbours have the word's address in common.
 */
import { constant, floorDivAddress, modAddress } from "../kernel/address.ts";
import type { Address } from "../kernel/ir.ts";
import { bitsPerElement, isUnsigned, type StorageType } from "../util/data-type.ts";
import { unreachable } from "../util/unreachable.ts";
import { emitAddress } from "./wgsl-address.ts";
import type { Scope } from "./wgsl-scope.ts";
import { lanesPerWord, log2, type BufferCode } from "./wgsl-storage.ts";
import {
  compose,
  conditionDepth,
  freshName,
  literal,
  nameAt,
  named,
  write,
  type Value,
} from "./wgsl-writer.ts";

/** The element as the IR's value type; named, since a load is worth keeping. */
export function emitLoad(scope: Scope, buffer: BufferCode, address: Address): Value {
  const { block } = scope;
  switch (buffer.form) {
    case "whole":
      return emitElement(scope, buffer, address);
    case "half":
      return named(block, compose(block, "f32($x)", { x: emitElement(scope, buffer, address) }));
    case "quad":
      return emitComponent(scope, buffer, address);
    case "packed": {
      const lanes = constant(lanesPerWord(buffer.dataType));
      const word = emitElement(scope, buffer, floorDivAddress(address, lanes));
      const lane = modAddress(address, lanes);
      return named(block, unpack(scope, buffer.dataType, word, lane));
    }
    case "atomic":
      return unreachable(`a load of ${buffer.name}, which is written`);
    default:
      return buffer.form satisfies never;
  }
}

function emitElement(scope: Scope, { name, changes }: BufferCode, at: Address): Value {
  const index = emitAddress(scope, at);
  if (changes) {
    const now = freshName(scope.block, "m");
    write(scope.block, `let ${now} = ${name}[${index.text}];`);
    return nameAt(scope.block, now);
  }
  const depth = Math.max(index.depth, conditionDepth(scope.block));
  const isHoisted = index.depth < depth && index.form === "compound";
  const { text } = isHoisted ? named(scope.block, index) : index;
  return named(scope.block, { text: `${name}[${text}]`, depth, form: "call" });
}

function emitComponent(scope: Scope, buffer: BufferCode, address: Address): Value {
  const vector = emitElement(scope, buffer, floorDivAddress(address, constant(4)));
  const position = modAddress(address, constant(4));
  if (position.kind !== "const") return unreachable(`a component of ${buffer.name} that varies`);
  return { ...vector, text: `${vector.text}.${"xyzw"[position.value]!}` };
}

function unpack(scope: Scope, dataType: StorageType, word: Value, lane: Address): Value {
  const { block } = scope;
  const bits = bitsPerElement(dataType);
  if (isUnsigned(dataType) || dataType === "float16") {
    const shifted = shift(scope, "$x >> $s", word, offsetOf(scope, lane, 0, bits));
    const isTop = lane.kind === "const" && (lane.value + 1) * bits === 32;
    const x = isTop ? shifted : compose(block, `$x & ${2 ** bits - 1}u`, { x: shifted });
    return dataType === "float16" ? compose(block, "f32_from_half($x)", { x }) : x;
  }
  // The element's sign bit goes to the top of the word, and comes back down with its copies.
  const left = offsetOf(scope, lane, 32 - bits, -bits);
  const x = shift(scope, "$x << $s", word, left);
  return compose(block, `bitcast<i32>($x) >> ${32 - bits}u`, { x });
}

/** `base + lane * scale` as u32. */
function offsetOf(scope: Scope, lane: Address, base: number, scale: number): Value {
  if (lane.kind === "const") return literal(`${base + lane.value * scale}u`);
  const position = compose(scope.block, `u32($l) << ${log2(Math.abs(scale))}u`, {
    l: emitAddress(scope, lane),
  });
  return scale > 0 ? position : compose(scope.block, `${base}u - $p`, { p: position });
}

function shift({ block }: Scope, template: string, x: Value, by: Value): Value {
  return by.text === "0u" ? x : compose(block, template, { x, s: by });
}
