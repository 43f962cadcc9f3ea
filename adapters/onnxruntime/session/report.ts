/** What a session did and where: nodes, bytes, time. */
import type { Placement } from "../convert/convert-unit.ts";
import { getOrMake } from "../get-or-make.ts";
import type { Node } from "../model/model.ts";

export interface SessionReport {
  /** Devices that the session's graphs run on, as MLGraph.devices says. */
  readonly devices: readonly string[];
  /** Nodes of all programs that have run: `host` counts shape arithmetic and If. */
  readonly nodes: { readonly webnn: number; readonly host: number };
  /** Graphs built, one per unit and set of decisions about sizes. */
  readonly graphs: number;
  readonly bytes: Bytes & {
    /** Weights given to the device. */
    readonly constants: number;
    /** By name of the value. */
    readonly byName: Readonly<Record<string, Bytes>>;
  };
  readonly profile: readonly ProfileEvent[];
}

/** Bytes that runs wrote to device tensors and read from them. */
export interface Bytes {
  readonly written: number;
  readonly read: number;
}

/** Kept between startProfiling and endProfiling. Milliseconds of `performance.now()`. */
export interface ProfileEvent {
  readonly what: "build" | "dispatch" | "read" | "run";
  readonly start: number;
  readonly duration: number;
}

export interface Recorder {
  readonly report: () => SessionReport;
  readonly nodesRan: (placement: ReadonlyMap<Node, Placement>) => void;
  readonly graphBuilt: (devices: readonly string[]) => void;
  readonly constantWritten: (byteLength: number) => void;
  readonly moved: (name: string, direction: keyof Bytes, byteLength: number) => void;
  readonly timed: <T>(what: ProfileEvent["what"], work: () => Promise<T>) => Promise<T>;
  readonly setProfiling: (isOn: boolean) => void;
}

export function makeRecorder(): Recorder {
  const placements = new Map<Node, Placement>();
  const counted = new WeakSet<object>();
  const devices = new Set<string>();
  const byName = new Map<string, { written: number; read: number }>();
  const total = { written: 0, read: 0, constants: 0 };
  let profile: ProfileEvent[] = [];
  let isProfiling = false;
  let graphs = 0;

  return {
    report() {
      const on = (place: Placement) => [...placements.values()].filter((p) => p === place).length;
      return {
        devices: [...devices],
        nodes: { webnn: on("webnn"), host: on("host") },
        graphs,
        bytes: { ...total, byName: structuredClone(Object.fromEntries(byName)) },
        profile: [...profile],
      };
    },
    nodesRan(placement) {
      if (counted.has(placement)) return;
      counted.add(placement);
      for (const [node, place] of placement) {
        // A node that a device ran once counts as the device's.
        if (placements.get(node) !== "webnn") placements.set(node, place);
      }
    },
    graphBuilt(names) {
      graphs += 1;
      names.forEach((name) => devices.add(name));
    },
    constantWritten(byteLength) {
      total.constants += byteLength;
    },
    moved(name, direction, byteLength) {
      total[direction] += byteLength;
      const bytes = getOrMake(byName, name, () => ({ written: 0, read: 0 }));
      bytes[direction] += byteLength;
    },
    async timed(what, work) {
      if (!isProfiling) return work();
      const start = performance.now();
      try {
        return await work();
      } finally {
        profile.push({ what, start, duration: performance.now() - start });
      }
    },
    setProfiling(isOn) {
      if (isOn && !isProfiling) profile = [];
      isProfiling = isOn;
    },
  };
}
