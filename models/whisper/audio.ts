/** What the pipeline takes as audio, and how it becomes what Whisper hears: mono, 16 kHz, float. */
import { WhisperError } from "./errors.ts";
import { sampleRate } from "./log-mel.ts";
import { resample } from "./resample.ts";

/** Channels of equal length; samples between -1 and 1. */
export interface Audio {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
}

/** Mono at 16 kHz, or channels at any rate. */
export type AudioInput = Float32Array | Audio;

/** Telephones send 8 kHz, studios record 384 kHz: what is outside is a mistake in the description. */
const lowestRate = 1_000;
const highestRate = 768_000;

export function toMono16k(input: AudioInput): Float32Array {
  const audio = input instanceof Float32Array ? { channelData: [input], sampleRate } : input;
  checkAudio(audio);
  return resample(mixDown(audio.channelData), { from: audio.sampleRate, to: sampleRate });
}

function checkAudio({ channelData, sampleRate: rate }: Audio): void {
  if (!Number.isInteger(rate) || rate < lowestRate || rate > highestRate) {
    const range = `a whole number from ${lowestRate} to ${highestRate}`;
    throw badAudio(`sampleRate is ${rate} Hz; expected ${range}`);
  }
  const length = channelData[0]?.length ?? 0;
  if (length === 0) throw badAudio("the audio is empty: it has no samples");
  channelData.forEach((channel, c) => {
    if (channel.length !== length) {
      throw badAudio(`channel ${c} has ${channel.length} samples, channel 0 has ${length}`);
    }
    const at = channel.findIndex((sample) => !Number.isFinite(sample));
    if (at >= 0) throw badAudio(`sample ${at} of channel ${c} is ${channel[at]}`);
  });
}

/** The mean of all channels: what is the same in all keeps its loudness. */
function mixDown(channelData: readonly Float32Array[]): Float32Array {
  const [first, ...others] = channelData;
  if (others.length === 0) return first!;
  return first!.map((sample, i) => {
    const sum = others.reduce((total, channel) => total + channel[i]!, sample);
    return sum / channelData.length;
  });
}

function badAudio(message: string): WhisperError {
  return new WhisperError("bad-audio", message);
}
