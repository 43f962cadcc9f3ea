import assert from "node:assert/strict";
import { test } from "node:test";
import { createFft } from "../../../models/whisper/fft.ts";

/** Deterministic samples between -1 and 1. */
function samples(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) * seed) ** 3);
}

function directTransform(re: Float64Array, im: Float64Array) {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < n; k++) {
      const angle = (-2 * Math.PI * ((j * k) % n)) / n;
      out.re[j]! += re[k]! * Math.cos(angle) - im[k]! * Math.sin(angle);
      out.im[j]! += re[k]! * Math.sin(angle) + im[k]! * Math.cos(angle);
    }
  }
  return out;
}

for (const length of [1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 49, 100, 121, 400]) {
  test(`the transform of ${length} points is the direct sum`, () => {
    const signal = { re: samples(length, 1), im: samples(length, 2) };
    const expected = directTransform(signal.re, signal.im);
    createFft(length).transform(signal);
    for (let j = 0; j < length; j++) {
      assert.ok(Math.abs(signal.re[j]! - expected.re[j]!) < 1e-12 * length, `re[${j}]`);
      assert.ok(Math.abs(signal.im[j]! - expected.im[j]!) < 1e-12 * length, `im[${j}]`);
    }
  });
}

test("a transform may be used again", () => {
  const fft = createFft(20);
  const once = { re: samples(20, 1), im: samples(20, 2) };
  const again = { re: samples(20, 1), im: samples(20, 2) };
  fft.transform(once);
  fft.transform(again);
  assert.deepEqual(again, once);
});
