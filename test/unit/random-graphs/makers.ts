/** What a random graph is made of: each maker adds a few nodes, or nothing where it finds no fitting values. */
import { isFloat, type StorageType } from "../../../core-webnn/util/data-type.ts";
import {
  evaluateSize,
  multiplySizes,
  productOf,
  type Size,
} from "../../../core-webnn/util/size.ts";
import { randomShape, sameShape, type Draft, type Entry } from "./draft.ts";

export type Maker = (draft: Draft) => readonly Entry[];

const unary = from(isNumber, (draft, x) => {
  const name = draft.pick(isFloat(x.value.dataType) ? ["neg", "abs", "relu", "sign"] : ["abs"]);
  if (x.value.dataType.startsWith("u")) return [];
  return kept(draft.op(name, { input: x.value }, [x], x.bound));
});

const smooth = from(
  ({ value, bound }) => value.dataType === "float32" && bound <= 2 ** 12,
  (draft, x) => {
    const name = draft.pick(["tanh", "sigmoid", "erf"]);
    return kept(draft.op(name, { input: x.value }, [x], 1, false));
  },
);

const binary = from(isNumber, (draft, a) => {
  const b = partnerOf(draft, a);
  const [name, bound] = draft.pick([
    ["add", a.bound + b.bound],
    ["sub", a.bound + b.bound],
    ["mul", a.bound * b.bound],
    ["max", Math.max(a.bound, b.bound)],
    ["min", Math.max(a.bound, b.bound)],
  ] as const);
  if (name === "sub" && a.value.dataType.startsWith("u")) return [];
  const swapped = draft.chance(0.5);
  const args = { a: (swapped ? b : a).value, b: (swapped ? a : b).value };
  return kept(draft.op(name, args, [a, b], bound));
});

const choice = from(
  (entry) => isNumber(entry) && entry.isExact,
  (draft, a) => {
    const b = partnerOf(draft, a);
    if (!b.isExact) return [];
    const relation = draft.pick(["equal", "greater", "lesserOrEqual"]);
    const condition = draft.op(relation, { a: a.value, b: b.value }, [a, b], 1);
    if (condition === undefined) return [];
    const args = { condition: condition.value, trueValue: a.value, falseValue: b.value };
    return kept(draft.op("where", args, [a, b], Math.max(a.bound, b.bound)));
  },
);

const conversion = from(
  ({ isExact }) => isExact,
  (draft, x) => {
    const targets: readonly StorageType[] = ["float32", "float16", "int32", "int64"];
    const dataType = draft.pick(x.bound <= 127 ? [...targets, "int8" as const] : targets);
    return kept(draft.op("cast", { input: x.value, dataType }, [x], x.bound));
  },
);

const reduction = from(isNumber, (draft, x) => {
  const { shape, dataType } = x.value;
  const axes = [...shape.keys()].filter(() => draft.chance(0.5));
  const count = draft.count(axes.map((axis) => shape[axis]!));
  const options = { axes, keepDimensions: draft.chance(0.5) };
  const sums = !["int8", "uint8"].includes(dataType);
  const name = draft.pick(sums ? ["reduceSum", "reduceMax", "reduceMin"] : ["reduceMax"]);
  const bound = name === "reduceSum" ? x.bound * count : x.bound;
  return kept(draft.op(name, { input: x.value, ...options }, [x], bound));
});

const indexOfExtreme = from(
  ({ value, isExact }) => isExact && value.shape.length > 0,
  (draft, x) => {
    const axis = draft.below(x.value.shape.length);
    const name = draft.pick(["argMax", "argMin"]);
    return kept(draft.op(name, { input: x.value, axis, outputDataType: "int32" }, [x], 600));
  },
);

const rearrangement = from(
  ({ value }) => value.shape.length > 0,
  (draft, x) => {
    const { shape } = x.value;
    const axis = draft.below(shape.length);
    const permutation = [...shape.keys()].sort(() => draft.below(3) - 1);
    const length = shape[axis]!;
    const start = typeof length === "number" ? draft.below(length) : 0;
    const rest = typeof length === "number" ? length - start : length;
    const made = draft.pick([
      () => draft.op("transpose", { input: x.value, permutation }, [x], x.bound),
      () => draft.op("reverse", { input: x.value, axes: [axis] }, [x], x.bound),
      () => draft.op("reshape", { input: x.value, newShape: reshaped(draft, shape) }, [x], x.bound),
      () => {
        const repetitions = shape.map((_, d) => (d === axis ? 2 : 1));
        return draft.op("tile", { input: x.value, repetitions }, [x], x.bound);
      },
      () => {
        const starts = shape.map((_, d) => (d === axis ? start : 0));
        return draft.op(
          "slice",
          { input: x.value, starts, sizes: shape.with(axis, rest) },
          [x],
          x.bound,
        );
      },
      () => {
        const newShape = [2, ...shape];
        return draft.op("expand", { input: x.value, newShape }, [x], x.bound);
      },
    ])();
    return kept(made);
  },
);

const padding = from(
  ({ value }) => value.shape.length > 0 && isNumber({ value }),
  (draft, x) => {
    const beginningPadding = x.value.shape.map(() => draft.below(2));
    const endingPadding = x.value.shape.map(() => draft.below(3));
    const fill = x.value.dataType.endsWith("64") ? 2n : 2;
    const options = { mode: draft.pick(["constant", "edge"]), value: fill };
    const args = { input: x.value, beginningPadding, endingPadding, ...options };
    return kept(draft.op("pad", args, [x], Math.max(2, x.bound)));
  },
);

const joining = from(
  ({ value }) => value.shape.length > 0,
  (draft, x) => {
    const others = draft.entries.filter(
      ({ value }) => value.dataType === x.value.dataType && sameShape(value.shape, x.value.shape),
    );
    const parts = Array.from({ length: draft.pick([2, 2, 3, 10]) }, () => draft.pick(others));
    const axis = draft.below(x.value.shape.length);
    const bound = Math.max(...parts.map((part) => part.bound));
    const inputs = parts.map(({ value }) => value);
    return kept(draft.op("concat", { inputs, axis }, parts, bound));
  },
);

const splitting = from(
  ({ value }) => value.shape.some((size) => size === 2 || size === 4),
  (draft, x) => {
    const axis = x.value.shape.findIndex((size) => size === 2 || size === 4);
    const parts = draft.sketch.ops("split", { input: x.value, splits: 2, axis });
    return parts.map((value) => ({ ...x, value }));
  },
);

const lookup = from(
  ({ value }) => typeof value.shape[0] === "number",
  (draft, any) => {
    const x = (draft.chance(0.3) && weights(draft, "float32", [4, 3])) || any;
    const [rows] = x.value.shape;
    if (typeof rows !== "number") return [];
    const indices = draft.leaf("int32", randomShape(draft).slice(0, 2), rows - 1);
    return kept(draft.op("gather", { input: x.value, indices: indices.value }, [x], x.bound));
  },
);

const product = from(
  ({ value }) => isFloat(value.dataType) && value.shape.length >= 2,
  (draft, a) => {
    const { shape, dataType } = a.value;
    const [k, n] = [shape.at(-1)!, 1 + draft.below(9)];
    const b =
      typeof k === "number" && draft.chance(0.5) ? weights(draft, dataType, [k, n]) : leafLike();
    if (b === undefined) return [];
    const bound = a.bound * b.bound * draft.count([k]);
    return kept(draft.op("matmul", { a: a.value, b: b.value }, [a, b], bound));

    function leafLike(): Entry {
      const batch = draft.chance(0.3) ? shape.slice(0, -2) : [];
      return draft.leaf(dataType, [...batch, k, n]);
    }
  },
);

/** A decoded matrix: per tensor or per column, also behind a transpose. */
function weights(draft: Draft, dataType: StorageType, [k, n]: readonly [number, number]) {
  const encoded = draft.pick(["int8", "uint8", "int4", "uint4"] as const);
  const turned = draft.chance(0.4);
  const shape = turned ? [n, k] : [k, n];
  const perColumn = draft.chance(0.5);
  const parameters = shape.map((size) => (perColumn && size === n ? n : 1));
  const [q, zero] = [draft.leaf(encoded, shape, 7), draft.leaf(encoded, parameters, 3)];
  const scale = draft.leaf(dataType, parameters, 2);
  const args = { input: q.value, scale: scale.value, zeroPoint: zero.value };
  const decoded = draft.op("dequantizeLinear", args, [q], 20);
  if (decoded === undefined || !turned) return decoded;
  return draft.op("transpose", { input: decoded.value }, [decoded], decoded.bound);
}

/** Encoded and decoded again, where that loses nothing. */
const requantization = from(
  ({ value, isExact }) => isExact && value.dataType === "float32",
  (draft, x) => {
    if (x.bound > 100) return [];
    const rank = x.value.shape.length;
    const scale = draft.sketch.scalar("float32", 1, rank);
    const [type, zero] = draft.pick([
      ["int8", 5],
      ["int8", 0],
      ["uint8", 128],
    ] as const);
    const zeroPoint = draft.sketch.scalar(type, zero, rank);
    const q = draft.op("quantizeLinear", { input: x.value, scale, zeroPoint }, [x], 255);
    if (q === undefined) return [];
    const args = { input: q.value, scale, zeroPoint };
    return kept(draft.op("dequantizeLinear", args, [q], x.bound + 128));
  },
);

const normalization = from(
  ({ value }) => value.dataType === "float32" && value.shape.length > 0,
  (draft, x) => {
    const axis = draft.below(x.value.shape.length);
    if (draft.chance(0.5)) {
      return kept(draft.op("softmax", { input: x.value, axis }, [x], 1, false));
    }
    const args = { input: x.value, axes: [axis], epsilon: 1 };
    return kept(draft.op("layerNormalization", args, [x], 30, false));
  },
);

const window = from(
  ({ value }) => value.shape.length === 4 && value.dataType === "float32",
  (draft, x) => {
    const [channels, height, width] = x.value.shape.slice(1);
    if (typeof channels !== "number") return [];
    const options = {
      padding: [1, draft.below(2), draft.below(2), 1],
      strides: [1, 1 + draft.below(2)],
    };
    const isSmall = [height, width].some((size) => evaluateSize(size!, draft.sizes) < 2);
    if (isSmall) return [];
    if (draft.chance(0.4)) {
      const args = { input: x.value, windowDimensions: [2, 2], ...options };
      return kept(draft.op("maxPool2d", args, [x], x.bound));
    }
    const filter = draft.leaf("float32", [1 + draft.below(4), channels, 2, 2]);
    const bound = x.bound * filter.bound * channels * 4;
    return kept(
      draft.op("conv2d", { input: x.value, filter: filter.value, ...options }, [x], bound),
    );
  },
);

const newLeaf: Maker = (draft) => [
  draft.leaf(
    draft.pick(["float32", "float32", "float16", "int32", "int64", "uint8"]),
    randomShape(draft),
  ),
];

export const makers: readonly Maker[] = [
  unary,
  smooth,
  binary,
  binary,
  binary,
  choice,
  conversion,
  reduction,
  reduction,
  indexOfExtreme,
  rearrangement,
  rearrangement,
  padding,
  joining,
  splitting,
  lookup,
  product,
  product,
  requantization,
  normalization,
  window,
  newLeaf,
];

function kept(entry: Entry | undefined): readonly Entry[] {
  return entry === undefined ? [] : [entry];
}

/** Goes on from one value that fits, more likely a late one. */
function from(
  fits: (entry: Entry) => boolean,
  make: (draft: Draft, entry: Entry) => readonly Entry[],
): Maker {
  return (draft) => {
    const fitting = draft.entries.filter(fits);
    if (fitting.length === 0) return [];
    const at = Math.max(draft.below(fitting.length), draft.below(fitting.length));
    return make(draft, fitting[at]!);
  };
}

function isNumber({ value }: Pick<Entry, "value">): boolean {
  return !["int8", "uint8", "int4", "uint4"].includes(value.dataType);
}

/** A value that broadcasts with another. */
function partnerOf(draft: Draft, { value: { dataType, shape } }: Entry): Entry {
  const same = draft.entries.filter(
    ({ value }) => value.dataType === dataType && broadcasts(value.shape, shape),
  );
  if (draft.chance(0.7)) return draft.pick(same);
  return draft.leaf(
    dataType,
    shape.map((size) => (draft.chance(0.4) ? 1 : size)).slice(draft.below(2)),
  );
}

function broadcasts(a: readonly Size[], b: readonly Size[]): boolean {
  if (a.length > b.length) return broadcasts(b, a);
  return a.every((size, d) => size === 1 || sameShape([size], [b[d + b.length - a.length]!]));
}

/** The same elements, as one dimension or with neighbours joined. */
function reshaped(draft: Draft, shape: readonly Size[]): readonly Size[] {
  if (draft.chance(0.3) || shape.length < 2) return [1, productOf(shape)];
  const at = draft.below(shape.length - 1);
  return shape.toSpliced(at, 2, multiplySizes(shape[at]!, shape[at + 1]!));
}
