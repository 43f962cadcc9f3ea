/**
 * What a helper thread does for as long as it lives.
 *
 * It sleeps in `Atomics.wait` between dispatches, so that joining one takes no message. While it sleeps
 * its event loop stands still: whoever posts it a message also counts it in `control.mail` and wakes it,
 * and it goes back to its event loop until it has received as many as were sent.
 */
import { unreachable } from "../../util/unreachable.ts";
import { control, threadAddress, threadWords } from "../schedule/control.ts";
import type { ScheduleExports } from "../schedule/emit-schedule.ts";

/** What helpers are told, in this order: start once, then loads and unloads. */
export type HelperMessage =
  | { readonly kind: "start"; readonly thread: number; readonly memory: WebAssembly.Memory }
  | { readonly kind: "load"; readonly program: number; readonly module: WebAssembly.Module }
  | { readonly kind: "unload"; readonly program: number };

/** About as long as the schedule spins: dispatches that follow each other closely find it awake. */
const spins = 1000;

type Help = NonNullable<ScheduleExports["help"]>;

/** `listen` registers what is to be called with each message that comes from the device's thread. */
export function serveThread(listen: (onMessage: (message: unknown) => void) => void): void {
  let helper: Helper | undefined;
  listen((message) => {
    const told = message as HelperMessage;
    if (told.kind === "start") helper = new Helper(told.thread, told.memory);
    else if (helper === undefined)
      unreachable(`a helper was told to ${told.kind} before it started`);
    else helper.apply(told);
    helper.received++;
    helper.serve();
  });
}

class Helper {
  received = 0;
  readonly #thread: number;
  readonly #memory: WebAssembly.Memory;
  readonly #words: Int32Array;
  readonly #programs = new Map<number, Help>();

  constructor(thread: number, memory: WebAssembly.Memory) {
    this.#thread = thread;
    this.#memory = memory;
    // The control words are at the start, so this view need not follow the memory's growth.
    this.#words = new Int32Array(memory.buffer);
  }

  apply(told: Exclude<HelperMessage, { kind: "start" }>): void {
    if (told.kind === "unload") {
      this.#programs.delete(told.program);
      return;
    }
    const { exports } = new WebAssembly.Instance(told.module, { env: { memory: this.#memory } });
    this.#programs.set(told.program, (exports as unknown as ScheduleExports).help!);
  }

  /** Joins dispatches until there is mail. */
  serve(): void {
    let idle = 0;
    for (;;) {
      const seen = this.#load(control.wake);
      if (this.#load(control.mail) !== this.received) return;
      if (this.#join()) idle = 0;
      else if (++idle > spins) Atomics.wait(this.#words, control.wake / 4, seen);
    }
  }

  /** Takes part in the dispatch that runs now. False if there is none. */
  #join(): boolean {
    if (this.#load(control.running) === 0) return false;
    Atomics.add(this.#words, control.inside / 4, 1);
    // Read again: from here on, until it leaves, the leading thread does not forget this helper.
    const dispatch = this.#load(control.running);
    const help = this.#programs.get(this.#load(control.program));
    const frame = this.#load(control.frame);
    const isCurrent = dispatch !== 0 && this.#load(control.running) === dispatch;
    if (isCurrent && help !== undefined) this.#help(help, frame >>> 0, dispatch);
    Atomics.sub(this.#words, control.inside / 4, 1);
    return isCurrent && help !== undefined;
  }

  #help(help: Help, frame: number, dispatch: number): void {
    try {
      help(this.#thread, frame, dispatch);
    } catch (error) {
      this.#reportTrap(error instanceof Error ? error.message : String(error));
    }
  }

  #reportTrap(message: string): void {
    const bytes = new TextEncoder().encode(message).subarray(0, threadWords.mostMessageBytes);
    const own = threadAddress(this.#thread);
    new Uint8Array(this.#memory.buffer, own + threadWords.message).set(bytes);
    this.#words[(own + threadWords.messageByteLength) / 4] = bytes.length;
    Atomics.compareExchange(this.#words, control.fault / 4, 0, this.#thread);
  }

  #load(address: number): number {
    return Atomics.load(this.#words, address / 4);
  }
}
