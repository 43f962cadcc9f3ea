/** Gets the model's files: fetched with progress where a URL is given, as they are where the caller has the bytes. */
import { WhisperError } from "./errors.ts";

/** An address that `fetch` understands, or the bytes themselves. In Node, read files into bytes. */
export type BinarySource = string | URL | ArrayBuffer | Uint8Array;
/** Besides: the parsed object. */
export type JsonSource = BinarySource | object;

export interface LoadProgress {
  /** Which file: "encoder", "decoder", "tokenizer" … */
  readonly file: string;
  readonly loadedBytes: number;
  /** Absent where the server does not say. */
  readonly totalBytes?: number;
}

export interface LoadOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

export async function loadBytes(
  file: string,
  source: BinarySource,
  options: LoadOptions,
): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const response = await request(file, source, options.signal);
  return readBody(file, response, options);
}

export async function loadJson(
  file: string,
  source: JsonSource,
  options: LoadOptions,
): Promise<object> {
  if (!isBinary(source)) return source;
  const text = new TextDecoder().decode(await loadBytes(file, source, options));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw loadFailed(`${file}: this is not JSON: ${JSON.stringify(text.slice(0, 40))}`, cause);
  }
  throw loadFailed(`${file}: expected a JSON object, got ${text.slice(0, 40)}`);
}

function isBinary(source: JsonSource): source is BinarySource {
  return (
    typeof source === "string" ||
    source instanceof URL ||
    source instanceof ArrayBuffer ||
    source instanceof Uint8Array
  );
}

async function request(
  file: string,
  url: string | URL,
  signal: AbortSignal | undefined,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null });
  } catch (cause) {
    signal?.throwIfAborted();
    throw loadFailed(`${file}: ${url} could not be fetched`, cause);
  }
  if (response.ok) return response;
  throw loadFailed(`${file}: ${url} answered ${response.status} ${response.statusText}`);
}

async function readBody(
  file: string,
  response: Response,
  { onProgress, signal }: LoadOptions,
): Promise<Uint8Array> {
  const totalBytes = announcedLength(response);
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let loadedBytes = 0;
  for (;;) {
    const chunk = await reader?.read().catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw loadFailed(`${file}: ${response.url} broke off after ${loadedBytes} bytes`, cause);
    });
    if (chunk?.value === undefined) return join(chunks, loadedBytes);
    chunks.push(chunk.value);
    loadedBytes += chunk.value.length;
    onProgress?.({ file, loadedBytes, ...(totalBytes === undefined ? {} : { totalBytes }) });
  }
}
/** A compressed answer announces its compressed length, which says nothing about what will be read. */
function announcedLength({ headers }: Response): number | undefined {
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return headers.has("content-encoding") || Number.isNaN(length) ? undefined : length;
}

function join(chunks: readonly Uint8Array[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function loadFailed(message: string, cause?: unknown): WhisperError {
  return new WhisperError("load-failed", message, { cause });
}
