import assert from "node:assert/strict";
import { test } from "node:test";
import { toMono16k } from "../../../models/whisper/audio.ts";
import type { AudioInput } from "../../../models/whisper/audio.ts";
import { WhisperError } from "../../../models/whisper/errors.ts";

test("mono at 16 kHz is taken as it is", () => {
  const audio = Float32Array.of(0.1, 0.2);
  assert.equal(toMono16k(audio), audio);
});

test("channels are averaged", () => {
  const channelData = [Float32Array.of(1, 0.5), Float32Array.of(0, 0.25), Float32Array.of(0.5, 0)];
  assert.deepEqual(toMono16k({ channelData, sampleRate: 16_000 }), Float32Array.of(0.5, 0.25));
});

test("the rate is changed to 16 kHz", () => {
  const channelData = [new Float32Array(44_100)];
  assert.equal(toMono16k({ channelData, sampleRate: 44_100 }).length, 16_000);
});

const one = new Float32Array(1);
const bad: readonly { why: string; audio: AudioInput; says: RegExp }[] = [
  { why: "empty", audio: new Float32Array(0), says: /empty/ },
  { why: "no channels", audio: { channelData: [], sampleRate: 16_000 }, says: /empty/ },
  { why: "NaN", audio: Float32Array.of(0, Number.NaN), says: /sample 1 of channel 0 is NaN/ },
  {
    why: "infinity",
    audio: Float32Array.of(-Infinity),
    says: /sample 0 of channel 0 is -Infinity/,
  },
  {
    why: "unequal channels",
    audio: { channelData: [one, new Float32Array(2)], sampleRate: 16_000 },
    says: /channel 1 has 2 samples, channel 0 has 1/,
  },
  ...[0, -1, 999, 768_001, 44_100.5, Number.NaN, Infinity].map((sampleRate) => ({
    why: `a rate of ${sampleRate}`,
    audio: { channelData: [one], sampleRate },
    says: new RegExp(`sampleRate is ${sampleRate} Hz; expected .* 1000 to 768000`),
  })),
];

for (const { why, audio, says } of bad) {
  test(`audio is refused: ${why}`, () => {
    assert.throws(
      () => toMono16k(audio),
      (error) =>
        error instanceof WhisperError && error.code === "bad-audio" && says.test(error.message),
    );
  });
}
