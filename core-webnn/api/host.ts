/** What a context's worker does: it compiles graphs, and owns the CPU device where that is the context's. */
import { createCpuDevice } from "../cpu/device.ts";
import type { EmittedProgram } from "../gpu/emit-program.ts";
import type { ShaderFacts } from "../gpu/emit-wgsl.ts";
import type { Binding, Device } from "../plan/device.ts";
import type { Program } from "../plan/program.ts";
import type { Graph } from "../graph/ir.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { unreachable } from "../util/unreachable.ts";
import { compile } from "./compile.ts";
import { startWorker, type WorkerPort } from "./platform.ts";

export interface CpuOptions {
  readonly threads: number;
  readonly sharedMemory: boolean;
}

export function openCpuDevice({ threads, sharedMemory }: CpuOptions): Promise<Device> {
  const startThread = (): WorkerPort => startWorker("thread");
  return createCpuDevice({ threads, sharedMemory, startThread });
}

/** The methods that a context calls by name. */
export interface HostMethods {
  openCpu(options: CpuOptions): Promise<DeviceFacts>;
  compile(graph: Graph, facts: DeviceFacts): Program;
  /** A GPU device's shaders; the device itself lies on the thread that made it. */
  emitShaders(program: Program, facts: ShaderFacts): Promise<EmittedProgram>;
  build(program: number, graph: Graph): Promise<void>;
  load(id: number, program: Program): Promise<void>;
  createTensor(id: number, byteLength: number): Promise<void>;
  destroyTensor(id: number): void;
  writeTensor(id: number, bytes: Uint8Array): void;
  readTensor(id: number): Promise<Uint8Array>;
  addConstant(key: string, bytes: Uint8Array): Promise<void>;
  removeConstant(key: string): void;
  unload(program: number): void;
  dispatch(program: number, binding: Binding): void;
  statistics(): ReturnType<Device["statistics"]>;
  /** Resolves when the device is lost. */
  lost(): Device["lost"];
  destroy(): Promise<void>;
}

export function createHost(): HostMethods {
  let opened: Device | undefined;
  const device = (): Device => opened ?? unreachable("the worker has no device");
  return {
    async openCpu(options) {
      opened = await openCpuDevice(options);
      return opened.facts;
    },
    compile,
    async emitShaders(program, facts) {
      const { emitProgram } = await import("../gpu/emit-program.ts");
      return emitProgram(program, facts);
    },
    build: (program, graph) => device().load(program, compile(graph, device().facts)),
    load: (id, program) => device().load(id, program),
    createTensor: (id, byteLength) => device().createTensor(id, byteLength),
    destroyTensor: (id) => device().destroyTensor(id),
    writeTensor: (id, bytes) => device().writeTensor(id, bytes),
    readTensor: (id) => device().readTensor(id),
    addConstant: (key, bytes) => device().addConstant(key, bytes),
    removeConstant: (key) => device().removeConstant(key),
    unload: (program) => device().unload(program),
    dispatch: (program, binding) => device().dispatch(program, binding),
    statistics: () => device().statistics(),
    lost: () => device().lost,
    destroy: async () => opened?.destroy(),
  };
}
