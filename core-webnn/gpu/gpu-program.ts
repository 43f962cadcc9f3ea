/**
 * A program that is ready to run. A dispatch compiles and allocates nothing for tensors and sizes seen
 * before: it encodes one compute pass.
 */
import { ArenaPlans, type SizedArena } from "../plan/arena-plans.ts";
import type { Program } from "../plan/program.ts";
import { byteLengthOf } from "../util/data-type.ts";
import { evaluateSize, sizeKey, type Size, type Sizes } from "../util/size.ts";
import { arenaAlignment, BindGroups, type Residence, type StepBindings } from "./bind-groups.ts";
import type { EmittedProgram, EmittedStep } from "./emit-program.ts";
import type { Pipelines } from "./pipelines.ts";
import { UniformBlock } from "./uniform-block.ts";

interface ReadyStep extends StepBindings {
  readonly pipeline: GPUComputePipeline;
  /** Position in the program's distinct workgroup counts. */
  readonly workgroups: number;
  /** Offset of its sizes in the uniform block, if it reads any. */
  readonly sizesOffset: number | undefined;
}

/** An input or output and the bytes that its tensor must have. */
export interface SizedPort {
  readonly kind: "input" | "output";
  readonly name: string;
  readonly byteLength: number;
}

/** What does not change between dispatches with equal sizes. */
interface Settled {
  readonly key: string;
  readonly plan: SizedArena;
  readonly workgroups: readonly number[];
  readonly ports: readonly SizedPort[];
}

export class GpuProgram {
  readonly program: Program;
  readonly #steps: readonly ReadyStep[];
  readonly #workgroups: readonly Size[];
  readonly #groups: BindGroups;
  readonly #plans: ArenaPlans;
  readonly #uniforms: UniformBlock;
  readonly #sizesGroup: GPUBindGroup;
  readonly #mostWorkgroups: number;
  #settled: Settled | undefined;

  /** Compiles the shaders of the steps, which are the program's. */
  static async create(
    device: GPUDevice,
    pipelines: Pipelines,
    id: number,
    program: Program,
    { shaders }: EmittedProgram,
    steps: readonly EmittedStep[],
  ): Promise<GpuProgram> {
    const used = [...new Set(steps.map(({ shader }) => shader))];
    const compiled = await Promise.all(
      used.map((shader) =>
        pipelines.get(shaders[shader]!, id).catch((error: unknown) => {
          const first = program.steps[steps.findIndex((step) => step.shader === shader)];
          throw new Error(`no GPU shader for ${first?.nodes.join(", ")}: ${String(error)}`);
        }),
      ),
    );
    const pipelineOf = new Map(used.map((shader, i) => [shader, compiled[i]!]));
    return new GpuProgram(device, pipelines, program, shaders, steps, pipelineOf);
  }

  private constructor(
    device: GPUDevice,
    pipelines: Pipelines,
    program: Program,
    shaders: EmittedProgram["shaders"],
    steps: readonly EmittedStep[],
    pipelineOf: ReadonlyMap<number, GPUComputePipeline>,
  ) {
    this.program = program;
    this.#groups = new BindGroups(device, program);
    this.#plans = new ArenaPlans(program, arenaAlignment);
    this.#mostWorkgroups = device.limits.maxComputeWorkgroupsPerDimension;
    const used = [...pipelineOf.keys()].map((shader) => shaders[shader]!);
    const tuples = used.map(({ sizes }) => sizes).filter((sizes) => sizes.length > 0);
    this.#uniforms = new UniformBlock(device, tuples);
    this.#sizesGroup = device.createBindGroup({
      layout: pipelines.sizesLayout,
      entries: [{ binding: 0, resource: this.#uniforms.binding }],
    });
    const counts = new Map(used.map(({ workgroups }) => [sizeKey(workgroups), workgroups]));
    this.#workgroups = [...counts.values()];
    const countKeys = [...counts.keys()];
    this.#steps = steps.map(({ shader, buffers }) => {
      const { access, sizes, workgroups } = shaders[shader]!;
      return {
        pipeline: pipelineOf.get(shader)!,
        layout: pipelines.storageLayout(access),
        buffers,
        workgroups: countKeys.indexOf(sizeKey(workgroups)),
        sizesOffset: sizes.length === 0 ? undefined : this.#uniforms.offsetOf(sizes),
      };
    });
  }

  /** Bytes of the arena that a dispatch with these sizes needs. */
  arenaByteLength(sizes: Sizes): number {
    return this.#settle(sizes).plan.arena.byteLength;
  }

  portsAt(sizes: Sizes): readonly SizedPort[] {
    return this.#settle(sizes).ports;
  }

  get byteLength(): number {
    return this.#uniforms.buffer.size;
  }

  /** Encodes a dispatch into the pass; returns how many kernels it runs. */
  encode(pass: GPUComputePassEncoder, sizes: Sizes, residence: Residence): number {
    const { key, plan, workgroups } = this.#settle(sizes);
    this.#uniforms.write(key, sizes);
    let kernels = 0;
    this.#steps.forEach((step, i) => {
      const count = workgroups[step.workgroups]!;
      if (count === 0) return;
      pass.setPipeline(step.pipeline);
      pass.setBindGroup(0, this.#groups.get(plan, residence, i, step));
      if (step.sizesOffset !== undefined) {
        pass.setBindGroup(1, this.#sizesGroup, [step.sizesOffset]);
      }
      const rows = Math.ceil(count / this.#mostWorkgroups);
      pass.dispatchWorkgroups(Math.ceil(count / rows), rows);
      kernels++;
    });
    return kernels;
  }

  destroy(): void {
    this.#uniforms.destroy();
  }

  #settle(sizes: Sizes): Settled {
    const key = this.program.sizeNames.map((name) => sizes[name]).join();
    if (this.#settled?.key === key) return this.#settled;
    const workgroups = this.#workgroups.map((size) => evaluateSize(size, sizes));
    const ports = portsAt(this.program, sizes);
    this.#settled = { key, plan: this.#plans.planFor(sizes), workgroups, ports };
    return this.#settled;
  }
}

function portsAt({ buffers }: Program, sizes: Sizes): SizedPort[] {
  return buffers.flatMap(({ place, dataType, elementCount }) =>
    place.kind === "input" || place.kind === "output"
      ? [{ ...place, byteLength: byteLengthOf(dataType, evaluateSize(elementCount, sizes)) }]
      : [],
  );
}
