/** RFB-320: finds faces; 4,420 boxes with a score each, of which those that overlap a better one go. */
import { readFile } from "node:fs/promises";
import { planesOf, readPicture, scale } from "./pictures.ts";
import { floatsOf, shared, type RealModel } from "./real-model.ts";

const [width, height] = [320, 240];
/** As its makers have them. */
const [leastScore, mostOverlap] = [0.7, 0.3];

type Box = readonly [left: number, top: number, right: number, bottom: number];

export const faces: RealModel = {
  name: "RFB-320",
  files: [shared("vision-onnx/RFB-320.onnx")],
  bound: 1e-4,
  because: "fifty convolutions in float32 one behind the other, then exp",
  isLarge: true,
  known: "1 face around (0.5, 0.4)",
  graphs: 1,
  async run({ sessions: [session], Tensor }) {
    const file = await readFile(shared("tflite/inputs/grace_hopper.bmp"));
    const picture = scale(readPicture(file), width, height);
    const input = planesOf(picture, [0, 1, 2], (byte) => (byte - 127) / 128);
    const results = await session!.run({
      input: new Tensor("float32", input, [1, 3, height, width]),
    });
    const [scores, boxes] = [floatsOf(results["scores"]), floatsOf(results["boxes"])];
    const found = findFaces(scores, boxes);
    const [left, top, right, bottom] = found[0] ?? [0, 0, 0, 0];
    // To a twentieth: where the face is, not how exactly.
    const [x, y] = [(left + right) / 2, (top + bottom) / 2].map((v) => Math.round(v * 20) / 20);
    return {
      says: `${found.length} face${found.length === 1 ? "" : "s"} around (${x}, ${y})`,
      results: { scores, boxes },
    };
  },
};

function findFaces(scores: Float32Array, boxes: Float32Array): readonly Box[] {
  const candidates = Array.from({ length: scores.length / 2 }, (_, i) => ({
    score: scores[2 * i + 1]!,
    box: [...boxes.subarray(4 * i, 4 * i + 4)] as unknown as Box,
  }))
    .filter(({ score }) => score > leastScore)
    .sort((a, b) => b.score - a.score);
  const kept: Box[] = [];
  for (const { box } of candidates) {
    if (kept.every((other) => overlap(box, other) <= mostOverlap)) kept.push(box);
  }
  return kept;
}

/** Of their union, the part that both have. */
function overlap(a: Box, b: Box): number {
  const common = area([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  return common / (area(a) + area(b) - common);
}

function area([left, top, right, bottom]: Box): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}
