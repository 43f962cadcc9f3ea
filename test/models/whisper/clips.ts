/** Clips whose transcripts are known: ours, and those of `../shared/models/speech`. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { readWav } from "../../../models/whisper/index.ts";
import { sharedClip } from "./requirements.ts";

export interface Clip {
  readonly samples: Float32Array;
  readonly text: string;
  /** Where they are known. */
  readonly tokenIds?: readonly number[];
}

export async function ownClip(): Promise<Required<Clip>> {
  const file = (name: string) => new URL(`../../data/${name}`, import.meta.url);
  const expected = JSON.parse(await readFile(file("clip.json"), "utf8")) as {
    text: string;
    tokenIds: number[];
  };
  return { samples: await readSamples(file("clip.wav")), ...expected };
}

/** Our clip's file, whose header has 44 bytes, with its samples so many times over. */
export async function repeatedClip(times: number): Promise<Buffer> {
  const clip = await readFile(new URL("../../data/clip.wav", import.meta.url));
  assert.equal(clip.toString("latin1", 36, 40), "data");
  const samples = clip.subarray(44, 44 + clip.readUInt32LE(40));
  const header = Buffer.from(clip.subarray(0, 44));
  header.writeUInt32LE(36 + samples.length * times, 4);
  header.writeUInt32LE(samples.length * times, 40);
  return Buffer.concat([header, ...Array<Buffer>(times).fill(samples)]);
}

export async function jfk(): Promise<Required<Clip>> {
  return {
    samples: await readSamples(sharedClip("jfk.wav")),
    text: " And so my fellow Americans ask not what your country can do for you, ask what you can do for your country.",
    tokenIds: [
      400, 370, 452, 7177, 6280, 1029, 406, 437, 428, 1941, 393, 360, 337, 291, 11, 1029, 437, 291,
      393, 360, 337, 428, 1941, 13,
    ],
  };
}

export async function austen(): Promise<Clip> {
  return {
    samples: await readSamples(sharedClip("sense_and_sensibility_01_austen_64kb-0870.wav")),
    text: " And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them.",
  };
}

export function join(...parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

async function readSamples(file: string | URL): Promise<Float32Array> {
  const { channelData, sampleRate } = readWav(await readFile(file));
  assert.equal(sampleRate, 16_000);
  return channelData[0]!;
}
