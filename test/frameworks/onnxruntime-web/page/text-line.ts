/** Reads a line of text from a picture with PP-OCR's recognition model. */
import {
  fetchBytes,
  largestIndex,
  openOnWasm,
  openOnWebNN,
  devicesUsed,
  type Ort,
} from "./open.ts";
import { relativeError } from "../../harness/relative-error.ts";
import { pixelsOf, sizeOf } from "./picture.ts";
import type { TextLineResult, TextLineTask } from "../messages.ts";

/** The height that the model was trained on; the width follows the picture's. */
const height = 48;

export async function readTextLine(ort: Ort, task: TextLineTask): Promise<TextLineResult> {
  const picture = await fetchBytes(task.picture);
  const size = await sizeOf(picture);
  const width = Math.ceil((size.width * height) / size.height / 8) * 8;
  const input = planesOf(await pixelsOf(picture, width, height), width);
  const feeds = { x: new ort.Tensor("float32", input, [1, 3, height, width]) };
  const options = {
    freeDimensionOverrides: { "p2o.DynamicDimension.0": 1, "p2o.DynamicDimension.1": width },
  };
  const oracle = await openOnWasm(ort, await fetchBytes(task.oracle));
  const expected = first(await oracle.run(feeds));
  await oracle.release();
  const model = await fetchBytes(task.model);
  const { session, placements, openMs } = await openOnWebNN(ort, model, task.deviceType, options);
  const begin = performance.now();
  const { data, dims } = first(await session.run(feeds));
  const runMs = Math.round(performance.now() - begin);
  const devices = devicesUsed();
  await session.release();
  const keys = new TextDecoder().decode(await fetchBytes(task.keys)).split("\n");
  return {
    text: decode(data as Float32Array, dims, keys),
    error: relativeError(data as Float32Array, expected.data as Float32Array),
    placements,
    devices,
    openMs,
    runMs,
  };
}

function first<T>(results: Readonly<Record<string, T>>): T {
  return Object.values(results)[0]!;
}

/** Planes of blue, green and red (the model's makers read pictures with OpenCV), each from -1 to 1. */
function planesOf(pixels: Uint8ClampedArray, width: number): Float32Array {
  const area = width * height;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const channel = 2 - Math.floor(i / area);
    return pixels[4 * (i % area) + channel]! / 127.5 - 1;
  });
}

/**
 * Connectionist temporal classification, greedily: the likeliest class of each step, repetitions once, without the
 * blank, which is class 0. The classes behind it are the lines of the list of characters, then a space.
 */
function decode(data: Float32Array, dims: readonly number[], keys: readonly string[]): string {
  const [, steps, classes] = dims as [number, number, number];
  const characters = ["", ...keys.slice(0, classes - 2), " "];
  const path = Array.from({ length: steps }, (_, step) =>
    largestIndex(data.subarray(step * classes, (step + 1) * classes)),
  );
  return path.map((best, i) => (best === path[i - 1] ? "" : characters[best]!)).join("");
}
