/** Makers of reductions, products and normalizations. */
import { isFloat, type StorageType } from "../../core-webnn/util/data-type.ts";
import type { Shape } from "../reference/ops/tensor.ts";
import { isExact, magnitudeOf, type Draft, type Entry, type Maker, type Makers } from "./draft.ts";
import { anyOperand } from "./make-elementwise.ts";
import { someAxes } from "./make-views.ts";

function reduction(content?: "positive"): Maker {
  return (draft, op) => {
    const make = (): Entry => {
      const { max } = draft.limits[op]!["input"]!.rankRange;
      return draft.leaf(draft.typeOf(op, "input"), draft.shape(0, max), content);
    };
    const input = content === undefined ? anyOperand(draft, op) : make();
    draft.call(op, {
      input: input.name,
      axes: draft.maybe(() => someAxes(draft, input.shape), 0.8),
      keepDimensions: draft.maybe(() => draft.chance(0.5)),
    });
  };
}

/** Of values known to the last bit: a small error may make another element the greatest. */
const extreme: Maker = (draft, op) => {
  const { max } = draft.limits[op]!["input"]!.rankRange;
  const input = draft.operand(
    draft.types(op, "input"),
    (entry) => entry.shape.length > 0 && isExact(entry),
    () => draft.leaf(draft.typeOf(op, "input"), draft.shape(1, max)),
  );
  draft.call(op, {
    input: input.name,
    axis: draft.below(input.shape.length),
    keepDimensions: draft.maybe(() => draft.chance(0.5)),
    outputDataType: draft.maybe(() => draft.pick(draft.types(op, "output"))),
  });
};

const softmax: Maker = (draft, op) => {
  const input = anyOperand(draft, op, "input", 1);
  if (!(magnitudeOf(input) < 100)) return;
  draft.call(op, { input: input.name, axis: draft.below(input.shape.length) });
};

const matmul: Maker = (draft, op) => {
  const a = anyOperand(draft, op, "a", 2);
  const [rows, depth] = a.shape.slice(-2) as [number, number];
  const columns = draft.pick([1, 2, 3, 4, 5, 8, 9, 16, 17]);
  const isUsable = ({ shape }: Entry): boolean => shape.length === 2 && shape[0] === depth;
  const batch = a.shape.slice(0, -2).map((size) => (draft.chance(0.3) ? 1 : size));
  const outer = draft.chance(0.4) ? [] : batch.slice(draft.below(batch.length + 1));
  const make = (): Entry => draft.leaf(a.dataType, [...outer, depth, columns]);
  const b = draft.operand([a.dataType], isUsable, make, 0.4);
  if (draft.chance(0.15)) {
    // The other way round: the earlier value is the right side.
    const left = draft.leaf(a.dataType, [columns, rows]);
    return draft.call(op, { a: left.name, b: a.name });
  }
  draft.call(op, { a: a.name, b: b.name });
};

const gemm: Maker = (draft, op) => {
  const a = draft.operand(
    draft.types(op, "a"),
    ({ shape }) => shape.length === 2,
    () => draft.leaf(draft.typeOf(op, "a"), draft.shape(2, 2)),
  );
  const [aTranspose, bTranspose] = [draft.chance(0.4), draft.chance(0.4)];
  const [rows, depth] = aTranspose ? a.shape.toReversed() : a.shape;
  const columns = draft.pick([1, 2, 3, 4, 7, 8, 9, 17]);
  const b = draft.leaf(a.dataType, bTranspose ? [columns, depth!] : [depth!, columns]);
  const some = [rows!, columns].map((size) => (draft.chance(0.3) ? 1 : size));
  const c = draft.maybe(() => draft.leaf(a.dataType, some.slice(draft.below(3))));
  draft.call(op, {
    a: a.name,
    b: b.name,
    c: c?.name,
    alpha: draft.maybe(() => draft.pick([1, 0.5, -2, 0.1])),
    beta: draft.maybe(() => draft.pick([1, 0, 2, -0.3])),
    aTranspose: aTranspose || undefined,
    bTranspose: bTranspose || undefined,
  });
};

function parameter(draft: Draft, dataType: StorageType, shape: Shape): string | undefined {
  return draft.maybe(() => draft.leaf(dataType, shape, "real"))?.name;
}

function epsilon(draft: Draft): number | undefined {
  return draft.maybe(() => draft.pick([1e-3, 0.1, 1]));
}

/** What is normalized: variances that are nearly 0 would make errors of rounding count. */
function normalizable(draft: Draft, op: string, min: number, max: number): Entry {
  return draft.operand(
    draft.types(op, "input"),
    (entry) => entry.shape.length >= min && entry.shape.length <= max && magnitudeOf(entry) < 1e3,
    () => draft.leaf(draft.typeOf(op, "input"), draft.shape(min, max), "real"),
  );
}

const batchNormalization: Maker = (draft, op) => {
  const { max } = draft.limits[op]!["input"]!.rankRange;
  const input = normalizable(draft, op, 1, max);
  const axis = draft.below(input.shape.length);
  const channels = [input.shape[axis]!];
  const mean = draft.leaf(input.dataType, channels, "real");
  const variance = draft.leaf(input.dataType, channels, "positive");
  draft.call(op, {
    input: input.name,
    mean: mean.name,
    variance: variance.name,
    scale: parameter(draft, input.dataType, channels),
    bias: parameter(draft, input.dataType, channels),
    axis: axis === 1 ? undefined : axis,
    epsilon: epsilon(draft),
  });
};

const instanceNormalization: Maker = (draft, op) => {
  const input = normalizable(draft, op, 4, 4);
  const layout = draft.maybe(() => draft.pick(["nchw", "nhwc"]));
  const channels = [input.shape[layout === "nhwc" ? 3 : 1]!];
  draft.call(op, {
    input: input.name,
    scale: parameter(draft, input.dataType, channels),
    bias: parameter(draft, input.dataType, channels),
    epsilon: epsilon(draft),
    layout,
  });
};

const layerNormalization: Maker = (draft, op) => {
  const { max } = draft.limits[op]!["input"]!.rankRange;
  const input = normalizable(draft, op, 0, max);
  const given =
    input.shape.length === 0 ? [] : draft.maybe(() => someAxes(draft, input.shape), 0.7);
  const axes = given ?? [...input.shape.keys()].slice(1);
  const shape = axes.map((d) => input.shape[d]!);
  draft.call(op, {
    input: input.name,
    scale: parameter(draft, input.dataType, shape),
    bias: parameter(draft, input.dataType, shape),
    axes: given,
    epsilon: epsilon(draft),
  });
};

const plain = reduction();

export const reduceMakers: Makers = {
  reduceL1: plain,
  reduceL2: plain,
  reduceLogSum: reduction("positive"),
  reduceLogSumExp: plain,
  reduceMax: plain,
  reduceMean: plain,
  reduceMin: plain,
  reduceProduct: (draft, op) =>
    isFloat(draft.typeOf(op, "input")) ? reduction("positive")(draft, op) : plain(draft, op),
  reduceSum: plain,
  reduceSumSquare: plain,
  argMin: extreme,
  argMax: extreme,
  softmax,
  matmul,
  gemm,
  batchNormalization,
  instanceNormalization,
  layerNormalization,
};
