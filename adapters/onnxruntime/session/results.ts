/** Fetches before a run and results after it: where the caller wants each output, and onnxruntime's tensors of them. */
import type { Tensor, TensorConstructor } from "onnxruntime-common";
import { OnnxValueError, type ValueProblem } from "../errors.ts";
import { stored } from "../convert/graph-writer.ts";
import { storedType } from "../model/element-type.ts";
import type { DeviceTensor } from "../webnn.ts";
import { bytesOf, elementsOf, tensorTypeOf } from "./element-arrays.ts";
import type { RunDevice } from "./run-device.ts";
import { isEmptyValue, shapeOf, type RunValue } from "./run-value.ts";

export type Fetches = Readonly<Record<string, Tensor | null>>;
export type OutputLocation = "cpu" | "ml-tensor";

/** Throws for names that the model does not have, and tensors that results cannot go to. */
export function checkFetches(fetches: Fetches, outputNames: readonly string[]): void {
  const problems: ValueProblem[] = [];
  for (const [name, tensor] of Object.entries(fetches)) {
    if (!outputNames.includes(name)) {
      const expected = `one of the model's outputs (${outputNames.join(", ")})`;
      problems.push({ name, expected, got: "an unknown name" });
    } else if (tensor && !["cpu", "cpu-pinned", "ml-tensor"].includes(tensor.location)) {
      const expected = "a tensor in 'cpu' or 'ml-tensor'";
      problems.push({ name, expected, got: `a tensor in '${tensor.location}'` });
    }
  }
  if (problems.length > 0) throw new OnnxValueError("fetches", problems);
}

/** MLTensors of the caller that dispatches write to directly. */
export function destinationsOf(fetches: Fetches): ReadonlyMap<string, DeviceTensor> {
  return new Map(
    Object.entries(fetches).flatMap(([name, tensor]) =>
      tensor?.location === "ml-tensor"
        ? [[name, tensor.mlTensor as unknown as DeviceTensor] as const]
        : [],
    ),
  );
}

export interface ResultMaker {
  readonly device: RunDevice;
  readonly Tensor: TensorConstructor;
  readonly locationOf: (name: string) => OutputLocation;
  /** Reads a kept tensor later, when the caller asks for its data. */
  readonly download: (tensor: DeviceTensor) => Promise<ArrayBuffer>;
}

/** The output as a tensor of onnxruntime, in the caller's own one if there is one. */
export async function makeResult(
  maker: ResultMaker,
  name: string,
  value: RunValue,
  given: Tensor | null,
): Promise<Tensor> {
  if (given) return fillGiven(maker, name, value, given);
  if (maker.locationOf(name) === "cpu" || !canBeOnDevice(value)) {
    const bytes = await maker.device.read(name, value);
    // Bytes that were just read are nobody else's; others may be a feed or a constant.
    const buffer = value.bytes === undefined ? bytes.buffer : bytes.slice().buffer;
    const data = elementsOf(value.type, buffer as ArrayBuffer);
    const type = tensorTypeOf(value.type) as "float32";
    return new maker.Tensor(type, data as Float32Array, [...shapeOf(value)]);
  }
  return keepOnDevice(maker, name, value);
}

/** No device has empty tensors, or types that WebNN lacks. */
function canBeOnDevice(value: RunValue): boolean {
  return !isEmptyValue(value) && storedType(value.type) !== undefined;
}

async function fillGiven(
  { device }: ResultMaker,
  name: string,
  value: RunValue,
  given: Tensor,
): Promise<Tensor> {
  const shape = shapeOf(value);
  const isSame =
    given.type === tensorTypeOf(value.type) &&
    given.dims.length === shape.length &&
    given.dims.every((size, axis) => size === shape[axis]);
  if (!isSame) {
    const expected = `${value.type} [${shape.join(", ")}]`;
    const got = `${given.type} [${given.dims.join(", ")}]`;
    throw new OnnxValueError("fetches", [{ name, expected, got }]);
  }
  if (given.location === "ml-tensor") {
    const tensor = given.mlTensor as unknown as DeviceTensor;
    if (tensor !== value.tensor) device.write(name, tensor, await device.read(name, value));
  } else {
    bytesOf(given.data as ArrayBufferView).set(await device.read(name, value));
  }
  return given;
}

async function keepOnDevice(maker: ResultMaker, name: string, value: RunValue): Promise<Tensor> {
  const { device } = maker;
  let tensor = value.tensor;
  // What is a feed, or another output already, is copied: each result has one owner.
  if (tensor === undefined || value.isForeign || !device.keep(tensor)) {
    const bytes = await device.read(name, value);
    tensor = await device.create(stored(value.type), shapeOf(value));
    device.write(name, tensor, bytes);
    device.keep(tensor);
  }
  const kept = tensor;
  return maker.Tensor.fromMLTensor(
    kept as unknown as Parameters<TensorConstructor["fromMLTensor"]>[0],
    {
      dataType: value.type as "float32",
      dims: [...shapeOf(value)],
      download: async () => elementsOf(value.type, await maker.download(kept)) as Float32Array,
      dispose: () => kept.destroy(),
    },
  );
}
