/** Stores of every storage type, narrowed from its value type. */
import { subtractAddress } from "../../kernel/address.ts";
import type { Address } from "../../kernel/ir.ts";
import { bitsPerElement } from "../../util/data-type.ts";
import type { StorageType } from "../../util/data-type.ts";
import { unreachable } from "../../util/unreachable.ts";
import type { MemoryLaneOpName, MemoryOpName } from "../opcodes.ts";
import { accessOf, placesOf } from "./access.ts";
import type { Access, SpreadAccess } from "./access.ts";
import { addressesAt } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { placeOf } from "./emit-address.ts";
import { toHalfBits } from "./half-floats.ts";
import { fitsVector, laneCount, laneOf, toEach, toVector } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import type { Place } from "./nest.ts";
import type { Point } from "./point.ts";
import type { Value, ValueGraph } from "./value-graph.ts";

/**
 * Stores a value, of the buffer's value type, at each of the points. Vectors of small types that lie
 * side by side are packed and stored as one.
 */
export function storeAll(
  emission: Emission,
  points: readonly Point[],
  buffer: number,
  address: Address,
  values: readonly Lanes[],
): void {
  const group = vectorsPerStore(emission.kernel.buffers[buffer]!.dataType);
  for (let i = 0; i < points.length; i += group) {
    const [some, theirs] = [points.slice(i, i + group), values.slice(i, i + group)];
    if (group > 1 && storeTogether(emission, some, buffer, address, theirs)) continue;
    some.forEach((point, p) => store(emission, point, buffer, address, theirs[p]!));
  }
}

function vectorsPerStore(storage: StorageType): number {
  const bits = bitsPerElement(storage);
  return bits === 8 || bits === 16 ? 32 / bits : 1;
}

/** Whether the points' elements follow each other, and are stored. */
function storeTogether(
  emission: Emission,
  points: readonly Point[],
  buffer: number,
  address: Address,
  values: readonly Lanes[],
): boolean {
  const storage = emission.kernel.buffers[buffer]!.dataType;
  if (points.length < vectorsPerStore(storage)) return false;
  const accesses = points.map((point) => accessOf(point, address));
  const [first] = accesses;
  if (first!.kind === "uniform" || !accesses.every((x, i) => followsBy(first!, x, i * laneCount))) {
    return false;
  }
  const { nest, arithmetic } = emission;
  const byteLength = bitsPerElement(storage) / 8;
  const [place] = placesOf(emission, points[0]!, buffer, first!, byteLength);
  const words = values.map((x) =>
    toVector(nest.graph, storage === "float16" ? toHalfBits(arithmetic, x) : x),
  );
  const value = packAll(nest.graph, byteLength, words);
  nest.act({ kind: "store", name: "v128.store", ...place!, value });
  return true;
}

/** Whether an access takes the neighbours that are `distance` elements after the first one's. */
function followsBy(first: Access, access: Access, distance: number): boolean {
  if (first.kind === "uniform" || access.kind === "uniform" || access.stride !== 1) return false;
  if (access.base === first.base) return access.offset - first.offset === distance;
  const apart = subtractAddress(access.lane(0), first.lane(0));
  return apart.kind === "const" && apart.value === distance;
}

/** `value` has the value type of the buffer. */
export function store(
  emission: Emission,
  point: Point,
  buffer: number,
  address: Address,
  value: Lanes,
): void {
  const { graph } = emission.nest;
  const storage = emission.kernel.buffers[buffer]!.dataType;
  const access = accessOf(point, address);
  const stored = storage === "float16" ? toHalfBits(emission.arithmetic, value) : value;
  if (access.kind === "uniform") {
    const last = laneOf(graph, stored, laneCount - 1);
    return storeOne(emission, point, buffer, access.address, last);
  }
  storeSpread(emission, point, buffer, access, stored);
}

/** Kernels do not write 4-bit types: two elements share a byte. */
const scalarStores: Partial<Record<StorageType, MemoryOpName>> = {
  float32: "f32.store",
  float16: "i32.store16",
  int32: "i32.store",
  uint32: "i32.store",
  int64: "i64.store",
  uint64: "i64.store",
  int8: "i32.store8",
  uint8: "i32.store8",
};

function scalarStore(storage: StorageType): MemoryOpName {
  return scalarStores[storage] ?? unreachable(`a store of ${storage}`);
}

function storeOne(
  emission: Emission,
  point: Point,
  buffer: number,
  address: Address,
  value: Value,
): void {
  const storage = emission.kernel.buffers[buffer]!.dataType;
  const byteLength = bitsPerElement(storage) / 8;
  const place = placeOf(addressesAt(emission, point), buffer, address, byteLength);
  emission.nest.act({ kind: "store", name: scalarStore(storage), ...place, value });
}

function storeSpread(
  emission: Emission,
  point: Point,
  buffer: number,
  access: SpreadAccess,
  value: Lanes,
): void {
  const { nest } = emission;
  const storage = emission.kernel.buffers[buffer]!.dataType;
  const byteLength = bitsPerElement(storage) / 8;
  const places = placesOf(emission, point, buffer, access, byteLength);
  if (access.stride === 1 && fitsVector(value.type)) {
    return storeVector(emission, byteLength, places[0]!, toVector(nest.graph, value));
  }
  if (byteLength === 4 && value.kind === "vector") {
    return places.forEach((place, lane) => {
      const name = "v128.store32_lane";
      nest.act({ kind: "storeLane", name, lane, ...place, value: value.value });
    });
  }
  const lanes = toEach(nest.graph, value);
  const name = scalarStore(storage);
  places.forEach((place, l) => {
    nest.act({ kind: "store", name, ...place, value: lanes[l]! });
  });
}

function storeVector(emission: Emission, byteLength: number, place: Place, value: Value): void {
  const { nest } = emission;
  if (byteLength === 4) return nest.act({ kind: "store", name: "v128.store", ...place, value });
  const packed = pack(nest.graph, byteLength, value);
  const name: MemoryLaneOpName = byteLength === 2 ? "v128.store64_lane" : "v128.store32_lane";
  nest.act({ kind: "storeLane", name, lane: 0, ...place, value: packed });
}

/** The low bits of four 32-bit lanes, side by side, in the first bytes. */
function pack(graph: ValueGraph, byteLength: number, value: Value): Value {
  return packAll(
    graph,
    byteLength,
    byteLength === 2 ? [value, value] : [value, value, value, value],
  );
}

/** The low bits of the lanes of several vectors. Unsigned saturation leaves masked lanes alone. */
function packAll(graph: ValueGraph, byteLength: number, values: readonly Value[]): Value {
  const pairs = (name: "i16x8.narrow_i32x4_u" | "i8x16.narrow_i16x8_u", all: readonly Value[]) =>
    all.flatMap((a, i) => (i % 2 === 0 ? graph.op(name, a, all[i + 1]!) : []));
  if (byteLength === 2) return pairs("i16x8.narrow_i32x4_u", values)[0]!;
  const mask = graph.words(0xff, 0xff, 0xff, 0xff);
  const bytes = values.map((value) => graph.op("v128.and", value, mask));
  return pairs("i8x16.narrow_i16x8_u", pairs("i16x8.narrow_i32x4_u", bytes))[0]!;
}
