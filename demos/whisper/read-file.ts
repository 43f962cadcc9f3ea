/** Turns a file that a person chose into a recording: wav is left to the worker, the rest the browser decodes. */
import type { Recording } from "./messages.ts";

const largestFile = 500 * 1024 * 1024;

export async function readFile(file: File): Promise<Recording> {
  if (file.size > largestFile) {
    throw new Error(`${file.name} has ${file.size} bytes; the most is ${largestFile} (500 MiB)`);
  }
  const bytes = await file.arrayBuffer();
  const magic = String.fromCharCode(...new Uint8Array(bytes.slice(0, 4)));
  if (magic === "RIFF") return { kind: "wav", bytes };
  return { kind: "audio", audio: await decode(file.name, bytes) };
}

/** The browser decodes on a thread of its own, and to 16 kHz, which is all that Whisper hears. */
async function decode(name: string, bytes: ArrayBuffer) {
  const context = new OfflineAudioContext({ length: 1, sampleRate: 16_000 });
  const buffer = await context.decodeAudioData(bytes).catch((cause: unknown) => {
    throw new Error(`${name}: this browser finds no audio in it that it can decode`, { cause });
  });
  const channelData = Array.from({ length: buffer.numberOfChannels }, (_, channel) =>
    buffer.getChannelData(channel).slice(),
  );
  return { channelData, sampleRate: buffer.sampleRate };
}
