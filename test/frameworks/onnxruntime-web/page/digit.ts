/** Which digit a picture shows, by a small convolutional network. */
import {
  fetchBytes,
  largestIndex,
  openOnWasm,
  openOnWebNN,
  devicesUsed,
  type Ort,
} from "./open.ts";
import { relativeError } from "../../harness/relative-error.ts";
import { pixelsOf } from "./picture.ts";
import type { DigitResult, DigitTask } from "../messages.ts";

const side = 28;

export async function readDigit(ort: Ort, task: DigitTask): Promise<DigitResult> {
  const pixels = await pixelsOf(await fetchBytes(task.picture), side, side);
  const input = Float32Array.from({ length: side * side }, (_, i) => pixels[4 * i]! / 255);
  const model = await fetchBytes(task.model);
  const options = { freeDimensionOverrides: { batch: 1 } };
  const feeds = { input: new ort.Tensor("float32", input, [1, 1, side, side]) };
  const oracle = await openOnWasm(ort, model, options);
  const expected = (await oracle.run(feeds))["logits"]!.data as Float32Array;
  const { session, placements, openMs } = await openOnWebNN(ort, model, task.deviceType, options);
  const begin = performance.now();
  const actual = (await session.run(feeds))["logits"]!.data as Float32Array;
  const runMs = Math.round(performance.now() - begin);
  const devices = devicesUsed();
  await session.release();
  await oracle.release();
  const error = relativeError(actual, expected);
  return { label: largestIndex(actual), error, placements, devices, openMs, runMs };
}
