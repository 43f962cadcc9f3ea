/**
 * convTranspose2d (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-convtranspose2d) in two steps that waste no
 * multiplication: one contraction makes the product of every input position and every element of the
 * filter, summed over input channels; then each output element gathers the products that fall on it.
 *
 * Products stay float32 for float16 operands, so that the result rounds once.
 */
import {
  addAddress,
  constant,
  floorDivAddress,
  modAddress,
  mulAddress,
  sizeAddress,
  subtractAddress,
} from "../kernel/address.ts";
import { f32 } from "../kernel/expr.ts";
import type { Address, Expr } from "../kernel/ir.ts";
import {
  addSizes,
  floorDivideSizes,
  multiplySizes,
  subtractSizes,
  type Size,
} from "../util/size.ts";
import { allOf, compareAddresses, insideDimension } from "./addresses.ts";
import { fromFilter, inFilter, inGroup } from "./filter.ts";
import { anyType, exactRank, floatTypes, operand, operandLike } from "./operands.ts";
import { op, type Contraction, type Descriptor, type Reduction, type Row } from "./row.ts";
import { check, checkLength, claimSameShape, termCount } from "./shapes.ts";
import { add } from "./values.ts";
import {
  checkWindow,
  claimPositive,
  fromLayout,
  inLayout,
  resolveWindow,
  windowOptions,
  type Layout,
  type Window,
} from "./window.ts";

const filterLayouts = ["iohw", "hwoi", "ohwi"] as const;
type FilterLayout = (typeof filterLayouts)[number];

const groupsAndLayouts = {
  groups: { kind: "u32", default: 1 },
  inputLayout: { kind: "enum", values: ["nchw", "nhwc"], default: "nchw" },
  filterLayout: { kind: "enum", values: filterLayouts, default: "iohw" },
} as const;

/** Products [batch, group, filter element, position] where images are nchw, else [batch, position, group, filter element]. */
const filterProducts = op("filterProducts", {
  args: { input: operand(floatTypes, exactRank(4)), filter: operandLike("input", exactRank(4)) },
  options: groupsAndLayouts,
  outputs: { output: { types: ["float32"], ranks: exactRank(7) } },
  infer({ input, filter, groups, inputLayout, filterLayout }) {
    const { batch, position } = fromLayout(inputLayout, input.shape);
    const { output, position: window } = fromFilter(filterLayout, filter.shape);
    const parts = { batch, group: groups, output, window, position };
    return [{ dataType: "float32", shape: inProducts<Size>({ inputLayout, filterLayout }, parts) }];
  },
  lower: { kind: "contract", of: allProducts },
  ulp: ({ input, inputLayout }) => 2 * termCount([fromLayout(inputLayout, input.shape).channel]),
});

/** Sums the products that fall on each output element, and the bias. */
const gatherProducts = op("gatherProducts", {
  args: { products: operand(["float32"], exactRank(7)), dataType: { kind: "dataType" } },
  options: {
    ...windowOptions,
    ...groupsAndLayouts,
    sizes: { kind: "sizes" },
    bias: { ...operand(floatTypes, exactRank(1)), optional: true },
  },
  outputs: { output: { types: anyType, ranks: exactRank(4) } },
  resolve: resolveWindow,
  infer({ products, dataType, sizes, inputLayout, filterLayout }) {
    const { batch, group, output } = fromProducts({ inputLayout, filterLayout }, products.shape);
    const shape = inLayout(inputLayout, batch, multiplySizes(group, output), sizes);
    return [{ dataType, shape }];
  },
  lower: { kind: "reduce", of: gathered },
  ulp: ({ products, ...layouts }) => termCount(fromProducts(layouts, products.shape).window) + 1,
});

export const convTranspose2d = op("convTranspose2d", {
  args: { input: operand(floatTypes, exactRank(4)), filter: operandLike("input", exactRank(4)) },
  options: {
    ...windowOptions,
    outputPadding: { kind: "u32List", optional: true },
    outputSizes: { kind: "u32List", optional: true },
    ...groupsAndLayouts,
    bias: { ...operandLike("input", exactRank(1)), optional: true },
  },
  outputs: { output: { types: { sameAs: "input" }, ranks: exactRank(4) } },
  resolve: ({ outputPadding, ...rest }) => ({
    ...resolveWindow(rest),
    outputPadding: outputPadding ?? [0, 0],
  }),
  infer(args, claims) {
    const { input, filter, bias, groups, inputLayout, outputSizes, strides } = args;
    checkWindow(args);
    checkLength(args.outputPadding, 2, "outputPadding");
    if (outputSizes) checkLength(outputSizes, 2, "outputSizes");
    else checkOutputPadding(args.outputPadding, strides);
    check(groups > 0, "groups must not be 0");
    const image = fromLayout(inputLayout, input.shape);
    const parts = fromFilter(args.filterLayout, filter.shape);
    claims.equal(image.channel, parts.input, "input channels and input channels of filter");
    const whole = multiplySizes(floorDivideSizes(image.channel, groups), groups);
    claims.equal(image.channel, whole, `input channels in ${groups} equal groups`);
    const outputs = multiplySizes(parts.output, groups);
    if (bias) claimSameShape(bias.shape, [outputs], claims, "bias and output channels");
    const least = leastSizes(args, image.position, parts.position);
    outputSizes?.forEach((size, d) => {
      const says = `output size ${size} and its range, ${["height", "width"][d]!}`;
      claims.atMost(least[d]!, size, says);
      claims.atMost(size, addSizes(least[d]!, strides[d]! - 1), says);
    });
    const sizes = outputSizes ?? least.map((size, d) => addSizes(size, args.outputPadding[d]!));
    claimPositive(sizes, claims);
    return [
      { dataType: input.dataType, shape: inLayout(inputLayout, image.batch, outputs, sizes) },
    ];
  },
  lower: {
    kind: "decompose",
    into(addNode, args, [result]) {
      const { input, filter, groups, inputLayout, filterLayout, bias } = args;
      const layouts = { groups, inputLayout, filterLayout };
      const { padding, strides, dilations } = args;
      const products = addNode(filterProducts, { input, filter, ...layouts });
      const { dataType } = input;
      const sizes = fromLayout(inputLayout, result!.shape).position;
      const window = { padding, strides, dilations };
      return addNode(gatherProducts, { products, dataType, sizes, ...window, ...layouts, bias });
    },
  },
  ulp({ filter, filterLayout }) {
    const { input, position } = fromFilter(filterLayout, filter.shape);
    return 2 * termCount([input, ...position]) + 1;
  },
});

export const convTransposeRows: readonly Row[] = [convTranspose2d];
export const convTransposeParts: readonly Row[] = [filterProducts, gatherProducts];

/** https://www.w3.org/TR/webnn/#mlgraphbuilder-calculate-convtranspose-output-size */
function leastSizes(
  { padding, strides, dilations }: Window,
  position: readonly Size[],
  window: readonly Size[],
): readonly Size[] {
  return position.map((size, d) => {
    const steps = multiplySizes(subtractSizes(size, 1), strides[d]!);
    const reach = multiplySizes(subtractSizes(window[d]!, 1), dilations[d]!);
    return addSizes(steps, reach, 1 - padding[2 * d]! - padding[2 * d + 1]!);
  });
}

function checkOutputPadding(outputPadding: readonly number[], strides: readonly number[]): void {
  const isLess = outputPadding.every((size, d) => size < strides[d]!);
  const says = `outputPadding [${outputPadding.join(", ")}] must be less than strides`;
  check(isLess, `${says} [${strides.join(", ")}]`);
}

interface Layouts {
  readonly inputLayout: Layout;
  readonly filterLayout: FilterLayout;
}

/** Of sizes and of addresses alike. */
interface ProductParts<T> {
  readonly batch: T;
  readonly group: T;
  readonly output: T;
  /** The element of the filter. */
  readonly window: readonly T[];
  /** In the input. */
  readonly position: readonly T[];
}

/** The dimensions of the filter that are not summed over, in their order. */
function keptLayout(layout: FilterLayout): string {
  return layout.replace("i", "");
}

function inProducts<T>({ inputLayout, filterLayout }: Layouts, parts: ProductParts<T>): T[] {
  const { batch, group, output, window, position } = parts;
  const element = inFilter(keptLayout(filterLayout), { output, position: window });
  return inputLayout === "nchw"
    ? [batch, group, ...element, ...position]
    : [batch, ...position, group, ...element];
}

function fromProducts<T>(
  { inputLayout, filterLayout }: Layouts,
  [batch, ...rest]: readonly T[],
): ProductParts<T> {
  const [group, element, position] =
    inputLayout === "nchw"
      ? [rest[0], rest.slice(1, 4), rest.slice(4)]
      : [rest[2], rest.slice(3), rest.slice(0, 2)];
  const { output, position: window } = fromFilter(keptLayout(filterLayout), element);
  return { batch: batch!, group: group!, output, window, position };
}

interface Operands extends Layouts {
  readonly input: Descriptor;
  readonly filter: Descriptor;
  readonly groups: number;
}

/** Whichever is contiguous along its columns is operand b: the image where it is nchw, else the filter. */
function allProducts({ input, filter, groups, inputLayout, filterLayout }: Operands): Contraction {
  const image = fromLayout(inputLayout, input.shape);
  const parts = fromFilter(filterLayout, filter.shape);
  const kept = keptLayout(filterLayout);
  const elements = inFilter(kept, { output: parts.output, position: parts.position });
  const perGroup = floorDivideSizes(image.channel, groups);
  const atInput = (
    group: Address,
    at: readonly Address[],
    [k]: readonly Address[],
  ): readonly Address[] =>
    inLayout(inputLayout, at[0]!, inGroup([group], k!, perGroup), at.slice(1));
  const atFilter = (
    group: Address,
    element: readonly Address[],
    [k]: readonly Address[],
  ): readonly Address[] =>
    inFilter(filterLayout, { ...fromFilter(kept, element), input: inGroup([group], k!, perGroup) });
  if (inputLayout === "nchw") {
    return {
      batch: [image.batch, groups],
      m: elements,
      n: image.position,
      k: [perGroup],
      a: { operand: filter, index: ([, group], m, k) => atFilter(group!, m, k) },
      b: { operand: input, index: ([batch, group], n, k) => atInput(group!, [batch!, ...n], k) },
      output: (batch, m, n) => [...batch, ...m, ...n],
    };
  }
  return {
    batch: [groups],
    m: [image.batch, ...image.position],
    n: elements,
    k: [perGroup],
    a: { operand: input, index: ([group], m, k) => atInput(group!, m, k) },
    b: { operand: filter, index: ([group], n, k) => atFilter(group!, n, k) },
    output: ([group], m, n) => [...m, group!, ...n],
  };
}

interface Gathering extends Layouts, Window {
  readonly products: Descriptor;
  readonly bias: Descriptor | undefined;
}

function gathered(args: Gathering): Reduction {
  const { products, bias, inputLayout } = args;
  const parts = fromProducts(args, products.shape);
  const taps = parts.window.map((size, d) => tapsAlong(args, d, size, parts.position[d]!));
  const channelOf = (index: readonly Address[]): Address => fromLayout(inputLayout, index).channel;
  const metBy = (index: readonly Address[], point: readonly Address[]): readonly Met[] => {
    const { position } = fromLayout(inputLayout, index);
    return taps.map(({ at }, d) => at(position[d]!, point[d]!));
  };
  return {
    extents: taps.map(({ count }) => count),
    element(read, index, point) {
      const met = metBy(index, point);
      const channel = channelOf(index);
      const outputs = sizeAddress(parts.output);
      const place: ProductParts<Address> = {
        batch: fromLayout(inputLayout, index).batch,
        group: floorDivAddress(channel, outputs),
        output: modAddress(channel, outputs),
        window: met.map(({ tap }) => tap),
        position: met.map(({ position }) => position),
      };
      return read(products, inProducts(args, place));
    },
    inside: (index, point) => allOf(metBy(index, point).map(({ isMet }) => isMet)),
    types: ["f32"],
    init: [f32(0)],
    map: (x) => [x],
    combine: ([sum], [x]) => [add(sum!, x!)],
    finish: ([sum], index, read) => (bias ? add(sum!, read(bias, [channelOf(index)])) : sum!),
  };
}

/** An element of the filter that an output element meets, the input position there, and whether there is one. */
interface Met {
  readonly tap: Address;
  readonly position: Address;
  readonly isMet: Expr;
}

/**
 * Along one dimension, output element y meets the taps t and input positions x with
 *   x · stride + t · dilation = y + padding.
 * Less common factors, t is (y + padding) / dilation modulo the stride: only every stride-th tap is tried.
 */
function tapsAlong(
  { padding, strides, dilations }: Window,
  d: number,
  window: Size,
  size: Size,
): { readonly count: Size; readonly at: (y: Address, point: Address) => Met } {
  const common = greatestDivisor(strides[d]!, dilations[d]!);
  const [stride, dilation] = [strides[d]! / common, dilations[d]! / common];
  const inverse = constant(inverseOf(dilation % stride, stride));
  return {
    count: floorDivideSizes(addSizes(window, stride - 1), stride),
    at(y, point) {
      const padded = addAddress(y, constant(padding[2 * d]!));
      const reduced = floorDivAddress(padded, constant(common));
      const residue = modAddress(reduced, constant(stride));
      const first = modAddress(mulAddress(residue, inverse), constant(stride));
      const tap = addAddress(first, mulAddress(point, constant(stride)));
      // x of the first tap, less the dilation for each that follows; both residues cancel where it is 1.
      const left = subtractAddress(residue, mulAddress(first, constant(dilation)));
      const whole = floorDivAddress(reduced, constant(stride));
      const start = addAddress(whole, floorDivAddress(left, constant(stride)));
      const position = subtractAddress(start, mulAddress(point, constant(dilation)));
      const isMet = allOf([
        compareAddresses("eq", modAddress(padded, constant(common)), constant(0)),
        compareAddresses("lt", tap, sizeAddress(window)),
        insideDimension(position, size),
      ]);
      return { tap, position, isMet };
    },
  };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** x with a · x = 1 modulo `modulus`, for coprime numbers; 0 modulo 1. */
function inverseOf(a: number, modulus: number): number {
  let [rest, next, x, y] = [modulus, a, 0, 1];
  while (next > 0) {
    const whole = Math.floor(rest / next);
    [rest, next, x, y] = [next, rest - whole * next, y, x - whole * y];
  }
  return ((x % modulus) + modulus) % modulus;
}
