import assert from "node:assert/strict";
import { test } from "node:test";
import { WhisperError } from "../../../models/whisper/errors.ts";
import { readWav } from "../../../models/whisper/read-wav.ts";
import { makeWav } from "./make-wav.ts";
import type { WavParts } from "./make-wav.ts";

const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer);
const silence = new Uint8Array(8);

const good: readonly { why: string; wav: WavParts; samples: readonly number[]; within: number }[] =
  [
    {
      why: "8 bits, unsigned",
      wav: { bits: 8, data: Uint8Array.of(0, 64, 128, 192, 255) },
      samples: [-1, -0.5, 0, 0.5, 1],
      within: 1 / 128,
    },
    {
      why: "16 bits",
      wav: { bits: 16, data: bytes(Int16Array.of(-32768, -8192, 0, 8192, 32767)) },
      samples: [-1, -0.25, 0, 0.25, 1],
      within: 1 / 32768,
    },
    {
      why: "24 bits",
      wav: { bits: 24, data: Uint8Array.of(0, 0, 0x80, 0, 0, 0, 0, 0, 0x40, 0xff, 0xff, 0x7f) },
      samples: [-1, 0, 0.5, 1],
      within: 1e-6,
    },
    {
      why: "32 bits",
      wav: { bits: 32, data: bytes(Int32Array.of(-(2 ** 31), 0, 2 ** 30)) },
      samples: [-1, 0, 0.5],
      within: 1e-6,
    },
    {
      why: "float",
      wav: { format: 3, bits: 32, data: bytes(Float32Array.of(-1, 0.125, 1.5)) },
      samples: [-1, 0.125, 1.5],
      within: 0,
    },
    {
      why: "double",
      wav: { format: 3, bits: 64, data: bytes(Float64Array.of(-1, 0.125)) },
      samples: [-1, 0.125],
      within: 0,
    },
    {
      why: "mu-law: the code of loudest negative and of zero",
      wav: { format: 7, bits: 8, data: Uint8Array.of(0x00, 0xff) },
      samples: [-32124 / 32768, 0],
      within: 1e-6,
    },
    {
      why: "A-law: the smallest positive and the loudest negative",
      wav: { format: 6, bits: 8, data: Uint8Array.of(0xd5, 0x2a) },
      samples: [8 / 32768, -32256 / 32768],
      within: 1e-6,
    },
    {
      why: "extensible",
      wav: { bits: 16, extensible: true, data: bytes(Int16Array.of(16384)) },
      samples: [0.5],
      within: 1e-4,
    },
    {
      why: "chunks of odd length in between",
      wav: {
        bits: 16,
        data: bytes(Int16Array.of(16384)),
        before: [
          ["LIST", Uint8Array.of(1, 2, 3)],
          ["bext", new Uint8Array(602)],
        ],
      },
      samples: [0.5],
      within: 1e-4,
    },
    {
      why: "written by a stream that does not know its length",
      wav: { bits: 16, data: bytes(Int16Array.of(16384)), dataLength: 0xffff_ffff },
      samples: [0.5],
      within: 1e-4,
    },
  ];

for (const { why, wav, samples, within } of good) {
  test(`wav: ${why}`, () => {
    const { channelData, sampleRate } = readWav(makeWav(wav));
    assert.equal(sampleRate, 16_000);
    assert.equal(channelData.length, 1);
    assert.equal(channelData[0]!.length, samples.length);
    samples.forEach((expected, i) =>
      assert.ok(Math.abs(channelData[0]![i]! - expected) <= within, `sample ${i}`),
    );
  });
}

test("wav: channels are told apart, a half frame at the end is dropped", () => {
  const data = bytes(Int16Array.of(8192, -8192, 16384, -16384, 1)).slice(0, 9);
  const { channelData } = readWav(makeWav({ bits: 16, channels: 2, sampleRate: 44_100, data }));
  assert.deepEqual(
    channelData.map((channel) => [...channel].map((x) => Math.round(x * 100) / 100)),
    [
      [0.25, 0.5],
      [-0.25, -0.5],
    ],
  );
});

test("wav: bytes may lie anywhere in a buffer", () => {
  const wav = makeWav({ bits: 16, data: bytes(Int16Array.of(16384)) });
  const shifted = new Uint8Array(wav.length + 7);
  shifted.set(wav, 3);
  const { channelData } = readWav(shifted.subarray(3, 3 + wav.length));
  assert.ok(Math.abs(channelData[0]![0]! - 0.5) < 1e-4);
});

const right = makeWav({ bits: 16, data: silence });
const text = (value: string) => new TextEncoder().encode(value.padEnd(64));
const noFormat = new Uint8Array([...right.subarray(0, 12), ...right.subarray(36)]);

const bad: readonly { why: string; file: Uint8Array; says: RegExp }[] = [
  { why: "empty", file: new Uint8Array(0), says: /0 bytes/ },
  { why: "mp3", file: text("ID3\x03"), says: /"ID3\..*an MP3 file; expected "RIFF"/ },
  { why: "flac", file: text("fLaC"), says: /a FLAC file/ },
  { why: "html", file: text("<!doctype html>"), says: /HTML/ },
  { why: "avi", file: text("RIFF1234AVI LIST"), says: /RIFF file of another kind/ },
  { why: "cut in the header", file: right.subarray(0, 30), says: /truncated: chunk "fmt "/ },
  { why: "cut before the data", file: right.subarray(0, 40), says: /no "data" chunk in 40 bytes/ },
  { why: "no fmt", file: noFormat, says: /"data" chunk comes before any "fmt "/ },
  {
    why: "cut in the data",
    file: right.subarray(0, right.length - 2),
    says: /promises 8 bytes of samples, 6 are there/,
  },
  {
    why: "a chunk of 4 GB",
    file: makeWav({ bits: 16, data: silence, dataLength: 0x7000_0000 }),
    says: /promises 1879048192 bytes/,
  },
  { why: "no samples", file: makeWav({ bits: 16, data: new Uint8Array(0) }), says: /no samples/ },
  {
    why: "no channels",
    file: makeWav({ bits: 16, channels: 0, frameBytes: 2, data: silence }),
    says: /0 channels; expected 1 to 64/,
  },
  {
    why: "65,535 channels",
    file: makeWav({ bits: 8, channels: 65_535, frameBytes: 1, data: silence }),
    says: /65535 channels/,
  },
  {
    why: "a frame of no bytes",
    file: makeWav({ bits: 16, frameBytes: 0, data: silence }),
    says: /0 bytes a frame; 1 × 16 bits are 2/,
  },
  { why: "12 bits", file: makeWav({ bits: 12, data: silence }), says: /integer PCM of 12 bits/ },
  {
    why: "float of 16 bits",
    file: makeWav({ format: 3, bits: 16, data: silence }),
    says: /float PCM of 16 bits; expected 32, 64/,
  },
  {
    why: "ADPCM",
    file: makeWav({ format: 0x11, bits: 4, frameBytes: 256, data: silence }),
    says: /encoding 0x11 is not supported; these are: integer PCM, float PCM, A-law, mu-law/,
  },
];

for (const { why, file, says } of bad) {
  test(`wav is refused: ${why}`, () => {
    assert.throws(
      () => readWav(file),
      (error) =>
        error instanceof WhisperError && error.code === "bad-wav" && says.test(error.message),
    );
  });
}

test("wav: no file of random bytes does anything but throw a bad-wav error or give samples", () => {
  const next = randomBytes();
  for (let i = 0; i < 2_000; i++) {
    const file = right.slice();
    for (let k = 0; k < 4; k++) file[next() % file.length] = next();
    try {
      assert.ok(readWav(file).channelData[0]!.length <= 8);
    } catch (error) {
      assert.ok(error instanceof WhisperError && error.code === "bad-wav", String(error));
    }
  }
});

/** xorshift32, a byte a call. */
function randomBytes(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 8) & 0xff;
  };
}
