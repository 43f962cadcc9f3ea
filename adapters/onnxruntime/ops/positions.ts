/** Small integer operands that ops on indices need: 0, 1, 2, … along one axis, and indices without signs. */
import type { NodeContext } from "../convert/node-context.ts";
import { multiplySizes, type Size } from "../core.ts";
import { vector } from "../host/host-tensor.ts";
import type { Operand } from "../webnn.ts";

export type IndexType = "int32" | "int64";

/** 0, 1, … `length` - 1 along `axis` of a tensor of rank `rank`, whose other dimensions are 1. */
export function positions(
  node: NodeContext,
  dataType: IndexType,
  length: Size,
  rank = 1,
  axis = 0,
): Operand {
  const { writer, builder, label } = node;
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? length : 1));
  if (typeof length === "number") {
    return builder.constant(
      { dataType, shape: shape as number[] },
      countingBytes(dataType, length),
    );
  }
  const all = writer.iota({ dataType, length });
  return rank === 1 ? all : builder.reshape(all, shape, { label });
}

function countingBytes(dataType: IndexType, length: number): Uint8Array {
  const array =
    dataType === "int32"
      ? Int32Array.from({ length }, (_, i) => i)
      : BigInt64Array.from({ length }, (_, i) => BigInt(i));
  return new Uint8Array(array.buffer);
}

/** Sizes as a vector of data. */
export function sizesOperand(
  node: NodeContext,
  dataType: IndexType,
  sizes: readonly Size[],
): Operand {
  return node.writer.operand({ kind: "host", host: vector(dataType, sizes) });
}

/** Indices that count from the end where they are negative, as indices from 0; `size` broadcasts against them. */
export function fromStart(node: NodeContext, indices: Operand, size: Operand): Operand {
  const { builder, label } = node;
  const isNegative = builder.lesser(indices, node.writer.filled(indices.dataType, 0, []), {
    label,
  });
  return builder.where(isNegative, builder.add(indices, size, { label }), indices, { label });
}

/** The type of an operand of indices, which ONNX gives as int32 or int64. */
export function indexType(node: NodeContext, { dataType }: Operand): IndexType {
  if (dataType === "int32" || dataType === "int64") return dataType;
  return node.fail(`indices of type ${dataType}, expected int32 or int64`);
}

/** Row-major strides of a shape. */
export function stridesOfSizes(shape: readonly Size[]): readonly Size[] {
  return shape.map((_, axis) => multiplySizes(...shape.slice(axis + 1)));
}
