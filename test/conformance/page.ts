/** The script of the page: runs the cases that the server has on the device that the address names, and tells each result. */
import { ml } from "../../core-webnn/index.ts";
import type { Case } from "./cases.ts";
import type { FromPage } from "./page-messages.ts";
import { resultOf } from "./result.ts";

runCases().then(
  () => tell({ kind: "end" }),
  (error: unknown) => tell({ kind: "failed", message: String(error) }),
);

async function runCases(): Promise<void> {
  const deviceType = new URL(location.href).searchParams.get("device") as "cpu" | "gpu";
  const cases = (await (await fetch("./cases")).json()) as readonly Case[];
  const context = await ml.createContext({ deviceType });
  await tell({
    kind: "open",
    engine: navigator.userAgent,
    ...(deviceType === "gpu" && { adapter: await describeAdapter() }),
  });
  for (const one of cases) await tell({ kind: "result", result: await resultOf(context, one) });
  context.destroy();
}

async function describeAdapter(): Promise<string> {
  const adapter = await navigator.gpu.requestAdapter();
  const { vendor = "", architecture = "", device = "", description = "" } = adapter?.info ?? {};
  const half = adapter?.features.has("shader-f16") ? "with shader-f16" : "without shader-f16";
  return [vendor, architecture, device, description, half].filter((each) => each !== "").join(" ");
}

async function tell(message: FromPage): Promise<void> {
  await fetch("./tell", { method: "POST", body: JSON.stringify(message) });
}
