/**
 * Every operation of every type at the values where implementations differ: NaN, infinities, zeros,
 * subnormals, the ends of integers, ties. One small kernel each, so that a test can name what fails
 * and choose the tolerance.
 */
import {
  addAddress,
  axisAddress,
  constant,
  floorDivAddress,
  linearAddress,
  modAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  binaryTypes,
  cast,
  compare,
  constantOf,
  guard,
  index,
  isStoredWhole,
  load,
  local,
  narrow,
  select,
  unary,
  unaryTypes,
  valueTypeOf,
} from "../../../core-webnn/kernel/expr.ts";
import {
  binaryOps,
  compareOps,
  unaryOps,
  type Axis,
  type BufferUse,
  type Expr,
  type Kernel,
  type Stmt,
  type ValueType,
} from "../../../core-webnn/kernel/ir.ts";
import type { Scalar } from "../../../core-webnn/kernel/scalar.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { fromHalf } from "../../../core-webnn/util/half.ts";
import type { Sizes } from "../../../core-webnn/util/size.ts";
import { encode, storageTypes, zeros } from "./random-draft.ts";
import { domainOf, specialValues } from "./special-values.ts";

export interface SpecialKernel {
  /** "exp f32", "cast f32 to i64": operation, then types. */
  readonly name: string;
  readonly kernel: Kernel;
  readonly sizes: Sizes;
  readonly inputs: Uint8Array[];
}

export function specialKernels(): SpecialKernel[] {
  return [
    ...unaryKernels(),
    ...binaryKernels(),
    ...compareKernels(),
    ...castKernels(),
    ...storageKernels(),
    ...choiceKernels(),
    ...reduceKernels(),
    ...addressKernels(),
  ];
}

const types: readonly ValueType[] = ["f32", "i32", "u32", "i64", "u64", "bool"];

/** Storage that holds every value of a type. */
const storageOf: Readonly<Record<ValueType, StorageType>> = {
  f32: "float32",
  i32: "int32",
  u32: "uint32",
  i64: "int64",
  u64: "uint64",
  bool: "uint8",
};

function unaryKernels(): SpecialKernel[] {
  return unaryOps.flatMap((op) =>
    unaryTypes[op].map((type) =>
      pointwise(`${op} ${type}`, [{ type, values: domainOf(op, type) }], ([x]) => unary(op, x!)),
    ),
  );
}

/** All pairs of values. */
function binaryKernels(): SpecialKernel[] {
  return binaryOps.flatMap((op) =>
    binaryTypes[op].map((type) => {
      const isShift = op === "shiftLeft" || op === "shiftRight";
      const operands = pairs(
        specialValues[type],
        isShift ? domainOf(op, type) : specialValues[type],
      );
      const [a, b] = operands.map((values) => ({ type, values }));
      return pointwise(`${op} ${type}`, [a!, b!], ([x, y]) => binary(op, x!, y!));
    }),
  );
}

function compareKernels(): SpecialKernel[] {
  return types.flatMap((type) =>
    (type === "bool" ? (["eq", "ne"] as const) : compareOps).map((op) => {
      const [a, b] = pairs(specialValues[type], specialValues[type]);
      const operands = [a, b].map((values) => ({ type, values: values! }));
      return pointwise(`${op} ${type}`, operands, ([x, y]) => compare(op, x!, y!));
    }),
  );
}

function castKernels(): SpecialKernel[] {
  return types.flatMap((from) =>
    types
      .filter((to) => to !== from)
      .map((to) =>
        pointwise(`cast ${from} to ${to}`, [{ type: from, values: specialValues[from] }], ([x]) =>
          cast(to, x!),
        ),
      ),
  );
}

/** Loads of every bit pattern of the small types; stores and `narrow` of values that round or wrap. */
function storageKernels(): SpecialKernel[] {
  const halves = Array.from({ length: 2 ** 16 }, (_, bits) => fromHalf(bits));
  const small = storageTypes.filter((storage) => !isStoredWhole(storage));
  const loads = small.map((storage) => {
    const values = storage === "float16" ? halves : Array.from({ length: 256 }, (_, i) => i - 100);
    const whole = storageOf[valueTypeOf(storage)];
    return stored(`load ${storage}`, storage, values, whole, (x) => x);
  });
  const stores = small.flatMap((storage) => {
    const type = valueTypeOf(storage);
    const values = storage === "float16" ? aroundHalves(halves) : specialValues[type];
    const whole = storageOf[type];
    const rounded = stored(`narrow ${storage}`, whole, values, whole, (x) => narrow(storage, x));
    const isWritable = !storage.endsWith("int4");
    return isWritable
      ? [stored(`store ${storage}`, whole, values, storage, (x) => x), rounded]
      : [rounded];
  });
  return [...loads, ...stores];
}

/** Every seventh positive half, what lies halfway to the next, and the floats beside that. */
function aroundHalves(halves: readonly number[]): number[] {
  return halves
    .slice(0, 0x7c00)
    .filter((_, bits) => bits % 7 === 0 || bits > 0x7bf0 || bits < 16)
    .flatMap((x, _, all) => {
      const next = all[all.indexOf(x) + 1] ?? 65536;
      const tie = Math.fround((x + next) / 2);
      return [x, tie, tie * (1 + 2 ** -23), -tie * (1 - 2 ** -24)];
    })
    .concat(specialValues.f32.map(Number));
}

function choiceKernels(): SpecialKernel[] {
  return types.flatMap((type) => {
    const [a, b] = pairs(specialValues[type].slice(-5), specialValues[type].slice(0, 5));
    const operands = [a, b].map((values) => ({ type, values: values! }));
    return ([select, guard] as const).map((choose) =>
      pointwise(`${choose.name} ${type}`, operands, ([x, y]) =>
        choose(compare("eq", x!, y!), y!, x!),
      ),
    );
  });
}

/** Extremes of rows that hold NaN and both zeros, and sums of infinities. */
function reduceKernels(): SpecialKernel[] {
  const rows = [[0, -0], [-0, -0], [1, NaN], [NaN, NaN], [Infinity, 1], [Infinity, -Infinity]]; // prettier-ignore
  const width = 9;
  const numbers = rows.flatMap(([first, last]) =>
    Array.from({ length: width }, (_, i) => (i === width - 2 ? last! : first!)),
  );
  const space: Axis = { name: "row", extent: rows.length };
  const k: Axis = { name: "k", extent: width };
  return (["min", "max", "add"] as const).map((op) => {
    const state = { name: "state", type: "f32" } as const;
    const incoming = { name: "incoming", type: "f32" } as const;
    const init = constantOf("f32", { min: Infinity, max: -Infinity, add: 0 }[op]);
    const at = linearAddress([axisAddress(space), axisAddress(k)], [rows.length, width]);
    const body: Stmt[] = [
      {
        kind: "reduce",
        axes: [k],
        lets: [],
        state: [state],
        incoming: [incoming],
        init: [init],
        map: [load("f32", 0, at)],
        combine: [binary(op, local(state), local(incoming))],
      },
      { kind: "store", buffer: 1, address: axisAddress(space), value: local(state) },
    ];
    return finish(
      `reduce ${op} f32`,
      [space],
      body,
      [["float32", numbers]],
      ["float32", rows.length],
    );
  });
}

/** Floor-division and remainder of negative addresses. */
function addressKernels(): SpecialKernel[] {
  const axis: Axis = { name: "i", extent: 41 };
  const moved = addAddress(axisAddress(axis), constant(-20));
  return ([floorDivAddress, modAddress] as const).map((divide) => {
    const value = index(divide(moved, constant(7)));
    const at = axisAddress(axis);
    const body: Stmt[] = [{ kind: "store", buffer: 0, address: at, value }];
    return finish(divide === modAddress ? "mod" : "floorDiv", [axis], body, [], ["int32", 41]);
  });
}

interface Operand {
  readonly type: ValueType;
  readonly values: readonly Scalar[];
}

/** `output[i] = f(operands[i])`. */
function pointwise(
  name: string,
  operands: readonly Operand[],
  f: (x: readonly Expr[]) => Expr,
): SpecialKernel {
  const count = operands[0]!.values.length;
  const axis: Axis = { name: "i", extent: count };
  const loads = operands.map(({ type }, b) =>
    cast(type, load(valueTypeOf(storageOf[type]), b, axisAddress(axis))),
  );
  const value = f(loads);
  const body: Stmt[] = [
    { kind: "store", buffer: operands.length, address: axisAddress(axis), value },
  ];
  const inputs = operands.map(({ type, values }) => [storageOf[type], values] as const);
  return finish(name, [axis], body, inputs, [storageOf[value.type], count]);
}

/** A copy from one storage to another. */
function stored(
  name: string,
  from: StorageType,
  values: readonly Scalar[],
  to: StorageType,
  f: (x: Expr) => Expr,
): SpecialKernel {
  const axis: Axis = { name: "i", extent: values.length };
  const value = f(load(valueTypeOf(from), 0, axisAddress(axis)));
  const body: Stmt[] = [{ kind: "store", buffer: 1, address: axisAddress(axis), value }];
  return finish(name, [axis], body, [[from, values]], [to, values.length]);
}

function pairs(a: readonly Scalar[], b: readonly Scalar[]): [Scalar[], Scalar[]] {
  return [a.flatMap((x) => b.map(() => x)), a.flatMap(() => [...b])];
}

/** Inputs come first, then the one output. */
function finish(
  name: string,
  space: readonly Axis[],
  body: readonly Stmt[],
  inputs: readonly (readonly [StorageType, readonly Scalar[]])[],
  [outputType, outputCount]: readonly [StorageType, number],
): SpecialKernel {
  const buffers: BufferUse[] = [
    ...inputs.map(([dataType, { length }]): BufferUse => ({
      dataType,
      elementCount: length,
      access: "read",
    })),
    { dataType: outputType, elementCount: outputCount, access: "write" },
  ];
  const bytes = [
    ...inputs.map(([dataType, values]) => encode(dataType, values)),
    zeros(outputType, outputCount),
  ];
  return { name, kernel: { buffers, space, body }, sizes: {}, inputs: bytes };
}
