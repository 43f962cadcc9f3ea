/**
 * Contexts of one backend. Sessions with equal options share one, so that results of one can be feeds
 * of another; it is destroyed with the last of its sessions, and with it all tensors that are left.
 */
import type { Context } from "../webnn.ts";
import type { WebNNOptions } from "./options.ts";

export interface Lease {
  readonly context: Context;
  /** Says that a session is over. */
  readonly release: () => void;
}

export interface ContextPool {
  readonly lease: (options: WebNNOptions) => Promise<Lease>;
}

interface Shared {
  readonly context: Promise<Context>;
  readonly holders: Set<symbol>;
}

export function makeContextPool(
  createContext: (options: WebNNOptions) => Promise<Context>,
): ContextPool {
  const shared = new Map<string, Shared>();
  return {
    async lease(options) {
      if (options.context !== undefined) {
        return { context: options.context as Context, release: () => {} };
      }
      const { deviceType, powerPreference, numThreads } = options;
      const key = JSON.stringify([deviceType, powerPreference, numThreads]);
      const entry = shared.get(key) ?? { context: createContext(options), holders: new Set() };
      shared.set(key, entry);
      const holder = Symbol("session");
      entry.holders.add(holder);
      const forget = (): boolean => {
        const isHeld = entry.holders.delete(holder);
        const isOver = isHeld && entry.holders.size === 0;
        if (isOver && shared.get(key) === entry) shared.delete(key);
        return isOver;
      };
      try {
        const context = await entry.context;
        return {
          context,
          release: () => {
            if (forget()) context.destroy();
          },
        };
      } catch (error) {
        forget();
        throw error;
      }
    },
  };
}
