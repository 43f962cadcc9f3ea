/** The text of kernels, and what is read off a kernel: its sizes, axes and cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { axisAddress, constant, floorDivAddress } from "../../../core-webnn/kernel/address.ts";
import { binary, f32, index, load, local, unary } from "../../../core-webnn/kernel/expr.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { printAddress, printExpr, printKernel } from "../../../core-webnn/kernel/print.ts";
import { visitSizes } from "../../../core-webnn/kernel/visit.ts";
import { named, sizeKey, type SymbolicSize } from "../../../core-webnn/util/size.ts";
import { columns, matmul, softmax } from "./kernels.ts";

test("softmax", () => {
  assert.equal(
    printKernel(softmax()),
    `kernel (row < rows)
  b0: read float32[past*rows + rows]
  b1: write float32[past*rows + rows]
  reduce (i < past + 1)
    init largest: f32 = -Infinityf
    map largestIn: f32 = b0[{past + 1}*row + i]
    combine largest = max(largest, largestIn)
  reduce (j < past + 1)
    init sum: f32 = 0f
    map sumIn: f32 = exp((b0[{past + 1}*row + j] - largest))
    combine sum = (sum + sumIn)
  loop (k < past + 1)
    b1[{past + 1}*row + k] = (exp((b0[{past + 1}*row + k] - largest)) / sum)
`,
  );
});

test("matmul", () => {
  assert.equal(
    printKernel(matmul(3, 5, 7)),
    `kernel (m < 3, n < 5)
  b0: read float32[21]
  b1: read float32[35]
  b2: read float16[5]
  b3: write float32[15]
  contract sum: f32 over m (m) n (n) k (k < 7)
    a = b0[7*m + k]
    b = b1[7*n + k]
  b3[5*m + n] = (sum + b2[n])
`,
  );
});

function sizesOf(kernel: Kernel): ReadonlySet<string> {
  const keys = new Set<string>();
  visitSizes(kernel, (size) => keys.add(sizeKey(size)));
  return keys;
}

test("the sizes of a kernel, without those of buffers alone", () => {
  assert.deepEqual([...sizesOf(softmax())], ["rows", "past + 1"]);
  assert.deepEqual([...sizesOf(matmul(3, 5, 7))], ["3", "5", "7"]);
});

test("sizes in values of addresses count", () => {
  const size = named({ name: "inner" }) as SymbolicSize;
  const address = { kind: "value", value: index({ kind: "size", size }) } as const;
  const kernel = softmax();
  const store = { kind: "store", buffer: 1, address, value: f32(0) } as const;
  assert.deepEqual([...sizesOf({ ...kernel, body: [store] })], ["rows", "inner"]);
});

test("texts differ where meanings do", () => {
  const axis = axisAddress({ name: "past", extent: 9 });
  const size = { kind: "size", size: named({ name: "past" }) as SymbolicSize } as const;
  const x = local({ name: "x", type: "f32" });
  const i = axisAddress({ name: "i", extent: columns });
  const texts = [
    printAddress(axis),
    printAddress(size),
    printAddress(floorDivAddress(i, constant(3))),
    printAddress({ kind: "floorDiv", a: { kind: "floorDiv", a: i, b: constant(3) }, b: axis }),
    printAddress({ kind: "floorDiv", a: i, b: { kind: "mul", a: axis, b: constant(3) } }),
    printAddress({ kind: "mul", a: { kind: "floorDiv", a: i, b: axis }, b: constant(3) }),
    printExpr(f32(0)),
    printExpr(f32(-0)),
    printExpr(binary("sub", x, binary("sub", x, x))),
    printExpr(binary("sub", binary("sub", x, x), x)),
    printExpr(binary("add", x, f32(-1))),
    printExpr(binary("sub", x, f32(1))),
    printExpr(unary("neg", x)),
    printExpr(load("f32", 0, i)),
    printExpr(load("f32", 1, i)),
  ];
  assert.equal(new Set(texts).size, texts.length, texts.join("\n"));
});
