/** What the page of the conformance cases is asked, and what it tells the server. */
import type { Result } from "./result.ts";

/** In the page's address. */
export interface PageTask {
  readonly device: "cpu" | "gpu";
}

export type FromPage =
  | { readonly kind: "open"; readonly engine: string; readonly adapter?: string }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly message: string };
