/** Real models as they are, on the CPU device and, the small ones, on the GPU device: what `npm run models` prints, asserted. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ml, type MLContext } from "../../../core-webnn/index.ts";
import { missing } from "../whisper/requirements.ts";
import { compare, complaintsOf, runOracle } from "./compare.ts";
import { realModels } from "./models.ts";
import type { Outcome } from "./real-model.ts";

const contexts = new Map<string, Promise<MLContext>>();
const expected = new Map<string, Promise<Outcome>>();

after(async () => {
  for (const context of contexts.values()) (await context).destroy();
});

function openContext(deviceType: "cpu" | "gpu"): Promise<MLContext> {
  const open = contexts.get(deviceType) ?? ml.createContext({ deviceType });
  contexts.set(deviceType, open);
  return open;
}

for (const device of ["cpu", "gpu"] as const) {
  const skip = missing("shared", "peers", ...(device === "gpu" ? (["gpu"] as const) : []));
  for (const model of realModels) {
    if (device === "gpu" && model.isLarge === true) continue;
    test(`${model.name}, ${device}`, { skip }, async (t) => {
      const oracle = expected.get(model.name) ?? runOracle(model);
      expected.set(model.name, oracle);
      const comparison = await compare(model, await openContext(device), await oracle);
      t.diagnostic(JSON.stringify(comparison));
      assert.equal((await oracle).says, model.known);
      assert.deepEqual(complaintsOf(model, comparison), []);
      assert.deepEqual(comparison.devices, [device]);
    });
  }
}
