import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogMel, frameCount, windowSamples } from "../../../models/whisper/log-mel.ts";
import { referenceLogMel } from "../../reference/log-mel.ts";

/** A sweep with a little noise and a pause: every mel band, loud and quiet frames. */
function sweep(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const tone = Math.sin(2 * Math.PI * (50 * (i / 16_000) + (3_500 * i * i) / (16_000 * length)));
    const noise = 0.01 * Math.sin(78.233 * (i + 1)) ** 5;
    return i > length / 2 && i < length / 2 + 3_000 ? 0 : 0.3 * tone + noise;
  });
}

const rows = [
  { why: "one sample", samples: Float32Array.of(0.5), mels: 80 },
  { why: "half a frame, mirrored at the start", samples: sweep(200), mels: 80 },
  { why: "one sample more than a hop", samples: sweep(161), mels: 80 },
  { why: "a second", samples: sweep(16_000), mels: 80 },
  { why: "128 mels, as large-v3 has", samples: sweep(8_000), mels: 128 },
  { why: "the end of the window, mirrored", samples: new Float32Array(windowSamples), mels: 80 },
];
rows.at(-1)!.samples.set(sweep(20_000), windowSamples - 20_000);

for (const { why, samples, mels } of rows) {
  test(`features equal the direct ones: ${why}`, () => {
    const expected = referenceLogMel(samples, mels);
    const features = createLogMel(mels).compute(samples);
    assert.equal(features.length, mels * frameCount);
    const worst = features.reduce((max, x, i) => Math.max(max, Math.abs(x - expected[i]!)), 0);
    assert.ok(worst < 1e-6, `worst error ${worst}`);
  });
}

test("the reference is sensible: a tone of 1 kHz is loudest in the band around 1 kHz", () => {
  const tone = Float32Array.from({ length: 16_000 }, (_, i) => Math.sin((2 * Math.PI * i) / 16));
  const features = referenceLogMel(tone, 80);
  const column = Array.from({ length: 80 }, (_, mel) => features[mel * frameCount + 50]!);
  // 1 kHz is 15 mels; bands are centred at (i + 1) * 45.245 / 81 mels.
  assert.equal(column.indexOf(Math.max(...column)), Math.round(15 / (45.2454 / 81)) - 1);
});

test("features of one clip do not depend on the clip before", () => {
  const logMel = createLogMel(80);
  const first = logMel.compute(sweep(8_000));
  logMel.compute(sweep(30_000));
  assert.deepEqual(logMel.compute(sweep(8_000)), first);
});
