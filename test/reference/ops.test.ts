/** The float64 reference against somebody else's expectations: the operator cases of the web platform tests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { standardRows } from "../../core-webnn/ops/table.ts";
import {
  decodeNumber,
  difference,
  elementCountOf,
  type Case,
  type CaseOperator,
  type CaseTensor,
} from "../conformance/cases.ts";
import { readCases } from "../conformance/read-cases.ts";
import { missing } from "../models/whisper/requirements.ts";
import { evaluate, evaluators } from "./ops/table.ts";
import { roundTo, type Argument, type Arguments, type Result, type Tensor } from "./ops/tensor.ts";
import { encodeValues } from "./values.ts";

test("the reference knows every op of the standard", () => {
  const names = standardRows.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !(name in evaluators)),
    [],
  );
});

/** Their expectations are further from the exact value than their own tolerance. */
const inexactCases: ReadonlySet<string> = new Set(["batchNormalization options.axis=0 + gelu"]);

test("the reference gives what the operator cases expect", { skip: missing("shared") }, () => {
  const cases = readCases();
  assert.ok(cases !== undefined, "../shared/data/conformance is absent");
  const wrong = cases
    .filter((one) => !isLarge(one))
    .map((one) => [one.name, problemOf(one)] as const)
    .filter(([, problem]) => problem !== undefined);
  assert.deepEqual(
    wrong.filter(([name]) => !inexactCases.has(name)),
    [],
  );
});

function problemOf(one: Case): string | undefined {
  const { inputs, operators, expectedOutputs } = one.graph;
  const known = new Map(Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)]));
  for (const operator of operators) {
    const results = evaluate(operator.name, argumentsOf(operator, known));
    [operator.outputs].flat().forEach((name, i) => known.set(name, stored(results[i]!)));
  }
  for (const [name, expected] of Object.entries(expectedOutputs)) {
    const { dataType, shape, values } = known.get(name)!;
    if (shape.join() !== expected.shape.join()) return `${name} has shape [${shape.join(", ")}]`;
    const differs = difference(expected, encodeValues(dataType, values), one.tolerance);
    if (differs !== undefined) return `${name}${differs}`;
  }
  return undefined;
}

function isLarge({ graph }: Case): boolean {
  const tensors = Object.values({ ...graph.inputs, ...graph.expectedOutputs });
  return tensors.some(({ shape }) => elementCountOf(shape) > 1e5);
}

/** As a device stores it between two ops. */
function stored(result: Result): Tensor {
  const { dataType, shape, values } = result;
  const round = (x: Tensor["values"][number]): Tensor["values"][number] =>
    dataType.startsWith("float") ? roundTo(dataType, Number(x)) : Number.isNaN(x) ? 0 : x;
  return { dataType, shape, values: values.map(round) };
}

function tensorOf({ dataType, shape, data }: CaseTensor): Tensor {
  const values = Array.from({ length: elementCountOf(shape) }, (_, i) => {
    const x = decodeNumber(Array.isArray(data) ? data[i] : data);
    if (dataType.startsWith("float")) return roundTo(dataType, Number(x));
    return dataType.endsWith("64") ? BigInt(x) : x;
  });
  return { dataType, shape, values };
}

/** Positional arguments by the names of the IDL, which the suite spells differently for some. */
function argumentsOf(operator: CaseOperator, known: ReadonlyMap<string, Tensor>): Arguments {
  const decode = (value: unknown): Argument => {
    if (typeof value === "string") return known.get(value) ?? value;
    if (Array.isArray(value)) return value.map(decode) as unknown as Argument;
    if (typeof value !== "object" || value === null) return value as Argument;
    if ("$number" in value) return Number(value.$number);
    if ("$bigint" in value) return BigInt(value.$bigint as string);
    return undefined;
  };
  const given = operator.arguments.flatMap((argument) => Object.entries(argument));
  const positional = given.filter(([name]) => name !== "options");
  const options = given.find(([name]) => name === "options")?.[1] ?? {};
  const names = Object.keys(standardRows.find(({ name }) => name === operator.name)?.args ?? {});
  const named = [
    ...positional.map(([name, value], i) => [names[i] ?? name, value] as const),
    ...Object.entries(options as Record<string, unknown>),
  ];
  const entries = named
    .map(([name, value]) => [name, decode(value)] as const)
    .filter(([name, value]) => value !== undefined && name !== "label");
  return Object.fromEntries(entries);
}
