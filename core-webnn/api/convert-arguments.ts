/** From what a caller passes to a builder's method to the argument values that a row's functions take. */
import { castNumber } from "../ops/cast-number.ts";
import type { Arg, Args, ArgValue, ArgValues, Ranks, Row, Types } from "../ops/row.ts";
import { check } from "../ops/shapes.ts";
import { dataTypes } from "../util/data-type.ts";
import type { RecordedOperand } from "./recording.ts";
import {
  isIterable,
  requireArguments,
  toDictionary,
  toDouble,
  toEnum,
  toFloat,
  toLong,
  toMLNumber,
  toSequence,
  toSize,
  toUnsignedLong,
} from "./webidl.ts";

/** Takes a value that should be an MLOperand of this builder. */
export type ToOperand = (value: unknown, what: string) => RecordedOperand;

/** How many arguments a call must have. */
export function requiredCount({ args }: Row): number {
  return Object.values(args).filter(isRequired).length;
}

/** As WebIDL has it: what operands must be is for `checkOperands`. */
export function convertArguments(
  row: Row,
  given: readonly unknown[],
  toOperand: ToOperand,
): ArgValues {
  const names = Object.keys(row.args);
  requireArguments(given, requiredCount(row));
  const positional = Object.fromEntries(names.map((name, i) => [name, given[i]]));
  const options = toDictionary(given[names.length], "options");
  const values: Record<string, ArgValue> = {};
  convertInto(values, Object.entries(row.args), positional, toOperand);
  convertInto(values, byName(row.options), options, toOperand);
  return values;
}

/** A dictionary's members in the order in which WebIDL converts them. */
function byName(options: Args): readonly (readonly [string, Arg])[] {
  return Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
}

function convertInto(
  values: Record<string, ArgValue>,
  args: readonly (readonly [string, Arg])[],
  given: Readonly<Record<string, unknown>>,
  toOperand: ToOperand,
): void {
  for (const [name, arg] of args) {
    const value = given[name];
    if (value === undefined && !isRequired(arg)) continue;
    values[name] = convert(arg, value, name, values, toOperand);
  }
}

function convert(
  arg: Arg,
  value: unknown,
  name: string,
  earlier: ArgValues,
  toOperand: ToOperand,
): ArgValue {
  switch (arg.kind) {
    case "operand":
      return toOperand(value, name);
    case "operands":
      return toSequence(value, toOperand, name);
    case "u32":
      return toUnsignedLong(value, name);
    case "i32":
      return toLong(value, name);
    case "u32List":
      return toSequence(value, toUnsignedLong, name);
    case "u32OrList":
      return isIterable(value)
        ? toSequence(value, toUnsignedLong, name)
        : toUnsignedLong(value, name);
    case "sizes":
      return toSequence(value, toSize, name);
    case "f32List":
      return toSequence(value, toFloat, name);
    case "double":
      return toDouble(value, name);
    case "number":
      return castNumber(toMLNumber(value, name), (earlier[arg.as] as RecordedOperand).dataType);
    case "boolean":
      return Boolean(value);
    case "enum":
      return toEnum(value, arg.values, name);
    case "enumList":
      return toSequence(value, (item, what) => toEnum(item, arg.values, what), name);
    case "dataType":
      return toEnum(value, dataTypes, name);
    default:
      return arg satisfies never;
  }
}

/** Operands' types and ranks, as the spec's tables have them. */
export function checkOperands(row: Row, values: ArgValues): void {
  for (const [name, arg] of Object.entries(row.declared)) {
    const value = values[name];
    if (value === undefined) continue;
    if (arg.kind === "operand") checkOperand(value as RecordedOperand, arg, name, values);
    if (arg.kind !== "operands") continue;
    (value as readonly RecordedOperand[]).forEach((operand, i) =>
      checkOperand(operand, arg, `${name}[${i}]`, values),
    );
  }
}

function checkOperand(
  operand: RecordedOperand,
  { types, ranks }: { readonly types: Types; readonly ranks: Ranks },
  name: string,
  earlier: ArgValues,
): void {
  const { dataType, shape } = operand;
  if ("sameAs" in types) {
    const like = (earlier[types.sameAs] as RecordedOperand).dataType;
    check(dataType === like, `${name} is ${dataType}, not ${like} as ${types.sameAs}`);
  } else {
    check(types.includes(dataType), `${name} is ${dataType}, not one of ${types.join(", ")}`);
  }
  const rank = shape.length;
  if ("sameAs" in ranks) {
    const like = (earlier[ranks.sameAs] as RecordedOperand).shape.length;
    check(rank === like, `${name} has rank ${rank}, not ${like} as ${ranks.sameAs}`);
  } else {
    const { min, max = Infinity } = ranks;
    const range = min === max ? `${min}` : `${min} to ${max === Infinity ? "N" : max}`;
    check(rank >= min && rank <= max, `${name} has rank ${rank}, not ${range}`);
  }
}

function isRequired(arg: Arg): boolean {
  return arg.optional === undefined && !("default" in arg);
}
