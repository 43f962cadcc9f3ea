/** Ops on matrices that are no products: EyeLike, Det. */
import { formulaOf } from "../convert/formula.ts";
import { stored } from "../convert/graph-writer.ts";
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { makeArray, type HostArray } from "../host/array.ts";
import { storeOf } from "../host/map-array.ts";
import { elementTypeOf, type ElementType } from "../model/element-type.ts";
import { positions } from "./positions.ts";
import { op, type OpRow } from "./row.ts";

function eyeType(node: HostNode, like: ElementType): ElementType {
  if (!node.node.attributes.has("dtype")) return like;
  const code = node.int("dtype", 0);
  return elementTypeOf(code) ?? node.fail(`dtype ${code} is no data type`);
}

/** 1 where the column is the row + k. */
function eyeLike(node: NodeContext): Value {
  const shape = node.shape(0);
  const type = eyeType(node, node.type(0));
  if (shape.length !== 2) node.fail(`an input of rank ${shape.length}, expected 2`);
  if (shape.includes(0)) return { kind: "empty", type, shape };
  const dataType = stored(type);
  const f = formulaOf(node);
  const rows = positions(node, "int32", shape[0]!, 2, 0);
  const columns = positions(node, "int32", shape[1]!, 2, 1);
  const diagonal = f.equal(f.add(rows, node.int("k", 0)), columns);
  return node.result(f.cast(diagonal, dataType), type);
}

function eyeArray(node: HostNode, { type, shape }: HostArray): HostArray {
  const [rows = 0, columns = 0] = shape;
  const k = node.int("k", 0);
  const result = makeArray(eyeType(node, type), [rows, columns]);
  const store = storeOf(result);
  for (let row = Math.max(0, -k); row < Math.min(rows, columns - k); row++) {
    store(row * columns + row + k, 1);
  }
  return result;
}

/** The product of the pivots of Gauss's elimination, each the largest of its column. */
function determinant(m: Float64Array, size: number): number {
  let product = 1;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let row = k + 1; row < size; row++) {
      if (Math.abs(m[row * size + k]!) > Math.abs(m[pivot * size + k]!)) pivot = row;
    }
    const value = m[pivot * size + k]!;
    if (value === 0) return 0;
    product *= pivot === k ? value : -value;
    const rest = m.slice(k * size, (k + 1) * size);
    m.copyWithin(k * size, pivot * size, (pivot + 1) * size);
    m.set(rest, pivot * size);
    for (let row = k + 1; row < size; row++) {
      const factor = m[row * size + k]! / value;
      for (let i = k; i < size; i++) m[row * size + i]! -= factor * m[k * size + i]!;
    }
  }
  return product;
}

function determinants(node: HostNode, { type, shape, data }: HostArray): HostArray {
  const size = shape.at(-1) ?? -1;
  if (shape.length < 2 || shape.at(-2) !== size) {
    node.fail(`the shape [${shape.join(", ")}], expected square matrices`);
  }
  const result = makeArray(type, shape.slice(0, -2));
  const store = storeOf(result);
  for (let i = 0; i < result.data.length; i++) {
    const matrix = Float64Array.from(data.slice(i * size * size, (i + 1) * size * size), Number);
    store(i, determinant(matrix, size));
  }
  return result;
}

export const matrixRows: readonly OpRow[] = [
  op("EyeLike", {
    since: 9,
    empties: true,
    convert: eyeLike,
    compute: (node, [input]) => [eyeArray(node, input!)],
  }),
  op("Det", {
    since: 11,
    onHost: "its pivots depend on elements",
    compute: (node, [input]) => [determinants(node, input!)],
  }),
];
