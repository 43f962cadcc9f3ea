/**
 * Reads a wav file: integers of 8, 16, 24 or 32 bits, floats of 32 or 64, A-law and mu-law, plain or "extensible".
 *
 * The package `@audio/decode-wav` turns bytes into samples. What it takes on trust is checked here first, so that a
 * file's claims never decide how much memory is taken: the sizes in the header must agree with each other and with
 * the file. http://soundfile.sapp.org/doc/WaveFormat/
 */
import { decoder } from "@audio/decode-wav";
import type { Audio } from "./audio.ts";
import { WhisperError } from "./errors.ts";

/** Bits per sample by format code. */
const formats = new Map([
  [1, { name: "integer PCM", bits: [8, 16, 24, 32] }],
  [3, { name: "float PCM", bits: [32, 64] }],
  [6, { name: "A-law", bits: [8] }],
  [7, { name: "mu-law", bits: [8] }],
]);
/** The real code then stands in the extension. */
const extensible = 0xfffe;
const mostChannels = 64;
/** Programs that stream and do not know the length yet write this or more; the data reach to the end of the file. */
const unknownLength = 0x7fff_f000;

export function readWav(file: ArrayBuffer | Uint8Array): Audio {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkMagic(bytes);
  const { format, data } = findChunks(view);
  const frameBytes = checkFormat(view, format);
  const samples = contents(bytes, dataWithin(view, data, frameBytes));
  return decodeSamples(contents(bytes, format), samples);
}

/** The decoder gets a header that holds nothing but what was checked. */
function decodeSamples(format: Uint8Array, samples: Uint8Array): Audio {
  const header = new Uint8Array(12 + 8 + format.length + 8);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode("RIFF\0\0\0\0WAVEfmt "));
  view.setUint32(16, format.length, true);
  header.set(format, 20);
  header.set(new TextEncoder().encode("data"), 20 + format.length);
  view.setUint32(24 + format.length, samples.length, true);

  const stream = decoder();
  stream.decode(header);
  const { channelData, sampleRate } = stream.decode(samples);
  stream.free();
  return { channelData, sampleRate };
}

function contents(bytes: Uint8Array, { start, byteLength }: Chunk): Uint8Array {
  return bytes.subarray(start, start + byteLength);
}

interface Chunk {
  /** Where its contents start, behind name and length. */
  readonly start: number;
  readonly byteLength: number;
}

interface Chunks {
  readonly format: Chunk;
  readonly data: Chunk;
}

function checkMagic(bytes: Uint8Array): void {
  if (bytes.length < 12) {
    throw badWav(`the file has ${bytes.length} bytes; a wav file has at least 44`);
  }
  if (ascii(bytes, 0) === "RIFF" && ascii(bytes, 8) === "WAVE") return;
  throw badWav(
    `not a wav file: it starts with ${describeStart(bytes)}; expected "RIFF", a length and "WAVE"`,
  );
}

/** Walks the chunks up to "data". A chunk of odd length is followed by a byte of padding. */
function findChunks(view: DataView): Chunks {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let format: Chunk | undefined;
  let at = 12;
  while (at + 8 <= view.byteLength) {
    const name = ascii(bytes, at);
    const chunk = { start: at + 8, byteLength: view.getUint32(at + 4, true) };
    if (name === "data") {
      if (format === undefined) throw badWav(`the "data" chunk comes before any "fmt " chunk`);
      return { format, data: chunk };
    }
    if (chunk.start + chunk.byteLength > view.byteLength) {
      throw badWav(
        `truncated: chunk "${name}" says it has ${chunk.byteLength} bytes, ${view.byteLength - chunk.start} are left`,
      );
    }
    if (name === "fmt ") format = chunk;
    at = chunk.start + chunk.byteLength + (chunk.byteLength % 2);
  }
  throw badWav(
    `no ${format === undefined ? '"fmt "' : '"data"'} chunk in ${view.byteLength} bytes`,
  );
}

/** Returns the bytes of one frame: a sample of each channel. */
function checkFormat(view: DataView, { start, byteLength }: Chunk): number {
  const isExtensible = byteLength >= 16 && view.getUint16(start, true) === extensible;
  const needed = isExtensible ? 40 : 16;
  if (byteLength < needed) throw badWav(`the "fmt " chunk has ${byteLength} bytes, not ${needed}`);
  const code = view.getUint16(isExtensible ? start + 24 : start, true);
  const format = formats.get(code);
  if (format === undefined) {
    const known = [...formats.values()].map(({ name }) => name).join(", ");
    throw badWav(`encoding 0x${code.toString(16)} is not supported; these are: ${known}`);
  }
  const bits = view.getUint16(start + 14, true);
  if (!format.bits.includes(bits)) {
    throw badWav(`${format.name} of ${bits} bits; expected ${format.bits.join(", ")}`);
  }
  const channels = view.getUint16(start + 2, true);
  if (channels < 1 || channels > mostChannels) {
    throw badWav(`${channels} channels; expected 1 to ${mostChannels}`);
  }
  const frameBytes = view.getUint16(start + 12, true);
  if (frameBytes !== (channels * bits) / 8) {
    throw badWav(
      `${frameBytes} bytes a frame; ${channels} × ${bits} bits are ${(channels * bits) / 8}`,
    );
  }
  return frameBytes;
}

function dataWithin(view: DataView, data: Chunk, frameBytes: number): Chunk {
  const left = view.byteLength - data.start;
  const isStreamed = data.byteLength >= unknownLength;
  if (!isStreamed && data.byteLength > left) {
    throw badWav(
      `truncated: the header promises ${data.byteLength} bytes of samples, ${left} are there`,
    );
  }
  const byteLength = isStreamed ? left : data.byteLength;
  if (byteLength < frameBytes) throw badWav(`no samples: the "data" chunk has ${byteLength} bytes`);
  return { start: data.start, byteLength };
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Other formats by how they start, so that the message can name what somebody renamed to .wav. */
const otherFormats: readonly (readonly [start: string, name: string])[] = [
  ["ID3", "an MP3 file"],
  ["OggS", "an Ogg file"],
  ["fLaC", "a FLAC file"],
  ["FORM", "an AIFF file"],
  ["RF64", "a 64-bit wav file (RF64)"],
  ["RIFF", "a RIFF file of another kind"],
  ["<", "a text or HTML file"],
  ["{", "a JSON file"],
];

function describeStart(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  const other = otherFormats.find(([start]) => text.startsWith(start));
  const shown = JSON.stringify(text.replace(/[^\x20-\x7e]/g, "."));
  return other === undefined ? shown : `${shown}, ${other[1]}`;
}

function badWav(message: string): WhisperError {
  return new WhisperError("bad-wav", `wav: ${message}`);
}
