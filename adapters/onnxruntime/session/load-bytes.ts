/** Bytes of a model, or of a file beside it: from a URL, a path (in Node), a Blob, or memory. */
import { OnnxModelError } from "../errors.ts";

export type FileSource = string | Blob | Uint8Array | ArrayBufferLike;

export async function loadBytes(
  source: FileSource,
  what: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  if (source instanceof Uint8Array) return plainBytes(source);
  if (typeof source === "string") return plainBytes(await loadFrom(source, what, signal));
  if (typeof Blob !== "undefined" && source instanceof Blob) {
    return new Uint8Array(await source.arrayBuffer());
  }
  return new Uint8Array(source as ArrayBufferLike);
}

/** Node's Buffer is a Uint8Array whose `slice` does not copy: nothing after this meets one. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function loadFrom(
  address: string,
  what: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const files = isWebAddress(address) ? undefined : nodeFiles();
    if (files !== undefined) {
      const path = address.startsWith("file:") ? new URL(address) : address;
      return await files.readFile(path, { signal });
    }
    const response = await fetch(address, signal === undefined ? {} : { signal });
    if (!response.ok) throw new Error(`status ${response.status} ${response.statusText}`.trim());
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new OnnxModelError("not-loaded", `${what} '${shorten(address)}': ${reason}`, {
      cause: error,
    });
  }
}

function isWebAddress(address: string): boolean {
  return /^(https?|data|blob):/.test(address);
}

interface NodeFiles {
  readFile(
    path: string | URL,
    options: { readonly signal: AbortSignal | undefined },
  ): Promise<Uint8Array>;
}

/** Node's file system without an import, which bundlers for browsers would stumble over. */
function nodeFiles(): NodeFiles | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return host.process?.getBuiltinModule?.("node:fs/promises") as NodeFiles | undefined;
}

function shorten(address: string): string {
  return address.length > 200 ? `${address.slice(0, 200)}…` : address;
}
