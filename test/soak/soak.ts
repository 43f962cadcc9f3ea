/** Soaks a device in this process and says what was measured: see run.ts for the command, soak.test.ts for the short form. */
import { setTimeout } from "node:timers/promises";
import { compile } from "../../core-webnn/api/compile.ts";
import { openCpuDevice } from "../../core-webnn/api/host.ts";
import { createContext } from "../../core-webnn/api/ml-context.ts";
import { extensions, ml, type MLContext, type MLTensor } from "../../core-webnn/index.ts";
import { becomes } from "../setup/patience.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { steadinessOf, type Sample, type Steadiness } from "./steadiness.ts";
import { memorySample, type Leftovers } from "./watch-process.ts";
import { cycleBuilds, cycleTensors } from "./workload.ts";

export const deviceNames = ["cpu", "cpu inline", "gpu"] as const;
/** "cpu inline": on this thread, where its own objects count as this heap's. */
export type DeviceName = (typeof deviceNames)[number];

export interface SoakOptions {
  readonly device: DeviceName;
  readonly cycles: number;
  readonly builds: number;
  readonly contexts: number;
  readonly leftovers: () => Leftovers;
}

export interface SoakReport {
  readonly tensors: readonly Steadiness[];
  readonly builds: readonly Steadiness[];
  /** Before the contexts, and after the last was destroyed. */
  readonly before: Leftovers;
  readonly after: Leftovers;
  readonly memory: MemoryReport;
}

/** The process's memory in bytes around a context with tensors of 256 MiB. */
export interface MemoryReport {
  readonly before: number;
  readonly inUse: number;
  readonly destroyed: number;
}

/** How much of a context's memory may stay with the process when it is destroyed: a part of one. */
export const mostKept = 0.05;

/** Of one tensor: what every GPU allows. */
const largeByteLength = 2 ** 27;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { device, contexts, leftovers } = options;
  // The first loads code and starts threads that stay.
  await cycleContexts(device, 1);
  const before = await settled(leftovers);
  const phases = await soakContext(options);
  await cycleContexts(device, contexts);
  const memory = await memoryReturned(device);
  return { ...phases, before, after: await settled(leftovers, before), memory };
}

async function soakContext({ device, cycles, builds }: SoakOptions) {
  const context = await openContext(device);
  const measure = async (run: typeof cycleTensors, count: number) => {
    const samples: Sample[] = [];
    await run({ context, sample: async () => void samples.push(await sampleOf(context)) }, count);
    return steadinessOf(samples);
  };
  const tensors = await measure(cycleTensors, cycles);
  const phases = { tensors, builds: await measure(cycleBuilds, builds) };
  context.destroy();
  return phases;
}

async function openContext(device: DeviceName): Promise<MLContext> {
  if (device !== "cpu inline") return ml.createContext({ deviceType: device, numThreads: 2 });
  const opened = await openCpuDevice({ threads: 1, sharedMemory: false });
  return createContext({
    device: opened,
    build: async (program, graph) => opened.load(program, compile(graph, opened.facts)),
    close: () => opened.destroy(),
    threads: { compile: "this thread", dispatch: "this thread" },
  });
}

async function cycleContexts(device: DeviceName, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const context = await openContext(device);
    const soaked = { context, sample: async () => {} };
    await cycleTensors(soaked, 2);
    await cycleBuilds(soaked, 2);
    context.destroy();
    await context.lost;
  }
}

async function sampleOf(context: MLContext): Promise<Sample> {
  const offered = extensions(context);
  if (!offered.dynamicDimensions) throw new TypeError("not a context of ours");
  const { bytes, reservedByteLength } = await offered.statistics();
  let memory = memorySample();
  // The least until three rounds find no less: what is on its way from another thread is not there for long.
  for (let round = 0; round < 3; round++) {
    await collectGarbage();
    const next = memorySample();
    if (next.engine >= memory.engine) continue;
    memory = next;
    round = -1;
  }
  return { ...bytes, reserved: reservedByteLength, ...memory };
}

async function memoryReturned(device: DeviceName): Promise<MemoryReport> {
  // The engine gives large memories back on a thread of its own, after several collections.
  const rss = async (): Promise<number> => {
    for (let round = 0; round < 10; round++) {
      await collectGarbage();
      await setTimeout(100);
    }
    return process.memoryUsage.rss();
  };
  const before = await rss();
  const context = await openContext(device);
  const large = { dataType: "uint8", shape: [largeByteLength] } as const;
  const tensors = new Set<MLTensor>();
  for (let i = 0; i < 2; i++) {
    const tensor = await context.createTensor({ ...large, writable: true });
    // Written, because a GPU's memory may be zeros that nobody has stored.
    context.writeTensor(tensor, new Uint8Array(largeByteLength).fill(1));
    tensors.add(tensor);
  }
  const inUse = await rss();
  context.destroy();
  let destroyed = await rss();
  await becomes(async () => {
    if (destroyed - before <= mostKept * (inUse - before)) return true;
    destroyed = await rss();
    return false;
  });
  tensors.clear(); // Held so far: it was destroy() that gave the memory back.
  return { before, inUse, destroyed };
}

/** Once workers have ended, what was collected is finalized, and no more threads are left than there were. */
async function settled(leftovers: () => Leftovers, before?: Leftovers): Promise<Leftovers> {
  let rounds = 0;
  await becomes(async () => {
    await collectGarbage();
    const { workers, threads } = leftovers();
    const isMore = before === undefined ? ++rounds < 6 : threads > before.threads;
    return workers === 0 && !isMore;
  });
  return leftovers();
}
