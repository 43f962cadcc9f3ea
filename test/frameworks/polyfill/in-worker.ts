/** The same in a worker, whose navigator and globals are its own. */
// It is imported for what it does.
// oxlint-disable-next-line import/no-unassigned-import
import "../../../core-webnn/polyfill.ts";
import { negate } from "./negate.ts";

self.onmessage = async ({ data }) => self.postMessage(await negate(data));
