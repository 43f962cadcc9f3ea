/**
 * Random values of a kernel: loads through all kinds of addresses, and expressions grown from them.
 *
 * Float expressions are exact: every intermediate result is a multiple of `step` no larger than
 * `max`, and fits 24 bits, so that no order of a sum and no fused multiply-add shows. Only the last
 * operation before a store may round (`inexact`).
 */
import {
  addAddress,
  axisAddress,
  constant,
  delinearize,
  floorDivAddress,
  linearAddress,
  maxAddress,
  minAddress,
  modAddress,
  sizeAddress,
  subtractAddress,
  valueAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  cast,
  compare,
  constantOf,
  f32,
  guard,
  i32,
  index,
  load,
  narrow,
  select,
  unary,
  valueTypeOf,
} from "../../../core-webnn/kernel/expr.ts";
import {
  compareOps,
  type Address,
  type Axis,
  type BinaryOp,
  type Expr,
  type UnaryOp,
  type ValueType,
} from "../../../core-webnn/kernel/ir.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { productOf, type Size } from "../../../core-webnn/util/size.ts";
import {
  addInput,
  addressesOf,
  exactFloats,
  extentsOf,
  lastOf,
  storageTypes,
  type Draft,
} from "./random-draft.ts";

export interface Value {
  readonly expr: Expr;
  /** Bound of the magnitude. */
  readonly max: number;
  /** Every value is a multiple of it (1 for integers). */
  readonly step: number;
}

/** A read of a new buffer at a point of the axes. */
export function randomLoad(draft: Draft, axes: readonly Axis[], types = storageTypes): Value {
  const dataType = draft.random.pick(types);
  const source = draft.random.pick(axes.length === 0 ? [plain] : loads);
  return { expr: source(draft, axes, dataType), ...rangeOf(dataType) };
}

export function rangeOf(dataType: StorageType): { readonly max: number; readonly step: number } {
  if (dataType.startsWith("float")) return exactFloats;
  if (dataType.endsWith("nt4")) return { max: 16, step: 1 };
  return { max: dataType.endsWith("nt8") ? 256 : Infinity, step: 1 };
}

/** A few more values from those given; the last one depends on much of what came before. */
export function growValues(draft: Draft, pool: readonly Value[], steps: number): Value[] {
  const values = [...pool];
  for (let i = 0; i < steps; i++) {
    const a = values.at(-1 - draft.random.below(2)) ?? values[0]!;
    const others = values.filter((value) => value !== a);
    values.push(growOne(draft, a, draft.random.pick(others.length > 0 ? others : values)));
  }
  return values;
}

/** An operation that rounds, on a value in its domain; `ulp` is for each target to allow. */
export function inexact(draft: Draft, value: Value): Expr {
  const x = toType(value, "f32").expr;
  const small = binary("min", binary("max", x, f32(-20)), f32(20));
  const positive = binary("add", unary("abs", small), f32(0.25));
  return draft.random.pick([
    () => unary("exp", small),
    () => unary("log", positive),
    () => unary("sqrt", positive),
    () => unary("sin", small),
    () => unary("cos", small),
    () => unary("tanh", small),
    () => unary("erf", small),
    () => binary("div", x, positive),
    () => binary("pow", positive, binary("min", small, f32(3))),
  ])();
}

export function toType({ expr, max, step }: Value, type: ValueType): Value {
  if (expr.type === type) return { expr, max, step };
  if (type === "bool") return { expr: cast(type, expr), max: 1, step: 1 };
  const fits = max <= 2 ** 23;
  if (type !== "f32")
    return { expr: cast(type, expr), max: fits ? wrapped(type, max) : Infinity, step: 1 };
  if (fits) return { expr: cast("f32", expr), max, step };
  const masked = binary("bitAnd", expr, constantOf(expr.type, 255n));
  return { expr: cast("f32", masked), max: 255, step: 1 };
}

/** A negative number becomes a large unsigned one. */
function wrapped(type: ValueType, max: number): number {
  return type === "u32" || type === "u64" ? Infinity : Math.ceil(max);
}

type Load = (draft: Draft, axes: readonly Axis[], dataType: StorageType) => Expr;

function loadAt(
  draft: Draft,
  dataType: StorageType,
  index: readonly Address[],
  shape: readonly Size[],
): Expr {
  const buffer = addInput(draft, dataType, shape);
  return load(valueTypeOf(dataType), buffer, linearAddress(index, shape));
}

/** Row-major over all axes. */
const plain: Load = (draft, axes, dataType) =>
  loadAt(draft, dataType, addressesOf(axes), extentsOf(axes));

const loads: readonly Load[] = [
  plain,
  plain,
  /** Some of the axes, in any order: broadcast and transposed. */
  (draft, axes, dataType) => {
    const some = draft.random.shuffle(axes).slice(draft.random.below(axes.length));
    return plain(draft, some, dataType);
  },
  /** Backwards along one axis. */
  (draft, axes, dataType) => {
    const flipped = draft.random.pick(axes);
    const index = axes.map((axis) =>
      axis === flipped ? subtractAddress(lastOf(axis), axisAddress(axis)) : axisAddress(axis),
    );
    return loadAt(draft, dataType, index, extentsOf(axes));
  },
  /** Seen as [rest, first], read as [first, rest]. */
  (draft, axes, dataType) => {
    const [first, ...rest] = extentsOf(axes);
    const offset = linearAddress(addressesOf(axes), extentsOf(axes));
    const [row, column] = delinearize(offset, [productOf(rest), first!]);
    return loadAt(draft, dataType, [column!, row!], [first!, productOf(rest)]);
  },
  /** Padded: outside [0, extent) of the source there is a fill. */
  (draft, axes, dataType) => {
    const padded = draft.random.pick(axes);
    const moved = addAddress(axisAddress(padded), constant(draft.random.below(5) - 2));
    const isInside = binary(
      "and",
      compare("ge", index(moved), i32(0)),
      compare("lt", index(moved), index(sizeAddress(padded.extent))),
    );
    const at = axes.map((axis) => (axis === padded ? moved : axisAddress(axis)));
    const x = loadAt(draft, dataType, at, extentsOf(axes));
    return guard(isInside, x, constantOf(x.type, 3));
  },
  /** Clamped to the edges. */
  (draft, axes, dataType) => {
    const clamped = draft.random.pick(axes);
    const moved = addAddress(axisAddress(clamped), constant(draft.random.below(5) - 2));
    const inside = maxAddress(minAddress(moved, lastOf(clamped)), constant(0));
    const at = axes.map((axis) => (axis === clamped ? inside : axisAddress(axis)));
    return loadAt(draft, dataType, at, extentsOf(axes));
  },
  /** One source element for every two or three. */
  (draft, axes, dataType) => {
    const coarse = draft.random.pick(axes);
    const factor = constant(2 + draft.random.below(2));
    const divide = draft.random.pick([floorDivAddress, modAddress]);
    const at = axes.map((axis) =>
      axis === coarse ? divide(axisAddress(axis), factor) : axisAddress(axis),
    );
    const shape = axes.map((axis) => (axis === coarse && divide === modAddress ? 3 : axis.extent));
    return loadAt(draft, dataType, at, shape);
  },
  /** Gathered by loaded indices. */
  (draft, axes, dataType) => {
    const gathered = draft.random.pick(axes);
    const rows = 1 + draft.random.below(9);
    const indexType = draft.random.pick<StorageType>(["int32", "int64", "uint32", "uint8"]);
    const indices = addInput(draft, indexType, [gathered.extent], ({ below }) => below(rows));
    const row = valueAddress(load(valueTypeOf(indexType), indices, axisAddress(gathered)));
    const at = axes.map((axis) => (axis === gathered ? row : axisAddress(axis)));
    const shape = axes.map((axis) => (axis === gathered ? rows : axis.extent));
    return loadAt(draft, dataType, at, shape);
  },
];

function growOne(draft: Draft, a: Value, b: Value): Value {
  const { random } = draft;
  if (random.chance(0.15)) return choose(draft, a, b);
  if (random.chance(0.15)) return convert(draft, a);
  if (a.expr.type === "bool") return logic(draft, a, b);
  if (a.expr.type === "f32") return growFloat(draft, a, toType(b, "f32"));
  return growInteger(draft, a, toType(b, a.expr.type));
}

/** One of two values by a comparison, of floats or of whatever they are. */
function choose({ random }: Draft, a: Value, b: Value): Value {
  const same = toType(b, a.expr.type);
  const ops = a.expr.type === "bool" ? compareOps.slice(0, 2) : compareOps;
  const condition = compare(random.pick(ops), a.expr, same.expr);
  const chosen = random.pick([select, guard])(condition, same.expr, a.expr);
  return {
    expr: chosen,
    max: Math.max(a.max, same.max),
    step: Math.min(a.step, same.step),
  };
}

function convert({ random }: Draft, a: Value): Value {
  const { type } = a.expr;
  if (type === "f32" && a.max < 2 ** 15 && random.chance(0.5)) {
    return { ...a, expr: narrow("float16", a.expr), max: 2 * a.max };
  }
  if (type === "i32") return { expr: narrow("int8", a.expr), max: 128, step: 1 };
  if (type === "u32") return { expr: narrow("uint8", a.expr), max: 255, step: 1 };
  return toType(a, random.pick<ValueType>(["f32", "i32", "u32", "i64", "u64", "bool"]));
}

function logic({ random }: Draft, a: Value, b: Value): Value {
  const op = random.pick<BinaryOp>(["and", "or", "xor"]);
  const mixed = binary(op, a.expr, toType(b, "bool").expr);
  return { expr: random.chance(0.3) ? unary("not", mixed) : mixed, max: 1, step: 1 };
}

function growFloat({ random }: Draft, a: Value, b: Value): Value {
  const step = Math.min(a.step, b.step);
  const sum = { max: a.max + b.max, step };
  const whole = { max: a.max + 1, step: Math.max(1, a.step) };
  const larger = { max: Math.max(a.max, b.max), step };
  const two = (op: BinaryOp, range: Omit<Value, "expr">): Value => ({
    expr: binary(op, a.expr, b.expr),
    ...range,
  });
  const one = (op: UnaryOp, range: Omit<Value, "expr">): Value => ({
    expr: unary(op, a.expr),
    ...range,
  });
  const same = { max: a.max, step: a.step };
  const candidates = [
    two("add", sum),
    two("sub", sum),
    two("mul", { max: a.max * b.max, step: a.step * b.step }),
    two("min", larger),
    two("max", larger),
    one("neg", same),
    one("abs", same),
    one("sign", { max: 1, step: 1 }),
    ...(["floor", "ceil", "roundEven", "trunc"] as const).map((op) => one(op, whole)),
    { expr: select(unary("isNaN", a.expr), b.expr, a.expr), ...larger },
  ];
  const exact = candidates.filter(({ max, step }) => max / step <= 2 ** 23);
  return exact.length === 0
    ? { ...whole, expr: unary("sign", a.expr), max: 1 }
    : random.pick(exact);
}

function growInteger({ random }: Draft, a: Value, b: Value): Value {
  const { type } = a.expr;
  const unbounded = { max: Infinity, step: 1 };
  const one = constantOf(type, 1n);
  const amount = binary("bitAnd", b.expr, constantOf(type, 15n));
  const op = random.pick<BinaryOp>(["add", "sub", "mul", "div", "rem", "min", "max"]);
  const bits = random.pick<BinaryOp>(["bitAnd", "bitOr", "bitXor"]);
  const shift = random.pick<BinaryOp>(["shiftLeft", "shiftRight"]);
  const alone = random.pick<UnaryOp>(["neg", "abs", "sign", "bitNot"]);
  const expr = random.pick([
    () => binary(op, a.expr, b.expr),
    () => binary(op, a.expr, b.expr),
    () => binary(bits, a.expr, b.expr),
    () => binary(shift, a.expr, amount),
    () => unary(alone, a.expr),
    () => binary("div", a.expr, binary("add", amount, one)),
  ])();
  return { expr, ...unbounded };
}
