/** Decompositions of float16 compute in float32 and round once, at the end. */
import type { ArgValues, Descriptor, Row } from "./row.ts";
import { cast } from "./unary.ts";

/** Adds a node and gives its output. */
type Add = (row: Row, args: ArgValues) => Descriptor;

export function inFloat32(
  add: Add,
  input: Descriptor,
  compute: (wide: Descriptor) => Descriptor,
): Descriptor {
  const result = compute(widen(add, input));
  return input.dataType === "float32"
    ? result
    : add(cast, { input: result, dataType: input.dataType });
}

export function widen(add: Add, x: Descriptor): Descriptor {
  return x.dataType === "float32" ? x : add(cast, { input: x, dataType: "float32" });
}
