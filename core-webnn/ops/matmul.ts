/** matmul and gemm: contractions over one axis (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-matmul). */
import { constant } from "../kernel/address.ts";
import type { Size } from "../util/size.ts";
import { broadcastIndex } from "./addresses.ts";
import { exactRank, floatTypes, operand, operandLike } from "./operands.ts";
import { op, type Contraction, type Descriptor, type Row } from "./row.ts";
import { broadcastShapes, claimBroadcastable, termCount } from "./shapes.ts";
import { add, mul, numberOf } from "./values.ts";

export const matmul = op("matmul", {
  args: { a: operand(floatTypes, { min: 2 }), b: operandLike("a", { min: 2 }) },
  outputs: { output: { types: { sameAs: "a" }, ranks: { min: 2 } } },
  infer({ a, b }, claims) {
    claims.equal(a.shape.at(-1)!, b.shape.at(-2)!, "columns of a and rows of b");
    const batch = broadcastShapes(batchOf(a), batchOf(b), claims, "the batches of a and b");
    return [{ dataType: a.dataType, shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] }];
  },
  lower: { kind: "contract", of: ({ a, b }, [output]) => products(a, b, output!) },
  ulp: ({ a }) => 2 * termCount([a.shape.at(-1)!]),
});

export const gemm = op("gemm", {
  args: { a: operand(floatTypes, exactRank(2)), b: operandLike("a", exactRank(2)) },
  options: {
    c: { ...operandLike("a", { min: 0, max: 2 }), optional: true },
    alpha: { kind: "double", default: 1 },
    beta: { kind: "double", default: 1 },
    aTranspose: { kind: "boolean", default: false },
    bTranspose: { kind: "boolean", default: false },
  },
  outputs: { output: { types: { sameAs: "a" }, ranks: exactRank(2) } },
  infer({ a, b, c, aTranspose, bTranspose }, claims) {
    const [m, k] = transposed(a.shape, aTranspose);
    const [rows, n] = transposed(b.shape, bTranspose);
    claims.equal(k!, rows!, "columns of a and rows of b");
    const shape = [m!, n!];
    if (c !== undefined) claimBroadcastable(c.shape, shape, claims, "c and a · b");
    return [{ dataType: a.dataType, shape }];
  },
  lower: {
    kind: "contract",
    of({ a, b, c, alpha, beta, aTranspose, bTranspose }, [output]) {
      const [m, k] = transposed(a.shape, aTranspose);
      const [, n] = transposed(b.shape, bTranspose);
      return {
        batch: [],
        m: [m!],
        n: [n!],
        k: [k!],
        a: { operand: a, index: (_, [i], [p]) => transposed([i!, p!], aTranspose) },
        b: { operand: b, index: (_, [j], [p]) => transposed([p!, j!], bTranspose) },
        output: (_, [i], [j]) => [i!, j!],
        epilogue(sum, read, index) {
          const product = alpha === 1 ? sum : mul(sum, numberOf(output!.dataType, alpha));
          if (c === undefined) return product;
          const addend = read(c, broadcastIndex(index, c.shape));
          const scaled = beta === 1 ? addend : mul(addend, numberOf(output!.dataType, beta));
          return add(product, scaled);
        },
      };
    },
  },
  ulp: ({ a, aTranspose }) => 2 * termCount([transposed(a.shape, aTranspose)[1]!]) + 3,
});

export const matmulRows: readonly Row[] = [matmul, gemm];

/** Where b has no batch of its own, the batch of a joins m: one product with many rows. */
function products(a: Descriptor, b: Descriptor, output: Descriptor): Contraction {
  const outputBatch = output.shape.slice(0, -2);
  const [rows, columns] = output.shape.slice(-2);
  const joined = batchOf(b).every((size) => size === 1);
  const first = batchOf(b).map(() => constant(0));
  return {
    batch: joined ? [] : outputBatch,
    m: joined ? [...outputBatch, rows!] : [rows!],
    n: [columns!],
    k: [a.shape.at(-1)!],
    a: {
      operand: a,
      index: (batch, m, k) => [
        ...broadcastIndex(joined ? m.slice(0, -1) : batch, batchOf(a)),
        m.at(-1)!,
        ...k,
      ],
    },
    b: {
      operand: b,
      index: (batch, n, k) => [...(joined ? first : broadcastIndex(batch, batchOf(b))), ...k, ...n],
    },
    output: (batch, m, n) => [...batch, ...m, ...n],
  };
}

function batchOf({ shape }: Descriptor): readonly Size[] {
  return shape.slice(0, -2);
}

function transposed<T>([first, second]: readonly T[], swap: boolean): readonly T[] {
  return swap ? [second!, first!] : [first!, second!];
}
