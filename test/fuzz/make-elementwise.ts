/** Makers of element-wise ops, where, cast, clamp, and of quantizeLinear and dequantizeLinear. */
import { isFloat, isUnsigned, type StorageType } from "../../core-webnn/util/data-type.ts";
import { broadcast, type Shape } from "../reference/ops/tensor.ts";
import { isExact, magnitudeOf, type Draft, type Entry, type Maker, type Makers } from "./draft.ts";

const always = (): boolean => true;

/** Any value of a type that the op takes, or a new leaf. */
export function anyOperand(draft: Draft, op: string, name = "input", minRank = 0): Entry {
  const { min, max } = draft.limits[op]![name]!.rankRange;
  const least = Math.max(min, minRank);
  return draft.operand(
    draft.types(op, name),
    ({ shape }) => shape.length >= least && shape.length <= max,
    () => draft.leaf(draft.typeOf(op, name), draft.shape(least, max)),
  );
}

/** A value that broadcasts with the shape; new ones lack dimensions or have them of size 1. */
export function partnerOf(
  draft: Draft,
  { dataType, shape }: Pick<Entry, "dataType" | "shape">,
  content?: "positive",
): Entry {
  const make = (): Entry => {
    const some = shape.map((size) => (draft.chance(0.3) ? 1 : size));
    return draft.leaf(dataType, some.slice(draft.below(Math.min(3, shape.length + 1))), content);
  };
  if (content !== undefined) return make();
  return draft.operand([dataType], (entry) => broadcasts(entry.shape, shape), make, 0.6);
}

export function broadcasts(a: Shape, b: Shape): boolean {
  const rank = Math.min(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => [a.at(-1 - i)!, b.at(-1 - i)!]).every(
    ([x, y]) => x === y || x === 1 || y === 1,
  );
}

const unary: Maker = (draft, op) => draft.call(op, { input: anyOperand(draft, op).name });

/** Of a value known to the last bit: a pole may lie as near as its error. */
const tangent: Maker = (draft, op) => {
  const { max } = draft.limits[op]!["input"]!.rankRange;
  const make = (): Entry => draft.leaf(draft.typeOf(op, "input"), draft.shape(0, max));
  draft.call(op, { input: draft.operand(draft.types(op, "input"), isExact, make).name });
};

/** With parameters between -2 and 2, in tenths. */
function parametric(...names: readonly string[]): Maker {
  return (draft, op) => {
    const number = (): number => (draft.below(41) - 20) / 10;
    const options = names.map((name) => [name, draft.maybe(number)]);
    const { name } = anyOperand(draft, op);
    draft.call(op, { input: name, ...Object.fromEntries(options) });
  };
}

function both(draft: Draft, op: string, a: Entry, b: Entry): void {
  const [first, second] = draft.chance(0.5) ? [a, b] : [b, a];
  draft.call(op, { a: first.name, b: second.name });
}

/** Of values known to the last bit: whether two near ones are equal nobody can say. */
const equality: Maker = (draft, op) => {
  const make = (): Entry => draft.leaf(draft.typeOf(op, "a"), draft.shape());
  const a = draft.operand(draft.types(op, "a"), isExact, make);
  const b = partnerOf(draft, a);
  if (isExact(b)) both(draft, op, a, b);
};

const binary: Maker = (draft, op) => {
  const a = anyOperand(draft, op, "a");
  both(draft, op, a, draft.chance(0.1) ? a : partnerOf(draft, a));
};

/** What an integer divided by 0 gives, the spec does not say. */
const division: Maker = (draft, op) => {
  const a = anyOperand(draft, op, "a");
  const b = partnerOf(draft, a, isFloat(a.dataType) ? undefined : "positive");
  draft.call(op, { a: a.name, b: b.name });
};

/** Of integers to whole powers; of floats mostly of positive ones. */
const power: Maker = (draft, op) => {
  const dataType = draft.typeOf(op, "a");
  const shape = draft.shape();
  const base = draft.leaf(dataType, shape, draft.chance(0.8) ? "positive" : "whole");
  const some = shape.map((size) => (draft.chance(0.5) ? 1 : size));
  const exponent = isFloat(dataType)
    ? draft.leaf(dataType, some, draft.pick(["real", "whole"]))
    : draft.whole(dataType, some, 0, 4);
  draft.call(op, { a: base.name, b: exponent.name });
};

const truth: Maker = (draft, op) => draft.call(op, { a: anyOperand(draft, op, "a").name });

const choice: Maker = (draft, op) => {
  const yes = anyOperand(draft, op, "trueValue");
  const no = partnerOf(draft, yes);
  const values = broadcast(yes.shape, no.shape);
  const make = (): Entry =>
    draft.whole(
      "uint8",
      values.map((size) => (draft.chance(0.2) ? 1 : size)),
      0,
      2,
    );
  const condition = draft.operand(["uint8"], ({ shape }) => broadcasts(shape, values), make);
  draft.call(op, { condition: condition.name, trueValue: yes.name, falseValue: no.name });
};

const prelu: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  draft.call(op, { input: input.name, slope: partnerOf(draft, input).name });
};

const cast: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  const limits = draft.types(op, "output");
  draft.call(op, { input: input.name, dataType: draft.pick(limits) });
};

const clamp: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  const low = draft.below(6) - 3;
  const isWide = input.dataType.endsWith("64") && draft.chance(0.5);
  const bound = (value: number, open: number): number | bigint =>
    isWide ? BigInt(value) : draft.chance(0.1) ? open : value;
  draft.call(op, {
    input: input.name,
    minValue: draft.maybe(() => bound(low, -Infinity)),
    maxValue: draft.maybe(() => bound(low + draft.below(5), Infinity)),
  });
};

/** Divides each size: scale and zero point for the whole, for blocks, or for each element. */
function blocks(draft: Draft, shape: Shape): number[] {
  return shape.map((size) => {
    const divisors = [1, size, ...[2, 3, 4, 5].filter((n) => size % n === 0)];
    return size / draft.pick(divisors);
  });
}

const dequantize: Maker = (draft, op) => {
  const types = draft.types(op, "input");
  const input = draft.operand(types, always, () =>
    codes(draft, draft.pick(types), draft.shape(0, 5)),
  );
  const shape = blocks(draft, input.shape);
  const scale = draft.leaf(draft.typeOf(op, "scale"), shape, "positive");
  const zeroPoint = codes(draft, input.dataType, shape);
  draft.call(op, { input: input.name, scale: scale.name, zeroPoint: zeroPoint.name });
};

const quantize: Maker = (draft, op) => {
  const input = anyOperand(draft, op);
  if (input.values.some((x) => !Number.isFinite(x)) || magnitudeOf(input) > 1e6) return;
  const shape = blocks(draft, input.shape);
  const scale = draft.leaf(input.dataType, shape, "positive");
  const zeroPoint = codes(draft, draft.pick(draft.types(op, "zeroPoint")), shape);
  draft.call(op, { input: input.name, scale: scale.name, zeroPoint: zeroPoint.name });
};

function codes(draft: Draft, dataType: StorageType, shape: Shape): Entry {
  const bits = dataType.endsWith("4") ? 4 : 8;
  return isUnsigned(dataType)
    ? draft.whole(dataType, shape, 0, 2 ** bits - 1)
    : draft.whole(dataType, shape, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
}

function forAll(names: readonly string[], maker: Maker): Makers {
  return Object.fromEntries(names.map((name) => [name, maker]));
}

export const elementwiseMakers: Makers = {
  ...forAll(
    [
      ["abs", "ceil", "cos", "erf", "exp", "floor", "identity", "log", "neg", "reciprocal"],
      ["roundEven", "sin", "sign", "sqrt", "relu", "gelu", "hardSwish", "sigmoid"],
      ["softplus", "softsign", "tanh"],
    ].flat(),
    unary,
  ),
  ...forAll(["elu", "leakyRelu"], parametric("alpha")),
  ...forAll(["hardSigmoid", "linear"], parametric("alpha", "beta")),
  ...forAll(["add", "sub", "mul", "max", "min"], binary),
  ...forAll(["equal", "notEqual"], equality),
  ...forAll(["greater", "greaterOrEqual", "lesser", "lesserOrEqual"], binary),
  ...forAll(["logicalAnd", "logicalOr", "logicalXor"], binary),
  ...forAll(["logicalNot", "isNaN", "isInfinite"], truth),
  tan: tangent,
  div: division,
  pow: power,
  where: choice,
  prelu,
  cast,
  clamp,
  dequantizeLinear: dequantize,
  quantizeLinear: quantize,
};
