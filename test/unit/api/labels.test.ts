/** What an op refuses is said with the op's name, the caller's label in brackets and the argument, whichever op it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLGraphBuilder, type MLOperand } from "../../../core-webnn/index.ts";
import type { Arg, Row } from "../../../core-webnn/ops/row.ts";
import { standardRows } from "../../../core-webnn/ops/table.ts";
import { dataTypes } from "../../../core-webnn/util/data-type.ts";
import { operandLimits } from "../../../core-webnn/api/support-limits.ts";
import { interpreterContext } from "../../reference/interpreter-context.ts";

const context = interpreterContext();
const label = "decoder.3/Mul#7";

type Give = (name: string, arg: Arg) => unknown;

function call(builder: MLGraphBuilder, row: Row, give: Give, options: object = {}): unknown {
  const methods = builder as unknown as Record<string, (...given: unknown[]) => unknown>;
  const positional = Object.entries(row.args).map(([name, arg]) => give(name, arg));
  return methods[row.name]!.call(builder, ...positional, { label, ...options });
}

/** Converts as WebIDL wants it; whether the op can use it does not matter here. */
function convertible(operand: MLOperand): Give {
  return (_, arg) => {
    switch (arg.kind) {
      case "operand":
        return operand;
      case "operands":
        return [operand];
      case "u32List":
      case "sizes":
      case "f32List":
      case "enumList":
        return [];
      case "enum":
        return arg.values[0];
      case "dataType":
        return "float32";
      default:
        return 1;
    }
  };
}

function throws(row: Row, run: () => unknown, argument: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof TypeError, String(error));
    const { message } = error;
    assert.ok(message.startsWith(`${row.name} '${label}': `), message);
    assert.ok(message.endsWith(` [${label}]`), message);
    assert.match(message, argument);
    return true;
  });
}

for (const row of standardRows) {
  const [first] = Object.entries(row.args).find(([, { kind }]) => kind.startsWith("operand"))!;

  test(`${row.name} names itself, its label and its argument`, () => {
    const builder = new MLGraphBuilder(context);
    const mine = builder.input("x", { dataType: "float32", shape: [2] });
    const theirs = new MLGraphBuilder(context).input("x", { dataType: "float32", shape: [2] });
    const argument = new RegExp(`: ${first}(\\[0\\])? (is not an MLOperand|belongs to another)`);
    throws(row, () => call(builder, row, convertible(theirs)), argument);
    throws(row, () => call(builder, row, convertible({} as MLOperand)), argument);

    for (const [name, arg] of Object.entries(row.args)) {
      if (arg.kind !== "u32") continue;
      const give: Give = (other, kind) => (other === name ? -1 : convertible(mine)(other, kind));
      throws(row, () => call(builder, row, give), new RegExp(`: ${name} is -1, not an integer from 0 to`)); // prettier-ignore
    }
    for (const [name, arg] of Object.entries(row.options)) {
      if (arg.kind !== "enum") continue;
      const give = () => call(builder, row, convertible(mine), { [name]: "no such" });
      throws(row, give, new RegExp(`: ${name} is "no such", not one of ${arg.values.join(", ")} `));
    }
  });

  const { types } = operandLimits(row)[first]!;
  const other = dataTypes.find((type) => !types.includes(type));
  if (other === undefined) continue;
  test(`${row.name} says which types its ${first} may have`, () => {
    const builder = new MLGraphBuilder(context);
    const operand = builder.input("x", { dataType: other, shape: [1, 1, 1, 1] });
    const says = new RegExp(`: ${first} is ${other}, not one of ${types.join(", ")} `);
    throws(row, () => call(builder, row, convertible(operand)), says);
  });
}
