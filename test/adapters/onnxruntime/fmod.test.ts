/** Mod with `fmod` of any two float32 is exactly what C's fmod is: JavaScript's % of doubles, which loses nothing here. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import { ml } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { openContext, openSession } from "./open-session.ts";

const count = 20_000;
const smallestNormal = 2 ** -126;

/** Numbers of all bit patterns, the same each time. */
function patterns(seed: number): Float32Array {
  const bits = new Uint32Array(count);
  for (let i = 0, state = seed; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bits[i] = state ^ (state >>> 15);
  }
  const floats = new Float32Array(bits.buffer);
  return floats.map((x) => (Math.abs(x) < smallestNormal ? 1 : x));
}

const devices = [
  { device: "cpu", skip: false, open: openContext },
  { device: "gpu", skip: missing("gpu"), open: () => ml.createContext({ deviceType: "gpu" }) },
] as const;

describe("Mod of floats", () => {
  for (const { device, skip, open } of devices) {
    it(`is exact on the ${device}`, { skip }, async () => {
      const context = await open();
      const [a, b] = [patterns(1), patterns(99)];
      // Half of the quotients are of few bits, and some are whole but for a little.
      for (let i = 0; i < count / 2; i++) {
        b[i] = Math.fround((a[i]! / (1 + (i % 4000))) * (1 + (i % 3) * 2 ** -23));
      }
      const session = openSession(
        {
          opset: 13,
          nodes: [
            { op: "Mod", inputs: ["a", "b"], outputs: ["y"], attributes: { fmod: { int: 1 } } },
          ],
          inputs: [
            { name: "a", type: "float32", shape: ["n"] },
            { name: "b", type: "float32", shape: ["n"] },
          ],
          outputs: [{ name: "y", type: "float32" }],
        },
        context,
      );
      const { y } = await session.fetch({
        a: new Tensor("float32", a, [count]),
        b: new Tensor("float32", b, [count]),
      });
      const results = (await y!.getData()) as Float32Array;
      for (let i = 0; i < count; i++) {
        const expected = a[i]! % b[i]!;
        // Below, half of the divisor is subnormal or the result may be, which a GPU's driver may flush.
        const isFlushed = Math.abs(b[i]!) < 2 ** -100 || Math.abs(expected) < smallestNormal;
        if (device === "gpu" && isFlushed) continue;
        const isSame =
          results[i] === expected || (Number.isNaN(results[i]) && Number.isNaN(expected));
        assert.ok(isSame, `${a[i]} mod ${b[i]}: ${results[i]}, not ${expected}`);
      }
      await session.dispose();
      context.destroy();
    });
  }
});
