/** PP-OCR: where a picture has text, which way up, and what it says. Its makers read pictures with OpenCV: blue first. */
import { readFile } from "node:fs/promises";
import type { Tensor } from "onnxruntime-common";
import { planesOf, readPicture, scale, type Picture } from "./pictures.ts";
import {
  floatsOf,
  join,
  largestIndex,
  ocr,
  shared,
  type RealModel,
  type Runtime,
} from "./real-model.ts";

const bgr = [2, 1, 0];
/** Rows of pixels that recognition and direction were trained on. */
const rows = 48;
const readLine = async () => readPicture(await readFile(shared("vision-onnx/ocr_line.png")));

/** From -1 to 1. */
const centred = (picture: Picture) => planesOf(picture, bgr, (byte) => byte / 127.5 - 1);

const firstOf = (results: Readonly<Record<string, unknown>>) => Object.values(results)[0] as Tensor;

/** Pictures that a network of float32 looks at through some fifty layers. */
const deep = {
  bound: 1e-4,
  because: "fifty layers in float32 with normalisations, and a softmax or sigmoid at the end",
};

/** At the picture's own shape, wider, and twice in a batch. */
async function recognise({ sessions: [session], Tensor }: Runtime) {
  const line = await readLine();
  const keys = (await readFile(ocr("ppocr_keys_v1.txt"), "utf8")).split("\n");
  const texts = new Set<string>();
  const results: Record<string, Float32Array> = {};
  for (const [batch, width] of [
    [1, 336],
    [1, 400],
    [2, 304],
  ] as const) {
    const one = centred(scale(line, width, rows));
    const input = join(Array.from({ length: batch }, () => one));
    const scores = firstOf(
      await session!.run({ x: new Tensor("float32", input, [batch, 3, rows, width]) }),
    );
    const [, steps, classes] = scores.dims as [number, number, number];
    const data = floatsOf(scores);
    results[`${batch} of ${width} pixels`] = data;
    for (let i = 0; i < batch; i++) {
      const own = data.subarray(i * steps * classes, (i + 1) * steps * classes);
      texts.add(decode(own, classes, keys).trim());
    }
  }
  return { says: [...texts].join(", "), results };
}

/**
 * Connectionist temporal classification, greedily: the likeliest class of each step, repetitions once, without the
 * blank, which is class 0. The classes behind it are the lines of the list of characters, then a space.
 */
function decode(scores: Float32Array, classes: number, keys: readonly string[]): string {
  const characters = ["", ...keys.slice(0, classes - 2), " "];
  const path = Array.from({ length: scores.length / classes }, (_, step) =>
    largestIndex(scores.subarray(step * classes, (step + 1) * classes)),
  );
  return path.map((best, i) => (best === path[i - 1] ? "" : characters[best]!)).join("");
}

/** The line as it is and turned upside down, in two widths. */
async function directions({ sessions: [session], Tensor }: Runtime) {
  const line = await readLine();
  const turned = { ...line, pixels: turn(line.pixels) };
  const results: Record<string, Float32Array> = {};
  for (const width of [192, 256]) {
    const input = join([line, turned].map((picture) => centred(scale(picture, width, rows))));
    const scores = firstOf(
      await session!.run({ x: new Tensor("float32", input, [2, 3, rows, width]) }),
    );
    results[`${width} pixels`] = floatsOf(scores);
  }
  const labels = Object.values(results).map((scores) =>
    [scores.subarray(0, 2), scores.subarray(2, 4)].map((two) => 180 * largestIndex(two)).join(", "),
  );
  return { says: [...new Set(labels)].join("; "), results };
}

function turn(pixels: Uint8Array): Uint8Array {
  const last = pixels.length - 3;
  return pixels.map((_, i) => pixels[last - i + 2 * (i % 3)]!);
}

/** Of the pictures that the makers trained on. */
const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

/** At two sizes; sides are multiples of 32. */
async function detect({ sessions: [session], Tensor }: Runtime) {
  const line = await readLine();
  const results: Record<string, Float32Array> = {};
  const places = new Set<string>();
  for (const [width, height] of [
    [448, 64],
    [320, 96],
  ] as const) {
    const input = planesOf(scale(line, width, height), bgr, (byte, plane) => {
      return (byte / 255 - mean[plane]!) / deviation[plane]!;
    });
    const map = floatsOf(
      firstOf(await session!.run({ x: new Tensor("float32", input, [1, 3, height, width]) })),
    );
    results[`${width} by ${height}`] = map;
    places.add(placeOf(map, width, height));
  }
  return { says: [...places].join("; "), results };
}

/** Where the letters stand in the picture, by its sides. */
const letters = { left: 12 / 444, right: 312 / 444, top: 9 / 64, bottom: 40 / 64 };

/** The network marks the middle of a line: inside the letters, and nearly as wide. */
function placeOf(map: Float32Array, width: number, height: number): string {
  const marked = [...map.keys()].filter((i) => map[i]! > 0.3);
  const across = marked.map((i) => ((i % width) + 0.5) / width);
  const down = marked.map((i) => (Math.floor(i / width) + 0.5) / height);
  const [left, right] = [Math.min(...across), Math.max(...across)];
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  const isInside =
    left > letters.left &&
    right < letters.right &&
    top > letters.top &&
    bottom < letters.bottom &&
    right - left > 0.9 * (letters.right - letters.left);
  return isInside ? "the line" : `from ${left}, ${top} to ${right}, ${bottom}`;
}

export const text: readonly RealModel[] = [
  {
    ...deep,
    name: "PP-OCR, direction",
    files: [ocr("ch_ppocr_mobile_v2.0_cls_infer.onnx")],
    known: "0, 180",
    isLarge: true,
    graphs: 1,
    run: directions,
  },
  {
    ...deep,
    name: "PP-OCR, recognition",
    files: [ocr("ch_PP-OCRv4_rec_infer.onnx")],
    known: "Hello WebNN 2026",
    graphs: 1,
    isLarge: true,
    run: recognise,
  },
  {
    ...deep,
    name: "PP-OCR, detection",
    files: [ocr("ch_PP-OCRv4_det_infer.onnx")],
    known: "the line",
    graphs: 1,
    isLarge: true,
    run: detect,
  },
];
