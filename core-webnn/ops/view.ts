/**
 * Rows that move elements without computing: each output index is led back to an index of an operand.
 * The attributes that are sizes may be symbolic where the context offers it.
 */
import {
  addAddress,
  constant,
  modAddress,
  mulAddress,
  reshapeIndex,
  sizeAddress,
  subtractAddress,
} from "../kernel/address.ts";
import { guard } from "../kernel/expr.ts";
import type { Expr } from "../kernel/ir.ts";
import { storageTypes } from "../util/data-type.ts";
import {
  addSizes,
  floorDivideSizes,
  formatShape,
  multiplySizes,
  productOf,
  type Size,
} from "../util/size.ts";
import { broadcastIndex, compareAddresses, lastIndex } from "./addresses.ts";
import { anyRank, anyType, operand } from "./operands.ts";
import { op, type Descriptor, type Row } from "./row.ts";
import { allAxes, check, checkAxes, checkAxis, checkLength, claimBroadcastable } from "./shapes.ts";

export const identity = op("identity", {
  args: { input: operand(anyType) },
  infer: ({ input }) => [input],
  lower: { kind: "index", value: (read, index, { input }) => read(input, index), reshapes: true },
  role: "view",
  ulp: 0,
});

export const reshape = op("reshape", {
  // Of 4 bits, too: onnxruntime-web gives zero points the rank of what they belong to.
  args: { input: operand(storageTypes), newShape: { kind: "sizes" } },
  outputs: { output: { types: { sameAs: "input" }, ranks: anyRank } },
  infer({ input, newShape }, claims) {
    const shapes = `shapes ${formatShape(input.shape)} and ${formatShape(newShape)}`;
    claims.equal(productOf(input.shape), productOf(newShape), `element counts of ${shapes}`);
    return [{ dataType: input.dataType, shape: newShape }];
  },
  lower: {
    kind: "index",
    value: (read, index, { input, newShape }) =>
      read(input, reshapeIndex(index, newShape, input.shape)),
    reshapes: true,
  },
  role: "view",
  ulp: 0,
});

export const transpose = op("transpose", {
  args: { input: operand(anyType) },
  options: { permutation: { kind: "u32List", optional: true } },
  resolve: ({ input, permutation }) => ({
    permutation: permutation ?? allAxes(input.shape).toReversed(),
  }),
  infer({ input, permutation }) {
    checkLength(permutation, input.shape.length, "permutation");
    checkAxes(permutation, input.shape.length, "permutation");
    return [{ dataType: input.dataType, shape: permutation.map((d) => input.shape[d]!) }];
  },
  lower: {
    kind: "index",
    value: (read, index, { input, permutation }) =>
      read(
        input,
        allAxes(input.shape).map((d) => index[permutation.indexOf(d)]!),
      ),
    inverse: (index, { permutation }) => permutation.map((d) => index[d]!),
  },
  role: "view",
  ulp: 0,
});

export const expand = op("expand", {
  args: { input: operand(anyType), newShape: { kind: "sizes" } },
  outputs: { output: { types: { sameAs: "input" }, ranks: anyRank } },
  infer({ input, newShape }, claims) {
    claimBroadcastable(input.shape, newShape, claims, "input and newShape");
    return [{ dataType: input.dataType, shape: newShape }];
  },
  lower: {
    kind: "index",
    value: (read, index, { input }) => read(input, broadcastIndex(index, input.shape)),
  },
  ulp: 0,
});

export const slice = op("slice", {
  args: { input: operand(anyType), starts: { kind: "sizes" }, sizes: { kind: "sizes" } },
  options: { strides: { kind: "u32List", optional: true } },
  resolve: ({ input, strides }) => ({ strides: strides ?? input.shape.map(() => 1) }),
  infer({ input, starts, sizes, strides }, claims) {
    const rank = input.shape.length;
    checkLength(starts, rank, "starts");
    checkLength(sizes, rank, "sizes");
    checkLength(strides, rank, "strides");
    check(!sizes.includes(0), `sizes ${formatShape(sizes)} must not contain 0`);
    check(!strides.includes(0), `strides [${strides.join(", ")}] must not contain 0`);
    input.shape.forEach((size, d) => {
      const end = addSizes(starts[d]!, sizes[d]!);
      claims.atMost(end, size, `end of the slice and size of dimension ${d}`);
    });
    return [{ dataType: input.dataType, shape: sizes.map((size, d) => steps(size, strides[d]!)) }];
  },
  lower: {
    kind: "index",
    value: (read, index, { input, starts, strides }) =>
      read(
        input,
        index.map((at, d) =>
          addAddress(sizeAddress(starts[d]!), mulAddress(at, constant(strides[d]!))),
        ),
      ),
  },
  ulp: 0,
});

export const concat = op("concat", {
  args: {
    inputs: { kind: "operands", types: anyType, ranks: { min: 1 } },
    axis: { kind: "u32" },
  },
  infer({ inputs, axis }, claims) {
    const [first] = inputs;
    check(first !== undefined, "inputs must not be empty");
    checkTensorCount(inputs.length, "inputs are");
    checkAxis(axis, first.shape.length);
    inputs.forEach(({ dataType, shape }, i) => {
      check(dataType === first.dataType, `inputs[${i}] is ${dataType}, not ${first.dataType}`);
      checkLength(shape, first.shape.length, `the shape of inputs[${i}]`);
      shape.forEach((size, d) => {
        const says = `dimension ${d} of inputs[${i}] and inputs[0]`;
        if (d !== axis) claims.equal(size, first.shape[d]!, says);
      });
    });
    const total = addSizes(...inputs.map(({ shape }) => shape[axis]!));
    return [{ dataType: first.dataType, shape: first.shape.with(axis, total) }];
  },
  lower: {
    kind: "index",
    value(read, index, { inputs, axis }) {
      const at = (input: number): Expr => {
        const start = addSizes(...inputs.slice(0, input).map(({ shape }) => shape[axis]!));
        const { shape } = inputs[input]!;
        const along = subtractAddress(index[axis]!, sizeAddress(start));
        const element = read(inputs[input]!, index.with(axis, along));
        if (input === inputs.length - 1) return element;
        const end = sizeAddress(addSizes(start, shape[axis]!));
        return guard(compareAddresses("lt", index[axis]!, end), element, at(input + 1));
      };
      return at(0);
    },
  },
  associative: true,
  ulp: 0,
});

export const split = op("split", {
  args: {
    input: operand(anyType, { min: 1 }),
    splits: { kind: "u32OrList" },
  },
  options: { axis: { kind: "u32", default: 0 } },
  outputs: { outputs: { types: { sameAs: "input" }, ranks: { sameAs: "input" } } },
  infer({ input, splits, axis }, claims) {
    checkAxis(axis, input.shape.length);
    const count = typeof splits === "number" ? splits : splits.length;
    checkTensorCount(count, "splits makes");
    const size = input.shape[axis]!;
    if (typeof splits === "number") {
      const whole = multiplySizes(floorDivideSizes(size, splits), splits);
      claims.equal(size, whole, `dimension ${axis} in ${splits} equal parts`);
    } else {
      check(!splits.includes(0), `splits [${splits.join(", ")}] must not contain 0`);
      claims.equal(addSizes(...splits), size, `sum of splits and size of dimension ${axis}`);
    }
    return partsOf(input, splits, axis).map((part) => ({
      dataType: input.dataType,
      shape: input.shape.with(axis, part),
    }));
  },
  lower: {
    kind: "index",
    value(read, index, { input, splits, axis }, _, output) {
      const start = addSizes(...partsOf(input, splits, axis).slice(0, output));
      return read(input, index.with(axis, addAddress(index[axis]!, sizeAddress(start))));
    },
  },
  ulp: 0,
});

export const reverse = op("reverse", {
  args: { input: operand(anyType) },
  options: { axes: { kind: "u32List", optional: true } },
  resolve: ({ input, axes }) => ({ axes: axes ?? allAxes(input.shape) }),
  infer({ input, axes }) {
    checkAxes(axes, input.shape.length);
    return [input];
  },
  lower: {
    kind: "index",
    value: (read, index, { input, axes }) =>
      read(
        input,
        index.map((at, d) =>
          axes.includes(d) ? subtractAddress(lastIndex(input.shape[d]!), at) : at,
        ),
      ),
  },
  role: "view",
  ulp: 0,
});

export const tile = op("tile", {
  args: { input: operand(anyType), repetitions: { kind: "sizes" } },
  infer({ input, repetitions }) {
    checkLength(repetitions, input.shape.length, "repetitions");
    check(!repetitions.includes(0), `repetitions ${formatShape(repetitions)} must not contain 0`);
    const shape = input.shape.map((size, d) => multiplySizes(size, repetitions[d]!));
    return [{ dataType: input.dataType, shape }];
  },
  lower: {
    kind: "index",
    value: (read, index, { input }) =>
      read(
        input,
        index.map((at, d) => modAddress(at, sizeAddress(input.shape[d]!))),
      ),
  },
  ulp: 0,
});

export const viewRows: readonly Row[] = [
  identity,
  reshape,
  transpose,
  expand,
  slice,
  concat,
  split,
  reverse,
  tile,
];

/** https://www.w3.org/TR/webnn/#valid-tensor-count */
function checkTensorCount(count: number, says: string): void {
  check(count > 0 && count <= 8192, `${says} ${count} tensors, not 1 to 8192`);
}

/** How many elements a stride meets in a slice of this size. */
function steps(size: Size, stride: number): Size {
  return floorDivideSizes(addSizes(size, stride - 1), stride);
}

function partsOf(
  { shape }: Descriptor,
  splits: number | readonly number[],
  axis: number,
): readonly Size[] {
  if (typeof splits !== "number") return splits;
  return Array.from({ length: splits }, () => floorDivideSizes(shape[axis]!, splits));
}
