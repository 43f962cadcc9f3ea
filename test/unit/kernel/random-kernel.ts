/**
 * Random valid kernels with inputs, for comparing emitters with the interpreter, and all that such a
 * test needs. A seed always gives the same kernel.
 */
import {
  addAddress,
  axisAddress,
  constant,
  linearAddress,
  mulAddress,
  subtractAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  cast,
  compare,
  f32,
  guard,
  i32,
  index,
  load,
  local,
  valueTypeOf,
} from "../../../core-webnn/kernel/expr.ts";
import type {
  Address,
  Axis,
  Expr,
  Kernel,
  Local,
  Stmt,
  ValueType,
} from "../../../core-webnn/kernel/ir.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import type { Sizes } from "../../../core-webnn/util/size.ts";
import {
  addInput,
  addOutput,
  addressesOf,
  extentsOf,
  freshName,
  lastOf,
  newDraft,
  randomAxes,
  seededRandom,
  storageTypes,
  type Draft,
} from "./random-draft.ts";
import { growValues, inexact, randomLoad, toType, type Value } from "./random-values.ts";
import { randomReduce } from "./random-reduce.ts";

export { compareBuffers } from "./compare-buffers.ts";
export { specialKernels } from "./special-kernels.ts";

export interface KernelCase {
  readonly kernel: Kernel;
  readonly sizes: Sizes;
  /** Bytes of each buffer; zeros where the kernel writes. */
  readonly inputs: Uint8Array[];
}

export function randomKernel(seed: number): KernelCase {
  const draft = newDraft(seededRandom(seed));
  const make = draft.random.pick([
    elementwise,
    elementwise,
    looping,
    reducing,
    reducing,
    contracting,
  ]);
  const { space, body } = make(draft);
  const { buffers, sizes, inputs } = draft;
  return { kernel: { buffers, space, body }, sizes, inputs };
}

type Nest = Pick<Kernel, "space" | "body">;

/** One or two stores of values of up to three loads. */
function elementwise(draft: Draft): Nest {
  const space = randomAxes(draft, 1 + draft.random.below(4), 1500);
  const pool = Array.from({ length: 1 + draft.random.below(3) }, () => randomLoad(draft, space));
  if (draft.random.chance(0.2)) pool.push(positionOf(draft, space));
  const values = growValues(draft, pool, 1 + draft.random.below(6));
  const [lets, named] = nameValues(draft, values.slice(-2));
  return { space, body: [...lets, ...storeSome(draft, space, [...values, ...named])] };
}

/** A loop inside the space, with a value of the space that it reads. */
function looping(draft: Draft): Nest {
  const space = randomAxes(draft, 1 + draft.random.below(2), 40);
  const [lets, outer] = nameValues(draft, [randomLoad(draft, space)]);
  const axes = randomAxes(draft, 1 + draft.random.below(2), 40, "j");
  const inner = [...space, ...axes];
  const values = growValues(draft, [...outer, randomLoad(draft, inner)], 2);
  const body = storeSome(draft, inner, values);
  return { space, body: [...lets, { kind: "loop", axes, body }] };
}

/** One or two reductions, stores of what they give, and a loop that reads it: as softmax is. */
function reducing(draft: Draft): Nest {
  const { random } = draft;
  const space = randomAxes(draft, random.below(3), 40);
  const first = randomReduce(draft, space, []);
  const second = random.chance(0.4) ? [randomReduce(draft, space, first.results)] : [];
  const reduces = [first, ...second];
  const results = reduces.flatMap((reduce) => reduce.results);
  const stores = storeSome(draft, space, growValues(draft, results, random.below(3)));
  const body: Stmt[] = [...reduces.map(({ stmt }) => stmt), ...stores];
  if (random.chance(0.5)) {
    const axes = randomAxes(draft, 1, 40, "j");
    const inner = [...space, ...axes];
    const values = growValues(draft, [...results, randomLoad(draft, inner)], 2);
    body.push({ kind: "loop", axes, body: storeSome(draft, inner, values) });
  }
  return { space, body };
}

/** A product of matrices of every operand type, with an epilogue. */
function contracting(draft: Draft): Nest {
  const { random } = draft;
  const batch = randomAxes(draft, random.below(2), 3, "batch");
  const m = randomAxes(draft, 1 + random.below(2), 40, "m");
  const n = randomAxes(draft, 1, 40, "n");
  const k = randomAxes(draft, 1 + random.below(2), 40, "k");
  const space = [...batch, ...m, ...n];
  const type = random.pick<ValueType>(["f32", "f32", "i32", "u32"]);
  const accumulator: Local = { name: freshName(draft, "sum"), type };
  const sharesB = random.chance(0.5);
  const a = operandOf(draft, type, [...batch, ...m], k);
  const b = operandOf(draft, type, [...(sharesB ? [] : batch), ...n], k);
  const max = type === "f32" ? 2 ** 15 : Infinity;
  const sum: Value = { expr: local(accumulator), max, step: type === "f32" ? 2 ** -6 : 1 };
  const pool = random.chance(0.5) ? [sum, randomLoad(draft, n)] : [sum];
  const values = growValues(draft, pool, random.below(3));
  const stores = storeSome(draft, space, values);
  return { space, body: [{ kind: "contract", m, n, k, a, b, accumulator }, ...stores] };
}

/** Floats of at most 5 bits and a step of 1/8, so that sums over k are exact. */
function operandOf(draft: Draft, type: ValueType, rows: readonly Axis[], k: readonly Axis[]): Expr {
  const { random } = draft;
  const axes = random.chance(0.5) ? [...rows, ...k] : [...k, ...rows];
  const dataType = random.pick(operandTypes[type === "f32" ? "float" : "integer"]);
  const isFloat = dataType.startsWith("float");
  const value = isFloat ? ({ below }: Draft["random"]) => (below(33) - 16) / 8 : undefined;
  const buffer = addInput(draft, dataType, extentsOf(axes), value);
  const at = addressesOf(axes);
  const element = (index: readonly Address[]): Expr =>
    load(valueTypeOf(dataType), buffer, linearAddress(index, extentsOf(axes)));
  if (type !== "f32") return cast(type, element(at));
  if (!isFloat) return decoded(cast("f32", element(at)), dataType);
  if (random.chance(0.7)) return element(at);
  // A window that starts one before its source, as in a padded convolution.
  const moved = subtractAddress(at[0]!, constant(1));
  const isInside = compare("ge", index(moved), i32(0));
  return guard(isInside, element([moved, ...at.slice(1)]), f32(0));
}

const operandTypes: Readonly<Record<"float" | "integer", readonly StorageType[]>> = {
  float: ["float32", "float32", "float32", "float16", "int8", "uint8", "int4"],
  integer: ["int8", "uint8", "int8", "uint8", "int32"],
};

/** (x - zeroPoint) * scale, of magnitude 4 at most. */
function decoded(x: Expr, dataType: StorageType): Expr {
  const zeroPoint = dataType === "uint8" ? 128 : 2;
  return binary(
    "mul",
    binary("sub", x, f32(zeroPoint)),
    f32(/int8/.test(dataType) ? 2 ** -5 : 0.25),
  );
}

/** The position along the axes as a value. */
function positionOf(draft: Draft, axes: readonly Axis[]): Value {
  const position = linearAddress(addressesOf(axes), extentsOf(axes));
  return toType(
    { expr: index(position), max: 2 ** 11, step: 1 },
    draft.random.pick(["i32", "f32"]),
  );
}

function nameValues(draft: Draft, values: readonly Value[]): [Stmt[], Value[]] {
  const locals = values.map(({ expr }) => ({ name: freshName(draft, "x"), type: expr.type }));
  const lets = locals.map((l, i): Stmt => ({ kind: "let", local: l, value: values[i]!.expr }));
  return [lets, values.map((value, i) => ({ ...value, expr: local(locals[i]!) }))];
}

/** Stores of the last value, and sometimes of another. */
function storeSome(draft: Draft, axes: readonly Axis[], values: readonly Value[]): Stmt[] {
  const others = draft.random.chance(0.3) ? [draft.random.pick(values)] : [];
  return [values.at(-1)!, ...others].map((value) => storeOf(draft, axes, value));
}

function storeOf(draft: Draft, axes: readonly Axis[], value: Value): Stmt {
  const { random } = draft;
  if (value.expr.type === "bool") return storeAs(draft, axes, "uint8", value.expr);
  if (random.chance(0.25)) {
    return storeAs(draft, axes, random.pick(["float32", "float16"]), inexact(draft, value));
  }
  const storage = random.pick(storageTypes.filter((type) => !type.endsWith("int4")));
  return storeAs(draft, axes, storage, toType(value, valueTypeOf(storage)).expr);
}

/** Row-major mostly; else transposed, backwards, or every second element of a larger buffer. */
function storeAs(draft: Draft, axes: readonly Axis[], storage: StorageType, value: Expr): Stmt {
  const { random } = draft;
  const order = random.chance(0.8) ? axes : random.shuffle(axes);
  const shape = extentsOf(order);
  const isFlipped = axes.length > 0 && random.chance(0.1);
  const at = order.map((axis, i) =>
    isFlipped && i === 0 ? subtractAddress(lastOf(axis), axisAddress(axis)) : axisAddress(axis),
  );
  const offset = linearAddress(at, shape);
  if (!/32/.test(storage) || random.chance(0.9)) {
    return { kind: "store", buffer: addOutput(draft, storage, shape), address: offset, value };
  }
  const spread = addAddress(mulAddress(offset, constant(2)), constant(1));
  return {
    kind: "store",
    buffer: addOutput(draft, storage, [...shape, 2]),
    address: spread,
    value,
  };
}
