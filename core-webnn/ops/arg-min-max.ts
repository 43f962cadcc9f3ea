/**
 * argMin and argMax: the state is a value and where it was seen. Of equal values the first counts, and
 * NaN counts as the extreme, so that the answer does not depend on the order of reduction and is
 * always an index of the dimension.
 */
import { binary, cast, compare, i32, index, select, unary, valueTypeOf } from "../kernel/expr.ts";
import type { CompareOp, Expr } from "../kernel/ir.ts";
import type { StorageType } from "../util/data-type.ts";
import { anyRank, anyType, operand } from "./operands.ts";
import { highest, lowest, wholeDimensions } from "./reduce.ts";
import { op, type Row } from "./row.ts";
import { check, checkAxis, reducedShape } from "./shapes.ts";

export const argMin = extremeIndex("argMin", "lt", highest);
export const argMax = extremeIndex("argMax", "gt", lowest);
export const argMinMaxRows: readonly Row[] = [argMin, argMax];

const outputTypes: readonly string[] = ["int32", "int64"];

function extremeIndex(name: string, beats: CompareOp, start: (dataType: StorageType) => Expr): Row {
  return op(name, {
    args: { input: operand(anyType, { min: 1 }), axis: { kind: "u32" } },
    options: {
      keepDimensions: { kind: "boolean", default: false },
      outputDataType: { kind: "dataType", default: "int32" },
    },
    outputs: { output: { types: ["int32", "int64"], ranks: anyRank } },
    infer({ input, axis, keepDimensions, outputDataType }) {
      checkAxis(axis, input.shape.length);
      const says = `outputDataType ${outputDataType} is not one of ${outputTypes.join(", ")}`;
      check(outputTypes.includes(outputDataType), says);
      const shape = reducedShape(input.shape, [axis], keepDimensions);
      return [{ dataType: outputDataType, shape }];
    },
    lower: {
      kind: "reduce",
      of({ input, axis, keepDimensions, outputDataType }) {
        const init = start(input.dataType);
        return {
          ...wholeDimensions(input, [axis], keepDimensions),
          types: [init.type, "i32"],
          // No element stands so late, so that any element wins a tie with it.
          init: [init, i32(2 ** 31 - 1)],
          map: (x, [at]) => [x, index(at!)],
          combine: (state, incoming) => better(beats, state, incoming),
          finish: ([, at]) => cast(valueTypeOf(outputDataType), at!),
        };
      },
    },
    ulp: 0,
  });
}

function better(
  beats: CompareOp,
  [value, at]: readonly Expr[],
  [other, otherAt]: readonly Expr[],
): readonly Expr[] {
  const isEarlier = compare("lt", otherAt!, at!);
  const { wins, ties } = rank(beats, value!, other!);
  const taken = binary("or", wins, binary("and", ties, isEarlier));
  return [select(taken, other!, value!), select(taken, otherAt!, at!)];
}

/** Whether `other` beats `value`, and whether they are level. */
function rank(beats: CompareOp, value: Expr, other: Expr): { wins: Expr; ties: Expr } {
  const wins = compare(beats, other, value);
  const ties = compare("eq", other, value);
  if (value.type !== "f32") return { wins, ties };
  const [isNaN, otherIsNaN] = [unary("isNaN", value), unary("isNaN", other)];
  return {
    wins: binary("or", wins, binary("and", otherIsNaN, unary("not", isNaN))),
    ties: binary("or", ties, binary("and", otherIsNaN, isNaN)),
  };
}
