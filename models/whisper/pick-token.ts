/** Greedy decoding: the likeliest token of those that may be spoken. */
import { WhisperError } from "./errors.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface TokenPicker {
  /** `isFirst`: nothing has been spoken yet, so the transcript may not end or start with a space. */
  pick(logits: Float32Array, isFirst: boolean): number;
}

/** Ids from `<|notimestamps|>` on are time stamps, which the prompt has turned off. */
export function createTokenPicker(vocabulary: Vocabulary): TokenPicker {
  const { noTimestamps, suppressed, suppressedAtBegin } = vocabulary;
  const later = allowedTokens(noTimestamps, suppressed);
  const first = allowedTokens(noTimestamps, [...suppressed, ...suppressedAtBegin]);
  return { pick: (logits, isFirst) => likeliest(logits, isFirst ? first : later) };
}

/** Which language is spoken: the likeliest of the language tokens behind `<|startoftranscript|>`. */
export function pickLanguage(logits: Float32Array, languages: ReadonlyMap<string, number>): string {
  let best: string | undefined;
  let bestLogit = -Infinity;
  for (const [language, id] of languages) {
    const logit = logits[id]!;
    if (logit > bestLogit) [best, bestLogit] = [language, logit];
  }
  if (best === undefined) throw notFinite();
  return best;
}

/** 1 where a token may be spoken. */
function allowedTokens(count: number, suppressed: readonly number[]): Uint8Array {
  const allowed = new Uint8Array(count).fill(1);
  for (const id of suppressed) allowed[id] = 0;
  return allowed;
}

function likeliest(logits: Float32Array, allowed: Uint8Array): number {
  let best = -1;
  let bestLogit = -Infinity;
  const count = Math.min(logits.length, allowed.length);
  for (let id = 0; id < count; id++) {
    if (allowed[id] === 1 && logits[id]! > bestLogit) {
      best = id;
      bestLogit = logits[id]!;
    }
  }
  if (best < 0) throw notFinite();
  return best;
}

function notFinite(): WhisperError {
  return new WhisperError(
    "bad-output",
    "the decoder's logits hold no finite number: all NaN or -infinity",
  );
}
