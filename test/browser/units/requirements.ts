/** For pages, in place of models/whisper/requirements.ts: a page has its browser, and nothing of this machine. */
export function missing(...names: readonly string[]): string | false {
  return names.every((name) => name === "gpu" && navigator.gpu !== undefined)
    ? false
    : `a page has no ${names.join(", ")}`;
}
