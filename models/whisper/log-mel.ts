/**
 * Whisper's features: the log-mel spectrogram of up to 30 s of audio, padded with silence to 30 s.
 *
 * Frames of 400 samples, one each 160, centred (the signal is mirrored at both ends), under a periodic Hann window;
 * power spectrum; mel filters; log10 no lower than 1e-10 and no lower than 8 below the loudest; then (x + 4) / 4.
 * The same as `log_mel_spectrogram` of https://github.com/openai/whisper/blob/main/whisper/audio.py, in float64.
 */
import { createFft } from "./fft.ts";
import type { Complex, Fft } from "./fft.ts";
import { melFilters } from "./mel-filters.ts";
import type { MelFilter } from "./mel-filters.ts";

export const sampleRate = 16_000;
/** Whisper hears 30 s at a time. */
export const windowSeconds = 30;
export const windowSamples = windowSeconds * sampleRate;
export const hopLength = 160;
export const frameCount = windowSamples / hopLength;
const fftLength = 400;
const binCount = fftLength / 2 + 1;
const lowestPower = 1e-10;
const dynamicRange = 8;

/** Features [melCount][frameCount], row by row. Reused for all windows of all clips. */
export interface LogMel {
  readonly melCount: number;
  /** At most `windowSamples` samples of mono audio at `sampleRate`. */
  compute(samples: Float32Array): Float32Array;
}

export function createLogMel(melCount: number): LogMel {
  const fft = createFft(fftLength);
  const filters = melFilters({ sampleRate, fftLength, melCount });
  const hann = Float64Array.from(
    { length: fftLength },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / fftLength),
  );
  const pair = { re: new Float64Array(fftLength), im: new Float64Array(fftLength) };
  const powers: PowerPair = { even: new Float64Array(binCount), odd: new Float64Array(binCount) };

  return {
    melCount,
    compute(samples) {
      const logPower = new Float64Array(melCount * frameCount).fill(Math.log10(lowestPower));
      for (let frame = 0; frame < audibleFrames(samples.length); frame += 2) {
        cutFrame(samples, frame, hann, pair.re);
        cutFrame(samples, frame + 1, hann, pair.im);
        powerSpectra(fft, pair, powers);
        filterFrame(powers.even, filters, logPower, frame);
        filterFrame(powers.odd, filters, logPower, frame + 1);
      }
      return compress(logPower);
    },
  };
}

/** Frames from here on see nothing but padding: rounded up to a pair. */
function audibleFrames(sampleCount: number): number {
  const frames = Math.ceil((sampleCount + fftLength / 2) / hopLength);
  return Math.min(frames + (frames % 2), frameCount);
}

/** The frame around sample `frame * hopLength`, windowed. Beyond the padded 30 s the signal is mirrored. */
function cutFrame(samples: Float32Array, frame: number, window: Float64Array, out: Float64Array) {
  const start = frame * hopLength - fftLength / 2;
  const last = windowSamples - 1;
  for (let i = 0; i < fftLength; i++) {
    const at = Math.abs(start + i);
    out[i] = window[i]! * (samples[at > last ? 2 * last - at : at] ?? 0);
  }
}

interface PowerPair {
  readonly even: Float64Array;
  readonly odd: Float64Array;
}

/**
 * Two real frames cost one complex transform: of z = a + i b, the parts that are symmetric and antisymmetric about
 * the middle bin are the spectra of a and of i b.
 */
function powerSpectra(fft: Fft, pair: Complex, powers: PowerPair): void {
  fft.transform(pair);
  const { re, im } = pair;
  for (let bin = 0; bin < binCount; bin++) {
    const mirror = (fftLength - bin) % fftLength;
    const evenRe = re[bin]! + re[mirror]!;
    const evenIm = im[bin]! - im[mirror]!;
    const oddRe = im[bin]! + im[mirror]!;
    const oddIm = re[mirror]! - re[bin]!;
    powers.even[bin] = (evenRe * evenRe + evenIm * evenIm) / 4;
    powers.odd[bin] = (oddRe * oddRe + oddIm * oddIm) / 4;
  }
}

function filterFrame(
  power: Float64Array,
  filters: readonly MelFilter[],
  out: Float64Array,
  frame: number,
): void {
  filters.forEach(({ firstBin, weights }, mel) => {
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += weights[i]! * power[firstBin + i]!;
    out[mel * frameCount + frame] = Math.log10(Math.max(sum, lowestPower));
  });
}

function compress(logPower: Float64Array): Float32Array {
  const loudest = logPower.reduce((a, b) => Math.max(a, b), -Infinity);
  const floor = loudest - dynamicRange;
  return Float32Array.from(logPower, (value) => (Math.max(value, floor) + 4) / 4);
}
