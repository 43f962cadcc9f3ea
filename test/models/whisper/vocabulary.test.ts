import assert from "node:assert/strict";
import { test } from "node:test";
import { WhisperError } from "../../../models/whisper/errors.ts";
import type { WhisperErrorCode } from "../../../models/whisper/errors.ts";
import {
  checkRequest,
  createVocabulary,
  promptTokens,
} from "../../../models/whisper/vocabulary.ts";
import type { Task } from "../../../models/whisper/vocabulary.ts";
import { readJson, vocabulary } from "./model.ts";

const files = {
  tokenizer: await readJson("tokenizer"),
  tokenizerConfig: await readJson("tokenizerConfig"),
  generationConfig: await readJson("generationConfig"),
};
const whisper = await vocabulary();

function refuses(call: () => void, code: WhisperErrorCode, says: RegExp): void {
  assert.throws(
    call,
    (error) => error instanceof WhisperError && error.code === code && says.test(error.message),
  );
}

test("the prompt of an English transcription is Whisper's", () => {
  assert.deepEqual(promptTokens(whisper, "en", "transcribe"), [50258, 50259, 50359, 50363]);
});

test("the prompt of a translation from German is Whisper's", () => {
  assert.deepEqual(promptTokens(whisper, "de", "translate"), [50258, 50261, 50358, 50363]);
});

test("99 languages are known by their codes", () => {
  assert.equal(whisper.languages.size, 99);
  assert.equal(whisper.languages.get("haw"), 50352);
});

test("an unknown language is refused, and the known ones are named", () => {
  refuses(() => checkRequest(whisper, "english", "transcribe"), "bad-option", /"english".* en,/);
});

test("an unknown task is refused", () => {
  const task = "summarize" as Task;
  refuses(() => checkRequest(whisper, "en", task), "bad-option", /transcribe, translate/);
});

test("a model that knows English only takes no language token", () => {
  const { lang_to_id: _, task_to_id: __, ...generationConfig } = files.generationConfig;
  const english = createVocabulary({ ...files, generationConfig });
  assert.deepEqual(promptTokens(english, undefined, "transcribe"), [50258, 50363]);
  checkRequest(english, "en", "transcribe");
  refuses(() => checkRequest(english, "de", "transcribe"), "bad-option", /English only/);
  refuses(() => checkRequest(english, "en", "translate"), "bad-option", /can only transcribe/);
});

test("a tokenizer that is none is refused", () => {
  refuses(() => createVocabulary({ ...files, tokenizer: {} }), "wrong-model", /no tokenizer/);
});

test("a missing special token is named", () => {
  const added = files.tokenizer["added_tokens"] as { content: string }[];
  const tokenizer = {
    ...files.tokenizer,
    added_tokens: added.filter(({ content }) => content !== "<|notimestamps|>"),
  };
  refuses(
    () => createVocabulary({ ...files, tokenizer }),
    "wrong-model",
    /<\|notimestamps\|> id 50363; tokenizer.json has no such token/,
  );
});

test("ids that do not agree are named", () => {
  const generationConfig = { ...files.generationConfig, eos_token_id: 50256 };
  refuses(
    () => createVocabulary({ ...files, generationConfig }),
    "wrong-model",
    /<\|endoftext\|> id 50256; tokenizer.json gives it id 50257/,
  );
});

test("a generation config without ids is refused", () => {
  refuses(
    () => createVocabulary({ ...files, generationConfig: {} }),
    "wrong-model",
    /decoder_start_token_id is undefined, not a token id/,
  );
});
