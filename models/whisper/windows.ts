/**
 * Cuts long audio into windows of at most 30 s, each heard on its own.
 *
 * A cut falls on the quietest fifth of a second between 20 s and 30 s after the last cut: speakers pause at least
 * that often, so no word is cut in two, and since nothing is skipped, none is lost. (OpenAI's own loop asks the model
 * for time stamps and seeks to the last of them. That costs tokens, needs the sampling rules that keep time stamps
 * in order, and lets a wrong time stamp lose words.) The last window is never shorter than 5 s: a scrap of a word
 * makes Whisper invent a sentence around it.
 */
import { sampleRate, windowSamples } from "./log-mel.ts";

/** Samples from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const earliestCut = 20 * sampleRate;
const shortestEnd = 5 * sampleRate;
/** Loudness is compared in steps of 10 ms, summed over 20 of them. */
const stepSamples = sampleRate / 100;
const pauseSteps = 20;

export function splitWindows(samples: Float32Array): Span[] {
  const spans: Span[] = [];
  let start = 0;
  while (samples.length - start > windowSamples) {
    const end = cutPoint(samples, start);
    spans.push({ start, end });
    start = end;
  }
  spans.push({ start, end: samples.length });
  return spans;
}

function cutPoint(samples: Float32Array, start: number): number {
  const from = start + earliestCut;
  const to = Math.min(start + windowSamples, samples.length - shortestEnd);
  return quietestPoint(samples, { start: from, end: to });
}

/** The middle of the quietest pause; the latest of equals, so that windows are few. */
function quietestPoint(samples: Float32Array, { start, end }: Span): number {
  const steps = Math.floor((end - start) / stepSamples);
  const energy = Float64Array.from({ length: steps }, (_, step) =>
    sumOfSquares(samples, start + step * stepSamples, stepSamples),
  );
  let quietest = Infinity;
  let at = 0;
  for (let first = 0; first + pauseSteps <= steps; first++) {
    const sum = energy.subarray(first, first + pauseSteps).reduce((a, b) => a + b, 0);
    if (sum <= quietest) {
      quietest = sum;
      at = first;
    }
  }
  return start + (at + pauseSteps / 2) * stepSamples;
}

function sumOfSquares(samples: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += samples[i]! * samples[i]!;
  return sum;
}
