/**
 * Whether the page may use WebNN: the standard's "allowed to use" of the feature "webnn"
 * (https://www.w3.org/TR/webnn/#permissions-policy-integration), as far as a page is told. A browser that does not know the
 * feature tells nothing of it, and workers have no document that is asked.
 */
import { domException } from "./errors.ts";

const feature = "webnn";

/** Of the documents of browsers, what TypeScript does not declare: Chromium's name of the policy, and the standard's. */
interface PolicyDocument {
  readonly defaultView?: unknown;
  readonly permissionsPolicy?: Policy;
  readonly featurePolicy?: Policy;
}

interface Policy {
  features(): readonly string[];
  allowsFeature(feature: string): boolean;
}

/** Throws a SecurityError where it may not. */
export function refuseIfNotAllowed(): void {
  const { document } = globalThis as { document?: PolicyDocument };
  if (document === undefined) return;
  if (document.defaultView === null) {
    throw domException("SecurityError", "the document is in no window: its frame was removed");
  }
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  if (policy?.features().includes(feature) !== true || policy.allowsFeature(feature)) return;
  const says = `the permissions policy does not allow "${feature}" here: is <iframe allow="${feature}"> missing?`;
  throw domException("SecurityError", says);
}
