/** NonMaxSuppression: the boxes with the greatest scores, of those that overlap only the first. */
import type { HostNode } from "../convert/host-node.ts";
import { makeArray, type HostArray } from "../host/array.ts";
import { op, type OpRow } from "./row.ts";

export const detectionRows: readonly OpRow[] = [
  op("NonMaxSuppression", {
    since: 10,
    onHost: "the shape of its result depends on elements",
    compute: nonMaxSuppression,
  }),
];

interface Box {
  readonly y1: number;
  readonly x1: number;
  readonly y2: number;
  readonly x2: number;
}

const f = Math.fround;

/** Rows of batch, class and box, in the order in which the boxes are chosen. */
function nonMaxSuppression(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const boxes = inputs[0] ?? node.fail("boxes are missing");
  const scores = inputs[1] ?? node.fail("scores are missing");
  const [batch, count, four] = boxes.shape;
  const [scoreBatch, classes, scoreCount] = scores.shape;
  if (
    boxes.shape.length !== 3 ||
    four !== 4 ||
    scores.shape.length !== 3 ||
    scoreBatch !== batch ||
    scoreCount !== count
  ) {
    node.fail(`boxes [${boxes.shape.join(", ")}] and scores [${scores.shape.join(", ")}]`);
  }
  const number = (input: number) => {
    const element = inputs[input]?.data[0];
    return element === undefined ? undefined : Number(element);
  };
  const most = Math.max(0, number(2) ?? 0);
  const overlap = number(3) ?? 0;
  if (!(overlap >= 0 && overlap <= 1)) node.fail(`iou_threshold ${overlap} is not between 0 and 1`);
  const least = number(4);
  const isCentre = node.int("center_point_box", 0) === 1;
  const chosen: number[] = [];
  for (let b = 0; b < batch!; b++) {
    const all = Array.from({ length: count! }, (_, i) => boxAt(boxes, b * count! + i, isCentre));
    for (let c = 0; c < classes!; c++) {
      const start = (b * classes! + c) * count!;
      const ofClass = scores.data.subarray(start, start + count!) as Float32Array;
      for (const box of choose(all, ofClass, most, overlap, least)) chosen.push(b, c, box);
    }
  }
  const result = makeArray("int64", [chosen.length / 3, 3]);
  chosen.forEach((value, i) => (result.data[i] = BigInt(value)));
  return [{ ...result, varying: [0] }];
}

/** Greatest score first, the lower index first where scores are equal. */
function choose(
  boxes: readonly Box[],
  scores: Float32Array,
  most: number,
  overlap: number,
  least: number | undefined,
): readonly number[] {
  const candidates = boxes
    .map((_, i) => i)
    .filter((i) => least === undefined || scores[i]! > least);
  candidates.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const chosen: number[] = [];
  for (const candidate of candidates) {
    if (chosen.length >= most) break;
    const box = boxes[candidate]!;
    if (!chosen.some((other) => overlaps(box, boxes[other]!, overlap))) chosen.push(candidate);
  }
  return chosen;
}

/** Corners in any order, or centre, width and height. */
function boxAt({ data }: HostArray, index: number, isCentre: boolean): Box {
  const [a, b, c, d] = Array.from(data.subarray(4 * index, 4 * index + 4), Number) as [
    number,
    number,
    number,
    number,
  ];
  if (isCentre) {
    const [halfWidth, halfHeight] = [f(c / 2), f(d / 2)];
    return {
      x1: f(a - halfWidth),
      x2: f(a + halfWidth),
      y1: f(b - halfHeight),
      y2: f(b + halfHeight),
    };
  }
  return { y1: Math.min(a, c), y2: Math.max(a, c), x1: Math.min(b, d), x2: Math.max(b, d) };
}

/** Whether intersection / union is more than the threshold, in float32; boxes without an area overlap nothing. */
function overlaps(a: Box, b: Box, threshold: number): boolean {
  const width = f(Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1));
  const height = f(Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1));
  if (width <= 0 || height <= 0) return false;
  const intersection = f(width * height);
  const [areaA, areaB] = [areaOf(a), areaOf(b)];
  const union = f(f(areaA + areaB) - intersection);
  if (areaA <= 0 || areaB <= 0 || union <= 0) return false;
  return f(intersection / union) > threshold;
}

function areaOf({ x1, x2, y1, y2 }: Box): number {
  return f(f(x2 - x1) * f(y2 - y1));
}
