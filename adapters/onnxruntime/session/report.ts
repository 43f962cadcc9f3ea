/** What a session did and where: nodes, graphs, sizes, bytes, time. */
import type { Placement } from "../convert/convert-unit.ts";
import { getOrMake } from "../get-or-make.ts";
import type { Node } from "../model/model.ts";
import type { CacheReport } from "./caches.ts";
import { makeProfiler, type ProfileEvent, type Profiler } from "./profiler.ts";

export interface SessionReport {
  /** Devices that the session's graphs run on, as MLGraph.devices says. */
  readonly devices: readonly string[];
  /** Nodes of all programs that have run: `host` counts shape arithmetic and control flow. */
  readonly nodes: { readonly webnn: number; readonly host: number };
  /** Each of these nodes by itself. */
  readonly placements: readonly NodePlacement[];
  /** Graphs built, one per unit and set of decisions about sizes. */
  readonly graphs: number;
  /** Units, nodes that run as one graph, by their first node. */
  readonly units: readonly UnitReport[];
  /** Sizes for which graphs had to be built with a number, so that another number means another graph. */
  readonly fixedSizes: readonly FixedSize[];
  /** Outputs that are an input's next value, as its keys and values are in a generation. */
  readonly caches: readonly CacheReport[];
  readonly bytes: Bytes & {
    /** Weights given to the device. */
    readonly constants: number;
    /** By name of the value. */
    readonly byName: Readonly<Record<string, Bytes>>;
  };
  readonly profile: readonly ProfileEvent[];
}

export interface NodePlacement {
  readonly name: string;
  readonly op: string;
  /** "" is ONNX's own. */
  readonly domain: string;
  /** As MLGraph.devices says ("webnn" where it says nothing), or "host". */
  readonly device: string;
  /** Why it is on the host. */
  readonly reason?: string;
  /** Nodes whose work this one's operations do as well, or the node whose operations do this one's. */
  readonly fusion?: string;
}

export interface UnitReport {
  readonly firstNode: string;
  readonly nodes: number;
  readonly graphs: number;
}

export interface FixedSize {
  /** The dimension as the model calls it; `input.axis` where the model has no name for it. */
  readonly name: string;
  readonly reason: string;
}

/** Bytes that runs wrote to device tensors and read from them. */
export interface Bytes {
  readonly written: number;
  readonly read: number;
}

export interface Recorder extends Profiler {
  readonly report: () => SessionReport;
  readonly nodesRan: (placement: ReadonlyMap<Node, Placement>, devices: readonly string[]) => void;
  readonly graphBuilt: (nodes: readonly Node[], devices: readonly string[]) => void;
  /** By the name that graphs know the size by. */
  readonly sizeFixed: (identifier: string, reason: string) => void;
  readonly constantWritten: (byteLength: number) => void;
  readonly moved: (name: string, direction: keyof Bytes, byteLength: number) => void;
}

interface Placed {
  readonly placement: Placement;
  readonly devices: readonly string[];
}

/** `sizeName` says what the model calls a size. */
export function makeRecorder(
  sizeName: (identifier: string) => string,
  caches: readonly CacheReport[],
): Recorder {
  const placements = new Map<Node, Placed>();
  const units = new Map<readonly Node[], number>();
  const fixedSizes = new Map<string, FixedSize>();
  const counted = new WeakSet<object>();
  const devices = new Set<string>();
  const byName = new Map<string, { written: number; read: number }>();
  const total = { written: 0, read: 0, constants: 0 };
  const profiler = makeProfiler();
  let graphs = 0;

  return {
    ...profiler,
    report() {
      return {
        devices: [...devices],
        nodes: countNodes([...placements.values()]),
        placements: [...placements].map(([node, placed]) => describePlacement(node, placed)),
        graphs,
        units: [...units].map(([nodes, built]) => describeUnit(nodes, built)),
        fixedSizes: [...fixedSizes.values()],
        caches: structuredClone(caches),
        bytes: { ...total, byName: structuredClone(Object.fromEntries(byName)) },
        profile: profiler.events(),
      };
    },
    nodesRan(ran, ranOn) {
      if (counted.has(ran)) return;
      counted.add(ran);
      for (const [node, placement] of ran) {
        // A node that a device ran once counts as the device's.
        if (placements.get(node)?.placement.on === "webnn") continue;
        placements.set(node, { placement, devices: ranOn });
      }
    },
    graphBuilt(nodes, names) {
      graphs += 1;
      units.set(nodes, (units.get(nodes) ?? 0) + 1);
      names.forEach((name) => devices.add(name));
    },
    sizeFixed(identifier, reason) {
      const name = sizeName(identifier);
      fixedSizes.set(`${name} ${reason}`, { name, reason });
    },
    constantWritten(byteLength) {
      total.constants += byteLength;
    },
    moved(name, direction, byteLength) {
      total[direction] += byteLength;
      const bytes = getOrMake(byName, name, () => ({ written: 0, read: 0 }));
      bytes[direction] += byteLength;
    },
  };
}

function countNodes(placed: readonly Placed[]): SessionReport["nodes"] {
  const webnn = placed.filter(({ placement }) => placement.on === "webnn").length;
  return { webnn, host: placed.length - webnn };
}

function describeUnit(nodes: readonly Node[], graphs: number): UnitReport {
  return { firstNode: nodes[0]!.name, nodes: nodes.length, graphs };
}

function describePlacement(
  { name, op, domain }: Node,
  { placement: { on, why, fusion }, devices }: Placed,
): NodePlacement {
  const device = on === "host" ? "host" : devices.join(", ") || "webnn";
  return {
    name,
    op,
    domain,
    device,
    ...(why === undefined ? {} : { reason: why }),
    ...(fusion === undefined ? {} : { fusion }),
  };
}
