/** QuantizeLinear and DequantizeLinear of types that WebNN does not encode: 16-bit integers, 8-bit floats. */
import type { HostNode } from "../convert/host-node.ts";
import type { ElementType } from "../model/element-type.ts";
import { makeArray, type HostArray } from "./array.ts";
import { castArray, storeOf } from "./map-array.ts";
import { roundEven } from "./round-even.ts";

/** Scales and zero points: one for all, one per index of `axis`, or one per block of `block` elements along it. */
export interface Encoding {
  readonly scale: HostArray;
  readonly zeroPoint: HostArray | undefined;
  readonly axis: number;
  readonly block: number;
}

/** Scale and zero point as they stand to the input's elements, checked. */
export function encodingOf(
  node: HostNode,
  axis: number,
  { shape }: HostArray,
  scale: HostArray,
  zeroPoint: HostArray | undefined,
): Encoding {
  const isOne = scale.data.length === 1;
  const size = shape[axis] ?? 1;
  const isPerBlock = !isOne && scale.shape.length > 1;
  const blocks = isPerBlock ? scale.shape[axis]! : size;
  const block = node.int("block_size", 0) || Math.ceil(size / Math.max(blocks, 1));
  const expected = isPerBlock ? shape.with(axis, Math.ceil(size / block)) : [size];
  const fits = isOne || scale.shape.join() === expected.join();
  if (!fits || (zeroPoint && zeroPoint.data.length !== scale.data.length)) {
    const given = [scale, ...(zeroPoint ? [zeroPoint] : [])].map(
      (array) => `[${array.shape.join(", ")}]`,
    );
    node.fail(`scale and zero point are ${given.join(" and ")}, expected [${expected.join(", ")}]`);
  }
  return { scale, zeroPoint, axis, block };
}

const ranges: Partial<Record<ElementType, readonly [number, number]>> = {
  int4: [-8, 7],
  uint4: [0, 15],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** round(x / scale) + zero point, saturated; 8-bit floats are x / scale in their type. */
export function quantizeArray(
  x: HostArray,
  encoding: Encoding,
  type: ElementType,
  saturate: boolean,
): HostArray {
  const { scale, zeroPoint } = encoding;
  const at = positionIn(x.shape, encoding);
  const quotients = Float32Array.from(x.data as Float32Array, (value, i) => {
    return value / Number(scale.data[at(i)]);
  });
  const range = ranges[type];
  if (range === undefined) {
    return castArray({ type: "float32", shape: x.shape, data: quotients }, type, saturate);
  }
  const result = makeArray(type, x.shape);
  const store = storeOf(result);
  const [low, high] = range;
  quotients.forEach((value, i) => {
    const zero = zeroPoint === undefined ? 0 : Number(zeroPoint.data[at(i)]);
    store(i, Math.min(Math.max(roundEven(value) + zero, low), high));
  });
  return result;
}

/** (x − zero point) · scale, in the scale's type. */
export function dequantizeArray(x: HostArray, encoding: Encoding): HostArray {
  const { scale, zeroPoint } = encoding;
  const at = positionIn(x.shape, encoding);
  const result = makeArray(scale.type, x.shape);
  const store = storeOf(result);
  for (let i = 0; i < x.data.length; i++) {
    const zero = zeroPoint === undefined ? 0 : Number(zeroPoint.data[at(i)]);
    store(i, Math.fround(Number(x.data[i]) - zero) * Number(scale.data[at(i)]));
  }
  return result;
}

/** Where an element's scale and zero point stand. */
function positionIn(
  shape: readonly number[],
  { scale, axis, block }: Encoding,
): (index: number) => number {
  if (scale.data.length === 1) return () => 0;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const size = shape[axis]!;
  if (scale.shape.length <= 1) return (i) => Math.floor(i / inner) % size;
  const blocks = scale.shape[axis]!;
  return (i) => {
    const along = Math.floor((Math.floor(i / inner) % size) / block);
    return (Math.floor(i / (inner * size)) * blocks + along) * inner + (i % inner);
  };
}
