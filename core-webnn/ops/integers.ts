/** Integers that index arithmetic computes with: addresses of 32 bits, or values of 64 where those overflow. */
import {
  addAddress,
  floorDivAddress,
  maxAddress,
  minAddress,
  modAddress,
  mulAddress,
  sizeAddress,
  valueAddress,
} from "../kernel/address.ts";
import { binary, cast, i64, index } from "../kernel/expr.ts";
import type { Address, Expr } from "../kernel/ir.ts";
import type { Size } from "../util/size.ts";

export interface Integers<T> {
  readonly ofAddress: (a: Address) => T;
  readonly ofSize: (size: Size) => T;
  readonly add: (a: T, b: T) => T;
  readonly multiply: (a: T, b: T) => T;
  readonly min: (a: T, b: T) => T;
  readonly max: (a: T, b: T) => T;
  /** Of a dividend that is not negative. */
  readonly quotient: (a: T, by: Size) => Address;
  readonly remainder: (a: T, by: Size) => T;
  /** As a float32. */
  readonly value: (a: T) => Expr;
}

export const narrowIntegers: Integers<Address> = {
  ofAddress: (a) => a,
  ofSize: sizeAddress,
  add: addAddress,
  multiply: mulAddress,
  min: minAddress,
  max: maxAddress,
  quotient: (a, by) => floorDivAddress(a, sizeAddress(by)),
  remainder: (a, by) => modAddress(a, sizeAddress(by)),
  value: (a) => cast("f32", index(a)),
};

export const wideIntegers: Integers<Expr> = {
  ofAddress: (a) => cast("i64", index(a)),
  ofSize: wideSize,
  add: (a, b) => binary("add", a, b),
  multiply: (a, b) => binary("mul", a, b),
  min: (a, b) => binary("min", a, b),
  max: (a, b) => binary("max", a, b),
  quotient: (a, by) => valueAddress(cast("i32", binary("div", a, wideSize(by)))),
  remainder: (a, by) => binary("rem", a, wideSize(by)),
  value: (a) => cast("f32", a),
};

/** A product of sizes that are known may exceed 32 bits. */
function wideSize(size: Size): Expr {
  return typeof size === "number" ? i64(BigInt(size)) : cast("i64", index(sizeAddress(size)));
}
