/** BitCast: the same bits as another type of the same width. */
import { arrayOfBytes, bytesOfArray } from "../host/array.ts";
import { elementBytes, elementTypeOf } from "../model/element-type.ts";
import { op, type OpRow } from "./row.ts";

export const bitCastRows: readonly OpRow[] = [
  op("BitCast", {
    since: 26,
    onHost: "WebNN does not reinterpret bits",
    compute(node, inputs) {
      const input = inputs[0]!;
      const code = node.int("to", 0);
      const to = elementTypeOf(code) ?? node.fail(`a cast to data type ${code}`);
      // Of two elements: types of 4 bits share a byte.
      const [width, wanted] = [elementBytes(input.type, 2), elementBytes(to, 2)];
      if (wanted === undefined || width !== wanted) {
        node.fail(`bits of ${input.type} as ${to}, expected types of one width`);
      }
      return [arrayOfBytes(to, input.shape, bytesOfArray(input))];
    },
  }),
];
