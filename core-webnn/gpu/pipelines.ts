/** Compiled shaders: one pipeline for each text, shared by all programs that hold it. */
import type { BufferAccess, EmittedShader } from "./emit-wgsl.ts";
import { shaderStageCompute } from "./webgpu-flags.ts";

interface Compiled {
  readonly pipeline: Promise<GPUComputePipeline>;
  readonly holders: Set<number>;
}

export class Pipelines {
  /** Of group 1: a program's sizes at a dynamic offset. */
  readonly sizesLayout: GPUBindGroupLayout;
  readonly #device: GPUDevice;
  readonly #compiled = new Map<string, Compiled>();
  readonly #storageLayouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice) {
    this.#device = device;
    const buffer = { type: "uniform", hasDynamicOffset: true } as const;
    this.sizesLayout = device.createBindGroupLayout({
      entries: [{ binding: 0, visibility: shaderStageCompute, buffer }],
    });
  }

  /** Compiled in the background, all that are asked for at the same time in parallel. */
  get(shader: EmittedShader, program: number): Promise<GPUComputePipeline> {
    const key = `${shader.access.join()}\n${shader.code}`;
    const known = this.#compiled.get(key);
    known?.holders.add(program);
    if (known !== undefined) return known.pipeline;
    const pipeline = this.#compile(shader);
    this.#compiled.set(key, { pipeline, holders: new Set([program]) });
    return pipeline;
  }

  letGo(program: number): void {
    for (const [key, { holders }] of this.#compiled) {
      if (holders.delete(program) && holders.size === 0) this.#compiled.delete(key);
    }
  }

  /** Layout of group 0, the same object for shaders that access their bindings alike. */
  storageLayout(access: readonly BufferAccess[]): GPUBindGroupLayout {
    const key = access.join();
    const known = this.#storageLayouts.get(key);
    if (known !== undefined) return known;
    const entries = access.map((one, binding) => ({
      binding,
      visibility: shaderStageCompute,
      buffer: { type: one === "read" ? "read-only-storage" : "storage" } as const,
    }));
    const layout = this.#device.createBindGroupLayout({ entries });
    this.#storageLayouts.set(key, layout);
    return layout;
  }

  async #compile({ code, access, sizes }: EmittedShader): Promise<GPUComputePipeline> {
    const storage = this.storageLayout(access);
    const layout = this.#device.createPipelineLayout({
      bindGroupLayouts: sizes.length === 0 ? [storage] : [storage, this.sizesLayout],
    });
    const module = this.#device.createShaderModule({ code });
    try {
      return await this.#device.createComputePipelineAsync({ layout, compute: { module } });
    } catch (error) {
      throw await explain(error, module);
    }
  }
}

/** Some browsers say only that the module is invalid; why stands in the module's own messages. */
async function explain(error: unknown, module: GPUShaderModule): Promise<unknown> {
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === "error");
  if (errors.length === 0) return error;
  return new Error(errors.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join("; "));
}
