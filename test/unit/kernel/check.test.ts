/** Broken kernels, one promise of the IR each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addAddress, axisAddress, constant } from "../../../core-webnn/kernel/address.ts";
import { checkKernel } from "../../../core-webnn/kernel/check.ts";
import { cast, f32, i32, load, local } from "../../../core-webnn/kernel/expr.ts";
import type { Axis, Contract, Expr, Kernel, Reduce, Stmt } from "../../../core-webnn/kernel/ir.ts";
import { matmul, pointwise, softmax } from "./kernels.ts";
import { randomKernel, specialKernels } from "./random-kernel.ts";

const good = matmul(3, 5, 7);
const [contract, store] = good.body as [Contract, Extract<Stmt, { kind: "store" }>];
const [m, n] = good.space as [Axis, Axis];
const [reduce, ...rest] = softmax().body as [Reduce, ...Stmt[]];

const withBody = (...body: Stmt[]): Kernel => ({ ...good, body });
const withContract = (change: Partial<Contract>): Kernel =>
  withBody({ ...contract, ...change }, store);
const withValue = (value: Expr): Kernel => withBody(contract, { ...store, value });
const withReduce = (change: Partial<Reduce>): Kernel => ({
  ...softmax(),
  body: [{ ...reduce, ...change }, ...rest],
});
const letX: Stmt = {
  kind: "let",
  local: { name: "x", type: "f32" },
  value: load("f32", 2, axisAddress(n)),
};
const x = local({ name: "x", type: "f32" });
const mixed = { kind: "binary", type: "f32", op: "add", a: f32(1), b: i32(1) } as const;

const broken: readonly (readonly [what: string, kernel: Kernel, message: RegExp])[] = [
  ["an undefined local", withValue(x), /x: no f32 of this name is defined here/],
  ["a local of another type", withBody(letX, { ...store, value: cast("f32", local({ name: "x", type: "i32" })) }), /x: no i32/],
  ["a local declared twice", withBody(letX, letX, store), /the local 'x' is declared twice/],
  ["an axis declared twice", withBody({ kind: "loop", axes: [m], body: [] }), /the axis 'm' is declared twice/],
  ["an axis out of scope", withValue(load("f32", 1, axisAddress(contract.k[0]!))), /k: no axis/],
  ["an axis of another extent", withValue(load("f32", 1, axisAddress({ name: "m", extent: 4 }))), /m: its extent differs/],
  ["a load of another type", withValue(cast("f32", load("i32", 0, constant(0)))), /i32 where f32 belongs/],
  ["a load of no buffer", withValue(load("f32", 9, constant(0))), /b9\[0\]: there is no such buffer/],
  ["a load of what is written", withValue(load("f32", 3, constant(0))), /b3\[0\]: its access is write/],
  ["a store to no buffer", withBody(contract, { ...store, buffer: 9 }), /store to b9: there is no such buffer/],
  ["a store to what is read", withBody(contract, { ...store, buffer: 0 }), /store to b0: its access is read/],
  ["a store of another type", withValue(i32(1)), /store to b3: float32 from i32/],
  ["a store to 4 bits", { ...pointwise([], "int4", () => i32(1)) }, /store to b0: int4 from i32/],
  ["an operation of two types", withValue(mixed), /i32 where f32 belongs/],
  ["a number where a bigint belongs", withValue({ kind: "const", type: "i64", value: 1 }), /float32 from i64/],
  ["a fraction as address", withValue(load("f32", 0, { kind: "const", value: 0.5 })), /0.5 is no address/],
  ["a that depends on n", withContract({ a: load("f32", 0, axisAddress(n)) }), /a depends on n, an axis of n/],
  ["b that depends on m", withContract({ b: load("f32", 1, addAddress(axisAddress(m), constant(1))) }), /b depends on m/],
  ["a that depends on n through a local", withBody(letX, { ...contract, a: x }, store), /a depends on n/],
  ["an accumulator of 64 bits", withContract({ accumulator: { name: "sum", type: "i64" } }), /accumulates i64/],
  ["an operand of another type", withContract({ a: i32(1) }), /a: f32 from i32/],
  ["m and n that are not the last axes", withContract({ m: [n], n: [m] }), /does not end with the axes of m and n/],
  ["a contraction in a loop", withBody({ kind: "loop", axes: [], body: [contract] }), /not a statement of the kernel's body/],
  ["too few maps", withReduce({ map: [] }), /1 states, but 1, 1, 0, 1/],
  ["init of another type", withReduce({ init: [i32(0)] }), /init of largest: f32 from i32/],
  ["incoming of another type", withReduce({ incoming: [{ name: "largestIn", type: "i32" }] }), /incoming 0 is no f32/],
  ["init that reads the reduced axis", withReduce({ init: [load("f32", 0, axisAddress(reduce.axes[0]!))] }), /i: no axis/],
  ["map that reads the state", withReduce({ map: [local({ name: "largest", type: "f32" })] }), /largest: no f32/],
]; // prettier-ignore
for (const [what, kernel, message] of broken) {
  test(`refused: ${what}`, () => assert.throws(() => checkKernel(kernel), message));
}

test("a message names the kernel", () => {
  assert.throws(() => checkKernel(withValue(x)), /in kernel \(m < 3, n < 5\)\n/);
});

test("good kernels pass", () => {
  [good, softmax(), withBody(contract, letX, { ...store, value: x })].forEach(checkKernel);
  specialKernels().forEach(({ kernel }) => checkKernel(kernel));
  for (let seed = 0; seed < 300; seed++) checkKernel(randomKernel(seed).kernel);
});
