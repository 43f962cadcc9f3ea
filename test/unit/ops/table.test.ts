/**
 * The op table against the standard's IDL (npm @webref/idl): names and order of arguments, types and
 * defaults of options, and that TypeScript's declarations name the same methods.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Arg, Args } from "../../../core-webnn/ops/row.ts";
import { rowNamed, rows, standardRows } from "../../../core-webnn/ops/table.ts";

const idl = readFileSync(
  new URL("../../../node_modules/@webref/idl/webnn.idl", import.meta.url),
  "utf8",
).replaceAll(/\/\/.*/g, "");

interface Method {
  readonly args: readonly string[];
  readonly options: string;
}

const methods = readMethods();

test("every op of the IDL has a row", () => {
  const names = standardRows.map(({ name }) => name).sort();
  assert.deepEqual(names, [...methods.keys()].sort());
});

test("names are unique, and lead to their row", () => {
  for (const row of rows) assert.equal(rowNamed(row.name), row);
});

test("TypeScript's declarations are the rows' methods", () => {
  const file = new URL("../../../core-webnn/api/ml-graph-builder-methods.ts", import.meta.url);
  const text = readFileSync(file, "utf8").split("interface MLGraphBuilderMethods")[1]!;
  const declared = [...text.matchAll(/readonly (\w+):/g)].map(([, name]) => name!);
  assert.deepEqual(declared.sort(), standardRows.map(({ name }) => name).sort());
});

/** The IDL leaves [EnforceRange] out here, so that NaN would be 0. We enforce the range there too. */
const unenforced: Readonly<Record<string, string>> = { cumulativeSum: "axis", tile: "repetitions" };

for (const row of standardRows) {
  test(`${row.name} takes what the IDL says`, () => {
    const { args, options } = methods.get(row.name)!;
    const inIdl = described(row.args).map((text) =>
      text.startsWith(`${unenforced[row.name]}:`) ? text.replace("[EnforceRange] ", "") : text,
    );
    assert.deepEqual(inIdl, args);
    const members = readDictionary(options);
    assert.deepEqual(described(row.options).sort(), members.sort());
  });
}

for (const row of rows) {
  test(`${row.name} refers to operands that come earlier`, () => {
    const seen: string[] = [];
    for (const [name, arg] of Object.entries({ ...row.args, ...row.options, ...row.outputs })) {
      for (const like of references(arg as Partial<Record<string, unknown>>)) {
        assert.ok(seen.includes(like), `${name} refers to ${like}`);
      }
      seen.push(name);
    }
  });
}

function references(arg: Partial<Record<string, unknown>>): string[] {
  return [arg["types"], arg["ranks"]].flatMap((constraint) => {
    const { sameAs } = (constraint ?? {}) as { sameAs?: string };
    return sameAs === undefined ? [] : [sameAs];
  });
}

/** `name: IDL type = default`, in the words of the IDL. */
function described(args: Args): string[] {
  return Object.entries(args).map(([name, arg]) => {
    const value = "default" in arg ? ` = ${JSON.stringify(arg.default)}` : "";
    return `${name}: ${idlType(arg)}${value}`;
  });
}

function idlType(arg: Arg): string {
  switch (arg.kind) {
    case "operand":
      return "MLOperand";
    case "operands":
      return "sequence<MLOperand>";
    case "u32":
      return "[EnforceRange] unsigned long";
    case "i32":
      return "[EnforceRange] long";
    case "u32List":
    case "sizes":
      return "sequence<[EnforceRange] unsigned long>";
    case "u32OrList":
      return "([EnforceRange] unsigned long or sequence<[EnforceRange] unsigned long>)";
    case "f32List":
      return "sequence<float>";
    case "double":
      return "double";
    case "number":
      return "MLNumber";
    case "boolean":
      return "boolean";
    case "enum":
      return enumNamed(arg.values);
    case "enumList":
      return `sequence<${enumNamed(arg.values)}>`;
    case "dataType":
      return "MLOperandDataType";
    default:
      return arg satisfies never;
  }
}

/** The IDL's enumeration of these values. */
function enumNamed(values: readonly string[]): string {
  for (const [, name, body] of idl.matchAll(/enum (\w+) \{([^}]*)\}/g)) {
    const listed = [...body!.matchAll(/"([^"]*)"/g)].map(([, value]) => value);
    if (JSON.stringify(listed) === JSON.stringify(values)) return name!;
  }
  return `no enumeration of ${values.join(", ")}`;
}

/** The methods of the partial interfaces: all ops, and nothing else. */
function readMethods(): ReadonlyMap<string, Method> {
  const found = new Map<string, Method>();
  for (const [, body] of idl.matchAll(
    /partial interface MLGraphBuilder \{([^}]*(?:\{\}[^}]*)*)\};/g,
  )) {
    for (const [, name, list] of body!.matchAll(/\s(\w+)\(\s*((?:[^;]|\n)*?)\);/g)) {
      const parts = list!.split(/,\s*(?![^(]*\))/);
      const args = parts.slice(0, -1).map((part) => asMember(part));
      found.set(name!, { args, options: parts.at(-1)!.match(/optional (\w+)/)![1]! });
    }
  }
  return found;
}

/** Members of a dictionary, those of MLOperatorOptions aside. */
function readDictionary(name: string): string[] {
  if (name === "MLOperatorOptions") return [];
  const [, body] = idl.match(new RegExp(`dictionary ${name} : MLOperatorOptions \\{([^}]*)\\}`))!;
  const members = body!.split(";");
  return members.filter((member) => member.trim() !== "").map(asMember);
}

/** "unsigned long axis = 0" as "axis: unsigned long = 0"; numbers as JavaScript writes them. */
function asMember(text: string): string {
  const [, type, name, value] = text
    .replaceAll(/\s+/g, " ")
    .match(/^ ?(.+?) (\w+)(?: = (.+?))? ?$/)!;
  const written = value === undefined ? "" : ` = ${JSON.stringify(JSON.parse(value))}`;
  return `${name}: ${type}${written}`;
}
