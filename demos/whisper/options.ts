/** Fills the pickers with what this browser can do, and reads what was picked. */
import type { Elements } from "./elements.ts";
import type { DeviceChoice } from "./messages.ts";

/** Of the 99 that Whisper knows, those that the small models know well. */
const languages =
  "en zh de es ru ko fr ja pt tr pl nl ar sv it id hi fi vi he uk el cs ro da hu no";

export async function fillOptions(elements: Elements): Promise<void> {
  const names = new Intl.DisplayNames("en", { type: "language" });
  for (const code of languages.split(" ")) {
    elements.language.add(new Option(names.of(code) ?? code, code));
  }
  const mostThreads = crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  for (let count = 1; count <= mostThreads; count++) elements.threads.add(new Option(`${count}`));
  elements.threads.value = `${mostThreads}`;
  const gpuProblem = await findGpuProblem();
  elements.device.options.namedItem("gpu")!.disabled = gpuProblem !== undefined;
  const hints = [
    gpuProblem,
    crossOriginIsolated ? undefined : "One thread: this page is not cross-origin isolated.",
  ].filter((hint) => hint !== undefined);
  elements.hint.textContent = hints.join(" ");
  elements.hint.hidden = hints.length === 0;
  elements.device.addEventListener("change", () => {
    elements.threads.disabled = elements.device.value === "gpu";
  });
}

async function findGpuProblem(): Promise<string | undefined> {
  if (navigator.gpu === undefined) return "No GPU: this browser has no WebGPU.";
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return adapter === null ? "No GPU: WebGPU finds no adapter." : undefined;
}

export function pickedDevice({ device, threads }: Elements): DeviceChoice {
  return { deviceType: device.value as "cpu" | "gpu", numThreads: Number(threads.value) };
}
