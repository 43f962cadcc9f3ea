/** What most models do without: one file, loaded when a model first needs something of it. */
export * as hostLibrary from "./host/library.ts";
export { inlineFunctions } from "./model/inline-functions.ts";
export { warnOfVersions } from "./model/warn-of-versions.ts";
export { checkSupport } from "./ops/check-support.ts";
export { moreRows } from "./ops/more-rows.ts";
export { runRepetition } from "./session/run-repetition.ts";
