import assert from "node:assert/strict";
import { test } from "node:test";
import { resample } from "../../../models/whisper/resample.ts";

function tone(hertz: number, rate: number, seconds = 0.5): Float32Array {
  return Float32Array.from({ length: rate * seconds }, (_, i) =>
    Math.sin((2 * Math.PI * hertz * i) / rate),
  );
}

/** Away from the ends, where the filter sees silence. */
function middle(samples: Float32Array): Float32Array {
  return samples.subarray(samples.length / 4, (3 * samples.length) / 4);
}

function loudness(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

function worstError(a: Float32Array, b: Float32Array): number {
  return a.reduce((max, x, i) => Math.max(max, Math.abs(x - b[i]!)), 0);
}

for (const from of [8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000]) {
  const heard = Math.min(from / 2, 8_000) * 0.75;
  test(`${from} Hz: a tone of ${heard} Hz stays that tone`, () => {
    const resampled = resample(tone(heard, from), { from, to: 16_000 });
    const expected = tone(heard, 16_000);
    assert.equal(resampled.length, Math.ceil(expected.length));
    assert.ok(worstError(middle(resampled), middle(expected)) < 1e-3);
  });
}

test("what lies above 8 kHz is removed, not folded back", () => {
  for (const hertz of [8_100, 12_000, 20_000]) {
    const resampled = resample(tone(hertz, 48_000), { from: 48_000, to: 16_000 });
    assert.ok(loudness(middle(resampled)) < 1e-4, `${hertz} Hz`);
  }
});

test("a constant stays that constant", () => {
  const resampled = resample(new Float32Array(4_410).fill(0.25), { from: 44_100, to: 16_000 });
  assert.ok(middle(resampled).every((x) => Math.abs(x - 0.25) < 1e-7));
});

test("the same rate is the same audio", () => {
  const audio = tone(440, 16_000);
  assert.equal(resample(audio, { from: 16_000, to: 16_000 }), audio);
});

test("one sample does not vanish", () => {
  assert.equal(resample(Float32Array.of(1), { from: 48_000, to: 16_000 }).length, 1);
});
