/** A page whose policy allows scripts of its own and WebAssembly, and nothing else: no eval, no blob:. */
import { expectEqual, expectTrue } from "./expect.ts";
import type { PolicyReport } from "./policy-page.ts";

export function testPolicy(): void {
  describe("a strict content security policy", () => {
    it("is all that the CPU device needs, in the page and in its workers", async () => {
      const report = await visit("./policy.html");
      expectTrue("error" in report, `failed: ${JSON.stringify(report)}`);
      expectEqual(report.violations, [], "violations");
      expectTrue(report.error <= 1e-5, `the largest error is ${report.error}`);
      expectEqual(report.forbidsEval, true, "the policy is in force");
    });
  });
}

async function visit(page: string): Promise<PolicyReport | { readonly failure: string }> {
  const frame = document.createElement("iframe");
  frame.src = new URL(page, import.meta.url).href;
  const message = new Promise<MessageEvent>((resolve) => {
    addEventListener("message", function listen(event) {
      if (event.source !== frame.contentWindow) return;
      removeEventListener("message", listen);
      resolve(event);
    });
  });
  document.body.append(frame);
  const { data } = await message;
  frame.remove();
  return data;
}
