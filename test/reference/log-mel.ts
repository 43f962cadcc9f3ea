/**
 * Whisper's log-mel features by the formulas alone: direct DFT, the whole padded signal in memory, filters by
 * interpolation on the mel axis as librosa documents them. Slow and plain; shares nothing with models/whisper.
 */
const rate = 16_000;
const size = 400;
const hop = 160;
const total = 480_000;

/** [melCount][3000], row by row. */
export function referenceLogMel(samples: Float32Array, melCount: number): Float64Array {
  const mirrored = mirror(Float64Array.from({ length: total }, (_, i) => samples[i] ?? 0));
  const filters = librosaMel(melCount);
  const result = new Float64Array(melCount * 3000);
  for (let t = 0; t < 3000; t++) {
    const power = powerSpectrum(mirrored.subarray(t * hop, t * hop + size));
    filters.forEach((filter, mel) => {
      const energy = filter.reduce((sum, weight, bin) => sum + weight * power[bin]!, 0);
      result[mel * 3000 + t] = Math.log10(Math.max(energy, 1e-10));
    });
  }
  const peak = result.reduce((a, b) => Math.max(a, b));
  return result.map((x) => (Math.max(x, peak - 8) + 4) / 4);
}

/** numpy.pad(mode="reflect") by half a frame at both ends. */
function mirror(signal: Float64Array): Float64Array {
  const half = size / 2;
  const before = signal.slice(1, half + 1).reverse();
  const after = signal.slice(total - half - 1, total - 1).reverse();
  return Float64Array.from([...before, ...signal, ...after]);
}

const cosines = Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
const sines = Float64Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * i) / size));

function powerSpectrum(frame: Float64Array): Float64Array {
  const hann = frame.map((x, i) => x * Math.sin((Math.PI * i) / size) ** 2);
  if (hann.every((x) => x === 0)) return new Float64Array(size / 2 + 1);
  return Float64Array.from({ length: size / 2 + 1 }, (_, bin) => {
    let re = 0;
    let im = 0;
    hann.forEach((x, i) => {
      re += x * cosines[(bin * i) % size]!;
      im += x * sines[(bin * i) % size]!;
    });
    return re * re + im * im;
  });
}

/** librosa.filters.mel(htk=False, norm="slaney"): ramps between neighbouring mel frequencies. */
function librosaMel(melCount: number): number[][] {
  const top = toMel(rate / 2);
  const hertz = Array.from({ length: melCount + 2 }, (_, i) => toHertz((top / (melCount + 1)) * i));
  return Array.from({ length: melCount }, (_, i) => {
    const [low, mid, high] = [hertz[i]!, hertz[i + 1]!, hertz[i + 2]!];
    return Array.from({ length: size / 2 + 1 }, (__, bin) => {
      const f = (bin * rate) / size;
      const rising = (f - low) / (mid - low);
      const falling = (high - f) / (high - mid);
      return (Math.max(0, Math.min(rising, falling)) * 2) / (high - low);
    });
  });
}

/** Slaney: 3 mels for 200 Hz below 1 kHz = 15 mels, then 27 mels for a factor of 6.4. */
function toMel(hertz: number): number {
  return hertz < 1000 ? (3 * hertz) / 200 : 15 + (27 * Math.log(hertz / 1000)) / Math.log(6.4);
}

function toHertz(mel: number): number {
  return mel < 15 ? (200 * mel) / 3 : 1000 * 6.4 ** ((mel - 15) / 27);
}
