/** What a context offers beyond the standard. A context of another implementation offers nothing. */
import { iota } from "../ops/iota.ts";
import type { DeviceStatistics } from "../plan/device.ts";
import type { DataType } from "../util/data-type.ts";
import type { MLDimension } from "./descriptor.ts";
import type { BackendThreads } from "./backend.ts";
import { contextInternals } from "./ml-context.ts";
import { addNode, type MLGraphBuilder } from "./ml-graph-builder.ts";
import type { MLOperand } from "./ml-operand.ts";

export interface IotaOptions {
  readonly dataType: DataType;
  readonly length: MLDimension;
  /** 0 where it is left out. */
  readonly start?: MLDimension;
  /** 1 where it is left out. */
  readonly delta?: MLDimension;
  readonly label?: string;
}

export interface OwnExtensions {
  /** Shapes of inputs, and attributes that are sizes, take named sizes and expressions over them. */
  readonly dynamicDimensions: true;
  /** start, start + delta, …: `length` numbers. */
  readonly iota: (builder: MLGraphBuilder, options: IotaOptions) => MLOperand;
  readonly statistics: () => Promise<DeviceStatistics>;
  readonly threads: BackendThreads;
}

export type Extensions = OwnExtensions | { readonly dynamicDimensions: false };

export function extensions(context: unknown): Extensions {
  const internals = contextInternals(context);
  if (internals === undefined) return { dynamicDimensions: false };
  return {
    dynamicDimensions: true,
    iota(builder, { dataType, length, start = 0, delta = 1, label }) {
      const options = label === undefined ? {} : { label };
      return addNode(builder, iota, [dataType, [length], [start], [delta], options])[0]!;
    },
    statistics: () => internals.backend.device.statistics(),
    threads: internals.backend.threads,
  };
}
