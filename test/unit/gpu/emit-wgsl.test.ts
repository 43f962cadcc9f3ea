/** The text of shaders: what stands inside loops, what is shared, what a compiler must not see. No GPU needed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emitProgram } from "../../../core-webnn/gpu/emit-program.ts";
import { emitWgsl } from "../../../core-webnn/gpu/emit-wgsl.ts";
import {
  addAddress,
  axisAddress,
  constant,
  linearAddress,
} from "../../../core-webnn/kernel/address.ts";
import { binary, f32, i32, load, select, unary } from "../../../core-webnn/kernel/expr.ts";
import type { Address, Axis, BufferUse, Expr, Kernel } from "../../../core-webnn/kernel/ir.ts";
import { named, productOf, type Size } from "../../../core-webnn/util/size.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { arena, input, matmul, output, program, scale } from "../cpu-runtime/programs.ts";
import { buildCase } from "../cpu-contract/contract-kernel.ts";
import { randomKernel } from "../kernel/random-kernel.ts";

const facts = { hasHalf: false };

function axis(name: string, extent: Size): Axis {
  return { name, extent };
}

/** out[address] = value over the space; buffer 0 is read, buffer 1 written. */
function pointwise(
  space: readonly Axis[],
  value: Expr,
  address: Address,
  types: readonly [StorageType, StorageType] = ["float32", "float32"],
): Kernel {
  const elementCount = productOf(space.map(({ extent }) => extent));
  const use = (dataType: StorageType, access: BufferUse["access"]): BufferUse => ({
    dataType,
    elementCount,
    access,
  });
  return {
    buffers: [use(types[0], "read"), use(types[1], "write")],
    space,
    body: [{ kind: "store", buffer: 1, address, value }],
  };
}

/** The lines of `main`'s body, without indentation. */
function bodyOf(kernel: Kernel): string[] {
  const { code } = emitWgsl(kernel, facts);
  const main = code.slice(code.indexOf(") {\n", code.indexOf("fn main(")) + 4);
  return main.trimEnd().split("\n").slice(0, -1).map((line) => line.trim()); // prettier-ignore
}

function rowMajor(space: readonly Axis[]): Address {
  return linearAddress(
    space.map(axisAddress),
    space.map(({ extent }) => extent),
  );
}

test("a kernel that goes through its tensors in order divides nothing", () => {
  const space = [axis("i", 3), axis("j", 5), axis("k", 7)];
  const at = rowMajor(space);
  const kernel = pointwise(space, unary("abs", load("f32", 0, at)), at);
  assert.deepEqual(bodyOf(kernel), [
    "let index = i32((group.y * groups.x + group.x) * 64u + lane);",
    "if (index >= 105i) { return; }",
    "let t0 = b0[index];",
    "let t1 = f32_abs(t0);",
    "b1[index] = t1;",
  ]);
});

test("what does not vary in a loop stands before it", () => {
  const lines = bodyOf(matmul(6, 8, 10));
  const loop = lines.findIndex((line) => line.startsWith("for "));
  assert.deepEqual(lines.slice(loop), [
    "for (var i_l = 0i; i_l < 8i; i_l++) {",
    "let t2 = b0[t1 + i_l];",
    "let t4 = b1[t3 + (10i * i_l)];",
    "let t5 = t2 * t4;",
    "v_sum_0 = v_sum_0 + t5;",
    "}",
    "b2[index] = v_sum_0;",
  ]);
});

test("columns of a tile are one load where they are one vector", () => {
  const { kernel } = buildCase({ why: "", m: 4, n: 8, k: 3 });
  const { code } = emitWgsl(kernel, facts);
  assert.match(code, /b1: array<vec4<f32>>;/);
  assert.equal(code.match(/= b1\[/g)?.length, 1);
  assert.equal(code.match(/= b0\[/g)?.length, 4);
});

test("bytes of a word are one load", () => {
  const types = { aType: "uint8", bType: "int8" } as const;
  const { kernel } = buildCase({ why: "", m: 4, n: 4, k: 8, b: "nk", ...types });
  const { code } = emitWgsl(kernel, facts);
  assert.equal(code.match(/= b0\[/g)?.length, 4);
  assert.equal(code.match(/= b1\[/g)?.length, 4);
});

test("bytes in order are stored by whole words, others by atomic operations", () => {
  const [i, j] = [axis("i", 5), axis("j", 7)];
  const storing = (space: readonly Axis[], address: Address): string => {
    const value = load("u32", 0, axisAddress(i));
    return emitWgsl(pointwise(space, value, address, ["uint8", "uint8"]), facts).code;
  };
  assert.doesNotMatch(storing([i, j], rowMajor([i, j])), /atomic/);
  assert.doesNotMatch(storing([i, j], rowMajor([j, i])), /atomic/);
  assert.doesNotMatch(storing([i], addAddress(axisAddress(i), constant(10))), /atomic/);
  const everyThird = linearAddress([axisAddress(i), constant(0)], [5, 3]);
  assert.match(storing([i], everyThird), /b1: array<atomic<u32>>/);
});

test("float16 has elements of its own where the device has the type", () => {
  const space = [axis("i", 5)];
  const at = rowMajor(space);
  const kernel = pointwise(space, load("f32", 0, at), at, ["float16", "float16"]);
  assert.match(emitWgsl(kernel, { hasHalf: true }).code, /^enable f16;\n[^]*b1: array<f16>/);
  assert.match(emitWgsl(kernel, facts).code, /b1: array<u32>/);
});

test("nothing is left for the WGSL compiler to evaluate, which refuses overflow", () => {
  const space = [axis("i", 5)];
  const at = rowMajor(space);
  const huge = binary("mul", f32(2 ** 127), f32(2 ** 127));
  const zero = binary("div", i32(1), i32(0));
  const condition = unary("isNaN", f32(NaN));
  const kernel = pointwise(space, select(condition, huge, f32(-Infinity)), at);
  const { code } = emitWgsl(kernel, facts);
  assert.match(code, /let (t\d+) = 1.7\d*e\+38f;\n[^]*\1 \* 1.7\d*e\+38f/);
  assert.match(code, /f32_from_bits\(0x7fc00000u\)/);
  assert.match(code, /f32_from_bits\(0xff800000u\)/);
  assert.match(emitWgsl(pointwise(space, zero, at, ["int32", "int32"]), facts).code, /i32_div\(/);
});

test("a size's name cannot leave its comment", () => {
  const extent = named({ name: "a\nb*/ c" });
  const space = [axis("i", extent)];
  const { code, sizes } = emitWgsl(pointwise(space, f32(1), rowMajor(space)), facts);
  assert.deepEqual(sizes, [extent]);
  assert.match(code, /s0: i32, \/\/ a\?b\*\/ c\n/);
});

test("the same kernel gives the same text", () => {
  for (let seed = 1; seed < 60; seed++) {
    const [one, other] = [randomKernel(seed), randomKernel(seed)];
    assert.deepEqual(emitWgsl(one.kernel, facts), emitWgsl(other.kernel, facts));
  }
});

test("steps with equal kernels and bindings share a shader", () => {
  const chain = program(
    [
      [input("x"), 8],
      [arena, 8],
      [arena, 8],
      [arena, 8],
      [output("y"), 8],
    ],
    [
      [scale(8, 2), [0, 1]],
      [scale(8, 2), [1, 2]],
      [scale(8, 2), [2, 3]],
      [scale(8, 2), [3, 4]],
    ],
  );
  const { steps, shaders } = emitProgram(chain, facts);
  // The arena is read-only where nothing in it is written.
  assert.deepEqual(
    steps.map(({ shader }) => shader),
    [0, 1, 1, 0],
  );
  assert.deepEqual(
    shaders.map(({ access }) => access),
    [
      ["read", "read_write"],
      ["read_write", "read_write"],
    ],
  );
});

test("an operand used twice has one binding", () => {
  const square = program(
    [
      [input("x"), 64],
      [output("y"), 64],
    ],
    [[matmul(8, 8, 8), [0, 0, 1]]],
  );
  const { steps, shaders } = emitProgram(square, facts);
  assert.deepEqual(steps[0]!.buffers, [0, 1]);
  assert.equal(shaders[0]!.code.match(/@binding/g)?.length, 2);
});

test("rows that only a dispatch counts have a second shader", () => {
  const rows = named({ name: "rows" });
  const { kernel } = buildCase({ why: "", m: 5, n: 8, k: 8, symbolic: true });
  const known = buildCase({ why: "", m: 5, n: 8, k: 8 }).kernel;
  const of = (one: Kernel) =>
    emitProgram(
      program(
        [
          [input("a"), rows],
          [input("b"), rows],
          [output("y"), rows],
        ],
        [[one, [0, 1, 2]]],
      ),
      facts,
    );
  assert.equal(of(kernel).shaders.length, 2);
  assert.deepEqual(of(kernel).steps[0]!.fewRows?.shader, 1);
  assert.equal(of(known).shaders.length, 1);
});
