/** Makers of convolutions, pools and resample2d. */
import type { Shape } from "../reference/ops/tensor.ts";
import type { Draft, Entry, Maker, Makers } from "./draft.ts";

/** Of the input's four dimensions in the layout. */
function image(draft: Draft, op: string, budget: number): Entry {
  return draft.operand(
    draft.types(op, "input"),
    ({ shape }) => shape.length === 4,
    () => draft.leaf(draft.typeOf(op, "input"), draft.shape(4, 4, budget)),
    0.5,
  );
}

function partsOf(layout: string | undefined, shape: Shape) {
  const [batch, second, third, fourth] = shape as readonly [number, number, number, number];
  return layout === "nhwc"
    ? { batch, channels: fourth, spatial: [second, third] as const }
    : { batch, channels: second, spatial: [third, fourth] as const };
}

interface Options {
  readonly padding: number[] | undefined;
  readonly strides: number[] | undefined;
  readonly dilations: number[] | undefined;
}

function windowOptions(draft: Draft): Options {
  return {
    padding: draft.maybe(() => [0, 0, 0, 0].map(() => draft.below(3))),
    strides: draft.maybe(() => [0, 0].map(() => 1 + draft.below(3))),
    dilations: draft.maybe(() => [0, 0].map(() => 1 + draft.below(2)), 0.3),
  };
}

/** Sizes of a window that lies inside the padded image. */
function windowIn(draft: Draft, spatial: Shape, { padding, dilations }: Options): number[] {
  return spatial.map((size, d) => {
    const padded = size + (padding?.[2 * d] ?? 0) + (padding?.[2 * d + 1] ?? 0);
    const most = Math.floor((padded - 1) / (dilations?.[d] ?? 1)) + 1;
    return 1 + draft.below(Math.min(4, most));
  });
}

function inOrder(layout: string, parts: Readonly<Record<string, number>>): number[] {
  return [...layout].map((letter) => parts[letter]!);
}

const conv2d: Maker = (draft, op) => {
  const input = image(draft, op, 300);
  const inputLayout = draft.maybe(() => draft.pick(["nchw", "nhwc"]));
  const filterLayout = draft.maybe(() => draft.pick(["oihw", "hwio", "ohwi", "ihwo"]));
  const { channels, spatial } = partsOf(inputLayout, input.shape);
  const options = windowOptions(draft);
  const [h, w] = windowIn(draft, spatial, options) as [number, number];
  const groups = draft.pick([1, 1, 2, 3, channels].filter((n) => channels % n === 0));
  const o = groups * (1 + draft.below(4));
  const parts = { o, i: channels / groups, h, w };
  const filter = draft.leaf(input.dataType, inOrder(filterLayout ?? "oihw", parts));
  const bias = draft.maybe(() => draft.leaf(input.dataType, [o], "real"));
  draft.call(op, {
    input: input.name,
    filter: filter.name,
    ...options,
    groups: groups === 1 ? undefined : groups,
    inputLayout,
    filterLayout,
    bias: bias?.name,
  });
};

const convTranspose2d: Maker = (draft, op) => {
  const input = image(draft, op, 120);
  const inputLayout = draft.maybe(() => draft.pick(["nchw", "nhwc"]));
  const filterLayout = draft.maybe(() => draft.pick(["iohw", "hwoi", "ohwi"]));
  const { channels, spatial } = partsOf(inputLayout, input.shape);
  const { strides = [1, 1], dilations = [1, 1], padding } = windowOptions(draft);
  const [h, w] = [1 + draft.below(4), 1 + draft.below(4)];
  const sizes = spatial.map((size, d) => {
    const reach = ([h, w][d]! - 1) * dilations[d]! + 1;
    const cut = (padding?.[2 * d] ?? 0) + (padding?.[2 * d + 1] ?? 0);
    return (size - 1) * strides[d]! + reach - cut;
  });
  if (sizes.some((size) => size < 1)) return;
  const more = strides.map((stride) => draft.below(stride));
  const groups = draft.pick([1, 1, 2, channels].filter((n) => channels % n === 0));
  const o = 1 + draft.below(3);
  const filter = draft.leaf(
    input.dataType,
    inOrder(filterLayout ?? "iohw", { i: channels, o, h, w }),
  );
  const bias = draft.maybe(() => draft.leaf(input.dataType, [o * groups], "real"));
  const isSized = draft.chance(0.3);
  draft.call(op, {
    input: input.name,
    filter: filter.name,
    padding,
    strides,
    dilations,
    outputPadding: isSized ? undefined : draft.maybe(() => more),
    outputSizes: isSized ? sizes.map((size, d) => size + more[d]!) : undefined,
    groups: groups === 1 ? undefined : groups,
    inputLayout,
    filterLayout,
    bias: bias?.name,
  });
};

const pool: Maker = (draft, op) => {
  const input = image(draft, op, 400);
  const layout = draft.maybe(() => draft.pick(["nchw", "nhwc"]));
  const { spatial } = partsOf(layout, input.shape);
  const isWhole = draft.chance(0.15);
  const options = windowOptions(draft);
  const windowDimensions = isWhole ? [...spatial] : windowIn(draft, spatial, options);
  const { padding = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = options;
  const positions = spatial.map((size, d) => {
    const reach = (windowDimensions[d]! - 1) * dilations[d]! + 1;
    const last = (size + padding[2 * d]! + padding[2 * d + 1]! - reach) / strides[d]!;
    return { floor: Math.floor(last) + 1, ceil: Math.ceil(last) + 1 };
  });
  // A window that sees only padding has no average and no maximum.
  const seesPixels = spatial.every((size, d) => {
    const starts = Array.from({ length: positions[d]!.ceil }, (_, i) => i * strides[d]!);
    const elements = Array.from({ length: windowDimensions[d]! }, (_, i) => i * dilations[d]!);
    return starts.every((start) =>
      elements.some((at) => start + at >= padding[2 * d]! && start + at < padding[2 * d]! + size),
    );
  });
  if (!seesPixels || positions.some(({ floor }) => floor < 1)) return;
  const rounding = draft.maybe(() => draft.pick(["floor", "ceil"] as const));
  draft.call(op, {
    input: input.name,
    windowDimensions: isWhole ? undefined : windowDimensions,
    ...options,
    layout,
    outputShapeRounding: rounding,
    outputSizes: draft.maybe(() => positions.map((size) => size[rounding ?? "floor"]), 0.2),
  });
};

const resample2d: Maker = (draft, op) => {
  const input = image(draft, op, 200);
  const axes = draft.maybe(() => draft.shuffled([0, 1, 2, 3]).slice(0, 2));
  const chosen = axes ?? [2, 3];
  const sizes = draft.maybe(() => [1 + draft.below(9), 1 + draft.below(9)]);
  const scales = draft.maybe(() =>
    chosen.map((axis) => Math.max(draft.pick([0.5, 1, 1.5, 2, 3]), 1 / input.shape[axis]!)),
  );
  draft.call(op, {
    input: input.name,
    mode: draft.maybe(() => draft.pick(["nearest-neighbor", "linear"]), 0.8),
    scales,
    sizes,
    axes,
  });
};

export const windowMakers: Makers = {
  conv2d,
  convTranspose2d,
  averagePool2d: pool,
  l2Pool2d: pool,
  maxPool2d: pool,
  resample2d,
};
