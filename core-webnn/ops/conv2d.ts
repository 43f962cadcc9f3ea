/**
 * conv2d as a contraction (https://www.w3.org/TR/webnn/#api-mlgraphbuilder-conv2d): rows are the
 * positions of all images, columns the output channels of a group, summed over a group's input
 * channels and the window, in the order in which the filter's layout has them.
 */
import type { Address } from "../kernel/ir.ts";
import { floorDivideSizes, multiplySizes } from "../util/size.ts";
import { fromFilter, inFilter, inGroup, type FilterParts } from "./filter.ts";
import { exactRank, floatTypes, operand, operandLike } from "./operands.ts";
import { op, type Contraction, type Descriptor, type Row } from "./row.ts";
import { check, claimSameShape, termCount } from "./shapes.ts";
import { add } from "./values.ts";
import {
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

const filterLayouts = ["oihw", "hwio", "ohwi", "ihwo"] as const;
type FilterLayout = (typeof filterLayouts)[number];

export const conv2d = op("conv2d", {
  args: { input: operand(floatTypes, exactRank(4)), filter: operandLike("input", exactRank(4)) },
  options: {
    ...windowOptions,
    groups: { kind: "u32", default: 1 },
    inputLayout: { kind: "enum", values: ["nchw", "nhwc"], default: "nchw" },
    filterLayout: { kind: "enum", values: filterLayouts, default: "oihw" },
    bias: { ...operandLike("input", exactRank(1)), optional: true },
  },
  outputs: { output: { types: { sameAs: "input" }, ranks: exactRank(4) } },
  resolve: resolveWindow,
  infer({ input, filter, bias, groups, inputLayout, filterLayout, ...window }, claims) {
    checkWindow(window);
    check(groups > 0, "groups must not be 0");
    const { batch, channel, position } = fromLayout(inputLayout, input.shape);
    const parts = fromFilter(filterLayout, filter.shape);
    const says = `input channels and ${groups} groups of filter input channels`;
    claims.equal(channel, multiplySizes(parts.input, groups), says);
    const outputs = parts.output;
    const whole = multiplySizes(floorDivideSizes(outputs, groups), groups);
    claims.equal(outputs, whole, `output channels in ${groups} equal groups`);
    if (bias) claimSameShape(bias.shape, [outputs], claims, "bias and output channels");
    const sizes = windowOutputSizes(position, parts.position, window, "floor");
    claimPositive(sizes, claims);
    return [{ dataType: input.dataType, shape: inLayout(inputLayout, batch, outputs, sizes) }];
  },
  lower: {
    kind: "contract",
    of: (args, [output]) => convolution(args, output!),
  },
  ulp({ filter, filterLayout }) {
    const { input, position } = fromFilter(filterLayout, filter.shape);
    return 2 * termCount([input, ...position]) + 1;
  },
});

export const convRows: readonly Row[] = [conv2d];

interface Convolution extends Window {
  readonly input: Descriptor;
  readonly filter: Descriptor;
  readonly bias: Descriptor | undefined;
  readonly groups: number;
  readonly inputLayout: Layout;
  readonly filterLayout: FilterLayout;
}

function convolution(args: Convolution, output: Descriptor): Contraction {
  const { input, filter, bias, groups, inputLayout, filterLayout } = args;
  const image = fromLayout(inputLayout, input.shape);
  const result = fromLayout(inputLayout, output.shape);
  const parts = fromFilter(filterLayout, filter.shape);
  const channelsFirst = filterLayout === "oihw" || filterLayout === "ihwo";
  const outputsPerGroup = floorDivideSizes(parts.output, groups);
  const point = (k: readonly Address[]): Pick<FilterParts<Address>, "input" | "position"> =>
    channelsFirst
      ? { input: k[0]!, position: k.slice(1) }
      : { input: k[2]!, position: k.slice(0, 2) };
  const positionOf = (m: readonly Address[], k: readonly Address[]): Address[] =>
    imagePosition(args, m.slice(1), point(k).position);
  const outputChannel = (batch: readonly Address[], n: readonly Address[]): Address =>
    inGroup(batch, n[0]!, outputsPerGroup);
  return {
    batch: groups === 1 ? [] : [groups],
    m: [result.batch, ...result.position],
    n: [outputsPerGroup],
    k: channelsFirst ? [parts.input, ...parts.position] : [...parts.position, parts.input],
    a: {
      operand: input,
      index(batch, m, k) {
        const channel = inGroup(batch, point(k).input, parts.input);
        return inLayout(inputLayout, m[0]!, channel, positionOf(m, k));
      },
      ...(args.padding.some((size) => size > 0) && {
        inside: (_, m, k) => insideImage(positionOf(m, k), image.position),
      }),
    },
    b: {
      operand: filter,
      index: (batch, n, k) =>
        inFilter(filterLayout, { output: outputChannel(batch, n), ...point(k) }),
    },
    output: (batch, m, n) => inLayout(inputLayout, m[0]!, outputChannel(batch, n), m.slice(1)),
    ...(bias && {
      epilogue: (sum, read, index) =>
        add(sum, read(bias, [fromLayout(inputLayout, index).channel])),
    }),
  };
}
