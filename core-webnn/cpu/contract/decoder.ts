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
import { exponentHalf, floatElement, inFloats } from "./float-elements.ts";
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
  const constants = keepConstants(asm, kept[0]!.decode);
  return {
    elementByteLength: byteLengthOf(elements),
    // Eight bytes are widened together.
    vectorsAtOnce: elements.storage === "float16" ? 1 : 2,
    read(place, row, targets) {
      const { decode, invariants } = kept[differ ? row : 0]!;
      loadInputs(asm, decode, place, targets, constants);
      for (const target of targets) {
        writeActions(asm, [], new Map(invariants).set(decode.input, target), [decode.value]);
        asm.set(target);
      }
    },
    close() {
      for (const { invariants } of kept) asm.release(...invariants.values());
      asm.release(...constants.values());
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
  /** What is loaded into vectors: integers widened to 32 bits, or `floatElement`. */
  readonly kind: "floats" | "integers";
  readonly storage: Decoded["storage"];
  /** The variable that stands for such a vector, and what is made of it. */
  readonly input: Value;
  readonly value: Value;
}

/** Values that change along k have level 1, others 0. */
function buildDecode(context: KernelContext, elements: Decoded, axes: BoundAxes): Decode {
  const { storage, value } = elements;
  const scope = openScope(context, axes);
  const { emission } = scope;
  const { graph } = emission.nest;
  const input = graph.variable("v128", 1);
  const floats =
    storage === "float16" ? undefined : inFloats(value, storage, context.kernel.buffers);
  const [name, lanes] =
    floats === undefined
      ? [encodedElement, widened(emission.arithmetic, storage, input)]
      : [floatElement, vector("f32", input)];
  const point = withLocals({ ...startPoint(), isVector: true }, [name], [lanes]);
  const result = toVector(graph, lanesAt(emission, point, floats ?? value));
  return { scope, kind: floats ? "floats" : "integers", storage, input, value: result };
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

/** Vector constants of `floats`, which V8 would rebuild in a loop. */
function keepConstants(asm: Assembler, { kind, storage }: Decode): ReadonlyMap<number, Local> {
  const halves =
    kind === "integers" ? [] : storage === "int8" ? [exponentHalf, 0x8000] : [exponentHalf];
  return new Map(
    halves.map((half) => {
      const constant = asm.local("v128");
      asm.v128(new Uint16Array(8).fill(half));
      asm.set(constant);
      return [half, constant];
    }),
  );
}

/** Loads four consecutive elements into each target. */
function loadInputs(
  asm: Assembler,
  { kind, storage }: Decode,
  { pointer, offset }: Place,
  targets: readonly Local[],
  constants: ReadonlyMap<number, Local>,
): void {
  if (storage === "float16") {
    for (const [v, target] of targets.entries()) {
      asm.get(pointer);
      asm.memory("v128.load16x4_u", offset + v * 8);
      asm.set(target);
    }
    return;
  }
  for (let v = 0; v < targets.length; v += 2) {
    const two = targets.slice(v, v + 2);
    const halves = asm.local("v128");
    asm.get(pointer);
    loadHalves(asm, storage, offset + v * 4, two.length);
    const flip = constants.get(0x8000);
    if (flip !== undefined) {
      asm.get(flip);
      asm.op("v128.xor");
    }
    asm.set(halves);
    for (const [i, target] of two.entries()) {
      if (kind === "floats") interleaveHalves(asm, halves, constants.get(exponentHalf)!, i);
      else extendHalves(asm, halves, storage, i);
      asm.set(target);
    }
    asm.release(halves);
  }
}

/** Pushes eight bytes, or four, as 16-bit integers; the address is on the stack. */
function loadHalves(
  asm: Assembler,
  storage: "int8" | "uint8",
  offset: number,
  vectors: number,
): void {
  const sign = storage === "int8" ? "s" : "u";
  if (vectors === 2) return asm.memory(`v128.load8x8_${sign}`, offset);
  asm.memory("v128.load32_zero", offset);
  asm.op(`i16x8.extend_low_i8x16_${sign}`);
}

/** Pushes the first or second four 16-bit integers as the low halves of words. */
function interleaveHalves(asm: Assembler, low: Local, high: Local, part: number): void {
  asm.get(low);
  asm.get(high);
  const lanes = [0, 1, 2, 3].map((lane) => lane + part * 4);
  asm.shuffle(lanes.flatMap((l) => [2 * l, 2 * l + 1, 2 * l + 16, 2 * l + 17]));
}

function extendHalves(
  asm: Assembler,
  halves: Local,
  storage: "int8" | "uint8",
  part: number,
): void {
  const sign = storage === "int8" ? "s" : "u";
  asm.get(halves);
  asm.op(`i32x4.extend_${part === 0 ? "low" : "high"}_i16x8_${sign}`);
}
