/** Pools: reductions over a window (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-pool2d). Padding is left out, also of averages. */
import { binary, f32, unary } from "../kernel/expr.ts";
import type { Address, Expr } from "../kernel/ir.ts";
import type { DataType, StorageType } from "../util/data-type.ts";
import { formatShape, sizesEqual, type Size } from "../util/size.ts";
import { anyType, exactRank, floatTypes, operand } from "./operands.ts";
import { lowest } from "./reduce.ts";
import { op, type Descriptor, type Reduction, type Row } from "./row.ts";
import { check } from "./shapes.ts";
import { add, div, mul } from "./values.ts";
import {
  checkPair,
  checkWindow,
  claimPositive,
  fromLayout,
  imagePosition,
  inLayout,
  insideImage,
  resolveWindow,
  windowOptions,
  windowOutputSizes,
  type Layout,
  type Window,
} from "./window.ts";

type Fold = Pick<Reduction, "map" | "combine" | "finish"> & {
  readonly init: (dataType: StorageType) => readonly Expr[];
};

/** The count stands in the state, because windows at the border hold fewer elements. */
const average: Fold = {
  init: () => [f32(0), f32(0)],
  map: (x) => [x, f32(1)],
  combine: ([total, count], [x, n]) => [add(total!, x!), add(count!, n!)],
  finish: ([total, count]) => div(total!, count!),
};
const euclidean: Fold = {
  init: () => [f32(0)],
  map: (x) => [mul(x, x)],
  combine: ([total], [x]) => [add(total!, x!)],
  finish: ([total]) => unary("sqrt", total!),
};
const greatest: Fold = {
  init: (dataType) => [lowest(dataType)],
  map: (x) => [x],
  combine: ([a], [b]) => [binary("max", a!, b!)],
  finish: ([x]) => x!,
};

export const averagePool2d = pool("averagePool2d", floatTypes, average, (count) => count + 3);
export const l2Pool2d = pool("l2Pool2d", floatTypes, euclidean, (count) => 2 * count + 3);
export const maxPool2d = pool("maxPool2d", anyType, greatest, () => 0);
export const poolRows: readonly Row[] = [averagePool2d, l2Pool2d, maxPool2d];

function pool(
  name: string,
  types: readonly DataType[],
  fold: Fold,
  ulp: (count: number) => number,
): Row {
  return op(name, {
    args: { input: operand(types, exactRank(4)) },
    options: {
      windowDimensions: { kind: "u32List", optional: true },
      ...windowOptions,
      layout: { kind: "enum", values: ["nchw", "nhwc"], default: "nchw" },
      outputShapeRounding: { kind: "enum", values: ["floor", "ceil"], default: "floor" },
      outputSizes: { kind: "u32List", optional: true },
    },
    outputs: { output: { types: { sameAs: "input" }, ranks: exactRank(4) } },
    // Padding counts also beside outputSizes: browsers and the conformance suite have it so.
    resolve: ({ input, windowDimensions, layout, ...rest }) => ({
      ...resolveWindow(rest),
      windowDimensions: windowDimensions ?? numbersOf(fromLayout(layout, input.shape).position),
    }),
    infer(args, claims) {
      const { input, layout } = args;
      const { batch, channel } = fromLayout(layout, input.shape);
      checkPair(args.windowDimensions, "windowDimensions");
      checkWindow(args);
      const sizes = outputSizesOf(args);
      claimPositive(sizes, claims);
      return [{ dataType: input.dataType, shape: inLayout(layout, batch, channel, sizes) }];
    },
    lower: { kind: "reduce", of: (args) => overWindow(args, fold) },
    ulp: ({ windowDimensions: [height, width] }) => ulp(height! * width!),
  });
}

interface Pool extends Window {
  readonly input: Descriptor;
  readonly layout: Layout;
  readonly windowDimensions: readonly number[];
  readonly outputShapeRounding: "floor" | "ceil";
  readonly outputSizes: readonly number[] | undefined;
}

function overWindow(args: Pool, { init, ...fold }: Fold): Reduction {
  const { input, layout, windowDimensions } = args;
  const { position: spatial } = fromLayout(layout, input.shape);
  const initial = init(input.dataType);
  const positionOf = (at: readonly Address[], point: readonly Address[]): Address[] =>
    imagePosition(args, fromLayout(layout, at).position, point);
  const mayLeave = args.padding.some((size) => size > 0) || roundsUp(args);
  return {
    extents: windowDimensions,
    element(read, at, point) {
      const { batch, channel } = fromLayout(layout, at);
      return read(input, inLayout(layout, batch, channel, positionOf(at, point)));
    },
    ...(mayLeave && { inside: (at, point) => insideImage(positionOf(at, point), spatial) }),
    types: initial.map(({ type }) => type),
    init: initial,
    ...fold,
  };
}

function outputSizesOf(args: Pool): readonly Size[] {
  const { outputSizes } = args;
  const floor = calculated(args, "floor");
  const ceil = calculated(args, "ceil");
  if (outputSizes === undefined) return args.outputShapeRounding === "floor" ? floor : ceil;
  checkPair(outputSizes, "outputSizes");
  const fits = [floor, ceil].some((sizes) => outputSizes.every((n, d) => sizesEqual(n, sizes[d]!)));
  const expected = `${formatShape(floor)} nor ${formatShape(ceil)}`;
  check(fits, `outputSizes [${outputSizes.join(", ")}] are neither ${expected}`);
  return outputSizes;
}

function calculated(args: Pool, rounding: "floor" | "ceil"): readonly Size[] {
  const { position } = fromLayout(args.layout, args.input.shape);
  return windowOutputSizes(position, args.windowDimensions, args, rounding);
}

function roundsUp(args: Pool): boolean {
  return args.outputSizes !== undefined || args.outputShapeRounding === "ceil";
}

function numbersOf(sizes: readonly Size[]): readonly number[] {
  return sizes.map((size) => {
    check(
      typeof size === "number",
      "windowDimensions must be given where the input has named sizes",
    );
    return size;
  });
}
