/**
 * The tokens that mean something to the pipeline itself, read from the model's own files: which ids start and end a
 * transcript, name languages and tasks, or must not be spoken.
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { WhisperError } from "./errors.ts";

export type Task = "transcribe" | "translate";

/** The parts of `generation_config.json` that are read. */
export interface GenerationConfig {
  readonly decoder_start_token_id: number;
  readonly eos_token_id: number;
  readonly no_timestamps_token_id: number;
  readonly suppress_tokens?: readonly number[];
  readonly begin_suppress_tokens?: readonly number[];
  /** Absent from models that know English only. */
  readonly lang_to_id?: Readonly<Record<string, number>>;
  readonly task_to_id?: Readonly<Record<string, number>>;
}

export interface Vocabulary {
  readonly tokenizer: Tokenizer;
  readonly start: number;
  readonly end: number;
  readonly noTimestamps: number;
  /** Ids that are never chosen. */
  readonly suppressed: readonly number[];
  /** Ids that are not chosen as the first of a transcript: the end and the space. */
  readonly suppressedAtBegin: readonly number[];
  /** Id of the language token by code, such as "en". Empty for a model that knows English only. */
  readonly languages: ReadonlyMap<string, number>;
  readonly tasks: ReadonlyMap<string, number>;
}

export interface VocabularyFiles {
  readonly tokenizer: object;
  readonly tokenizerConfig: object;
  readonly generationConfig: object;
}

export function createVocabulary(files: VocabularyFiles): Vocabulary {
  const config = files.generationConfig as GenerationConfig;
  const tokenizer = createTokenizer(files);
  const special = {
    start: specialToken(config, "decoder_start_token_id"),
    end: specialToken(config, "eos_token_id"),
    noTimestamps: specialToken(config, "no_timestamps_token_id"),
  };
  checkToken(tokenizer, "<|startoftranscript|>", special.start);
  checkToken(tokenizer, "<|endoftext|>", special.end);
  checkToken(tokenizer, "<|notimestamps|>", special.noTimestamps);
  const languages = Object.entries(config.lang_to_id ?? {});
  languages.forEach(([name, id]) => checkToken(tokenizer, name, id));
  return {
    tokenizer,
    ...special,
    suppressed: config.suppress_tokens ?? [],
    suppressedAtBegin: config.begin_suppress_tokens ?? [],
    languages: new Map(languages.map(([name, id]) => [name.replace(/^<\||\|>$/g, ""), id])),
    tasks: new Map(Object.entries(config.task_to_id ?? {})),
  };
}

/** Throws if the model does not know the language (where one is given) or the task. */
export function checkRequest(
  vocabulary: Vocabulary,
  language: string | undefined,
  task: Task,
): void {
  if (vocabulary.languages.size === 0) {
    checkEnglishOnly(language, task);
    return;
  }
  if (language !== undefined) languageToken(vocabulary, language);
  taskToken(vocabulary, task);
}

/** What the decoder is told before it speaks: <|startoftranscript|><|en|><|transcribe|><|notimestamps|>. */
export function promptTokens(
  vocabulary: Vocabulary,
  language: string | undefined,
  task: Task,
): number[] {
  const { start, noTimestamps, languages } = vocabulary;
  if (languages.size === 0) return [start, noTimestamps];
  return [start, languageToken(vocabulary, language), taskToken(vocabulary, task), noTimestamps];
}

function languageToken({ languages }: Vocabulary, language: string | undefined): number {
  const id = language === undefined ? undefined : languages.get(language);
  if (id !== undefined) return id;
  const known = [...languages.keys()].join(", ");
  throw badOption(`language "${language}" is unknown to this model; it knows ${known}`);
}

function taskToken({ tasks }: Vocabulary, task: Task): number {
  const id = tasks.get(task);
  if (id !== undefined) return id;
  throw badOption(
    `task "${task}" is unknown to this model; it knows ${[...tasks.keys()].join(", ")}`,
  );
}

function checkEnglishOnly(language: string | undefined, task: Task): void {
  if (language !== undefined && language !== "en") {
    throw badOption(`language "${language}" is unknown to this model; it knows English only`);
  }
  if (task !== "transcribe") throw badOption(`task "${task}": this model can only transcribe`);
}

function createTokenizer({ tokenizer, tokenizerConfig }: VocabularyFiles): Tokenizer {
  try {
    return new Tokenizer(tokenizer, tokenizerConfig);
  } catch (cause) {
    throw wrongModel("tokenizer.json or tokenizer_config.json describes no tokenizer", cause);
  }
}

type SpecialName = "decoder_start_token_id" | "eos_token_id" | "no_timestamps_token_id";

function specialToken(config: GenerationConfig, name: SpecialName): number {
  const id: unknown = config[name];
  if (Number.isInteger(id)) return id as number;
  throw wrongModel(`generation_config.json: ${name} is ${JSON.stringify(id)}, not a token id`);
}

function checkToken(tokenizer: Tokenizer, token: string, expected: number): void {
  const id = tokenizer.token_to_id(token);
  if (id === expected) return;
  const found = id === undefined ? "has no such token" : `gives it id ${id}`;
  throw wrongModel(`generation_config.json calls ${token} id ${expected}; tokenizer.json ${found}`);
}

function badOption(message: string): WhisperError {
  return new WhisperError("bad-option", message);
}

function wrongModel(message: string, cause?: unknown): WhisperError {
  return new WhisperError("wrong-model", message, { cause });
}
