/**
 * A list of steps, ready to run: its instance, its frame in the device's memory, and its scratch.
 *
 * Frames are built per set of sizes and a few are kept; the one that ran last lies in memory, so that
 * running it again writes nothing but the tensors' addresses.
 */
import type { Place, Program, Step } from "../../plan/program.ts";
import type { Sizes } from "../../util/size.ts";
import { ArenaPlans } from "../../plan/arena-plans.ts";
import { emitProgram, type EmitKernel, type EmittedStep } from "./emit-program.ts";
import type { CpuFeatures } from "../features.ts";
import { FrameBuilder, frameByteLength, type Frame, type PortWords } from "./frame.ts";
import { Lru } from "../../util/lru.ts";
import type { Block, DeviceMemory } from "./memory.ts";
import type { ScheduleExports } from "../schedule/emit-schedule.ts";
import type { SharedArena } from "./shared-arena.ts";
import type { Team } from "./team.ts";

/** What executables share: one of each per device. */
export interface Workshop {
  readonly memory: DeviceMemory;
  readonly arena: SharedArena;
  readonly team: Team;
  readonly features: CpuFeatures;
  readonly emit: EmitKernel;
}

export interface ExecutableOptions {
  readonly workshop: Workshop;
  /** Helpers know its module by this number. */
  readonly id: number;
  readonly program: Program;
  /** Threads that may take part. */
  readonly threads: number;
  readonly addressOf: (place: Extract<Place, { key: string }>) => number;
}

interface Parts {
  readonly steps: readonly EmittedStep[];
  readonly module: WebAssembly.Module;
  readonly instance: WebAssembly.Instance;
  readonly scratchStride: number;
  readonly blocks: readonly [frame: Block, scratch: Block];
}

/** The tensor of a port: where it lies. */
export type BlockOfPort = (port: PortWords) => Block;

const framesKept = 8;
/** A cache line: of buffers in the arena, and of each thread's scratch. */
const blockAlignment = 64;

export class Executable {
  readonly module: WebAssembly.Module;
  readonly #workshop: Workshop;
  readonly #id: number;
  readonly #program: Program;
  readonly #exports: ScheduleExports;
  readonly #blocks: readonly [frame: Block, scratch: Block];
  readonly #builder: FrameBuilder;
  readonly #plans: ArenaPlans;
  readonly #frames = new Lru<string, Frame>(framesKept);
  #inMemory: Frame | undefined;

  /**
   * Emits and compiles the program's steps. Takes no memory until that has succeeded.
   *
   * Not by WebAssembly.compile and instantiate, whose promises may never settle in a worker of WebKit's: its event loop
   * looks for what the compiler's threads have done, then registers to be told of it, and misses what comes between until
   * the next message. WebKitGTK 2.50 stopped at 7 of 152,000 small modules, and at none of 1,600,000 made like this.
   */
  static create(options: ExecutableOptions): Executable {
    const { memory, features, emit } = options.workshop;
    const emitted = emitProgram(options.program.steps, features, emit);
    const module = new WebAssembly.Module(emitted.bytes);
    const instance = new WebAssembly.Instance(module, { env: { memory: memory.memory } });
    const scratchStride = roundUp(emitted.scratchByteLength, blockAlignment);
    const blocks = allocateBoth(memory, [
      frameByteLength(emitted.steps),
      scratchStride * options.threads,
    ]);
    try {
      return new Executable(options, {
        steps: emitted.steps,
        module,
        instance,
        scratchStride,
        blocks,
      });
    } catch (error) {
      blocks.forEach((block) => memory.release(block));
      throw error;
    }
  }

  private constructor(options: ExecutableOptions, parts: Parts) {
    const [frame, scratch] = parts.blocks;
    this.module = parts.module;
    this.#workshop = options.workshop;
    this.#id = options.id;
    this.#program = options.program;
    this.#exports = parts.instance.exports as unknown as ScheduleExports;
    this.#blocks = parts.blocks;
    this.#plans = new ArenaPlans(options.program, blockAlignment);
    this.#builder = new FrameBuilder(options.program, parts.steps, {
      address: frame.address,
      scratch: scratch.address,
      scratchStride: parts.scratchStride,
      threads: options.threads,
      addressOf: options.addressOf,
    });
  }

  get ports(): readonly PortWords[] {
    return this.#builder.ports;
  }

  /** Bytes of its frame and of its scratch. */
  get byteLength(): number {
    return this.#blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Runs all steps once and returns how many kernels that were. Throws for bad sizes, too small tensors and traps. */
  run(sizes: Sizes, blockOfPort: BlockOfPort): number {
    const frame = this.#frameFor(sizes);
    const { team, memory } = this.#workshop;
    const { address } = this.#blocks[0];
    const ports = this.#builder.ports.map((port, i) => {
      const block = blockOfPort(port);
      checkByteLength(port, block, frame.portByteLengths[i]!);
      return { words: port.words, block };
    });
    if (this.#inMemory !== frame) memory.words.set(frame.words, address / 4);
    this.#inMemory = frame;
    for (const { words, block } of ports) {
      for (const word of words) memory.words[address / 4 + word] = block.address;
    }
    const trap = team.run(this.#exports, this.#id, frame, address);
    if (trap === undefined) return frame.kernelsRun;
    throw new Error(`${describeStep(this.#program.steps, trap.step)}: ${trap.message}`);
  }

  release(): void {
    for (const block of this.#blocks) this.#workshop.memory.release(block);
  }

  #frameFor(sizes: Sizes): Frame {
    const { sizeNames } = this.#program;
    const { arena } = this.#workshop;
    const key = sizeNames.map((name) => sizes[name]).join();
    const known = this.#frames.get(key);
    if (known !== undefined && known.arenaAddress === arena.ensure(known.arenaByteLength)) {
      return known;
    }
    for (const name of sizeNames) checkSize(name, sizes[name]);
    const { arena: plan } = this.#plans.planFor(sizes);
    const frame = this.#builder.build(sizes, plan, arena.ensure(plan.byteLength));
    this.#frames.set(key, frame);
    return frame;
  }
}

/** Both or, where memory runs out, none. */
function allocateBoth(
  memory: DeviceMemory,
  [frameBytes, scratchBytes]: readonly [number, number],
): readonly [Block, Block] {
  const frame = memory.allocate(frameBytes, "a program's schedule");
  try {
    return [frame, memory.allocate(scratchBytes, "a program's scratch")];
  } catch (error) {
    memory.release(frame);
    throw error;
  }
}

function checkSize(name: string, value: number | undefined): void {
  if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return;
  throw new RangeError(`the size '${name}' is ${value}: must be an integer, 0 or more`);
}

function checkByteLength({ name, access }: PortWords, block: Block, least: number): void {
  if (block.byteLength >= least) return;
  throw new RangeError(
    `${access} '${name}' has ${block.byteLength} bytes: the program needs ${least}`,
  );
}

function describeStep(steps: readonly Step[], step: number): string {
  const nodes = steps[step]?.nodes.join(", ");
  return nodes === undefined ? "a dispatch failed" : `step ${step} (${nodes}) failed`;
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
