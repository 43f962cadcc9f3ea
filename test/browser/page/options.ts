/** What the page is told by the Node side. */
import type { PageOptions } from "../run-karma.ts";

export function pageOptions(): PageOptions {
  // oxlint-disable-next-line no-underscore-dangle -- Karma's name.
  return window.__karma__.config.args[0] as PageOptions;
}

/** What contexts can be opened on in this engine. */
export function deviceTypes(): readonly ("cpu" | "gpu")[] {
  return pageOptions().hasWebGpu ? ["cpu", "gpu"] : ["cpu"];
}
