import assert from "node:assert/strict";
import { test } from "node:test";
import { splitWindows } from "../../../models/whisper/windows.ts";

const second = 16_000;

/** A steady tone with silence at the given moments, in seconds. */
function speech(seconds: number, pauses: readonly (readonly [from: number, to: number])[]) {
  return Float32Array.from({ length: seconds * second }, (_, i) => {
    const isPause = pauses.some(([from, to]) => i >= from * second && i < to * second);
    return isPause ? 0 : 0.5 * Math.sin((2 * Math.PI * 200 * i) / second);
  });
}

const cuts = (samples: Float32Array) =>
  splitWindows(samples)
    .slice(0, -1)
    .map(({ end }) => end / second);

test("30 s are one window", () => {
  const samples = speech(30, [[25, 26]]);
  assert.deepEqual(splitWindows(samples), [{ start: 0, end: samples.length }]);
});

test("a cut falls into a pause", () => {
  const [cut] = cuts(speech(45, [[22.4, 22.8]]));
  assert.ok(cut! > 22.4 && cut! < 22.8, `cut at ${cut}`);
});

test("of equal pauses the later one is taken", () => {
  const pauses = [21, 24, 28].map((at) => [at, at + 0.3] as const);
  const [cut] = cuts(speech(50, pauses));
  assert.ok(cut! > 28 && cut! < 28.3, `cut at ${cut}`);
});

test("a pause before 20 s is not taken: windows would be many", () => {
  const [cut] = cuts(speech(50, [[10, 11]]));
  assert.ok(cut! >= 20);
});

for (const seconds of [30.001, 31, 33, 35, 40, 59.9, 61, 90, 301]) {
  test(`${seconds} s: windows join, none is over 30 s, the last is no scrap`, () => {
    const spans = splitWindows(speech(seconds, []));
    assert.equal(spans[0]!.start, 0);
    assert.equal(spans.at(-1)!.end, Math.floor(seconds * second));
    spans.forEach(({ start, end }, i) => {
      if (i > 0) assert.equal(start, spans[i - 1]!.end);
      assert.ok(end - start <= 30 * second, `${(end - start) / second} s`);
      assert.ok(end - start >= 5 * second, `${(end - start) / second} s`);
    });
  });
}
