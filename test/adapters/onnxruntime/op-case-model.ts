/** Op cases as models and tensors, and results as JSON that a reviewer can read. */
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-common";
import type { OpCase } from "./cases/make-case.ts";
import { bytesOfTensor, writeModel, type TensorSpec } from "./onnx-writer.ts";

/** Input shapes say the numbers, or only names. */
export function modelOf(opCase: OpCase, shapes: "numbers" | "names"): Uint8Array<ArrayBuffer> {
  const { nodes, opset, opsets = {}, outputs, tensors, constants } = opCase;
  const isConstant = ([name]: [string, TensorSpec]) => constants.includes(name);
  const entries = Object.entries(tensors);
  return writeModel({
    opset,
    opsets,
    nodes,
    inputs: entries
      .filter((entry) => !isConstant(entry))
      .map(([name, { type, shape }]) => ({
        name,
        type,
        shape: shapes === "numbers" ? shape : shape.map((_, axis) => `${name} ${axis}`),
      })),
    outputs: Object.entries(outputs).map(([name, type]) => ({ name, type })),
    initializers: Object.fromEntries(entries.filter(isConstant)),
  });
}

export function tensorOf(ort: { readonly Tensor: TensorConstructor }, spec: TensorSpec): Tensor {
  const buffer = bytesOfTensor(spec).slice().buffer;
  const arrays = {
    float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array,
    int16: Int16Array, uint16: Uint16Array, float16: Uint16Array, int8: Int8Array,
    uint8: Uint8Array, bool: Uint8Array, int64: BigInt64Array, uint64: BigUint64Array,
  }; // prettier-ignore
  const data = new arrays[spec.type as keyof typeof arrays](buffer);
  return new ort.Tensor(spec.type as "float32", data as Float32Array, spec.shape);
}

export type Golden = Readonly<
  Record<
    string,
    {
      readonly type: string;
      readonly dims: readonly number[];
      readonly data: readonly (number | string)[];
    }
  >
>;

export function toGolden(results: InferenceSession.OnnxValueMapType): Golden {
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      { type, dims, data: Array.from(data as Iterable<number | bigint>, jsonNumber) },
    ]),
  );
}

/** JSON has no NaN, infinities or large integers; floats in their shortest form. */
function jsonNumber(value: number | bigint): number | string {
  if (typeof value === "bigint")
    return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : `${value}`;
}
