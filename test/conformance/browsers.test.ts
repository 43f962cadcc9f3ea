/**
 * The operator cases in the browsers that CI has: all of them on the CPU device. A software GPU takes minutes for all,
 * so a part of them runs here, spread over the ops; `npm run conformance` runs the rest.
 */
import { engines } from "../browser/engines.ts";
import type { Case } from "./cases.ts";
import { testCases } from "./test-cases.ts";

const every = (step: number) => (_: Case, i: number) => i % step === 0;

testCases(engines.chromium, { what: "all cases", device: "cpu", needs: ["browser"] });
testCases(engines.firefox, { what: "all cases", device: "cpu", needs: ["firefox"] });
testCases(engines.chromium, {
  what: "every eighth case",
  device: "gpu",
  needs: ["browser"],
  takes: every(8),
});
testCases(engines.firefox, {
  what: "every eighth case",
  device: "gpu",
  needs: ["firefox", "gpu"],
  takes: every(8),
});
