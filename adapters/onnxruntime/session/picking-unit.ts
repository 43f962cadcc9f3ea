/** The graph with which Scan takes the elements of its sequences. */
import type { Unit } from "../convert/convert-unit.ts";
import type { Attribute, Node } from "../model/model.ts";

/** A graph that picks the element at `index` of `data`: one for all indices. */
export function makePickingUnit(label: string, axis: number): Unit {
  const attribute: Attribute = { kind: "int", value: axis };
  const inputs = ["data", "index"];
  const outputs = ["element"];
  const node: Node = {
    name: label,
    op: "Gather",
    domain: "",
    inputs,
    outputs,
    attributes: new Map([["axis", attribute]]),
  };
  return { nodes: [node], inputs, outputs, constants: new Map(), isMadeUp: true };
}
