/** Reads the pictures that models are shown (BMP of 8 and 24 bits, PNG of 24) and writes PNG, without a browser. */
import { deflateSync, inflateSync } from "node:zlib";

/** Rows of red, green and blue. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export function readPicture(file: Buffer): Picture {
  return file.toString("latin1", 0, 2) === "BM" ? readBmp(file) : readPng(file);
}

/** Uncompressed, from the bottom row up. */
function readBmp(file: Buffer): Picture {
  const [width, height] = [file.readInt32LE(18), file.readInt32LE(22)];
  const bytes = file.readUInt16LE(28) / 8;
  const palette = 14 + file.readUInt32LE(14);
  // Rows begin at multiples of 4 bytes.
  const stride = Math.ceil((width * bytes) / 4) * 4;
  const start = file.readUInt32LE(10);
  const pixels = new Uint8Array(3 * width * height);
  for (let i = 0; i < pixels.length; i++) {
    const x = Math.floor(i / 3) % width;
    const y = height - 1 - Math.floor(i / 3 / width);
    const at = start + y * stride + x * bytes;
    // Blue comes first.
    const colour = bytes === 1 ? palette + 4 * file[at]! : at;
    pixels[i] = file[colour + 2 - (i % 3)]!;
  }
  return { width, height, pixels };
}

const signature = 8;

/** Of 8 bits for each of red, green and blue, not interlaced (https://www.w3.org/TR/png-3/). */
function readPng(file: Buffer): Picture {
  const parts: Buffer[] = [];
  for (let at = signature; at < file.length;) {
    const length = file.readUInt32BE(at);
    if (file.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  if (file[24] !== 8 || file[25] !== 2 || file[28] !== 0) throw new Error("not a plain RGB PNG");
  return { width, height, pixels: unfilter(inflateSync(Buffer.concat(parts)), 3 * width, height) };
}

/** Each row begins with the way in which its bytes were predicted from those to the left and above. */
function unfilter(lines: Uint8Array, rowLength: number, height: number): Uint8Array {
  const pixels = new Uint8Array(rowLength * height);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [i % rowLength, Math.floor(i / rowLength)];
    const left = x < 3 ? 0 : pixels[i - 3]!;
    const above = y === 0 ? 0 : pixels[i - rowLength]!;
    const corner = x < 3 || y === 0 ? 0 : pixels[i - rowLength - 3]!;
    const filter = lines[y * (rowLength + 1)]!;
    const predictions = [0, left, above, (left + above) >> 1, nearest(left, above, corner)];
    pixels[i] = lines[y * (rowLength + 1) + 1 + x]! + predictions[filter]!;
  }
  return pixels;
}

/** Of the three, what is nearest to the plane through them. */
function nearest(left: number, above: number, corner: number): number {
  const plane = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(plane - value)) as [
    number,
    number,
    number,
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

export function writePng({ width, height, pixels }: Picture): Buffer {
  const lines = Buffer.alloc((3 * width + 1) * height);
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(3 * width * y, 3 * width * (y + 1)), (3 * width + 1) * y + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(checksum(body), body.length + 4);
  return whole;
}

/** CRC-32 as PNG has it. */
function checksum(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** To another size, by the four nearest pixels. */
export function scale(
  { width, height, pixels }: Picture,
  toWidth: number,
  toHeight: number,
): Picture {
  // prettier-ignore
  const scaled = new Uint8Array(3 * toWidth * toHeight);
  const place = (at: number, from: number, to: number) => {
    const exact = Math.min(Math.max(((at + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(exact);
    return { low, high: Math.min(low + 1, from - 1), share: exact - low };
  };
  for (let i = 0; i < scaled.length; i++) {
    const across = place(Math.floor(i / 3) % toWidth, width, toWidth);
    const down = place(Math.floor(i / 3 / toWidth), height, toHeight);
    const at = (x: number, y: number) => pixels[3 * (y * width + x) + (i % 3)]!;
    const row = (y: number) =>
      at(across.low, y) * (1 - across.share) + at(across.high, y) * across.share;
    scaled[i] = Math.round(row(down.low) * (1 - down.share) + row(down.high) * down.share);
  }
  return { width: toWidth, height: toHeight, pixels: scaled };
}

/** One plane after the other, each of `channels` (0 is red) made of a byte by `value`. */
export function planesOf(
  { width, height, pixels }: Picture,
  channels: readonly number[],
  value: (byte: number, plane: number) => number,
): Float32Array {
  const area = width * height;
  return Float32Array.from({ length: channels.length * area }, (_, i) => {
    const plane = Math.floor(i / area);
    return value(pixels[3 * (i % area) + channels[plane]!]!, plane);
  });
}
