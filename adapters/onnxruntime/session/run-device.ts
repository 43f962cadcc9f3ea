/** The device as one session uses it: every byte that is written or read goes through here and is counted. */
import { OnnxModelError } from "../errors.ts";
import { maxHostElements, type HostTensor } from "../host/host-tensor.ts";
import { stored } from "../convert/graph-writer.ts";
import type { StoredType } from "../model/element-type.ts";
import type { CompiledGraph, Context, DeviceTensor, Tensors } from "../webnn.ts";
import type { Recorder } from "./report.ts";
import { hostTensorOf, shapeOf, type RunValue } from "./run-value.ts";
import type { TensorPool } from "./tensor-pool.ts";

/** Bytes that a read leaves with its value: as many as the integers of a shape can have. */
const smallRead = 8 * maxHostElements;

export interface RunDevice {
  readonly recorder: Recorder;
  /** The value's tensor; written first if it is on the host. */
  readonly upload: (name: string, value: RunValue) => Promise<DeviceTensor>;
  /** The value's bytes; read first if they are on the device. */
  readonly read: (name: string, value: RunValue) => Promise<Uint8Array>;
  /** Small values as a host tensor; undefined for any other. */
  readonly readHost: (name: string, value: RunValue) => Promise<HostTensor | undefined>;
  /** A tensor that goes back to the pool when the run is over, unless it is kept. */
  readonly create: (dataType: StoredType, shape: readonly number[]) => Promise<DeviceTensor>;
  readonly write: (name: string, tensor: DeviceTensor, bytes: Uint8Array) => void;
  readonly dispatch: (graph: CompiledGraph, inputs: Tensors, outputs: Tensors) => void;
  /** What it gives is called to give back the tensors that were made since, but for those in use. */
  readonly mark: () => (inUse: ReadonlySet<DeviceTensor>) => void;
  /** Leaves a tensor to the caller. False if it is no tensor of this run. */
  readonly keep: (tensor: DeviceTensor) => boolean;
  /** What a failed run has used is not kept for the next: it may be what was too much. */
  readonly endRun: (hasFailed: boolean) => void;
}

export function makeRunDevice(context: Context, pool: TensorPool, recorder: Recorder): RunDevice {
  const own = new Set<DeviceTensor>();
  const device: RunDevice = {
    recorder,
    async upload(name, value) {
      if (value.tensor !== undefined) return value.tensor;
      const tensor = await device.create(stored(value.type), shapeOf(value));
      device.write(name, tensor, value.bytes!);
      value.tensor = tensor;
      return tensor;
    },
    async read(name, value) {
      if (value.bytes !== undefined) return value.bytes;
      const buffer = await recorder.timed("read", () => context.readTensor(value.tensor!));
      recorder.moved(name, "read", buffer.byteLength);
      const bytes = new Uint8Array(buffer);
      // Several graphs of a unit may ask whether it still says the same.
      if (bytes.length <= smallRead) value.bytes = bytes;
      return bytes;
    },
    async readHost(name, value) {
      // Types and sizes that shapes never have are not worth a read.
      const empty = hostTensorOf(value.type, [0], new Uint8Array(0));
      const count = shapeOf(value).reduce((a, b) => a * b, 1);
      if (empty === undefined || count > maxHostElements) return undefined;
      return hostTensorOf(value.type, shapeOf(value), await device.read(name, value));
    },
    async create(dataType, shape) {
      const tensor = await pool.take({ dataType, shape });
      own.add(tensor);
      return tensor;
    },
    write(name, tensor, bytes) {
      context.writeTensor(tensor, bytes);
      recorder.moved(name, "written", bytes.byteLength);
    },
    dispatch: (graph, inputs, outputs) => dispatch(context, own, graph, inputs, outputs),
    mark() {
      const before = new Set(own);
      return (inUse) => {
        for (const tensor of own) {
          if (before.has(tensor) || inUse.has(tensor)) continue;
          own.delete(tensor);
          pool.giveBack(tensor);
        }
      };
    },
    keep: (tensor) => own.delete(tensor),
    endRun(hasFailed) {
      for (const tensor of own) pool.giveBack(tensor);
      own.clear();
      if (hasFailed) pool.empty();
      else pool.age();
    },
  };
  return device;
}

function dispatch(
  context: Context,
  own: ReadonlySet<DeviceTensor>,
  graph: CompiledGraph,
  inputs: Tensors,
  outputs: Tensors,
): void {
  try {
    context.dispatch(graph, inputs, outputs);
  } catch (error) {
    const tensors = [...Object.values(inputs), ...Object.values(outputs)];
    const areOwn = tensors.every((tensor) => own.has(tensor));
    if (!areOwn || !(error instanceof TypeError)) throw error;
    // Of tensors that the run has made itself nothing can be wrong but sizes that only a dispatch knows.
    const what = `the sizes of this run do not fit the model: ${error.message}`;
    throw new OnnxModelError("unsupported", what, { cause: error });
  }
}
