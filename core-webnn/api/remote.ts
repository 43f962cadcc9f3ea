/**
 * Calls between a context and its worker. A request names a method of `HostMethods`; what the worker
 * throws arrives as an error of the same class and message. Requests keep their order.
 */
import { deviceLost } from "../util/device-lost.ts";
import type { WorkerPort } from "./platform.ts";

export interface Request {
  /** 0: no reply is wanted. */
  readonly call: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: { readonly name: string; readonly message: string } };

interface Waiting {
  readonly isAwaited: boolean;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** The caller's end. */
export class Remote {
  readonly #port: WorkerPort;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #awaited = 0;
  #ended: string | undefined;
  #resolveEnded: (reason: string) => void = () => {};
  /** Resolves with the reason when the worker is gone. */
  readonly ended = new Promise<string>((resolve) => (this.#resolveEnded = resolve));

  constructor(port: WorkerPort) {
    this.#port = port;
    port.onMessage((message) => this.#receive(message as Reply));
    port.onEnd((reason) => this.#end(reason));
  }

  /** Sends and does not wait: errors surface elsewhere. */
  tell(method: string, args: readonly unknown[], transfer: readonly ArrayBuffer[] = []): void {
    if (this.#ended === undefined) this.#port.post({ call: 0, method, args }, transfer);
  }

  ask<T>(
    method: string,
    args: readonly unknown[],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<T> {
    return this.#ask(true, method, args, transfer);
  }

  /** As `ask`, for what may never happen: no process lives on for its sake. */
  watch<T>(method: string, args: readonly unknown[]): Promise<T> {
    return this.#ask(false, method, args, []);
  }

  #ask<T>(
    isAwaited: boolean,
    method: string,
    args: readonly unknown[],
    transfer: readonly ArrayBuffer[],
  ): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(deviceLost(this.#ended));
    const call = ++this.#calls;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(call, { isAwaited, resolve: resolve as (x: unknown) => void, reject });
      if (isAwaited && ++this.#awaited === 1) this.#port.setAwaited(true);
      this.#port.post({ call, method, args }, transfer);
    });
  }

  async close(reason: string): Promise<void> {
    this.#end(reason);
    await this.#port.close();
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.call);
    this.#waiting.delete(reply.call);
    if (waiting?.isAwaited && --this.#awaited === 0) this.#port.setAwaited(false);
    if ("error" in reply) waiting?.reject(reviveError(reply.error));
    else waiting?.resolve(reply.result);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#resolveEnded(reason);
    this.#waiting.forEach(({ reject }) => reject(deviceLost(reason)));
    this.#waiting.clear();
  }
}

/** The worker's end: answers each request by `methods`; results that are bytes are transferred. */
export function serveRequests(
  port: Pick<WorkerPort, "post" | "onMessage">,
  methods: Readonly<Record<string, (...args: never[]) => unknown>>,
): void {
  port.onMessage((message) => {
    const { call, method, args } = message as Request;
    const run = async (): Promise<unknown> => methods[method]!(...(args as never[]));
    run().then(
      (result) => {
        if (call === 0) return;
        const bytes = result instanceof Uint8Array ? [result.buffer as ArrayBuffer] : [];
        port.post({ call, result }, bytes);
      },
      (error: unknown) => {
        if (call === 0) return reportError(error);
        const { name, message: text } = error instanceof Error ? error : new Error(String(error));
        port.post({ call, error: { name, message: text } });
      },
    );
  });
}

function reviveError({ name, message }: { name: string; message: string }): Error {
  const classes: Readonly<Record<string, new (message: string) => Error>> = {
    TypeError,
    RangeError,
    Error,
  };
  const Known = classes[name];
  return Known ? new Known(message) : new DOMException(message, name);
}

/** A request without reply cannot fail but by a mistake of ours: let the engine report it. */
function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
