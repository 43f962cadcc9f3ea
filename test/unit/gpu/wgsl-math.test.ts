/**
 * How good the shaders' own functions are: the largest error over a sweep of their domain, in units of the
 * last place, against float64. What WGSL leaves to the driver (`sqrt`, `/`) is measured as well.
 */
import assert from "node:assert/strict";
import { axisAddress } from "../../../core-webnn/kernel/address.ts";
import { binary, load, unary } from "../../../core-webnn/kernel/expr.ts";
import type { BufferUse, Expr, Kernel, UnaryOp } from "../../../core-webnn/kernel/ir.ts";
import { erf } from "../../../core-webnn/kernel/erf.ts";
import { onEachAdapter } from "./adapters.ts";
import { openDevice, runKernel } from "./run-kernel.ts";

const count = 4096;

interface Row {
  readonly op: UnaryOp | "div" | "pow";
  /** Points are spread evenly between these, or by ratio where `isRatio`. */
  readonly from: number;
  readonly to: number;
  readonly isRatio?: boolean;
  /** For the binary ones, by the point's number. */
  readonly second?: (i: number) => number;
  readonly exact: (x: number, y: number) => number;
  readonly ulp: number;
}

const rows: readonly Row[] = [
  { op: "exp", from: -87, to: 88.7, exact: Math.exp, ulp: 1.5 },
  { op: "exp", from: 1e-9, to: 1, isRatio: true, exact: Math.exp, ulp: 1.5 },
  { op: "log", from: 1e-37, to: 1e38, isRatio: true, exact: Math.log, ulp: 1.5 },
  { op: "log", from: 0.9, to: 1.1, exact: Math.log, ulp: 1.5 },
  { op: "tanh", from: -12, to: 12, exact: Math.tanh, ulp: 2.5 },
  { op: "tanh", from: 1e-9, to: 1, isRatio: true, exact: Math.tanh, ulp: 2.5 },
  { op: "erf", from: -4.5, to: 4.5, exact: erf, ulp: 2 },
  { op: "erf", from: 1e-9, to: 1, isRatio: true, exact: erf, ulp: 2 },
  { op: "sin", from: -10, to: 10, exact: Math.sin, ulp: 2.5 },
  { op: "sin", from: 1, to: 1e38, isRatio: true, exact: Math.sin, ulp: 2.5 },
  { op: "cos", from: -10, to: 10, exact: Math.cos, ulp: 2.5 },
  { op: "cos", from: 1, to: 1e38, isRatio: true, exact: Math.cos, ulp: 2.5 },
  { op: "tan", from: -10, to: 10, exact: Math.tan, ulp: 4 },
  { op: "tan", from: 1, to: 1e38, isRatio: true, exact: Math.tan, ulp: 4 },
  { op: "sqrt", from: 1e-37, to: 1e38, isRatio: true, exact: Math.sqrt, ulp: 3 },
  { op: "div", from: -1e3, to: 1e3, second: (i) => (i % 97) + 0.5, exact: divide, ulp: 2.5 },
  { op: "pow", from: 1e-20, to: 1e20, isRatio: true, second: smallPower, exact: power, ulp: 2 },
  { op: "pow", from: 0.5, to: 2, second: (i) => (i % 241) - 120, exact: power, ulp: 2 },
  { op: "pow", from: 1 - 2 ** -10, to: 1 + 2 ** -10, second: (i) => 80 * i, exact: power, ulp: 2 },
  { op: "pow", from: -30, to: -0.5, second: (i) => (i % 21) - 10, exact: power, ulp: 2 },
];

function divide(x: number, y: number): number {
  return x / y;
}

function power(x: number, y: number): number {
  return x ** y;
}

/** Results stay within the normal floats. */
function smallPower(i: number): number {
  return ((i % 37) - 18) / 10;
}

await onEachAdapter("functions are as good as they say", async ({ gpu }) => {
  const device = await openDevice(gpu);
  const failures: string[] = [];
  for (const row of rows) {
    const [xs, ys] = [
      Float32Array.from({ length: count }, (_, i) => pointOf(row, i)),
      seconds(row),
    ];
    const inputs = [xs, ys, new Float32Array(count)].map((values) => new Uint8Array(values.buffer));
    const bytes = (await runKernel(device, kernelOf(row), {}, inputs))[2]!;
    const worst = worstOf(row, xs, ys, new Float32Array(bytes.buffer, 0, count));
    if (worst.error > row.ulp) {
      failures.push(`${row.op} at ${worst.x}, ${worst.y}: ${worst.error} ulp, not ${row.ulp}`);
    }
  }
  device.destroy();
  assert.deepEqual(failures, []);
});

function pointOf({ from, to, isRatio }: Row, i: number): number {
  const t = i / (count - 1);
  return isRatio ? from * (to / from) ** t : from + (to - from) * t;
}

function seconds({ second }: Row): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => second?.(i) ?? 0);
}

function kernelOf({ op }: Row): Kernel {
  const axis = { name: "i", extent: count };
  const at = axisAddress(axis);
  const [x, y] = [load("f32", 0, at), load("f32", 1, at)];
  const value: Expr = op === "div" || op === "pow" ? binary(op, x, y) : unary(op, x);
  const use = (access: BufferUse["access"]): BufferUse => ({
    dataType: "float32",
    elementCount: count,
    access,
  });
  return {
    buffers: [use("read"), use("read"), use("write")],
    space: [axis],
    body: [{ kind: "store", buffer: 2, address: at, value }],
  };
}

interface Worst {
  readonly error: number;
  readonly x: number;
  readonly y: number;
}

/** Among results that are normal floats. */
function worstOf({ exact }: Row, xs: Float32Array, ys: Float32Array, got: Float32Array): Worst {
  let worst = { error: 0, x: 0, y: 0 };
  got.forEach((value, i) => {
    const [x, y] = [xs[i]!, ys[i]!];
    const wanted = exact(x, y);
    const magnitude = Math.abs(wanted);
    if (magnitude < 2 ** -125 || magnitude >= 2 ** 128 * (1 - 2 ** -25)) return;
    const error = Math.abs(value - wanted) / 2 ** (Math.floor(Math.log2(magnitude)) - 23);
    if (!(error <= worst.error)) worst = { error, x, y };
  });
  return worst;
}
