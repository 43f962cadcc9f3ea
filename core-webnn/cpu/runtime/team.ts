/**
 * Runs frames: on the calling thread, and on helpers where a frame wants them.
 *
 * Nobody ever waits for a helper to start or to load a program; one that is not there yet takes no part.
 * A trap on any thread ends the dispatch, and `run` returns what happened once no thread is inside. A
 * helper that is ended from outside loses the team: `onLoss` is told why.
 */
import {
  claimBits,
  control,
  endStep,
  outOfPatience,
  threadAddress,
  threadWords,
} from "../schedule/control.ts";
import { stepOfRecord, type Frame } from "./frame.ts";
import type { DeviceMemory } from "./memory.ts";
import type { ScheduleExports } from "../schedule/emit-schedule.ts";
import type { HelperMessage } from "./serve-thread.ts";
import type { ThreadPort } from "./thread-port.ts";

/** Why a dispatch ended early. */
export interface Trap {
  /** The step whose kernel trapped. */
  readonly step: number;
  readonly message: string;
}

export interface TeamOptions {
  readonly memory: DeviceMemory;
  readonly helpers: readonly ThreadPort[];
  /** Slices of 50 µs that a dispatch waits for a helper that holds a chunk; default 1,000,000. */
  readonly patience?: number;
  readonly onLoss: (reason: string) => void;
}

/** A minute or more; no chunk takes that long. */
const defaultPatience = 1_000_000;
const lastDispatch = 2 ** claimBits.dispatch - 1;

export class Team {
  readonly #memory: DeviceMemory;
  readonly #helpers: readonly ThreadPort[];
  readonly #onLoss: (reason: string) => void;
  #dispatch = 0;
  #isClosed = false;

  constructor({ memory, helpers, patience = defaultPatience, onLoss }: TeamOptions) {
    this.#memory = memory;
    this.#helpers = helpers;
    this.#onLoss = onLoss;
    memory.words[control.patience / 4] = patience;
    helpers.forEach((port, i) => {
      port.onEnd((reason) => this.#lose(`helper thread ${i + 1} ended: ${reason}`));
    });
    this.#tell((i) => ({ kind: "start", thread: i + 1, memory: memory.memory }));
  }

  load(program: number, module: WebAssembly.Module): void {
    this.#tell(() => ({ kind: "load", program, module }));
  }

  unload(program: number): void {
    this.#tell(() => ({ kind: "unload", program }));
  }

  /** Runs the frame that lies at `address`. */
  run(
    exports: ScheduleExports,
    program: number,
    { threads }: Frame,
    address: number,
  ): Trap | undefined {
    try {
      if (threads === 1 || exports.lead === undefined) exports.run(address);
      else exports.lead(program, address, this.#nextDispatch());
      return undefined;
    } catch (error) {
      // Kernels call nothing outside: whatever comes out of them is a trap.
      return this.#endEarly(error instanceof Error ? error.message : String(error), address);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#helpers.map((port) => port.close()));
  }

  #nextDispatch(): number {
    this.#dispatch = this.#dispatch === lastDispatch ? 1 : this.#dispatch + 1;
    return this.#dispatch;
  }

  #tell(message: (helper: number) => HelperMessage): void {
    if (this.#helpers.length === 0) return;
    const words = this.#words();
    // Counted before it is posted: a helper that had received more than it is told were sent would wait for another.
    Atomics.add(words, control.mail / 4, 1);
    this.#helpers.forEach((port, i) => port.post(message(i)));
    Atomics.add(words, control.wake / 4, 1);
    Atomics.notify(words, control.wake / 4);
  }

  /** Closes the dispatch to helpers, waits until they have left, and says who trapped where. */
  #endEarly(message: string, frame: number): Trap {
    if (this.#helpers.length === 0) return this.#trapOf(0, message, frame);
    const words = this.#words();
    const claims = new BigInt64Array(words.buffer, control.claim, 1);
    const over = BigInt(this.#dispatch) << BigInt(claimBits.step + claimBits.chunk);
    Atomics.store(claims, 0, over | (BigInt(endStep) << BigInt(claimBits.chunk)));
    Atomics.store(words, control.running / 4, 0);
    const fault = Atomics.load(words, control.fault / 4);
    if (fault === outOfPatience || !this.#waitForHelpers(words)) {
      this.#lose("a helper thread does not answer");
      return { step: -1, message: "a helper thread does not answer" };
    }
    Atomics.store(words, control.done / 4, 0);
    Atomics.store(words, control.fault / 4, 0);
    if (fault === 0) return this.#trapOf(0, message, frame);
    return this.#trapOf(fault, this.#messageOf(fault), frame);
  }

  /** Whether all helpers have left within the team's patience. */
  #waitForHelpers(words: Int32Array): boolean {
    const inside = control.inside / 4;
    for (let left = words[control.patience / 4]!; left > 0; left--) {
      const count = Atomics.load(words, inside);
      if (count === 0) return true;
      Atomics.wait(words, inside, count, 0.05);
    }
    return false;
  }

  #trapOf(thread: number, message: string, frame: number): Trap {
    const record = this.#memory.words[(threadAddress(thread) + threadWords.record) / 4]!;
    return { step: stepOfRecord(record, frame), message };
  }

  #messageOf(thread: number): string {
    const own = threadAddress(thread);
    const byteLength = this.#memory.words[(own + threadWords.messageByteLength) / 4]!;
    const address = own + threadWords.message;
    return new TextDecoder().decode(this.#memory.read({ address, byteLength }));
  }

  #lose(reason: string): void {
    if (this.#isClosed) return;
    this.#onLoss(reason);
  }

  #words(): Int32Array {
    return new Int32Array(this.#memory.memory.buffer);
  }
}
