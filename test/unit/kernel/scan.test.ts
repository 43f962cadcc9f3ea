/** What a scan means: results by hand, and that loops inside one have no order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addAddress,
  axisAddress,
  constant,
  subtractAddress,
} from "../../../core-webnn/kernel/address.ts";
import { checkKernel } from "../../../core-webnn/kernel/check.ts";
import { binary, load } from "../../../core-webnn/kernel/expr.ts";
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type { Axis, Kernel, Scan, Stmt } from "../../../core-webnn/kernel/ir.ts";
import { printKernel } from "../../../core-webnn/kernel/print.ts";
import { visitStmts } from "../../../core-webnn/kernel/visit.ts";
import { substituteAxes } from "../../../core-webnn/lower/kernel-addresses.ts";
import { lastOf } from "./random-draft.ts";
import { randomScan, type ScanCase } from "./scan-kernels.ts";

const seeds = Array.from({ length: 120 }, (_, seed) => seed);
const step: Axis = { name: "step", extent: 4 };
const unit: Axis = { name: "unit", extent: 3 };

/** y[step + 1][unit] = y[step][unit] + y[step][2 - unit], from y[0] = x. */
const pairs: Kernel = {
  buffers: [
    { dataType: "int32", elementCount: 3, access: "read" },
    { dataType: "int32", elementCount: 15, access: "write" },
  ],
  space: [],
  body: [
    loop({ ...unit, name: "first" }, (i) => store(axisAddress(i), load("i32", 0, axisAddress(i)))),
    {
      kind: "scan",
      axis: step,
      body: [
        loop(unit, (i) => {
          const row = (at: Axis) => addAddress(axisAddress(at), axisAddress(at));
          const before = addAddress(row(step), axisAddress(step));
          const mirrored = addAddress(before, subtractAddress(constant(2), axisAddress(i)));
          const [a, b] = [addAddress(before, axisAddress(i)), mirrored];
          const sum = binary("add", load("i32", 1, a), load("i32", 1, b));
          return store(addAddress(a, constant(3)), sum);
        }),
      ],
    },
  ],
};

function loop(axis: Axis, body: (axis: Axis) => Stmt): Stmt {
  return { kind: "loop", axes: [axis], body: [body(axis)] };
}

function store(address: ReturnType<typeof constant>, value: ReturnType<typeof load>): Stmt {
  return { kind: "store", buffer: 1, address, value };
}

function outputsOf({ kernel, sizes, inputs }: ScanCase): Uint8Array[] {
  const bytes = inputs.map((input) => input.slice());
  const views = bytes.map((buffer, i) => bufferView(kernel.buffers[i]!.dataType, buffer));
  interpret(kernel, views, sizes);
  return bytes;
}

test("a step sees what the steps before it stored", () => {
  checkKernel(pairs);
  const y = new Int32Array(15);
  interpret(pairs, [Int32Array.of(1, 10, 100), y], {});
  assert.deepEqual([...y], [1, 10, 100, 101, 20, 101, 202, 40, 202, 404, 80, 404, 808, 160, 808]);
});

test("its text", () => {
  assert.equal(
    printKernel(pairs),
    `kernel ()
  b0: read int32[3]
  b1: write int32[15]
  loop (first < 3)
    b1[first] = b0[first]
  scan (step < 4)
    loop (unit < 3)
      b1[3*step + unit + 3] = (b1[3*step + unit] + b1[3*step - unit + 2])
`,
  );
});

test("refused: a scan in a loop, and an address that reads what is written", () => {
  const [first, scan] = pairs.body as [Stmt, Scan];
  const inLoop: Kernel = { ...pairs, body: [{ kind: "loop", axes: [], body: [scan] }] };
  assert.throws(
    () => checkKernel(inLoop),
    /scan of step: it is not a statement of the kernel's body/,
  );
  const address = { kind: "value", value: load("i32", 1, constant(0)) } as const;
  const body = [first, scan, store(address, load("i32", 0, constant(0)))];
  assert.throws(() => checkKernel({ ...pairs, body }), /an address reads a written buffer/);
  assert.throws(() => checkKernel({ ...pairs, body: [first, ...scan.body] }));
});

/** Loops and the space walk from the end; scans keep their order. */
function backwards(kernel: Kernel): Kernel {
  const loops = [...kernel.space];
  visitStmts(kernel.body, (stmt) => void (stmt.kind === "loop" && loops.push(...stmt.axes)));
  const by = loops.map((a) => [a.name, subtractAddress(lastOf(a), axisAddress(a))] as const);
  return { ...kernel, body: substituteAxes(kernel.body, new Map(by)) };
}

test("random scans are well formed, and have one answer in any order of points and loops", () => {
  const answers = new Set<string>();
  for (const seed of seeds) {
    const drafted = randomScan(seed);
    checkKernel(drafted.kernel);
    const outputs = outputsOf(drafted);
    const flipped = outputsOf({ ...drafted, kernel: backwards(drafted.kernel) });
    assert.deepEqual(outputs, flipped, `seed ${seed}\n${printKernel(drafted.kernel)}`);
    answers.add(outputs.slice(1).join());
  }
  assert.ok(answers.size > 100, `${answers.size} different answers`);
});
