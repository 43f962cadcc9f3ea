/** Ops whose result no graph can shape or order: Compress, NonZero, TopK and Unique run on the host. */
import { makeArray, type HostArray } from "../host/array.ts";
import { gatherBlocks } from "../host/array-gather.ts";
import { compareElements, firstElements } from "../host/order.ts";
import { stridesOf, walk, type Elements } from "../host/walk.ts";
import { elementCount } from "../model/model.ts";
import { axisOf } from "./axes.ts";
import { op, type HostNode, type OpRow } from "./row.ts";

const dependsOnElements = "the shape of its result depends on elements";

export const selectRows: readonly OpRow[] = [
  op("Compress", { since: 9, onHost: dependsOnElements, compute: compress }),
  op("NonZero", { since: 9, onHost: dependsOnElements, compute: nonZero }),
  op("TopK", { onHost: "WebNN does not sort", compute: topK }),
  op("Unique", { since: 11, onHost: dependsOnElements, compute: unique }),
];

type Inputs = readonly (HostArray | undefined)[];

function int64(shape: readonly number[], values: Iterable<number>): HostArray {
  return { type: "int64", shape, data: BigInt64Array.from(values, BigInt) };
}

/** Without an axis the input is one row. */
function flattened(input: HostArray): HostArray {
  return { ...input, shape: [elementCount(input.shape)] };
}

function axisAttribute(node: HostNode, input: HostArray): number | undefined {
  if (!node.node.attributes.has("axis")) return undefined;
  return axisOf(node, node.int("axis", 0), input.shape.length);
}

function compress(node: HostNode, [input, condition]: Inputs): readonly HostArray[] {
  const given = axisAttribute(node, input!);
  const [rows, axis] = given === undefined ? [flattened(input!), 0] : [input!, given];
  const chosen = Array.from(condition!.data, Number).flatMap((is, i) => (is !== 0 ? [i] : []));
  const result = gatherBlocks(node, rows, int64([chosen.length], chosen), axis);
  return [{ ...result, varying: [axis] }];
}

/** The coordinates of elements that are not 0: one row for each dimension; a scalar counts as a vector. */
function nonZero(_node: HostNode, [input]: Inputs): readonly HostArray[] {
  const shape = input!.shape.length === 0 ? [1] : input!.shape;
  const found: number[] = [];
  input!.data.forEach((element: number | bigint, i: number) => {
    if (Number(element) !== 0) found.push(i);
  });
  const result = makeArray("int64", [shape.length, found.length]);
  const to = result.data as BigInt64Array;
  stridesOf(shape).forEach((stride, d) => {
    found.forEach((offset, i) => {
      to[d * found.length + i] = BigInt(Math.floor(offset / stride) % shape[d]!);
    });
  });
  return [{ ...result, varying: [1] }];
}

/** k is an attribute at first, an input since opset 10. Results are in order whether `sorted` asks for it or not. */
function topK(node: HostNode, [input, count]: Inputs): readonly HostArray[] {
  const axis = axisOf(node, node.int("axis", -1), input!.shape.length);
  const size = input!.shape[axis]!;
  const k = node.opset < 10 ? node.int("k", -1) : Number(count!.data[0] ?? -1);
  if (!(k >= 0 && k <= size)) node.fail(`k ${k}, expected 0 to ${size}, the size of axis ${axis}`);
  const isLargest = node.opset < 11 || node.int("largest", 1) !== 0;
  const compare = isLargest
    ? (a: number | bigint, b: number | bigint) => compareElements(b, a)
    : compareElements;

  const shape = input!.shape.with(axis, k);
  const [values, indices] = [makeArray(input!.type, shape), makeArray("int64", shape)];
  const [from, toValues]: [Elements, Elements] = [input!.data, values.data];
  const toIndices = indices.data as BigInt64Array;
  const [own, others] = [stridesOf(input!.shape), stridesOf(shape)];
  walk(input!.shape.with(axis, 1), [own, others], ([start, target]) => {
    const row = { start: start!, step: own[axis]!, size };
    firstElements(from, row, k, compare).forEach((index, i) => {
      toValues[target! + i * others[axis]!] = from[start! + index * own[axis]!]!;
      toIndices[target! + i * others[axis]!] = BigInt(index);
    });
  });
  return [values, indices];
}

/**
 * Different elements, or different slices along an axis, compared element by element: in ascending order, or in that of
 * their first occurrence. Beside them: where each is first, which one each slice is, and how many there are of each.
 */
function unique(node: HostNode, [given]: Inputs): readonly HostArray[] {
  const along = axisAttribute(node, given!);
  const [input, axis] = along === undefined ? [flattened(given!), 0] : [given!, along];
  const order = compareSlices(input, axis);
  const size = input.shape[axis]!;
  const sorted = Array.from({ length: size }, (_, i) => i).sort((a, b) => order(a, b) || a - b);
  // Runs of equal slices; the first of each run is its first occurrence.
  const runs: number[][] = [];
  sorted.forEach((slice, i) => {
    if (i === 0 || order(sorted[i - 1]!, slice) !== 0) runs.push([]);
    runs.at(-1)!.push(slice);
  });
  if (node.int("sorted", 1) === 0) runs.sort((a, b) => a[0]! - b[0]!);

  const inverse = new Array<number>(size);
  runs.forEach((run, i) => run.forEach((slice) => void (inverse[slice] = i)));
  const first = int64(
    [runs.length],
    runs.map((run) => run[0]!),
  );
  const counts = runs.map((run) => run.length);
  return [
    { ...gatherBlocks(node, input, first, axis), varying: [axis] },
    { ...first, varying: [0] },
    int64([size], inverse),
    { ...int64([runs.length], counts), varying: [0] },
  ].slice(0, node.node.outputs.length);
}

function compareSlices(input: HostArray, axis: number): (a: number, b: number) => number {
  const elements: Elements = input.data;
  const strides = stridesOf(input.shape);
  const starts: number[] = [];
  if (input.shape[axis]! > 0) {
    walk(input.shape.with(axis, 1), [strides], ([offset]) => void starts.push(offset!));
  }
  const stride = strides[axis]!;
  return (a, b) => {
    for (const start of starts) {
      const order = compareElements(elements[start + a * stride]!, elements[start + b * stride]!);
      if (order !== 0) return order;
    }
    return 0;
  };
}
