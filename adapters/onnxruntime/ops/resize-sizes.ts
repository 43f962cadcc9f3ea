/** Which dimensions Resize and Upsample change, from which size to which: scales or sizes, attributes or inputs. */
import type { NodeContext } from "../convert/node-context.ts";
import {
  divideExactly,
  floorDivideSizes,
  multiplySizes,
  sizeKey,
  sizesEqual,
  type Size,
} from "../core.ts";
import { axisOf } from "./axes.ts";
import type { ResizeForm } from "./resize-taps.ts";

export interface Change {
  readonly axis: number;
  readonly from: Size;
  readonly to: Size;
  /** As the model says it; undefined is to / from. */
  readonly scale: number | undefined;
  /** The region of interest along this dimension. */
  readonly start: number;
  readonly end: number;
  /** Whether the scale is to / from, without a rest that was cut off. */
  readonly isExact: () => boolean;
  /** Whether `to` is a multiple of `from`. */
  readonly isWholeFactor: () => boolean;
}

/** Larger outputs are a mistake in a file: each of their elements would have its own weights in the graph. */
const largestSize = 2 ** 24;

export function changesOf(node: NodeContext, form: ResizeForm): readonly Change[] {
  const { decisions } = node;
  const shape = node.shape(0);
  const axes =
    node.ints("axes")?.map((axis) => axisOf(node, axis, shape.length)) ??
    shape.map((_, axis) => axis);
  if (new Set(axes).size !== axes.length) node.fail(`axes [${axes.join(", ")}] repeat`);
  const regions =
    form.coordinates === "tf_crop_and_resize" ? regionOf(node, axes.length) : undefined;
  const sizes = node.node.op === "Resize" && node.opset >= 11 ? listOf(node, 3) : undefined;
  const targets =
    sizes === undefined
      ? scalesOf(node, axes.length).map((scale, i) => scaled(node, shape[axes[i]!]!, scale))
      : sizedTargets(
          node,
          axes.map((axis) => shape[axis]!),
          sizes,
        );
  const changes = axes.map((axis, i): Change => {
    const target = targets[i]!;
    const from = shape[axis]!;
    // A dimension without elements stays so.
    const least = from === 0 ? 0 : 1;
    if (decisions.less(target.to, least) || decisions.less(largestSize, target.to)) {
      node.fail(
        `size ${sizeKey(target.to)} of dimension ${axis} is not between 1 and ${largestSize}`,
      );
    }
    return {
      axis,
      from,
      ...target,
      start: regions?.[i] ?? 0,
      end: regions?.[i + axes.length] ?? 1,
      isWholeFactor: () => typeof divideExactly(target.to, from) === "number",
    };
  });
  const isSame = ({ from, to, scale, start, end }: Change) =>
    sizesEqual(from, to) && (scale ?? 1) === 1 && start === 0 && end === 1;
  return changes.filter((change) => !isSame(change)).sort((a, b) => a.axis - b.axis);
}

type Target = Pick<Change, "to" | "scale" | "isExact">;

/** An input that is there and not empty, as numbers or sizes. */
function listOf(node: NodeContext, input: number): readonly Size[] | undefined {
  if (!node.has(input)) return undefined;
  const list = node.integers(input);
  return list.length === 0 ? undefined : list;
}

function regionOf(node: NodeContext, count: number): readonly number[] {
  const region = listOf(node, 1)?.map((each) => node.decisions.number(each));
  if (region?.length !== 2 * count) {
    return node.fail(`roi has ${region?.length ?? 0} numbers, ${2 * count} are expected`);
  }
  return region;
}

/** Attributes in Upsample before opset 9, then an input: the second one until Resize of opset 11. */
function scalesOf(node: NodeContext, count: number): readonly number[] {
  const isResize11 = node.node.op === "Resize" && node.opset >= 11;
  const scales = isUpsampleByAttributes(node)
    ? attributeScales(node)
    : listOf(node, isResize11 ? 2 : 1)?.map((scale) => node.decisions.number(scale));
  if (scales === undefined) return node.fail("neither scales nor sizes are given");
  if (scales.length !== count) node.fail(`${scales.length} scales for ${count} dimensions`);
  const wrong = scales.find((scale) => !(scale > 0 && Number.isFinite(scale)));
  return wrong === undefined ? scales : node.fail(`a scale of ${wrong}`);
}

function isUpsampleByAttributes(node: NodeContext): boolean {
  return node.node.op === "Upsample" && node.opset < 9;
}

function attributeScales(node: NodeContext): readonly number[] {
  const named = [node.float("height_scale", 1), node.float("width_scale", 1)];
  return node.opset < 7
    ? [1, 1, ...named]
    : (node.floats("scales") ?? node.fail("scales are missing"));
}

/** floor(from · scale). A symbolic size takes a scale that is a fraction of small integers; others want its number. */
function scaled({ decisions }: NodeContext, from: Size, scale: number): Target {
  const fraction = typeof from === "number" ? undefined : fractionOf(scale);
  if (fraction === undefined) {
    const size = decisions.number(from);
    const to = Math.floor(Math.fround(size * scale));
    return { to, scale, isExact: () => to === size * scale };
  }
  const [over, under] = fraction;
  const to = floorDivideSizes(multiplySizes(from, over), under);
  const isExact = () => decisions.equal(multiplySizes(to, under), multiplySizes(from, over));
  return { to, scale, isExact };
}

function fractionOf(scale: number): readonly [over: number, under: number] | undefined {
  for (let under = 1; under <= 16; under++) {
    const over = Math.round(scale * under);
    if (over > 0 && over < 2 ** 16 && Math.fround(over / under) === scale) return [over, under];
  }
  return undefined;
}

/** Sizes as they are, or one scale for all that keeps the aspect ratio. */
function sizedTargets(
  node: NodeContext,
  from: readonly Size[],
  sizes: readonly Size[],
): readonly Target[] {
  if (sizes.length !== from.length)
    node.fail(`${sizes.length} sizes for ${from.length} dimensions`);
  const policy = node.text("keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") {
    return sizes.map((to) => ({ to, scale: undefined, isExact: () => true }));
  }
  if (policy !== "not_larger" && policy !== "not_smaller") {
    node.fail(`keep_aspect_ratio_policy '${policy}'`);
  }
  const numbers = from.map((size) => node.decisions.number(size));
  const scales = sizes.map((size, i) => Math.fround(node.decisions.number(size) / numbers[i]!));
  const scale = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  return numbers.map((size) => {
    const to = Math.round(Math.fround(scale * size));
    return { to, scale, isExact: () => to === size * scale };
  });
}
