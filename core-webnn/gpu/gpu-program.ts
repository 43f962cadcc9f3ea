/**
 * A program that is ready to run. A dispatch compiles and allocates nothing for tensors and sizes seen
 * before: it encodes one compute pass.
 */
import { ArenaPlans, type SizedArena } from "../plan/arena-plans.ts";
import type { Program } from "../plan/program.ts";
import { byteLengthOf } from "../util/data-type.ts";
import { evaluateSize, type Size, type Sizes } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { arenaAlignment, BindGroups, type Residence, type StepBindings } from "./bind-groups.ts";
import type { EmittedProgram, EmittedStep } from "./emit-program.ts";
import type { EmittedShader } from "./emit-wgsl.ts";
import type { Pipelines } from "./pipelines.ts";
import { UniformBlock } from "./uniform-block.ts";

interface ReadyShader {
  readonly pipeline: GPUComputePipeline;
  readonly workgroups: Size;
  /** Offset of its sizes in the uniform block, if it reads any. */
  readonly sizesOffset: number | undefined;
}

interface ReadyStep extends StepBindings {
  readonly shader: ReadyShader;
  readonly fewRows: { readonly shader: ReadyShader; readonly rows: Size } | undefined;
}

/** Rows up to which a contraction takes its shader for few rows. */
const fewRows = 2;

/** What a step runs for certain sizes. */
interface Launch {
  readonly shader: ReadyShader;
  readonly workgroups: number;
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
  /** By step. */
  readonly launches: readonly Launch[];
  readonly ports: readonly SizedPort[];
}

export class GpuProgram {
  readonly program: Program;
  readonly #steps: readonly ReadyStep[];
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
    const used = [...new Set(steps.flatMap(shadersOf))];
    const compiled = await Promise.all(
      used.map((shader) =>
        pipelines.get(shaders[shader]!, id).catch((cause: unknown) => {
          const step = steps.findIndex((one) => shadersOf(one).includes(shader));
          const nodes = program.steps[step]?.nodes.join(", ");
          throw new Error(`no GPU shader for ${nodes}: ${String(cause)}`, { cause });
        }),
      ),
    );
    const pipelineOf = new Map(used.map((shader, i) => [shaders[shader]!, compiled[i]!]));
    return new GpuProgram(device, pipelines, program, shaders, steps, pipelineOf);
  }

  private constructor(
    device: GPUDevice,
    pipelines: Pipelines,
    program: Program,
    shaders: EmittedProgram["shaders"],
    steps: readonly EmittedStep[],
    pipelineOf: ReadonlyMap<EmittedShader, GPUComputePipeline>,
  ) {
    this.program = program;
    this.#groups = new BindGroups(device, program);
    this.#plans = new ArenaPlans(program, arenaAlignment);
    this.#mostWorkgroups = device.limits.maxComputeWorkgroupsPerDimension;
    const tuples = [...pipelineOf.keys()].map(({ sizes }) => sizes);
    const uniforms = new UniformBlock(
      device,
      tuples.filter((sizes) => sizes.length > 0),
    );
    this.#uniforms = uniforms;
    this.#sizesGroup = device.createBindGroup({
      layout: pipelines.sizesLayout,
      entries: [{ binding: 0, resource: uniforms.binding }],
    });
    const ready = new Map<EmittedShader, ReadyShader>();
    for (const [shader, pipeline] of pipelineOf) {
      const { sizes, workgroups } = shader;
      const sizesOffset = sizes.length === 0 ? undefined : uniforms.offsetOf(sizes);
      ready.set(shader, { pipeline, workgroups, sizesOffset });
    }
    const readyAt = (shader: number): ReadyShader =>
      ready.get(shaders[shader]!) ?? unreachable(`shader ${shader} is compiled`);
    this.#steps = steps.map(({ shader, fewRows: few, buffers }) => ({
      shader: readyAt(shader),
      fewRows: few && { shader: readyAt(few.shader), rows: few.rows },
      layout: pipelines.storageLayout(shaders[shader]!.access),
      buffers,
    }));
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
    const { key, plan, launches } = this.#settle(sizes);
    this.#uniforms.write(key, sizes);
    let kernels = 0;
    this.#steps.forEach((step, i) => {
      const { shader, workgroups } = launches[i]!;
      if (workgroups === 0) return;
      pass.setPipeline(shader.pipeline);
      pass.setBindGroup(0, this.#groups.get(plan, residence, i, step));
      if (shader.sizesOffset !== undefined) {
        pass.setBindGroup(1, this.#sizesGroup, [shader.sizesOffset]);
      }
      const rows = Math.ceil(workgroups / this.#mostWorkgroups);
      pass.dispatchWorkgroups(Math.ceil(workgroups / rows), rows);
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
    const launches = launchesAt(this.#steps, sizes);
    const ports = portsAt(this.program, sizes);
    this.#settled = { key, plan: this.#plans.planFor(sizes), launches, ports };
    return this.#settled;
  }
}

function shadersOf({ shader, fewRows: few }: EmittedStep): number[] {
  return few === undefined ? [shader] : [shader, few.shader];
}

/** Steps that share a shader share its launch. */
function launchesAt(steps: readonly ReadyStep[], sizes: Sizes): Launch[] {
  const launches = new Map<ReadyShader, Launch>();
  return steps.map(({ shader: usual, fewRows: few }) => {
    const isFew = few !== undefined && evaluateSize(few.rows, sizes) <= fewRows;
    const shader = isFew ? few.shader : usual;
    const known = launches.get(shader);
    if (known !== undefined) return known;
    const launch = { shader, workgroups: evaluateSize(shader.workgroups, sizes) };
    launches.set(shader, launch);
    return launch;
  });
}

function portsAt({ buffers }: Program, sizes: Sizes): SizedPort[] {
  return buffers.flatMap(({ place, dataType, elementCount }) =>
    place.kind === "input" || place.kind === "output"
      ? [{ ...place, byteLength: byteLengthOf(dataType, evaluateSize(elementCount, sizes)) }]
      : [],
  );
}
