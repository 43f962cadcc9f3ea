/** Short ways to make tensors and to read results. */
import { Tensor } from "onnxruntime-common";

export function floats(dims: readonly number[], data?: readonly number[]): Tensor {
  const count = dims.reduce((a, b) => a * b, 1);
  return new Tensor(
    "float32",
    Float32Array.from(data ?? Array.from({ length: count }, (_, i) => i + 1)),
    dims,
  );
}

export function integers(dims: readonly number[], data: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(data.map(BigInt)), dims);
}

export function bool(value: boolean, dims: readonly number[] = []): Tensor {
  return new Tensor("bool", Uint8Array.of(Number(value)), dims);
}

/** The elements as numbers. */
export async function numbers(tensor: Tensor | undefined): Promise<number[]> {
  return Array.from((await tensor!.getData()) as Iterable<number | bigint>, Number);
}
