/** Loads of every storage type, widened to its value type. */
import { constant, floorDivAddress, modAddress } from "../../kernel/address.ts";
import { valueTypeOf } from "../../kernel/expr.ts";
import type { Address } from "../../kernel/ir.ts";
import { bitsPerElement } from "../../util/data-type.ts";
import type { StorageType } from "../../util/data-type.ts";
import type { MemoryLaneOpName, MemoryOpName } from "../opcodes.ts";
import { accessOf, placesOf } from "./access.ts";
import type { SpreadAccess } from "./access.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { integerOf, placeOf } from "./emit-address.ts";
import { fromHalfBits } from "./half-floats.ts";
import { each, laneNumbers, uniform, vector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import type { Place } from "./nest.ts";
import { laneOfPoint } from "./point.ts";
import type { Point } from "./point.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

export function load(emission: Emission, point: Point, buffer: number, address: Address): Lanes {
  const read = (): Lanes => loadElements(emission, point, buffer, address);
  // What the kernel itself wrote (in a scan, or by `kept-values.ts`) is read where it stands, not before the loop.
  const isWritten = emission.kernel.buffers[buffer]!.access === "write";
  return isWritten ? emission.nest.protect(read) : read();
}

function loadElements(emission: Emission, point: Point, buffer: number, address: Address): Lanes {
  const storage = emission.kernel.buffers[buffer]!.dataType;
  const access = accessOf(point, address);
  if (access.kind === "uniform") return loadOne(emission, point, buffer, access.address);
  if (bitsPerElement(storage) === 4) return loadNibbles(emission, point, buffer, access);
  const byteLength = bitsPerElement(storage) / 8;
  const places = placesOf(emission, point, buffer, access, byteLength);
  const { graph } = emission.nest;
  if (byteLength === 8) {
    return each(
      valueTypeOf(storage),
      places.map((place) => graph.load("i64.load", place.address, place.offset)),
    );
  }
  const loaded =
    access.stride === 1 ? loadVector(graph, storage, places[0]!) : gather(graph, storage, places);
  if (storage !== "float16") return vector(valueTypeOf(storage), loaded);
  return fromHalfBits(emission.arithmetic, vector("i32", loaded));
}

const scalarLoads: Record<Exclude<StorageType, "int4" | "uint4">, MemoryOpName> = {
  float32: "f32.load",
  float16: "i32.load16_u",
  int32: "i32.load",
  uint32: "i32.load",
  int64: "i64.load",
  uint64: "i64.load",
  int8: "i32.load8_s",
  uint8: "i32.load8_u",
};

/** One element. `address` is in terms of the open loops. */
function loadOne(emission: Emission, point: Point, buffer: number, address: Address): Lanes {
  const storage = emission.kernel.buffers[buffer]!.dataType;
  const type = valueTypeOf(storage);
  if (storage === "int4" || storage === "uint4") {
    return uniform(type, loadNibble(emission, point, buffer, address));
  }
  const byteLength = bitsPerElement(storage) / 8;
  const place = placeOf(addressesAt(emission, point), buffer, address, byteLength);
  const value = emission.nest.graph.load(scalarLoads[storage], place.address, place.offset);
  if (storage !== "float16") return uniform(type, value);
  return fromHalfBits(emission.arithmetic, uniform("i32", value));
}

/** The low nibble of a byte comes first. */
function loadNibble(emission: Emission, point: Point, buffer: number, address: Address): Value {
  const { graph } = emission.nest;
  const scope = addressesAt(emission, point);
  const place = placeOf(scope, buffer, floorDivAddress(address, constant(2)), 1);
  const byte = graph.load("i32.load8_u", place.address, place.offset);
  const half = integerOf(scope, modAddress(address, constant(2)));
  const shift = graph.op("i32.shl", half, graph.i32(2));
  // The nibble moves to the top of the word and back, which extends its sign.
  const top = graph.op("i32.shl", byte, graph.op("i32.sub", graph.i32(28), shift));
  return graph.op(extension(emission, buffer), top, graph.i32(28));
}

function loadNibbles(
  emission: Emission,
  point: Point,
  buffer: number,
  { lane, stride }: SpreadAccess,
): Lanes {
  const type = valueTypeOf(emission.kernel.buffers[buffer]!.dataType);
  const { graph } = emission.nest;
  if (stride === 1 && isEven(lane(0))) {
    const bytes = floorDivAddress(lane(0), constant(2));
    const place = placeOf(addressesAt(emission, point), buffer, bytes, 1);
    const all = graph.load("i32.load16_u", place.address, place.offset);
    const factors = graph.words(2 ** 28, 2 ** 24, 2 ** 20, 2 ** 16);
    const tops = graph.op("i32x4.mul", graph.op("i32x4.splat", all), factors);
    const isSigned = extension(emission, buffer) === "i32.shr_s";
    return vector(type, graph.op(isSigned ? "i32x4.shr_s" : "i32x4.shr_u", tops, graph.i32(28)));
  }
  return each(
    type,
    laneNumbers.map((l) => {
      return loadNibble(emission, laneOfPoint(graph, point, l), buffer, lane(l));
    }),
  );
}

/** Four neighbouring elements as 32-bit lanes; of float16 the bits. */
function loadVector(graph: ValueGraph, storage: StorageType, { address, offset }: Place): Value {
  const load = (name: MemoryOpName): Value => graph.load(name, address, offset);
  switch (storage) {
    case "float16":
      return load("v128.load16x4_u");
    case "int8":
      return graph.op(
        "i32x4.extend_low_i16x8_s",
        graph.op("i16x8.extend_low_i8x16_s", load("v128.load32_zero")),
      );
    case "uint8":
      return graph.op(
        "i32x4.extend_low_i16x8_u",
        graph.op("i16x8.extend_low_i8x16_u", load("v128.load32_zero")),
      );
    default:
      return load("v128.load");
  }
}

/** Elements from four places, as `loadVector` has them. */
function gather(graph: ValueGraph, storage: StorageType, places: readonly Place[]): Value {
  const byteLength = bitsPerElement(storage) / 8;
  const lanesPerWord = 4 / byteLength;
  const name = laneLoads[byteLength]!;
  const zero = graph.words(0, 0, 0, 0);
  const words = places.reduce((v, { address, offset }, l) => {
    return graph.loadLane(name, l * lanesPerWord, address, offset, v);
  }, zero);
  if (storage !== "int8") return words;
  const top = graph.op("i32x4.shl", words, graph.i32(24));
  return graph.op("i32x4.shr_s", top, graph.i32(24));
}

const laneLoads: Readonly<Record<number, MemoryLaneOpName>> = {
  1: "v128.load8_lane",
  2: "v128.load16_lane",
  4: "v128.load32_lane",
};

function isEven(address: Address): boolean {
  const parity = modAddress(address, constant(2));
  return parity.kind === "const" && parity.value === 0;
}

function extension(emission: Emission, buffer: number): "i32.shr_s" | "i32.shr_u" {
  return emission.kernel.buffers[buffer]!.dataType === "int4" ? "i32.shr_s" : "i32.shr_u";
}
