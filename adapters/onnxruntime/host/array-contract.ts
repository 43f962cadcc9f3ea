/** Products of tensors on the host, summed over some of their dimensions: matrix products and einsum. */
import { makeArray, type HostArray } from "./array.ts";
import { roundArray } from "./array-round.ts";
import { stridesOf, walk, type Elements } from "./walk.ts";

/** A tensor with a label for each of its dimensions; a label that comes twice asks for the diagonal. */
export interface LabelledArray {
  readonly array: HostArray;
  readonly labels: readonly string[];
}

/** The product, summed over all labels but `kept`, whose order the result's dimensions have. */
export function contractArrays(
  a: LabelledArray,
  b: LabelledArray | undefined,
  kept: readonly string[],
): LabelledArray {
  const terms = b === undefined ? [a] : [a, b];
  const sizes = new Map<string, number>();
  for (const { array, labels } of terms) {
    labels.forEach((name, d) => {
      sizes.set(
        name,
        sizes.get(name) === undefined || sizes.get(name) === 1 ? array.shape[d]! : sizes.get(name)!,
      );
    });
  }
  const summed = [...sizes.keys()].filter((name) => !kept.includes(name));
  const shapeOf = (names: readonly string[]) => names.map((name) => sizes.get(name)!);
  const output = makeArray(a.array.type, shapeOf(kept));
  const to: Elements = output.data;
  const from = terms.map(({ array }): Elements => array.data);
  const inner = terms.map((term) => stridesBy(term, summed));
  const isWhole = typeof to[0] === "bigint";
  walk(
    output.shape,
    terms.map((term) => stridesBy(term, kept)),
    (starts, i) => {
      let sum: number | bigint = isWhole ? 0n : 0;
      walk(shapeOf(summed), inner, (offsets) => {
        // All elements are numbers, or all are bigint.
        let product = from[0]![starts[0]! + offsets[0]!] as number;
        if (from.length > 1) product *= from[1]![starts[1]! + offsets[1]!] as number;
        sum = (sum as number) + product;
      });
      to[i] = sum;
    },
  );
  return { array: roundArray(output), labels: kept };
}

/** How far one step along each label goes; 0 where the tensor has it not, or broadcasts. */
function stridesBy({ array, labels }: LabelledArray, names: readonly string[]): readonly number[] {
  const strides = stridesOf(array.shape);
  return names.map((name) =>
    labels.reduce(
      (sum, other, d) => (other === name && array.shape[d] !== 1 ? sum + strides[d]! : sum),
      0,
    ),
  );
}
