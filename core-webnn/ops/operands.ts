/** The operand constraints of the spec's tables of tensor limits, under short names for the rows. */
import { dataTypes, type DataType, type StorageType } from "../util/data-type.ts";
import type { RankRange, Types } from "./row.ts";

/** "N" of the tables. */
export const anyRank: RankRange = { min: 0 };

export const anyType: readonly DataType[] = dataTypes;
export const floatTypes: readonly DataType[] = ["float32", "float16"];
export const signedTypes: readonly DataType[] = ["float32", "float16", "int64", "int32", "int8"];
export const summableTypes: readonly DataType[] = [
  "float32",
  "float16",
  "int32",
  "uint32",
  "int64",
  "uint64",
];
export const indexTypes: readonly DataType[] = ["int32", "uint32", "int64"];
/** The table's types, and the 4-bit types that this project and some browsers offer beside them. */
export const quantizedTypes: readonly StorageType[] = [
  "uint8",
  "int8",
  "uint32",
  "int32",
  "int4",
  "uint4",
];

export function operand<const T extends Types>(types: T, ranks: RankRange = anyRank) {
  return { kind: "operand", types, ranks } as const;
}

/** An operand with the type of an earlier argument. */
export function operandLike<const N extends string>(name: N, ranks: RankRange = anyRank) {
  return { kind: "operand", types: { sameAs: name }, ranks } as const;
}

export function exactRank(rank: number): RankRange {
  return { min: rank, max: rank };
}
