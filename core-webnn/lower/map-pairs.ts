/**
 * Kernels that write 4-bit elements. Two of them share a byte, and no two points of a kernel may write to
 * one byte: so a point computes both, and stores them as one uint8.
 */
import {
  addAddress,
  constant,
  delinearize,
  linearAddress,
  mulAddress,
  sizeAddress,
} from "../kernel/address.ts";
import { binary, cast, compare, guard, index as indexValue, u32 } from "../kernel/expr.ts";
import type { Address, Expr } from "../kernel/ir.ts";
import type { Value } from "../graph/ir.ts";
import { addSizes, divideExactly, floorDivideSizes, productOf, type Size } from "../util/size.ts";
import { finishKernel, type LoweredKernel } from "./lowered-kernel.ts";
import type { Member } from "./roots.ts";
import type { KernelWriter } from "./writer.ts";

/** Writes all elements of a value, as `element` computes them, to a storage. */
export function lowerPairs(
  writer: KernelWriter,
  { shape }: Value,
  storage: number,
  element: (index: readonly Address[]) => Expr,
  members: readonly Member[],
): LoweredKernel {
  const { sizes, elementAt } = pairsOf(shape);
  const { axes, at } = writer.axes(sizes, "i");
  const [low, high] = [0, 1].map((half) => {
    const { index, inside } = elementAt(at, half);
    const x = binary("bitAnd", cast("u32", element(index)), u32(15));
    return inside === undefined ? x : guard(inside, x, u32(0));
  });
  const value = binary("bitOr", low!, binary("shiftLeft", high!, u32(4)));
  const use = { dataType: "uint8", elementCount: productOf(sizes), access: "write" } as const;
  const buffer = writer.buffer(storage, use);
  const store = { kind: "store", buffer, address: linearAddress(at, sizes), value } as const;
  return finishKernel(writer, axes, [store], members);
}

interface Pairs {
  /** Of the kernel's space: bytes in row-major order. */
  readonly sizes: readonly Size[];
  /** The index of a byte's lower or higher element; `inside` where the last byte may lack one. */
  readonly elementAt: (
    at: readonly Address[],
    half: number,
  ) => { readonly index: readonly Address[]; readonly inside?: Expr };
}

function pairsOf(shape: readonly Size[]): Pairs {
  const inner = shape.length === 0 ? undefined : divideExactly(shape.at(-1)!, 2);
  const second = (at: Address, half: number): Address =>
    addAddress(mulAddress(at, constant(2)), constant(half));
  if (inner !== undefined) {
    return {
      sizes: shape.toSpliced(-1, 1, inner),
      elementAt: (at, half) => ({ index: at.toSpliced(-1, 1, second(at.at(-1)!, half)) }),
    };
  }
  const count = productOf(shape);
  return {
    sizes: [floorDivideSizes(addSizes(count, 1), 2)],
    elementAt([at], half) {
      const offset = second(at!, half);
      const inside = compare("lt", indexValue(offset), indexValue(sizeAddress(count)));
      return { index: delinearize(offset, shape), ...(half === 1 && { inside }) };
    },
  };
}
