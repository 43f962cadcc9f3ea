/** ArgMax and ArgMin: where along an axis the largest, or smallest, element is: the first such one, or the last. */
import { formulaOf } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { subtractSizes } from "../core.ts";
import { scalar } from "../host/host-tensor.ts";
import { reduceLines } from "../host/lines.ts";
import type { ArgMethod } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { op, type OpRow } from "./row.ts";

function argExtreme(
  name: string,
  method: ArgMethod,
  extreme: (a: number, b: number) => number,
): OpRow {
  return op(name, {
    convert: (node) => indexOfExtreme(node, method),
    compute(node, [input]) {
      const axis = axisOf(node, node.int("axis", 0), input!.shape.length);
      if (input!.shape[axis] === 0) node.fail(`axis ${axis} has no elements`);
      const keepDimensions = node.int("keepdims", 1) !== 0;
      const find = node.int("select_last_index", 0) === 0 ? "indexOf" : "lastIndexOf";
      const index = (line: Float64Array) => line[find](line.reduce((a, b) => extreme(a, b)));
      return [reduceLines(input!, "int64", [axis], keepDimensions, index)];
    },
  });
}

/** The last one is the first of the reversed axis. */
function indexOfExtreme(node: NodeContext, method: ArgMethod): Value {
  const { builder, label } = node;
  const x = node.operand(0);
  const axis = axisOf(node, node.int("axis", 0), x.shape.length);
  const options = {
    keepDimensions: node.int("keepdims", 1) !== 0,
    outputDataType: "int64",
    label,
  } as const;
  if (node.int("select_last_index", 0) === 0) {
    return node.result(builder[method](x, axis, options), "int64");
  }
  const reversed = builder.reverse(x, { axes: [axis], label });
  const last = scalar("int64", subtractSizes(x.shape[axis]!, 1));
  const end = node.writer.operand({ kind: "host", host: last });
  const index = formulaOf(node).sub(end, builder[method](reversed, axis, options));
  return node.result(index, "int64");
}

export const argExtremeRows: readonly OpRow[] = [
  argExtreme("ArgMax", "argMax", Math.max),
  argExtreme("ArgMin", "argMin", Math.min),
];
