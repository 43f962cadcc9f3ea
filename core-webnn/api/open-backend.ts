/**
 * Opens what a context runs on.
 *
 * On a page and on Node's first thread a worker hosts the CPU device; in a worker the device runs
 * inline. The GPU device stays on the thread that made it, and only compilation goes to a worker.
 */
import type { GpuDeviceOptions } from "../gpu/device.ts";
import type { Device } from "../plan/device.ts";
import type { Program } from "../plan/program.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import type { Backend } from "./backend.ts";
import { compile } from "./compile.ts";
import { openCpuDevice, type CpuOptions } from "./host.ts";
import { isMainThread, mayShareMemory, processorCount, startWorker } from "./platform.ts";
import { Remote } from "./remote.ts";

/** More threads than this have not been measured to help. */
const mostThreads = 8;

export async function openCpuBackend(numThreads: number | undefined): Promise<Backend> {
  const wanted = numThreads ?? Math.min(processorCount(), mostThreads);
  const sharedMemory = wanted > 1 && mayShareMemory();
  const options: CpuOptions = { threads: sharedMemory ? wanted : 1, sharedMemory };
  if (!isMainThread()) return inline(await openCpuDevice(options));
  const remote = new Remote(startWorker("host"));
  const facts = await remote.ask<DeviceFacts>("openCpu", [options]);
  return {
    device: remoteDevice(remote, facts),
    build: (program, graph) => remote.ask("build", [program, graph]),
    // The device's memory and its helper threads go with the worker, whatever they are doing.
    close: () => remote.close("the context was destroyed"),
    threads: { compile: "worker", dispatch: "worker" },
  };
}

type EmitShaders = NonNullable<GpuDeviceOptions["emit"]>;

export async function openGpuBackend(options: GpuDeviceOptions): Promise<Backend> {
  // Loaded when it is asked for: who stays on the CPU does not download it.
  const { createGpuDevice } = await import("../gpu/device.ts");
  if (!isMainThread()) return inline(await createGpuDevice(options));
  const remote = new Remote(startWorker("host"));
  const emit = (...args: Parameters<EmitShaders>): ReturnType<EmitShaders> =>
    remote.ask("emitShaders", args);
  const device = await createGpuDevice({ ...options, emit }).catch(async (error: unknown) => {
    await remote.close("there is no GPU device");
    throw error;
  });
  return {
    device,
    async build(program, graph) {
      const compiled = await remote.ask<Program>("compile", [graph, device.facts]);
      await device.load(program, compiled);
    },
    ended: endOf(remote),
    async close() {
      await device.destroy();
      await remote.close("the context was destroyed");
    },
    threads: { compile: "worker", dispatch: "this thread" },
  };
}

function inline(device: Device): Backend {
  return {
    device,
    build: async (program, graph) => device.load(program, compile(graph, device.facts)),
    close: () => device.destroy(),
    threads: { compile: "this thread", dispatch: "this thread" },
  };
}

async function endOf(remote: Remote): Promise<{ readonly message: string }> {
  return { message: `the context's worker ended: ${await remote.ended}` };
}

function remoteDevice(remote: Remote, facts: DeviceFacts): Device {
  const gone = endOf(remote);
  return {
    facts,
    lost: Promise.race([gone, remote.watch<{ message: string }>("lost", []).catch(() => gone)]),
    createTensor: (id, byteLength) => remote.ask("createTensor", [id, byteLength]),
    destroyTensor: (id) => remote.tell("destroyTensor", [id]),
    writeTensor: (id, bytes) => {
      const copy = bytes.slice();
      remote.tell("writeTensor", [id, copy], [copy.buffer]);
    },
    readTensor: (id) => remote.ask("readTensor", [id]),
    addConstant: (key, bytes) => {
      const copy = bytes.slice();
      return remote.ask("addConstant", [key, copy], [copy.buffer]);
    },
    removeConstant: (key) => remote.tell("removeConstant", [key]),
    load: (program, compiled) => remote.ask("load", [program, compiled]),
    unload: (program) => remote.tell("unload", [program]),
    dispatch: (program, binding) => remote.tell("dispatch", [program, binding]),
    statistics: () => remote.ask("statistics", []),
    destroy: () => remote.ask("destroy", []),
  };
}
