/**
 * Turns tokens into text as they come, never half a character.
 *
 * A token is a run of bytes, and a character of up to four bytes may be spread over several tokens. So text is held
 * back while its end is an unfinished character, which decodes to U+FFFD.
 */
import type { Tokenizer } from "@huggingface/tokenizers";

export interface Detokenizer {
  /** The text that this token completes: often a word, sometimes nothing yet. */
  push(tokenId: number): string;
}

/** After so many tokens, of a byte each at least, the bytes held back are no character but an error of the model. */
const longestCharacter = 4;
const replacementCharacter = "\ufffd";

export function createDetokenizer(tokenizer: Tokenizer): Detokenizer {
  let held: number[] = [];
  return {
    push(tokenId) {
      held.push(tokenId);
      const text = tokenizer.decode(held, {
        skip_special_tokens: true,
        clean_up_tokenization_spaces: false,
      });
      if (text.endsWith(replacementCharacter) && held.length < longestCharacter) return "";
      held = [];
      return text;
    },
  };
}
