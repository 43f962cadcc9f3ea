import { one, random, counting, f64, i32, int, text, type OpCase } from "./make-case.ts";
import { f32, i64, type TensorSpec } from "../onnx-writer.ts";

function einsum(equation: string, ...shapes: readonly (readonly number[])[]): OpCase {
  const tensors = shapes.map((shape, i) => [`x${i}`, random(shape, 2, i + 1)] as const);
  return one("Einsum", equation, Object.fromEntries(tensors), {
    attributes: { equation: text(equation) },
    tolerance: 4e-6,
  });
}

const u32 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "uint32",
  shape,
  data,
});
const u64 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "uint64",
  shape,
  data,
});

export const einsums: readonly OpCase[] = [
  einsum("ij,jk->ik", [2, 3], [3, 4]),
  einsum("ij,jk", [2, 3], [3, 4]),
  einsum("ij , kj -> ki", [2, 3], [4, 3]),
  einsum("bhqd,bhkd->bhqk", [2, 2, 3, 4], [2, 2, 5, 4]),
  einsum("bhqk,bkhd->bqhd", [2, 2, 3, 5], [2, 5, 2, 4]),
  einsum("bqhd,hdm->bqm", [2, 3, 2, 4], [2, 4, 5]),
  einsum("...ij,...jk->...ik", [2, 1, 3, 4], [1, 5, 4, 2]),
  einsum("...ij,jk", [2, 3, 4], [4, 5]),
  einsum("ij->ji", [2, 3]),
  einsum("ba", [2, 3]),
  einsum("ij->i", [2, 3]),
  einsum("ij->", [2, 3]),
  einsum("...->...", [2, 3]),
  einsum("ii->i", [4, 4]),
  einsum("ii", [4, 4]),
  einsum("bij,bjb->ib", [2, 3, 4], [2, 4, 2]),
  einsum("biib->bi", [2, 3, 3, 2]),
  einsum("i,i->", [4], [4]),
  einsum("i,j->ij", [3], [4]),
  einsum("i,ij->ij", [3], [3, 4]),
  einsum("ij,ij->ij", [3, 4], [3, 4]),
  einsum("ij,ij->j", [3, 4], [3, 4]),
  einsum("ijk,jil->kl", [2, 3, 4], [3, 2, 5]),
  einsum("ab,bc,cd->ad", [2, 3], [3, 4], [4, 2]),
  einsum("ij,j,k->ik", [2, 3], [3], [4]),
  einsum("bn,anm,bm->ba", [2, 3], [4, 3, 5], [2, 5]),
  einsum("aB,Bc->ca", [2, 3], [3, 4]),
  one(
    "Einsum",
    "of int64",
    { a: i64([2, 2], [1, 2, 3, 4]), b: i64([2, 2], [5, 6, 7, 8]) },
    { attributes: { equation: text("ij,jk->ki") }, types: ["int64"] },
  ),
  one(
    "Einsum",
    "of float64",
    { a: f64([2, 3], counting(6)), b: f64([3, 3], counting(9)) },
    { attributes: { equation: text("ij,jj->ij") }, types: ["float64"] },
  ),

  one(
    "MatMul",
    "of int32",
    { a: i32([2, 3], counting(6)), b: i32([3, 2], counting(6)) },
    { types: ["int32"] },
  ),
  one(
    "MatMul",
    "of int64, broadcast",
    { a: i64([2, 2, 2], counting(8)), b: i64([2], [3, -1]) },
    { types: ["int64"] },
  ),
  one(
    "MatMul",
    "of uint32",
    { a: u32([3], counting(3)), b: u32([3, 2], counting(6)) },
    { types: ["uint32"] },
  ),
  one(
    "MatMul",
    "of uint64",
    { a: u64([1, 2], [3, 4]), b: u64([2, 1], [5, 6]) },
    { types: ["uint64"] },
  ),
  one(
    "MatMul",
    "of float64",
    { a: f64([2, 1, 2, 3], counting(12)), b: f64([3, 3, 2], counting(18)) },
    { types: ["float64"] },
  ),
  one(
    "MatMul",
    "of a float64 row",
    { a: f64([3], counting(3)), b: f64([2, 3, 2], counting(12)) },
    { types: ["float64"] },
  ),
  one(
    "MatMul",
    "over nothing",
    { a: f32([2, 0], []), b: f32([0, 3], []) },
    { constants: ["a", "b"] },
  ),

  one(
    "Gemm",
    "a column for c",
    { a: random([2, 3]), b: random([3, 4], 2, 3), c: random([2, 1], 2, 5) },
    { attributes: { beta: { float: 0.5 } } },
  ),
  one(
    "Gemm",
    "a scalar for c",
    { a: random([2, 3]), b: random([3, 4], 2, 3), c: f32([], [2]) },
    { opset: 11 },
  ),
  one(
    "Gemm",
    "of float64",
    { a: f64([3, 2], counting(6)), b: f64([4, 3], counting(12)), c: f64([4], counting(4)) },
    {
      attributes: { transA: int(1), transB: int(1), alpha: { float: 0.5 }, beta: { float: 2 } },
      types: ["float64"],
    },
  ),
];
