/** Host tensors as operands: what shape arithmetic computed becomes data of a graph. */
import { addSizes, sizesEqual, subtractSizes, type Size } from "../core.ts";
import { bytesOfNumbers, numbersOf, type HostTensor } from "../host/host-tensor.ts";
import { elementCount } from "../model/model.ts";
import type { Operand } from "../webnn.ts";
import { stored, type GraphWriter } from "./graph-writer.ts";

/** Numbers as a constant; symbolic elements as an arithmetic sequence, or one by one. */
export function hostOperand(
  { builder, iota }: Pick<GraphWriter, "builder" | "iota">,
  host: HostTensor,
): Operand {
  const dataType = stored(host.type);
  const numbers = numbersOf(host);
  if (numbers !== undefined) {
    return builder.constant({ dataType, shape: host.shape }, bytesOfNumbers(host.type, numbers));
  }
  const delta = commonDifference(host.elements);
  const length = elementCount(host.shape);
  const all =
    delta === undefined
      ? builder.concat(
          host.elements.map((start) => iota({ dataType, length: 1, start })),
          0,
        )
      : iota({ dataType, length, start: host.elements[0]!, delta });
  return host.shape.length === 1 ? all : builder.reshape(all, host.shape);
}

/** The number by which each element is more than the one before it. */
function commonDifference(elements: readonly Size[]): number | undefined {
  const first = elements[0]!;
  const delta = elements.length < 2 ? 1 : subtractSizes(elements[1]!, first);
  if (typeof delta !== "number") return undefined;
  const isSequence = elements.every((e, i) => sizesEqual(e, addSizes(first, i * delta)));
  return isSequence ? delta : undefined;
}
