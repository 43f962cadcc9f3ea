import { one, random, int, ints, type OpCase } from "./make-case.ts";

export const products: readonly OpCase[] = [
  one("MatMul", "of matrices", { a: random([3, 5]), b: random([5, 4], 2, 4) }),
  one("MatMul", "broadcasts", { a: random([2, 1, 3, 5]), b: random([4, 5, 2], 2, 4) }),
  one("MatMul", "row by matrix", { a: random([5]), b: random([5, 4], 2, 4) }),
  one("MatMul", "matrices by column", { a: random([2, 3, 5]), b: random([5], 2, 4) }),
  one("MatMul", "of vectors", { a: random([5]), b: random([5], 2, 4) }),
  one(
    "Gemm",
    "transposed, with c",
    { a: random([5, 3]), b: random([4, 5], 2, 4), c: random([4], 2, 7) },
    { attributes: { transA: int(1), transB: int(1), alpha: { float: 0.5 }, beta: { float: 2 } } },
  ),
  one("Gemm", "without c", { a: random([3, 5]), b: random([5, 4], 2, 4) }),
  one(
    "Conv",
    "with all options",
    { x: random([1, 4, 7, 8]), w: random([6, 2, 3, 2], 2, 4), b: random([6], 2, 3) },
    {
      attributes: {
        pads: ints(1, 0, 2, 1),
        strides: ints(2, 1),
        dilations: ints(1, 2),
        group: int(2),
      },
      tolerance: 3e-6,
    },
  ),
  one(
    "Conv",
    "of one dimension",
    { x: random([2, 3, 9]), w: random([4, 3, 3], 2, 4), b: random([4], 2, 3) },
    { attributes: { pads: ints(1, 1), strides: ints(2) }, tolerance: 3e-6 },
  ),
  one(
    "Conv",
    "SAME_UPPER",
    { x: random([1, 1, 5, 6]), w: random([1, 1, 2, 3], 2, 4) },
    { attributes: { auto_pad: { text: "SAME_UPPER" }, strides: ints(2, 2) } },
  ),
  one(
    "Conv",
    "SAME_LOWER",
    { x: random([1, 1, 5, 6]), w: random([1, 1, 2, 3], 2, 4) },
    { attributes: { auto_pad: { text: "SAME_LOWER" } } },
  ),
  one(
    "Conv",
    "VALID",
    { x: random([1, 1, 5, 6]), w: random([1, 1, 2, 3], 2, 4) },
    { attributes: { auto_pad: { text: "VALID" } } },
  ),
];
