/** Weights of 2, 4 and 8 bits with a scale for each block. */
import type { ElementTypeName, TensorSpec } from "../onnx-writer.ts";
import { toHalf } from "../../../../core-webnn/util/half.ts";
import {
  bytes,
  contrib,
  i32,
  inFloats,
  int,
  noise,
  random,
  typed,
  type OpCase,
} from "./make-case.ts";

interface Product {
  readonly bits?: 2 | 4 | 8;
  readonly blockSize?: number;
  readonly k?: number;
  readonly n?: number;
  readonly a?: readonly number[];
  readonly zero?: "packed" | "float";
  readonly bias?: true;
  readonly groups?: true;
  readonly type?: "float32" | "float16";
  readonly accuracy?: number;
  readonly tolerance?: number;
}

const floats = (
  type: "float32" | "float16",
  shape: readonly number[],
  scale: number,
  seed: number,
): TensorSpec => {
  const tensor = random(shape, scale, seed);
  return type === "float32"
    ? tensor
    : typed(
        type,
        tensor.data.map((x) => toHalf(Number(x))),
        shape,
      );
};

function product(why: string, form: Product = {}): OpCase {
  const { bits = 4, blockSize = 32, k = 64, n = 6, type = "float32" } = form;
  const blocks = Math.ceil(k / blockSize);
  const zeroBytes = Math.ceil((blocks * bits) / 8);
  const tensors = {
    a: floats(type, [...(form.a ?? [3]), k], 1, 3),
    b: bytes("uint8", [n, blocks, (blockSize * bits) / 8], 5),
    scales: floats(type, [n, blocks], 0.1, 7),
    ...(form.zero === "packed" && { zero: bytes("uint8", [n, zeroBytes], 11) }),
    ...(form.zero === "float" && {
      zero: floats(type, [n, blocks], 2 ** (bits - 1), 13),
    }),
    ...(form.groups && {
      groups: i32(
        [k],
        Array.from({ length: k }, (_, i) => Math.floor(i / blockSize)),
      ),
    }),
    ...(form.bias && { bias: floats(type, [n], 1, 17) }),
  };
  const given = ["a", "b", "scales", "zero", "groups", "bias"].map((name) =>
    name in tensors ? name : "",
  );
  return contrib("MatMulNBits", why, tensors, {
    inputs: given.slice(0, given.findLastIndex((name) => name !== "") + 1),
    constants: Object.keys(tensors).filter((name) => name !== "a"),
    attributes: {
      K: int(k),
      N: int(n),
      bits: int(bits),
      block_size: int(blockSize),
      ...(form.accuracy !== undefined && { accuracy_level: int(form.accuracy) }),
    },
    types: [type],
    tolerance: form.tolerance ?? (type === "float16" ? 4e-3 : 5e-6),
  });
}

const products: readonly OpCase[] = [
  product("4 bits"),
  product("4 bits, zero points", { zero: "packed" }),
  product("4 bits, an odd number of blocks with zero points", { k: 96, zero: "packed" }),
  product("4 bits, zero points that are no integers", { zero: "float" }),
  product("K is no multiple of the block", { k: 50, zero: "packed" }),
  product("K is no multiple of the block, zero points that are no integers", {
    k: 50,
    zero: "float",
  }),
  product("bias", { bias: true }),
  product("bias and zero points", { bias: true, zero: "packed" }),
  product("groups in their order", { groups: true }),
  product("blocks of 16", { blockSize: 16 }),
  product("one block of 256", { blockSize: 256, k: 256, n: 3 }),
  product("batches", { a: [2, 1, 3] }),
  product("one row, more weights than a graph has by value", { a: [1], k: 128, n: 40 }),
  product("8 bits", { bits: 8 }),
  product("8 bits, zero points", { bits: 8, zero: "packed", k: 96 }),
  product("2 bits", { bits: 2 }),
  product("2 bits, zero points", { bits: 2, zero: "packed", k: 96 }),
  product("float16", { type: "float16" }),
  product("float16, zero points", { type: "float16", zero: "packed", bias: true }),
  product("accuracy_level 1", { accuracy: 1, zero: "packed" }),
];

interface Table {
  readonly type?: ElementTypeName;
  readonly bits?: number;
  readonly shape?: readonly number[];
  readonly gatherAxis?: number;
  readonly quantizeAxis?: number;
  readonly zero?: true;
  readonly indices?: TensorSpec;
}

function gather(why: string, form: Table = {}): OpCase {
  const { type = "uint4", bits = 4, shape = [5, 64] } = form;
  const { gatherAxis = 0, quantizeAxis = 1 } = form;
  const along = quantizeAxis < 0 ? quantizeAxis + shape.length : quantizeAxis;
  const blocks = shape.map((size, axis) => (axis === along ? Math.ceil(size / 16) : size));
  const packed = type === "uint8" ? bits : 8;
  const numbers = (of: readonly number[], seed: number): TensorSpec => {
    const row = Math.ceil((of.at(-1)! * packed) / 8);
    const stored = type === "uint8" ? [...of.slice(0, -1), row] : of;
    const count = stored.reduce((x, y) => x * y, 1);
    const [low, high] = type === "int4" ? [-8, 7] : type === "uint4" ? [0, 15] : [0, 255];
    const span = high - low;
    return typed(
      type,
      noise(count, span / 2, seed).map((x) => Math.round(x + low + span / 2)),
      stored,
    );
  };
  const tensors = {
    data: numbers(shape, 3),
    indices: form.indices ?? i32([2, 2], [4, 0, 1, 4]),
    scales: random(blocks, 0.5, 7),
    ...(form.zero && { zero: numbers(blocks, 11) }),
  };
  return contrib("GatherBlockQuantized", why, tensors, {
    constants: ["data", "scales", "zero"].filter((name) => name in tensors),
    attributes: {
      bits: int(bits),
      block_size: int(16),
      gather_axis: int(gatherAxis),
      quantize_axis: int(quantizeAxis),
    },
  });
}

export const blockQuantized: readonly OpCase[] = [
  ...products.map(inFloats),
  gather("uint4"),
  gather("uint4, zero points", { zero: true }),
  gather("int4 along another axis", {
    type: "int4",
    gatherAxis: 1,
    quantizeAxis: 0,
    shape: [32, 6],
  }),
  gather("4 bits in bytes", { type: "uint8" }),
  gather("4 bits in bytes, zero points", { type: "uint8", zero: true, shape: [5, 48] }),
  gather("bytes", { type: "uint8", bits: 8, zero: true }),
  gather("negative axes and indices", {
    type: "uint4",
    gatherAxis: -2,
    quantizeAxis: -1,
    indices: typed("int64", [-1n, 2n]),
  }),
];
