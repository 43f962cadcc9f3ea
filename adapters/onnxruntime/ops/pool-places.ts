/** Where in its input each element of a pool comes from: MaxPool's second result, and MaxUnpool, which puts it back. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { addSizes, formatShape, multiplySizes, subtractSizes, type Size } from "../core.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf, type Calculator } from "./calculate.ts";
import { op, type OpRow } from "./row.ts";
import { slidingSlices } from "./sliding.ts";
import { kernelShape, reachOf, windowsOf, type Window } from "./window.ts";

export const unpoolRows: readonly OpRow[] = [op("MaxUnpool", { since: 9, convert: maxUnpool })];

/** Greatest elements and their places, one dimension after the other; of equal elements the first. */
export function pooledPlaces(
  node: NodeContext,
  x: Operand,
  windows: readonly Window[],
): readonly Value[] {
  const calculate = calculatorOf(node);
  const { cast, greater, max, where } = calculate;
  let values = x;
  let places = placesInImage(calculate, x.shape.slice(2), node.int("storage_order", 0) !== 0);
  for (const [i, window] of [...windows.entries()].reverse()) {
    const parts = slidingSlices(node, values, 2 + i, window, lowest(x));
    const partPlaces = slidingSlices(node, places, 2 + i, window, 0);
    [values, places] = parts[0] === undefined ? [values, places] : [parts[0], partPlaces[0]!];
    for (let k = 1; k < parts.length; k++) {
      places = where(greater(parts[k]!, values), partPlaces[k]!, places);
      values = max(values, parts[k]!);
    }
  }
  return [
    node.result(values),
    node.result(cast(inTensor(calculate, places, x.shape), "int64"), "int64"),
  ];
}

/** What padding counts as, for a maximum. */
function lowest({ dataType }: Operand): number {
  const unsigned = ["uint8", "uint32", "uint64"].includes(dataType);
  return unsigned ? 0 : dataType === "int8" ? -128 : -Infinity;
}

/** The number of each position of an image, the last dimension or the first one running fastest. */
function placesInImage(
  { add, count, mul, reshape, size }: Calculator,
  sizes: readonly Size[],
  isFirstFastest: boolean,
): Operand {
  const parts = sizes.map((length, i) => {
    const faster = isFirstFastest ? sizes.slice(0, i) : sizes.slice(i + 1);
    const shape = [1, 1, ...sizes.map((_, other) => (other === i ? length : 1))];
    return mul(reshape(count(length), shape), size(multiplySizes(...faster), "int32"));
  });
  return parts.reduce(add);
}

/** Counts on through batch and channels. */
function inTensor(
  { add, count, mul, reshape, size }: Calculator,
  places: Operand,
  [batch, channels, ...sizes]: readonly Size[],
): Operand {
  const images = count(multiplySizes(batch!, channels!));
  const first = mul(images, size(multiplySizes(...sizes), "int32"));
  return add(reshape(first, [batch!, channels!, ...sizes.map(() => 1)]), places);
}

/** Places count in the image that the attributes give; a larger one that is asked for has zeros behind it. */
function maxUnpool(node: NodeContext): Value {
  const { builder, label, writer } = node;
  const { reshape } = calculatorOf(node);
  const x = node.operand(0);
  const [batch, channels, ...sizes] = x.shape;
  const windows = windowsOf(node, sizes, kernelShape(node));
  const whole = windows.map((window, i) =>
    addSizes(
      multiplySizes(subtractSizes(sizes[i]!, 1), window.stride),
      reachOf(window) - window.begin - window.end,
    ),
  );
  const shape = [batch!, channels!, ...whole];
  const total = multiplySizes(...shape);
  const given = node.shape(1);
  const isAlike =
    given.length === x.shape.length &&
    given.every((size, axis) => node.decisions.equal(size, x.shape[axis]!));
  if (!isAlike) node.fail(`indices ${formatShape(given)} of elements ${formatShape(x.shape)}`);
  const flat = (operand: Operand) => reshape(operand, [multiplySizes(...x.shape)]);
  const zeros = writer.filled(x.dataType, 0, [total]);
  const indices = flat(node.operand(1));
  const scattered = builder.scatterElements(zeros, indices, flat(x), { axis: 0, label });
  const image = reshape(scattered, shape);
  if (!node.has(2)) return node.result(image);
  const asked = node.integers(2);
  if (asked.length !== shape.length) node.fail(`output_shape has ${asked.length} sizes`);
  const numbers = asked.map((size, axis) =>
    node.decisions.number(subtractSizes(size, shape[axis]!)),
  );
  if (numbers.some((size) => size < 0)) node.fail("output_shape is smaller than what is unpooled");
  if (numbers.every((size) => size === 0)) return node.result(image);
  return node.result(
    builder.pad(
      image,
      shape.map(() => 0),
      numbers,
      { label },
    ),
  );
}
