/**
 * Reads elements that are computed from smaller ones: `(q - zero) * scale` of 8 bits, float16.
 *
 * The value is any expression of the element. What of it does not change along k, zero points and
 * scales, is computed before the tile's loop and kept in locals, for each row where rows differ.
 */
import type { Axis } from "../../kernel/ir.ts";
import { axesOf } from "../../kernel/visit.ts";
import type { Assembler, Local } from "../assembler.ts";
import type { Arithmetic } from "../generic/arithmetic.ts";
import { lanesAt } from "../generic/emit-expr.ts";
import { fromHalfBits } from "../generic/half-floats.ts";
import { toVector, vector } from "../generic/lanes.ts";
import type { Lanes } from "../generic/lanes.ts";
import { startPoint, withLocals } from "../generic/point.ts";
import type { Value } from "../generic/value-graph.ts";
import { writeActions } from "../generic/write-actions.ts";
import { copyOf, setMinimum } from "./amount.ts";
import { byteLengthOf, encodedElement } from "./elements.ts";
import type { Decoded } from "./elements.ts";
import type { LaneReader } from "./lane-readers.ts";
import type { Place } from "./row-pointers.ts";
import { openScope } from "./scope.ts";
import type { BoundAxes, KernelContext, Scope } from "./scope.ts";

/** The rows of a tile: points of an axis from `first` on. */
export interface TileRows {
  readonly axis: Axis;
  readonly first: Local;
  readonly count: number;
  /** How many there are; rows past them are as the last. */
  readonly left?: Local;
}

/** `outer` binds the axes around the tile. */
export function openDecoder(
  asm: Assembler,
  context: KernelContext,
  elements: Decoded,
  outer: BoundAxes,
  rows: TileRows,
): LaneReader {
  const { axis, count } = rows;
  const differ = axesOf(elements.value).has(axis.name);
  const kept = Array.from({ length: differ ? count : 1 }, (_, row) => {
    const index = indexOf(asm, rows, row);
    const decode = buildDecode(context, elements, new Map(outer).set(axis.name, index));
    const invariants = keepInvariants(asm, decode);
    asm.release(index);
    return { decode, invariants };
  });
  return {
    elementByteLength: byteLengthOf(elements),
    // Eight bytes are widened together.
    vectorsAtOnce: elements.storage === "float16" ? 1 : 2,
    read(place, row, targets) {
      const { decode, invariants } = kept[differ ? row : 0]!;
      const words = loadWords(asm, elements.storage, place, targets.length);
      for (const [v, target] of targets.entries()) {
        const locals = new Map(invariants).set(decode.words, words[v]!);
        writeActions(asm, [], locals, [decode.value]);
        asm.set(target);
      }
      asm.release(...words);
    },
    close() {
      for (const { invariants } of kept) asm.release(...invariants.values());
    },
  };
}

function indexOf(asm: Assembler, { first, left }: TileRows, row: number): Local {
  if (left === undefined || row === 0) return copyOf(asm, first, row);
  const last = copyOf(asm, left, -1);
  setMinimum(asm, last, last, row);
  const index = copyOf(asm, first, last);
  asm.release(last);
  return index;
}

interface Decode {
  readonly scope: Scope;
  /** The elements as 32-bit integers; of float16, their bits. */
  readonly words: Value;
  readonly value: Value;
}

/** Values that change along k have level 1, others 0. */
function buildDecode(context: KernelContext, elements: Decoded, axes: BoundAxes): Decode {
  const scope = openScope(context, axes);
  const { emission } = scope;
  const { graph } = emission.nest;
  const words = graph.variable("v128", 1);
  const element = widened(emission.arithmetic, elements.storage, words);
  const point = withLocals({ ...startPoint(), isVector: true }, [encodedElement], [element]);
  return { scope, words, value: toVector(graph, lanesAt(emission, point, elements.value)) };
}

function widened(m: Arithmetic, storage: Decoded["storage"], words: Value): Lanes {
  if (storage === "float16") return fromHalfBits(m, vector("i32", words));
  return vector(storage === "uint8" ? "u32" : "i32", words);
}

/** New locals with what is needed of level 0, constants of scalars aside. */
function keepInvariants(asm: Assembler, { scope, value }: Decode): ReadonlyMap<Value, Local> {
  const invariants = new Set<Value>();
  const visit = (v: Value): void => {
    if (v.level > 0) v.args.forEach(visit);
    else if (v.instruction.kind !== "const") invariants.add(v);
  };
  visit(value);
  const kept = new Map<Value, Local>();
  for (const invariant of invariants) {
    writeActions(asm, [], new Map([...scope.locals, ...kept]), [invariant]);
    const local = asm.local(invariant.type);
    asm.set(local);
    kept.set(invariant, local);
  }
  return kept;
}

/** New locals, each with four consecutive elements as 32-bit integers. */
function loadWords(
  asm: Assembler,
  storage: Decoded["storage"],
  { pointer, offset }: Place,
  count: number,
): Local[] {
  if (storage === "float16") {
    return Array.from({ length: count }, (_, v) =>
      setNew(asm, () => {
        asm.get(pointer);
        asm.memory("v128.load16x4_u", offset + v * 8);
      }),
    );
  }
  const words: Local[] = [];
  for (let v = 0; v < count; v += 2) {
    words.push(...loadBytes(asm, storage, { pointer, offset: offset + v * 4 }, count - v > 1));
  }
  return words;
}

/** Eight bytes are widened in two steps, four of them too. */
function loadBytes(
  asm: Assembler,
  storage: "int8" | "uint8",
  { pointer, offset }: Place,
  eight: boolean,
): Local[] {
  const sign = storage === "int8" ? "s" : "u";
  const halves = setNew(asm, () => {
    asm.get(pointer);
    if (eight) return asm.memory(`v128.load8x8_${sign}`, offset);
    asm.memory("v128.load32_zero", offset);
    asm.op(`i16x8.extend_low_i8x16_${sign}`);
  });
  const parts = eight ? (["low", "high"] as const) : (["low"] as const);
  const words = parts.map((part) =>
    setNew(asm, () => {
      asm.get(halves);
      asm.op(`i32x4.extend_${part}_i16x8_${sign}`);
    }),
  );
  asm.release(halves);
  return words;
}

function setNew(asm: Assembler, push: () => void): Local {
  push();
  const local = asm.local("v128");
  asm.set(local);
  return local;
}
