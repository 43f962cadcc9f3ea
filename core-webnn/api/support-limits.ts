/** opSupportLimits: what the rows allow and the device has (https://www.w3.org/TR/webnn/#api-mlcontext-opsupportlimits). */
import type { Args, OutputLimits, RankRange, Row } from "../ops/row.ts";
import type { StorageType } from "../util/data-type.ts";
import type { DeviceFacts } from "../util/device-facts.ts";
import { maxRank, type MLOperandDataType } from "./descriptor.ts";
import type { MLGraphBuilderMethods, MLInputOperandLayout } from "./ml-graph-builder-methods.ts";

export interface MLRankRange {
  readonly min: number;
  readonly max: number;
}

export type MLDataTypeList = readonly MLOperandDataType[];

export interface MLTensorLimits {
  readonly dataTypes: MLDataTypeList;
  readonly rankRange: MLRankRange;
}

/** Of each operand and output of an op, under its name. */
export type MLOperatorSupportLimits = Readonly<Record<string, MLTensorLimits>>;

/** Members of the standard by name, and each op's limits under the op's name. */
export type MLOpSupportLimits = Readonly<Record<string, MLOperatorSupportLimits>> & {
  readonly [Op in keyof MLGraphBuilderMethods]: MLOperatorSupportLimits;
} & {
  readonly preferredInputLayout: MLInputOperandLayout;
  readonly maxTensorByteLength: number;
  readonly input: MLTensorLimits;
  readonly constant: MLTensorLimits;
  readonly output: MLTensorLimits;
};

export function supportLimits(rows: readonly Row[], facts: DeviceFacts): MLOpSupportLimits {
  const tensors = (): MLTensorLimits => limitsOf(facts.dataTypes, { min: 0 }, facts);
  const ops = rows.map((row) => [row.name, operatorLimits(row, facts)]);
  return {
    preferredInputLayout: "nchw",
    maxTensorByteLength: facts.maxTensorByteLength,
    input: tensors(),
    constant: tensors(),
    output: tensors(),
    ...Object.fromEntries(ops),
  } as MLOpSupportLimits;
}

/** The type lists and rank ranges of a row's operands and outputs, `sameAs` followed. */
export function operandLimits(row: Row): Readonly<Record<string, TypesAndRanks>> {
  const given: Record<string, OutputLimits> = {
    ...operandsAmong(row.args),
    ...operandsAmong(row.options),
    ...row.outputs,
  };
  const typesOf = (name: string): readonly StorageType[] => {
    const { types } = given[name]!;
    return "sameAs" in types ? typesOf(types.sameAs) : types;
  };
  const ranksOf = (name: string): RankRange => {
    const { ranks } = given[name]!;
    return "sameAs" in ranks ? ranksOf(ranks.sameAs) : ranks;
  };
  return Object.fromEntries(
    Object.keys(given).map((name) => [name, { types: typesOf(name), ranks: ranksOf(name) }]),
  );
}

export interface TypesAndRanks {
  readonly types: readonly StorageType[];
  readonly ranks: RankRange;
}

function operatorLimits(row: Row, facts: DeviceFacts): MLOperatorSupportLimits {
  return Object.fromEntries(
    Object.entries(operandLimits(row)).map(([name, { types, ranks }]) => [
      name,
      limitsOf(types, ranks, facts),
    ]),
  );
}

function limitsOf(
  types: readonly StorageType[],
  { min, max = maxRank }: RankRange,
  facts: DeviceFacts,
): MLTensorLimits {
  return {
    dataTypes: types.filter((type) => facts.dataTypes.includes(type)),
    rankRange: { min, max },
  };
}

function operandsAmong(args: Args): Record<string, OutputLimits> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, arg]) =>
      arg.kind === "operand" || arg.kind === "operands" ? [[name, arg]] : [],
    ),
  );
}
