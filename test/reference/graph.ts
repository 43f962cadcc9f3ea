/**
 * Small graphs as data: values by name, in order. A leaf has its elements; a call names an op and gives its
 * arguments by the IDL's names, in which the name of an earlier value stands for that operand. The second
 * output of a call `s` is called `s.1`. Fuzzing makes such graphs, and tables of cases list them.
 */
import type { Row } from "../../core-webnn/ops/row.ts";
import { rowNamed } from "../../core-webnn/ops/table.ts";
import type { StorageType } from "../../core-webnn/util/data-type.ts";
import type { NamedSize } from "../../core-webnn/util/size.ts";
import type { Argument, Arguments, Tensor } from "./ops/tensor.ts";
import type { Numeric } from "./values.ts";

/** How the builder is given a leaf; `scalar` is `constant(dataType, value)`. */
export type LeafKind = "input" | "constant" | "constantTensor" | "scalar";

export interface Leaf {
  readonly leaf: LeafKind;
  readonly dataType: StorageType;
  readonly shape: readonly number[];
  readonly values: readonly Numeric[];
  /** What an input declares where that is not its shape. */
  readonly declared?: readonly (number | NamedSize)[];
}

/** Arguments and options by name; strings that name a value are operands. */
export type GivenArguments = Readonly<Record<string, GivenArgument>>;
export type GivenArgument =
  Numeric | boolean | string | readonly number[] | readonly string[] | undefined;

export type Call = readonly [op: string, args: GivenArguments];
export type SmallGraph = Readonly<Record<string, Leaf | Call>>;

export function isCall(statement: Leaf | Call): statement is Call {
  return Array.isArray(statement);
}

export function outputName(call: string, output: number): string {
  return output === 0 ? call : `${call}.${output}`;
}

/** The name of the call that a value is an output of. */
export function callOf(value: string): string {
  return value.replace(/\.\d+$/, "");
}

/** Names of values that an argument refers to. */
export function operandsIn(row: Row, args: GivenArguments): readonly string[] {
  return Object.entries(args).flatMap(([name, value]) =>
    isOperand(row, name) && value !== undefined ? ([value].flat() as string[]) : [],
  );
}

export function isOperand(row: Row, name: string): boolean {
  const kind = row.declared[name]?.kind;
  return kind === "operand" || kind === "operands";
}

/** The arguments with tensors instead of names; what is undefined is left out. */
export function resolveArguments(
  op: string,
  args: GivenArguments,
  tensor: (name: string) => Tensor,
): Arguments {
  const row = rowNamed(op);
  const resolved = Object.entries(args)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, Argument] => {
      if (!isOperand(row, name)) return [name, value];
      return [name, Array.isArray(value) ? value.map(tensor) : tensor(value as string)];
    });
  return Object.fromEntries(resolved);
}

/** As a row of test/ops: an object literal that can be pasted. */
export function printSmallGraph(graph: SmallGraph): string {
  const lines = Object.entries(graph).map(([name, statement]) => {
    const key = /^[a-z]\w*$/.test(name) ? name : JSON.stringify(name);
    return isCall(statement)
      ? `  ${key}: ["${statement[0]}", ${printValue(statement[1])}],`
      : `  ${key}: ${printValue(statement)},`;
  });
  return `{\n${lines.join("\n")}\n}`;
}

function printValue(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) {
    const others = value.flatMap((x, i) => (x === 1 || x === 1n ? [] : [`${i}: ${printValue(x)}`]));
    if (value.length > 8 && others.length <= 4) {
      const one = typeof value[0] === "bigint" ? "1n" : "1";
      return `filled(${value.length}, ${one}, { ${others.join(", ")} })`;
    }
    return `[${value.map(printValue).join(", ")}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{ ${entries.map(([key, item]) => `${key}: ${printValue(item)}`).join(", ")} }`;
}
