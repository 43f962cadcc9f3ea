/**
 * Triangular filters on the mel scale of Slaney's Auditory Toolbox, as librosa makes them for Whisper
 * (`librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)`): linear to 1 kHz, logarithmic above, each of unit area.
 */

/** One filter: its weights from bin `firstBin` on; all others are 0. */
export interface MelFilter {
  readonly firstBin: number;
  readonly weights: Float64Array;
}

export interface MelFilterOptions {
  readonly sampleRate: number;
  readonly fftLength: number;
  readonly melCount: number;
}

export function melFilters({ sampleRate, fftLength, melCount }: MelFilterOptions): MelFilter[] {
  const highestMel = hertzToMel(sampleRate / 2);
  const edges = Array.from({ length: melCount + 2 }, (_, i) =>
    melToHertz((highestMel * i) / (melCount + 1)),
  );
  const binHertz = sampleRate / fftLength;
  const binCount = Math.floor(fftLength / 2) + 1;
  return Array.from({ length: melCount }, (_, i) =>
    triangle([edges[i]!, edges[i + 1]!, edges[i + 2]!], binHertz, binCount),
  );
}

type Corners = readonly [low: number, centre: number, high: number];

function triangle([low, centre, high]: Corners, binHertz: number, binCount: number): MelFilter {
  const firstBin = Math.floor(low / binHertz) + 1;
  const endBin = Math.min(Math.ceil(high / binHertz), binCount);
  const area = 2 / (high - low);
  const weights = Float64Array.from({ length: Math.max(0, endBin - firstBin) }, (_, i) => {
    const hertz = (firstBin + i) * binHertz;
    return area * Math.min((hertz - low) / (centre - low), (high - hertz) / (high - centre));
  });
  return { firstBin, weights };
}

const hertzPerMel = 200 / 3;
const logFromHertz = 1000;
const logFromMel = logFromHertz / hertzPerMel;
/** 27 mels for each factor of 6.4 in frequency. */
const logStep = Math.log(6.4) / 27;

function hertzToMel(hertz: number): number {
  if (hertz < logFromHertz) return hertz / hertzPerMel;
  return logFromMel + Math.log(hertz / logFromHertz) / logStep;
}

function melToHertz(mel: number): number {
  if (mel < logFromMel) return mel * hertzPerMel;
  return logFromHertz * Math.exp(logStep * (mel - logFromMel));
}
