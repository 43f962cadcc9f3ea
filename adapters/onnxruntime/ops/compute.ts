/** `compute` of rows whose elements, or lines along axes, are computed by themselves. */
import type { HostNode } from "../convert/host-node.ts";
import type { HostArray } from "../host/array.ts";
import type { ElementType } from "../model/element-type.ts";
import type { OpRow } from "./row.ts";

export type Compute = NonNullable<OpRow["compute"]>;

export type NumberFunction = (...x: number[]) => number;

/** `f` of the elements of all inputs, which broadcast; the result's type is always the same, or that of an input. */
export function each(f: NumberFunction, result: ElementType | number = 0): Compute {
  return eachBy(() => f, result);
}

/** The same, with a function that depends on the node's attributes. */
export function eachBy(
  functionOf: (node: HostNode) => NumberFunction,
  result: ElementType | number = 0,
): Compute {
  return (node, inputs, { mapArrays }) => {
    const given = inputs.map((input, i) => input ?? node.fail(`input ${i} is missing`));
    const type = typeof result === "number" ? given[result]!.type : result;
    const array = mapArrays(type, given, functionOf(node));
    return [array ?? node.fail(`${shapesOf(given)} do not broadcast`)];
  };
}

function shapesOf(arrays: readonly HostArray[]): string {
  return `the shapes ${arrays.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ")}`;
}
