/** Small programs for the runtime's tests, and what they must give: each step by the interpreter. */
import { Worker } from "node:worker_threads";
import { openDevice, type DeviceParts } from "../../../core-webnn/cpu/runtime/open-device.ts";
import type { CpuDeviceOptions } from "../../../core-webnn/cpu/runtime/open-device.ts";
import { nodeWorkerPort, type ThreadPort } from "../../../core-webnn/cpu/runtime/thread-port.ts";
import {
  axisAddress,
  constant,
  linearAddress,
  valueAddress,
} from "../../../core-webnn/kernel/address.ts";
import { binary, cast, f32, index, load, local } from "../../../core-webnn/kernel/expr.ts";
import { bufferView, interpret } from "../../../core-webnn/kernel/interpret.ts";
import type {
  Axis,
  BufferUse,
  Expr,
  Kernel,
  Local,
  Reduce,
} from "../../../core-webnn/kernel/ir.ts";
import type { Device } from "../../../core-webnn/plan/device.ts";
import type { BufferSpec, Place, Program, Step } from "../../../core-webnn/plan/program.ts";
import { byteLengthOf } from "../../../core-webnn/util/data-type.ts";
import { evaluateSize, productOf, type Size, type Sizes } from "../../../core-webnn/util/size.ts";
import { emitPlainly } from "./plain-emitter.ts";

export async function open(
  options: Partial<CpuDeviceOptions> = {},
  parts: Partial<DeviceParts> = {},
): Promise<Device> {
  return openDevice(
    { threads: 1, sharedMemory: false, ...options },
    { emit: emitPlainly, ...parts },
  );
}

/** A device with helpers in worker threads. */
export function openThreaded(
  threads: number,
  parts: Partial<DeviceParts> = {},
  started: ThreadPort[] = [],
): Promise<Device> {
  const start = (): ThreadPort => {
    const port = startThread();
    started.push(port);
    return port;
  };
  return open({ threads, sharedMemory: true, startThread: start }, parts);
}

export function startThread(): ThreadPort {
  return nodeWorkerPort(new Worker(new URL("./helper-thread.mjs", import.meta.url)));
}

/** out[m, n] = Σ a[m, k] * b[k, n]. */
export function matmul(m: Size, k: Size, n: Size): Kernel {
  const [i, j, l] = [axis("i", m), axis("j", n), axis("l", k)];
  const a = at(0, [i, l], [m, k]);
  const b = at(1, [l, j], [k, n]);
  const sum = reduce([l], f32(0), binary("mul", a, b), (x, y) => binary("add", x, y), "sum");
  return {
    buffers: [read([m, k]), read([k, n]), write([m, n])],
    space: [i, j],
    body: [sum, store(2, [i, j], [m, n], local(sum.state[0]!))],
  };
}

/** Each row of [rows, columns] less its largest element, over the sum of all those. */
export function normalise(rows: Size, columns: Size): Kernel {
  const i = axis("i", rows);
  const [j, k, l] = [axis("j", columns), axis("k", columns), axis("l", columns)];
  const shape = [rows, columns];
  const largest = reduce(
    [j],
    f32(-Infinity),
    at(0, [i, j], shape),
    (x, y) => binary("max", x, y),
    "top",
  );
  const centred = (along: Axis): Expr =>
    binary("sub", at(0, [i, along], shape), local(largest.state[0]!));
  const total = reduce([k], f32(1), centred(k), (x, y) => binary("add", x, y), "total");
  const value = binary("div", centred(l), local(total.state[0]!));
  const row = { kind: "loop", axes: [l], body: [store(1, [i, l], shape, value)] } as const;
  return { buffers: [read(shape), write(shape)], space: [i], body: [largest, total, row] };
}

/** out[i] = a[i] * scale + i. */
export function scale(length: Size, by: number): Kernel {
  const i = axis("i", length);
  const place = cast("f32", index(axisAddress(i)));
  const value = binary("add", binary("mul", at(0, [i], [length]), f32(by)), place);
  return {
    buffers: [read([length]), write([length])],
    space: [i],
    body: [store(1, [i], [length], value)],
  };
}

/** out[i] = a[b[i]]: an index that is far out of range traps. */
export function gather(length: Size, from: Size): Kernel {
  const i = axis("i", length);
  const where = valueAddress(load("i32", 1, axisAddress(i)));
  return {
    buffers: [read([from]), { ...read([length]), dataType: "int32" }, write([length])],
    space: [i],
    body: [store(2, [i], [length], load("f32", 0, where))],
  };
}

export type BufferRow = readonly [Place, Size, BufferSpec["dataType"]?];

/** Buffers as rows; a step is its kernel, its buffers and the label of its node. */
export function program(
  rows: readonly BufferRow[],
  steps: readonly (readonly [Kernel, readonly number[], string?])[],
  more: Partial<Pick<Program, "prepare" | "sizeNames">> = {},
): Program {
  const buffers = rows.map(([place, elementCount, dataType = "float32"]) => ({
    place,
    elementCount,
    dataType,
  }));
  const ports = (kind: "input" | "output"): Program["inputs"] =>
    buffers.flatMap(({ place, elementCount, dataType }, buffer) =>
      place.kind === kind ? [{ name: place.name, buffer, dataType, shape: [elementCount] }] : [],
    );
  return {
    buffers,
    prepare: [],
    steps: steps.map(step),
    inputs: ports("input"),
    outputs: ports("output"),
    sizeNames: [],
    ...more,
  };
}

export function step([kernel, buffers, node = "node"]: readonly [
  Kernel,
  readonly number[],
  string?,
]): Step {
  return { kernel, buffers, nodes: [node] };
}

export const input = (name: string): Place => ({ kind: "input", name });
export const output = (name: string): Place => ({ kind: "output", name });
export const arena: Place = { kind: "arena" };

export type Bytes = Readonly<Record<string, Uint8Array>>;

/** What the outputs must hold: inputs by name, constants by key. */
export function expected(program: Program, given: Bytes, sizes: Sizes = {}): Bytes {
  const stores = program.buffers.map(({ place, dataType, elementCount }) => {
    const known =
      "name" in place ? given[place.name] : "key" in place ? given[place.key] : undefined;
    return known ?? new Uint8Array(byteLengthOf(dataType, evaluateSize(elementCount, sizes)));
  });
  for (const { kernel, buffers } of [...program.prepare, ...program.steps]) {
    const views = buffers.map((buffer, i) => {
      const { dataType, elementCount } = kernel.buffers[i]!;
      const byteLength = byteLengthOf(dataType, evaluateSize(elementCount, sizes));
      return bufferView(dataType, stores[buffer]!.subarray(0, byteLength));
    });
    interpret(kernel, views, sizes);
  }
  return Object.fromEntries(program.outputs.map(({ name, buffer }) => [name, stores[buffer]!]));
}

/** Runs a loaded program once on tensors made for it; gives the outputs' bytes and removes the tensors. */
export async function runOnce(
  device: Device,
  id: number,
  { inputs, outputs, buffers }: Program,
  given: Bytes,
  sizes: Sizes = {},
): Promise<Bytes> {
  const tensors: Record<string, number> = {};
  let next = 1000;
  for (const { name, buffer } of [...inputs, ...outputs]) {
    const { dataType, elementCount } = buffers[buffer]!;
    tensors[name] = next++;
    await device.createTensor(
      tensors[name],
      byteLengthOf(dataType, evaluateSize(elementCount, sizes)),
    );
    if (given[name] !== undefined) device.writeTensor(tensors[name], given[name]);
  }
  device.dispatch(id, { tensors, sizes });
  const results: Record<string, Uint8Array> = {};
  try {
    for (const { name } of outputs) results[name] = await device.readTensor(tensors[name]!);
  } finally {
    for (const tensor of Object.values(tensors)) device.destroyTensor(tensor);
  }
  return results;
}

/** Reproducible values in [-1, 1). */
export function floats(length: number, seed = 1): Uint8Array {
  let state = seed >>> 0;
  const values = Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return new Uint8Array(values.buffer);
}

export function ints(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

function axis(name: string, extent: Size): Axis {
  return { name, extent };
}

function at(buffer: number, place: readonly Axis[], shape: readonly Size[]): Expr {
  return load("f32", buffer, linearAddress(place.map(axisAddress), shape));
}

function store(buffer: number, place: readonly Axis[], shape: readonly Size[], value: Expr) {
  const address = place.length === 0 ? constant(0) : linearAddress(place.map(axisAddress), shape);
  return { kind: "store", buffer, address, value } as const;
}

function reduce(
  over: readonly Axis[],
  init: Expr,
  map: Expr,
  combine: (state: Expr, incoming: Expr) => Expr,
  name: string,
): Reduce {
  const state: Local = { name, type: "f32" };
  const incoming: Local = { name: `${name}In`, type: "f32" };
  const combined = combine(local(state), local(incoming));
  return {
    kind: "reduce",
    axes: over,
    lets: [],
    state: [state],
    incoming: [incoming],
    init: [init],
    map: [map],
    combine: [combined],
  };
}

function read(shape: readonly Size[]): BufferUse {
  return { dataType: "float32", elementCount: productOf(shape), access: "read" };
}

function write(shape: readonly Size[]): BufferUse {
  return { ...read(shape), access: "write" };
}
