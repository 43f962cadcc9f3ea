/** Walking and rewriting. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addAddress,
  axisAddress,
  constant,
  floorDivAddress,
  valueAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  compare,
  f32,
  guard,
  i32,
  index,
  load,
  local,
  unary,
} from "../../../core-webnn/kernel/expr.ts";
import type { Expr } from "../../../core-webnn/kernel/ir.ts";
import { printAddress, printExpr } from "../../../core-webnn/kernel/print.ts";
import {
  axesOf,
  costOf,
  mapExpr,
  substituteExpr,
  visitAddresses,
  visitExprs,
} from "../../../core-webnn/kernel/visit.ts";
import { softmax } from "./kernels.ts";

const [i, j] = ["i", "j"].map((name) => axisAddress({ name, extent: 8 }));
const gathered = load("f32", 1, addAddress(valueAddress(load("i32", 0, i!)), j!));
const x = local({ name: "x", type: "f32" });

test("axes are found in addresses, in values of addresses and in indices", () => {
  assert.deepEqual([...axesOf(gathered)].sort(), ["i", "j"]);
  assert.deepEqual([...axesOf(index(i!))], ["i"]);
  assert.deepEqual([...axesOf(floorDivAddress(i!, constant(3)))], ["i"]);
  assert.deepEqual([...axesOf(x)], []);
});

test("substitution reaches axes, locals and buffers at once", () => {
  const sum = binary("add", gathered, unary("exp", x));
  const by = {
    axes: new Map([["i", constant(3)], ["j", i!]]),
    locals: new Map([["x", f32(2)]]),
    buffers: (buffer: number) => buffer + 10,
  }; // prettier-ignore
  assert.equal(printExpr(substituteExpr(sum, by)), "(b11[i + value(b10[3])] + exp(2f))");
});

test("axes are substituted at once, not one after the other", () => {
  const swap = new Map([["i", j!], ["j", i!]]); // prettier-ignore
  const pair = binary("add", index(i!), index(addAddress(j!, constant(1))));
  assert.equal(printExpr(substituteExpr(pair, { axes: swap })), "(index(j) + index(i + 1))");
});

test("a replacement is not rewritten again", () => {
  const twice = binary("add", x, f32(1));
  const replaced = substituteExpr(twice, { locals: new Map([["x", twice]]) });
  assert.equal(printExpr(replaced), "((x + 1f) + 1f)");
});

test("what a substitution decides folds away", () => {
  const padded = guard(compare("lt", index(i!), i32(5)), load("f32", 0, i!), f32(0));
  const at = (n: number): Expr => substituteExpr(padded, { axes: new Map([["i", constant(n)]]) });
  assert.equal(printExpr(at(4)), "b0[4]");
  assert.equal(printExpr(at(5)), "0f");
});

test("mapExpr replaces from the root, also inside addresses", () => {
  const loads: string[] = [];
  const mapped = mapExpr(gathered, (expr) => {
    if (expr.kind !== "load") return undefined;
    loads.push(printExpr(expr));
    return expr.buffer === 0 ? i32(7) : undefined;
  });
  assert.deepEqual(loads, ["b1[j + value(b0[i])]", "b0[i]"]);
  assert.equal(printExpr(mapped), "b1[j + 7]");
});

test("every expression and address of a kernel is visited", () => {
  const [exprs, addresses] = [new Set<string>(), new Set<string>()];
  visitExprs(softmax(), (expr) => exprs.add(printExpr(expr)));
  visitAddresses(softmax(), (address) => addresses.add(printAddress(address)));
  for (const wanted of ["-Infinityf", "largestIn", "exp((b0[{past + 1}*row + j] - largest))"]) {
    assert.ok(exprs.has(wanted), wanted);
  }
  for (const wanted of ["{past + 1}*row + i", "{past + 1}*row + k", "{past + 1}", "row"]) {
    assert.ok(addresses.has(wanted), wanted);
  }
});

test("transcendental functions cost much, names nothing", () => {
  assert.equal(costOf(x), 0);
  assert.equal(costOf(binary("add", x, x)), 1);
  assert.ok(costOf(unary("tanh", x)) >= 10 * costOf(unary("neg", x)));
  assert.equal(costOf(gathered), 2);
});
