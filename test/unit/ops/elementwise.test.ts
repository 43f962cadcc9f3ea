/** Scalar rows on every data type they allow, on ordinary and on extreme values, against float64 formulas. */
import { test } from "node:test";
import { rowNamed } from "../../../core-webnn/ops/table.ts";
import {
  bitsPerElement,
  isFloat,
  isUnsigned,
  type DataType,
} from "../../../core-webnn/util/data-type.ts";
import { fromHalf, toHalf } from "../../../core-webnn/util/half.ts";
import { assertClose } from "./assert-close.ts";
import { run, tensor, type Numeric } from "./run-graph.ts";

type Formula = (...x: number[]) => number;
type Whole = (...x: bigint[]) => bigint;

interface Case {
  readonly float: Formula;
  /** Exact, before wrapping to the type; integers are not tried without it. */
  readonly whole?: Whole;
  readonly options?: object;
  readonly outputType?: DataType;
  /** Values to leave out: where the reference itself is not good enough, or the answer is free. */
  readonly skip?: (...x: number[]) => boolean;
}

const truth = (x: boolean): number => (x ? 1 : 0);
const wholeTruth = (x: boolean): bigint => (x ? 1n : 0n);
const magnitude = (x: bigint): bigint => (x < 0n ? -x : x);

const unary: Readonly<Record<string, Case>> = {
  abs: { float: Math.abs, whole: (x) => magnitude(x!) },
  neg: { float: (x) => -x!, whole: (x) => -x! },
  sign: {
    float: (x) => (x! > 0 ? 1 : x! < 0 ? -1 : 0),
    whole: (x) => (x! > 0n ? 1n : x! < 0n ? -1n : 0n),
  },
  ceil: { float: Math.ceil },
  floor: { float: Math.floor },
  roundEven: { float: roundEven },
  exp: { float: Math.exp },
  log: { float: Math.log },
  sqrt: { float: Math.sqrt },
  reciprocal: { float: (x) => 1 / x! },
  sin: { float: Math.sin },
  cos: { float: Math.cos },
  tan: { float: Math.tan },
  tanh: { float: Math.tanh },
  identity: { float: (x) => x!, whole: (x) => x! },
  relu: { float: (x) => Math.max(x!, 0), whole: (x) => (x! > 0n ? x! : 0n) },
  sigmoid: { float: (x) => 1 / (1 + Math.exp(-x!)) },
  softplus: { float: (x) => Math.max(x!, 0) + Math.log1p(Math.exp(-Math.abs(x!))) },
  softsign: { float: (x) => x! / (1 + Math.abs(x!)) },
  elu: { float: (x) => (x! < 0 ? 1.5 * Math.expm1(x!) : x!), options: { alpha: 1.5 } },
  leakyRelu: { float: (x) => (x! < 0 ? 0.25 * x! : x!), options: { alpha: 0.25 } },
  linear: {
    float: (x) => 0.5 * x! + 2,
    options: { alpha: 0.5, beta: 2 },
    skip: (x) => Math.abs(x! + 4) < 1e-3,
  },
  hardSigmoid: {
    float: (x) => between(0.25 * x! + 0.5, 0, 1),
    options: { alpha: 0.25 },
    skip: (x) => Math.abs(x! + 2) < 1e-3,
  },
  hardSwish: { float: (x) => (x! * between(x! + 3, 0, 6)) / 6 },
  clamp: {
    float: (x) => between(x!, -1, 2),
    whole: (x) => (x! < -1n ? -1n : x! > 2n ? 2n : x!),
    options: { minValue: -1, maxValue: 2 },
  },
  isNaN: { float: (x) => truth(Number.isNaN(x)), whole: () => 0n, outputType: "uint8" },
  isInfinite: {
    float: (x) => truth(Math.abs(x!) === Infinity),
    whole: () => 0n,
    outputType: "uint8",
  },
};

const binary: Readonly<Record<string, Case>> = {
  add: { float: (a, b) => a! + b!, whole: (a, b) => a! + b! },
  sub: { float: (a, b) => a! - b!, whole: (a, b) => a! - b! },
  mul: { float: (a, b) => a! * b!, whole: (a, b) => a! * b! },
  div: { float: (a, b) => a! / b!, whole: (a, b) => (b === 0n ? 0n : a! / b!) },
  max: { float: (a, b) => Math.max(a!, b!), whole: (a, b) => (a! > b! ? a! : b!) },
  min: { float: (a, b) => Math.min(a!, b!), whole: (a, b) => (a! < b! ? a! : b!) },
  pow: {
    float: (a, b) => (a === 1 || (a === -1 && Math.abs(b!) === Infinity) ? 1 : a! ** b!),
    whole: power,
  },
  equal: {
    float: (a, b) => truth(a === b),
    whole: (a, b) => wholeTruth(a === b),
    outputType: "uint8",
  },
  notEqual: {
    float: (a, b) => truth(a !== b),
    whole: (a, b) => wholeTruth(a !== b),
    outputType: "uint8",
  },
  greater: {
    float: (a, b) => truth(a! > b!),
    whole: (a, b) => wholeTruth(a! > b!),
    outputType: "uint8",
  },
  greaterOrEqual: {
    float: (a, b) => truth(a! >= b!),
    whole: (a, b) => wholeTruth(a! >= b!),
    outputType: "uint8",
  },
  lesser: {
    float: (a, b) => truth(a! < b!),
    whole: (a, b) => wholeTruth(a! < b!),
    outputType: "uint8",
  },
  lesserOrEqual: {
    float: (a, b) => truth(a! <= b!),
    whole: (a, b) => wholeTruth(a! <= b!),
    outputType: "uint8",
  },
  logicalAnd: {
    float: Number,
    whole: (a, b) => wholeTruth(a !== 0n && b !== 0n),
    outputType: "uint8",
  },
  logicalOr: {
    float: Number,
    whole: (a, b) => wholeTruth(a !== 0n || b !== 0n),
    outputType: "uint8",
  },
  logicalXor: {
    float: Number,
    whole: (a, b) => wholeTruth((a !== 0n) !== (b !== 0n)),
    outputType: "uint8",
  },
  prelu: {
    float: (a, b) => (a! < 0 ? a! * b! : a!),
    whole: (a, b) => (a! < 0n ? a! * b! : a!),
  },
};

for (const [name, definition] of Object.entries(unary)) {
  for (const dataType of typesOf(name)) {
    test(`${name} of ${dataType}`, () =>
      check(
        name,
        dataType,
        definition,
        valuesOf(dataType).map((x) => [x]),
      ));
  }
}

for (const [name, definition] of Object.entries(binary)) {
  for (const dataType of typesOf(name)) {
    const values = valuesOf(dataType);
    const pairs = values.flatMap((a) => values.map((b) => [a, b]));
    test(`${name} of ${dataType}`, () => check(name, dataType, definition, pairs));
  }
}

async function check(
  name: string,
  dataType: DataType,
  { float, whole, options, skip, outputType = dataType }: Case,
  tuples: readonly (readonly Numeric[])[],
): Promise<void> {
  const used = tuples.filter((tuple) => !isFloat(dataType) || !skip?.(...tuple.map(Number)));
  const columns = used[0]!.map((_, i) =>
    tensor(
      dataType,
      used.map((tuple) => tuple[i]!),
    ),
  );
  const [result] = await run(columns, (builder, operands) => {
    const method = builder[name as "add"] as (...args: unknown[]) => ReturnType<typeof builder.add>;
    return method.call(builder, ...operands, options);
  });
  const expected = used.map((tuple) =>
    isFloat(dataType)
      ? rounded(outputType, float(...tuple.map(Number)))
      : wrapped(outputType, whole!(...tuple.map(BigInt))),
  );
  assertClose(outputType, result!.values, expected, rowNamed(name).ulp({}), `${name} ${dataType}`);
}

function typesOf(name: string): readonly DataType[] {
  const [arg] = Object.values(rowNamed(name).args);
  return (arg as { types: readonly DataType[] }).types;
}

function valuesOf(dataType: DataType): readonly Numeric[] {
  if (isFloat(dataType)) {
    const plain = [
      0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.75, -7.25, 12, 0.001, -0.001, 1e-6, -1e-6, -0.4999,
      30, -30,
    ];
    return [...plain, NaN, Infinity, -Infinity].map((x) => rounded(dataType, x));
  }
  const bits = BigInt(bitsPerElement(dataType));
  const top = 2n ** (isUnsigned(dataType) ? bits : bits - 1n) - 1n;
  const low = isUnsigned(dataType) ? [] : [-1n, -2n, -7n, -top, -top - 1n];
  const whole = [0n, 1n, 2n, 3n, 7n, 100n, top, ...low];
  return bits === 64n ? whole : whole.map(Number);
}

function rounded(dataType: DataType, x: number): number {
  if (dataType === "float16") return fromHalf(toHalf(x));
  return dataType === "float32" ? Math.fround(x) : x;
}

function wrapped(dataType: DataType, x: bigint): bigint {
  const bits = bitsPerElement(dataType);
  return isUnsigned(dataType) ? BigInt.asUintN(bits, x) : BigInt.asIntN(bits, x);
}

function power(a: bigint | undefined, b: bigint | undefined): bigint {
  if (b! < 0n) return a === 1n ? 1n : a === -1n ? (b! % 2n === 0n ? 1n : -1n) : 0n;
  // Modulo 2⁶⁴, of which every narrower result is a part.
  let result = 1n;
  let base = a!;
  for (let rest = b!; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * base);
    base = BigInt.asIntN(64, base * base);
  }
  return result;
}

function roundEven(x: number | undefined): number {
  const below = Math.floor(x!);
  if (x! - below !== 0.5) return Math.round(x!);
  return below % 2 === 0 ? below : below + 1;
}

function between(x: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, x));
}
