/** Writes wav files byte by byte, right and wrong ones, for the tests of the reader. */
export interface WavParts {
  readonly format?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly bits: number;
  /** Interleaved samples as they lie in the file. */
  readonly data: Uint8Array;
  readonly frameBytes?: number;
  readonly dataLength?: number;
  /** Wraps `format` in WAVE_FORMAT_EXTENSIBLE. */
  readonly extensible?: boolean;
  /** Chunks before "data". */
  readonly before?: readonly (readonly [name: string, contents: Uint8Array])[];
}

export function makeWav(parts: WavParts): Uint8Array {
  const chunks = [chunk("fmt ", formatChunk(parts))];
  for (const [name, contents] of parts.before ?? []) chunks.push(chunk(name, contents));
  chunks.push(chunk("data", parts.data, parts.dataLength));
  const body = Buffer.concat(chunks);
  return new Uint8Array(
    Buffer.concat([Buffer.from("RIFF"), u32(4 + body.length), Buffer.from("WAVE"), body]),
  );
}

function formatChunk(parts: WavParts): Buffer {
  const { format = 1, channels = 1, sampleRate = 16_000, bits } = parts;
  const frameBytes = parts.frameBytes ?? (channels * bits) / 8;
  const plain = Buffer.concat([
    u16(parts.extensible ? 0xfffe : format),
    u16(channels),
    u32(sampleRate),
    u32(sampleRate * frameBytes),
    u16(frameBytes),
    u16(bits),
  ]);
  if (!parts.extensible) return plain;
  const guidTail = Buffer.from("000000001000800000aa00389b71", "hex");
  return Buffer.concat([plain, u16(22), u16(bits), u32(0), u16(format), guidTail]);
}

export function chunk(name: string, contents: Uint8Array, length = contents.length): Buffer {
  const padding = Buffer.alloc(contents.length % 2);
  return Buffer.concat([Buffer.from(name), u32(length), contents, padding]);
}

function u16(value: number): Buffer {
  return Buffer.from(Uint16Array.of(value).buffer);
}

function u32(value: number): Buffer {
  return Buffer.from(Uint32Array.of(value).buffer);
}
