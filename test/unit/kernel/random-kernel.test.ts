/** The generator itself: what it covers, and that its kernels have one answer in any order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { printKernel } from "../../../core-webnn/kernel/print.ts";
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type { Axis, Expr, Kernel, Stmt } from "../../../core-webnn/kernel/ir.ts";
import { axisAddress, subtractAddress } from "../../../core-webnn/kernel/address.ts";
import { substituteExpr, visitAddresses, visitExprs } from "../../../core-webnn/kernel/visit.ts";
import { encode, lastOf, storageTypes } from "./random-draft.ts";
import { compareBuffers, randomKernel, specialKernels, type KernelCase } from "./random-kernel.ts";
import { pointwise } from "./kernels.ts";
import { load } from "../../../core-webnn/kernel/expr.ts";

const seeds = Array.from({ length: 400 }, (_, seed) => seed);

function outputsOf({ kernel, sizes, inputs }: KernelCase): Uint8Array[] {
  const bytes = inputs.map((input) => input.slice());
  const views = bytes.map((buffer, i) => bufferView(kernel.buffers[i]!.dataType, buffer));
  interpret(kernel, views, sizes);
  return bytes;
}

test("a seed always gives the same kernel and inputs", () => {
  for (const seed of seeds.slice(0, 20)) {
    assert.deepEqual(randomKernel(seed), randomKernel(seed));
    assert.notEqual(
      printKernel(randomKernel(seed).kernel),
      printKernel(randomKernel(seed + 1).kernel),
    );
  }
});

/** Loads and stores walk the axes of reductions and contractions from the end. */
function backwards(kernel: Kernel): Kernel {
  const flip = (exprs: readonly Expr[], axes: readonly Axis[]): Expr[] => {
    const flipped = axes.map((a) => [a.name, subtractAddress(lastOf(a), axisAddress(a))] as const);
    return exprs.map((expr) => substituteExpr(expr, { axes: new Map(flipped) }));
  };
  const body = kernel.body.map((stmt): Stmt => {
    if (stmt.kind === "contract") {
      const [a, b] = flip([stmt.a, stmt.b], stmt.k);
      return { ...stmt, a: a!, b: b! };
    }
    if (stmt.kind !== "reduce") return stmt;
    const lets = stmt.lets.map(({ local, value }) => ({
      local,
      value: flip([value], stmt.axes)[0]!,
    }));
    return { ...stmt, lets, map: flip(stmt.map, stmt.axes) };
  });
  return { ...kernel, body };
}

test("the order of reductions and contractions does not show", () => {
  for (const seed of seeds) {
    const drafted = randomKernel(seed);
    const flipped = { ...drafted, kernel: backwards(drafted.kernel) };
    const difference = compareBuffers(drafted.kernel, outputsOf(drafted), outputsOf(flipped), 0);
    assert.equal(difference, undefined, `seed ${seed}`);
  }
});

test("outputs hold neither NaN nor infinities, which a GPU need not keep, but varied numbers", () => {
  let varied = 0;
  for (const seed of seeds) {
    const drafted = randomKernel(seed);
    const outputs = outputsOf(drafted);
    drafted.kernel.buffers.forEach(({ dataType, access }, i) => {
      if (access !== "write" || dataType !== "float32") return;
      const numbers = [...(bufferView(dataType, outputs[i]!) as Float32Array)];
      assert.ok(numbers.every(Number.isFinite), `seed ${seed}, buffer ${i}`);
      if (new Set(numbers).size > 2) varied++;
    });
  }
  assert.ok(varied > 50, `${varied} outputs with more than two values`);
});

test("all kinds of statements, expressions, addresses and storage occur", () => {
  const seen = new Set<string>();
  for (const seed of seeds) {
    const { kernel } = randomKernel(seed);
    kernel.buffers.forEach(({ dataType, access }) => seen.add(`${access} ${dataType}`));
    const note = (stmt: Stmt): void => {
      seen.add(stmt.kind);
      if (stmt.kind === "loop") stmt.body.forEach(note);
      if (stmt.kind === "reduce" && stmt.state.length > 1) seen.add("tuple");
    };
    kernel.body.forEach(note);
    visitExprs(kernel, (expr) => seen.add("op" in expr ? expr.op : expr.kind));
    visitAddresses(kernel, (address) => seen.add(`address ${address.kind}`));
  }
  const statements = ["let", "loop", "reduce", "contract", "store", "tuple"];
  const exprs = [
    "load",
    "index",
    "select",
    "guard",
    "cast",
    "narrow",
    "exp",
    "pow",
    "isNaN",
    "rem",
  ];
  const addresses = ["size", "add", "mul", "floorDiv", "mod", "min", "max", "value"];
  const writable = storageTypes.filter((type) => !type.endsWith("int4"));
  const wanted = [
    ...statements,
    ...exprs,
    ...addresses.map((kind) => `address ${kind}`),
    ...storageTypes.map((type) => `read ${type}`),
    ...writable.map((type) => `write ${type}`),
  ];
  assert.deepEqual(
    wanted.filter((name) => !seen.has(name)),
    [],
  );
});

test("special kernels have distinct names and run", () => {
  const special = specialKernels();
  assert.equal(new Set(special.map(({ name }) => name)).size, special.length);
  special.forEach(outputsOf);
});

const oneUlp = 1 + 2 ** -23;
const comparisons: readonly (readonly [type: "float32" | "float16" | "int32", x: number, y: number, ulp: number, agree: boolean])[] = [
  ["float32", 1, 1, 0, true],
  ["float32", 1, oneUlp, 0, false],
  ["float32", 1, oneUlp, 1, true],
  ["float32", 2 ** 24, 2 ** 24 - 1, 1, true],
  ["float32", 1, 1 + 2 ** -22, 1, false],
  ["float32", NaN, NaN, 0, true],
  ["float32", NaN, 1, 1e9, false],
  ["float32", 0, -0, 0, false],
  ["float32", 0, -0, 1, true],
  ["float32", 2 ** -149, -(2 ** -149), 1, false],
  ["float32", 2 ** -149, -(2 ** -149), 2, true],
  ["float32", Infinity, 2 ** 128 - 2 ** 104, 1, true],
  ["float32", Infinity, -Infinity, 4, false],
  ["float32", Infinity, 1, 1e6, false],
  ["float16", 1, 1 + 2 ** -10, 0, false],
  ["float16", 1, 1 + 2 ** -10, 3, true],
  ["float16", 1, 1 + 2 ** -9, 3, false],
  ["int32", 1, 2, 100, false],
]; // prettier-ignore
for (const [type, x, y, ulp, agree] of comparisons) {
  test(`${type} ${x} and ${y} ${agree ? "agree" : "differ"} at ${ulp} ulp`, () => {
    const kernel = pointwise([], type, () => load("f32", 0, { kind: "const", value: 0 }));
    const [a, b] = [x, y].map((value) => [encode(type, [5, value])]);
    const difference = compareBuffers(kernel, a!, b!, ulp);
    if (agree) assert.equal(difference, undefined);
    else assert.match(difference!, /^buffer 0 \((float32|float16|int32)\)\[1\] is /);
  });
}

test("flushed subnormals agree where asked", () => {
  const kernel = pointwise([], "float32", () => load("f32", 0, { kind: "const", value: 0 }));
  const [a, b] = [2 ** -130, -0].map((value) => [encode("float32", [value])]);
  assert.equal(compareBuffers(kernel, a!, b!, 1, { flushesSubnormals: true }), undefined);
  assert.match(compareBuffers(kernel, a!, b!, 1)!, /ulp apart/);
});
