/** Graphs for tests, written op by op: names of rows instead of imports, numbers instead of bytes. */
import { editGraph } from "../../core-webnn/graph/editor.ts";
import type { Graph, Value } from "../../core-webnn/graph/ir.ts";
import type { ArgValues } from "../../core-webnn/ops/row.ts";
import { rowNamed } from "../../core-webnn/ops/table.ts";
import type { StorageType } from "../../core-webnn/util/data-type.ts";
import type { Size } from "../../core-webnn/util/size.ts";
import { encodeValues, type Numeric } from "./values.ts";

export interface Sketch {
  readonly input: (name: string, dataType: StorageType, shape: readonly Size[]) => Value;
  /** Of one element: the graph knows its value. */
  readonly scalar: (dataType: StorageType, value: Numeric, rank?: number) => Value;
  readonly constant: (
    dataType: StorageType,
    shape: readonly number[],
    values: readonly Numeric[],
  ) => Value;
  /** The graph knows its values, as those of any small constant given to the builder. */
  readonly small: Sketch["constant"];
  /** The first output of a new node. */
  readonly op: (name: string, args: ArgValues) => Value;
  readonly ops: (name: string, args: ArgValues) => readonly Value[];
  readonly finish: (outputs: Readonly<Record<string, Value>>) => Graph;
  /** Bytes by key, for a device. */
  readonly constants: Readonly<Record<string, Uint8Array>>;
}

export function sketch(): Sketch {
  const editor = editGraph();
  const constants: Record<string, Uint8Array> = {};
  const ops: Sketch["ops"] = (name, args) => editor.node(rowNamed(name), args, "");
  const addConstant = (
    dataType: StorageType,
    shape: readonly number[],
    values: readonly Numeric[],
    isInline: boolean,
  ): Value => {
    const key = `c${Object.keys(constants).length}`;
    const bytes = encodeValues(dataType, values);
    constants[key] = bytes;
    return editor.constant(key, dataType, shape, isInline ? bytes : undefined);
  };
  return {
    constants,
    ops,
    input: editor.input,
    scalar: (dataType, value, rank = 0) =>
      addConstant(dataType, Array<number>(rank).fill(1), [value], true),
    small: (dataType, shape, values) => addConstant(dataType, shape, values, true),
    constant: (dataType, shape, values) => addConstant(dataType, shape, values, false),
    op: (name, args) => ops(name, args)[0]!,
    finish: (outputs) =>
      editor.finish(Object.entries(outputs).map(([name, { id }]) => ({ name, value: id }))),
  };
}
