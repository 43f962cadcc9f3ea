/**
 * opSupportLimits, complete: by the IDL every op has every operand and output under its name, and by the standard's tables
 * (../shared/data/spec) these have the types and ranks that it allows, all of them. Builders accept just that.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { MLGraphBuilder, type MLContext } from "../../../core-webnn/index.ts";
import type { MLTensorLimits } from "../../../core-webnn/api/support-limits.ts";
import { standardRows } from "../../../core-webnn/ops/table.ts";
import { dataTypes } from "../../../core-webnn/util/data-type.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { interpreterContext } from "../../reference/interpreter-context.ts";
import { cpuLikeFacts } from "../../reference/interpreter-device.ts";
import { onEachContext } from "./contexts.ts";
import { memberTypes } from "./idl.ts";

type Limits = Readonly<Record<string, Readonly<Record<string, MLTensorLimits>>>>;

/** As ../shared/data/README.md describes it. */
type SpecLimits = Readonly<
  Record<string, Readonly<Record<string, Record<Requirement, SpecTypes | SpecRanks>>>>
>;
type Requirement = "allowedDataTypes" | "requiredDataTypes" | "allowedRanks" | "requiredRanks";
type SpecTypes = readonly string[] | string;
type SpecRanks = { readonly min: number; readonly max: number | null } | string;

function limitsOf(context: MLContext): Limits {
  return context.opSupportLimits() as unknown as Limits;
}

onEachContext("opSupportLimits has the IDL's members, and no others", async (context) => {
  const limits = limitsOf(context);
  const declared = [...memberTypes("MLOpSupportLimits")];
  assert.deepEqual(Object.keys(limits).sort(), declared.map(([name]) => name).sort());
  for (const [name, type] of declared) {
    if (type === "MLTensorLimits") checkTensorLimits(limits[name]! as never, name);
    if (!type.endsWith("SupportLimits")) continue;
    const operands = [...memberTypes(type).keys()];
    assert.deepEqual(Object.keys(limits[name]!).sort(), operands.sort(), name);
    for (const operand of operands)
      checkTensorLimits(limits[name]![operand]!, `${name}.${operand}`);
  }
});

test("opSupportLimits gives new objects, which the caller may change", () => {
  const context = interpreterContext();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    assert.ok(!seen.has(value) && Object.isExtensible(value));
    seen.add(value);
    Object.values(value).forEach(visit);
  };
  visit(context.opSupportLimits());
  visit(context.opSupportLimits());
});

function checkTensorLimits(limits: MLTensorLimits, what: string): void {
  const { dataTypes: types, rankRange } = limits;
  assert.deepEqual(Object.keys(limits).sort(), [...memberTypes("MLTensorLimits").keys()].sort());
  assert.deepEqual(Object.keys(rankRange).sort(), [...memberTypes("MLRankRange").keys()].sort());
  assert.ok(types.length > 0 && new Set(types).size === types.length, what);
  assert.ok(0 <= rankRange.min && rankRange.min <= rankRange.max, what);
}

const file = new URL("../../../../shared/data/spec/tensor-limits.json", import.meta.url);
const skip = existsSync(file) ? false : missing("shared");
const spec: SpecLimits =
  skip === false ? (JSON.parse(readFileSync(file, "utf8")) as SpecLimits) : {};

/** More than the standard: 4-bit integers, which frameworks give as constants to these. */
const beyond: readonly string[] = ["int4", "uint4"];

onEachContext(
  "opSupportLimits allows what the standard allows",
  async (context) => {
    const limits = limitsOf(context);
    for (const [op, operands] of Object.entries(spec)) {
      assert.deepEqual(Object.keys(limits[op]!).sort(), Object.keys(operands).sort(), op);
      for (const [operand, { requiredDataTypes, requiredRanks }] of Object.entries(operands)) {
        const { dataTypes: types, rankRange } = limits[op]![operand]!;
        const what = `${op}.${operand}`;
        const offered = types.filter((type) => !beyond.includes(type));
        assert.deepEqual([...offered].sort(), [...allowedTypes(operands, operand)].sort(), what);
        assert.ok((requiredDataTypes as string[]).every((type) => offered.includes(type as never)));
        const { min, max } = allowedRanks(operands, operand);
        assert.deepEqual(rankRange, { min, max: max ?? 8 }, what);
        assert.ok(rankRange.max >= (requiredRanks as { max: number }).max, what);
      }
    }
  },
  skip,
);

test("the standard's tables are there, all of them", { skip }, () => {
  const names = standardRows.map(({ name }) => name);
  assert.equal(names.length, 95);
  assert.deepEqual(Object.keys(spec).sort(), names.sort());
});

/** "same as input", or "same as inputs's list/items". */
function likeWhat(reference: string): string {
  return /^same as (\w+)/.exec(reference)![1]!;
}

function allowedTypes(operands: SpecLimits[string], operand: string): readonly string[] {
  const allowed = operands[operand]!.allowedDataTypes as SpecTypes;
  if (allowed === "any") return dataTypes;
  return typeof allowed === "string" ? allowedTypes(operands, likeWhat(allowed)) : allowed;
}

function allowedRanks(operands: SpecLimits[string], operand: string): Exclude<SpecRanks, string> {
  const allowed = operands[operand]!.allowedRanks as SpecRanks;
  return typeof allowed === "string" ? allowedRanks(operands, likeWhat(allowed)) : allowed;
}

onEachContext(
  "inputs and constants are taken up to the limits, and no further",
  async (context) => {
    const { input, constant, maxTensorByteLength } = context.opSupportLimits();
    const builder = new MLGraphBuilder(context);
    const deep = Array<number>(input.rankRange.max).fill(1);
    for (const dataType of input.dataTypes) {
      builder.input(`deep ${dataType}`, { dataType, shape: deep });
      const wider = { dataType, shape: [...deep, 1] };
      assert.throws(() => builder.input("wider", wider), /^TypeError: input: 'wider' has rank 9, more than 8$/); // prettier-ignore
    }
    for (const dataType of constant.dataTypes) {
      builder.constant({ dataType, shape: deep }, new Uint8Array(8).subarray(0, byteLengthOf(dataType))); // prettier-ignore
      assert.throws(() => builder.constant({ dataType, shape: [...deep, 1] }, new Uint8Array(8)), /rank 9, more than 8/); // prettier-ignore
    }
    // Nothing is allocated for inputs.
    const most = maxTensorByteLength - (maxTensorByteLength % 4);
    builder.input("most", { dataType: "float32", shape: [most / 4] });
    const more = { dataType: "float32", shape: [most / 4 + 1] } as const;
    const says = {
      name: "TypeError",
      message: `input: 'more' [${most / 4 + 1}] takes ${most + 4} bytes, over ${maxTensorByteLength}`,
    };
    assert.throws(() => builder.input("more", more), says);
    await assert.rejects(context.createTensor(more), /over \d+$/);
    assert.throws(() => builder.constant(more, new ArrayBuffer(4)), /over \d+$/);
  },
);

function byteLengthOf(dataType: string): number {
  return Math.max(1, Number(/\d+$/.exec(dataType)![0]) / 8);
}

test("counts and sizes end at the standard's valid dimension, also where bytes would do", () => {
  const facts = { ...cpuLikeFacts, maxTensorByteLength: 2 ** 40 };
  const builder = new MLGraphBuilder(interpreterContext(facts));
  const shapes = [
    { shape: [2 ** 31 - 1], says: undefined },
    { shape: [2 ** 31], says: "has size 2147483648 in dimension 0, not 1 to 2147483647" },
    { shape: [2, 0, 3], says: "has size 0 in dimension 1, not 1 to 2147483647" },
    { shape: [2 ** 16, 2 ** 15], says: "[65536, 32768] has 2147483648 elements, over 2147483647" },
    { shape: [2 ** 16, 2 ** 15 - 1], says: undefined },
  ];
  for (const [i, { shape, says }] of shapes.entries()) {
    const make = () => builder.input(`x${i}`, { dataType: "int8", shape });
    if (says === undefined) assert.deepEqual(make().shape, shape);
    else assert.throws(make, { name: "TypeError", message: `input: 'x${i}' ${says}` });
  }
  // What is wrong with a size is said before what is wrong with their product, and before any bytes.
  for (const size of [-1, 2 ** 32, NaN, Infinity, "x", {}, undefined]) {
    const shape = [1, size] as number[];
    assert.throws(
      () => builder.input("x", { dataType: "int8", shape }),
      /^TypeError: input: descriptor\.shape\[1\] is (-1|4294967296|NaN|Infinity), not an integer from 0 to 4294967295$/,
    );
  }
});
