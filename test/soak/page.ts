/** Soaks a context in a page: the tasks of browser.test.ts. */
import { extensions, ml } from "../../core-webnn/index.ts";
import type { MLContext } from "../../core-webnn/index.ts";
import { answerWith } from "../frameworks/harness/answer.ts";
import type { Sample } from "./steadiness.ts";
import { cycleBuilds, cycleTensors } from "./workload.ts";

export type PageTask =
  | { readonly kind: "open"; readonly deviceType: "cpu" | "gpu"; readonly numThreads: number }
  | { readonly kind: "tensors" | "builds"; readonly count: number }
  /** Makes a tensor of so many bytes. */
  | { readonly kind: "hold"; readonly byteLength: number }
  | { readonly kind: "destroy" };

let context: MLContext;

answerWith(async (task: PageTask): Promise<readonly Sample[]> => {
  switch (task.kind) {
    case "open":
      context = await ml.createContext({
        deviceType: task.deviceType,
        numThreads: task.numThreads,
      });
      return [];
    case "tensors":
    case "builds": {
      const samples: Sample[] = [];
      const sample = async () => void samples.push(await sampleOf(context));
      await (task.kind === "tensors" ? cycleTensors : cycleBuilds)({ context, sample }, task.count);
      return samples;
    }
    case "hold":
      await context.createTensor({ dataType: "uint8", shape: [task.byteLength] });
      return [];
    case "destroy":
      context.destroy();
      await context.lost;
      return [];
    default:
      return task satisfies never;
  }
});

async function sampleOf(of: MLContext): Promise<Sample> {
  const offered = extensions(of);
  if (!offered.dynamicDimensions) throw new TypeError("not a context of ours");
  const { bytes, reservedByteLength } = await offered.statistics();
  return { ...bytes, reserved: reservedByteLength, page: await memoryOfPage() };
}

/**
 * Of the page and its workers, after a collection. Chromium 156 does not answer while a helper thread is parked
 * nor once a worker was terminated.
 */
async function memoryOfPage(): Promise<number> {
  const { measureUserAgentSpecificMemory } = performance as unknown as {
    measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
  };
  return (await measureUserAgentSpecificMemory.call(performance)).bytes;
}
