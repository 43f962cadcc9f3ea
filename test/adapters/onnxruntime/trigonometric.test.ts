/**
 * Inverse and hyperbolic functions over all of float32, against doubles: within 4 units in the last place on both
 * devices, with the signs of zeros, at the ends of their domains and beyond them.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import { ml, type MLContext } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import { openContext, openSession } from "./open-session.ts";

/** Units in the last place of the nearest float32. */
const limit = 4;

const smallestNormal = 2 ** -126;

const devices = [
  { device: "cpu", skip: false, open: openContext },
  { device: "gpu", skip: missing("gpu"), open: () => ml.createContext({ deviceType: "gpu" }) },
] as const;

/** Eight numbers of each power of two, of both signs, and the neighbours of 1/2 and 1 where formulas change. */
function argumentsOfAllSizes(): Float32Array {
  const values = [0, -0, Infinity, -Infinity, NaN];
  for (let exponent = -149; exponent < 128; exponent++) {
    for (let i = 0; i < 8; i++) values.push(2 ** exponent * (1 + i / 8 + (i * i) / 977));
  }
  for (const edge of [0.4142135, 0.5, 0.75, 1, 1.5, 2.4142137, 89.4, 2 ** 24]) {
    for (let i = -20; i <= 20; i++) values.push(edge * (1 + i * 2 ** -22));
  }
  for (let i = 0; i <= 2000; i++) values.push(i / 1000, i / 20);
  return Float32Array.from([...values, ...values.map((x) => -x)]);
}

/** The distance of float32 numbers around `x`. */
function unitOf(x: number): number {
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -126)));
  return 2 ** (exponent - 23);
}

const functions: Readonly<Record<string, (x: number) => number>> = {
  Acos: Math.acos,
  Acosh: Math.acosh,
  Asin: Math.asin,
  Asinh: Math.asinh,
  Atan: Math.atan,
  Atanh: Math.atanh,
  Cosh: Math.cosh,
  Sinh: Math.sinh,
};

for (const { device, skip, open } of devices) {
  describe(`inverse and hyperbolic functions on the ${device}`, { skip }, () => {
    let context: MLContext;
    before(async () => void (context = await open()));
    after(() => context.destroy());
    for (const [op, truth] of Object.entries(functions)) {
      it(`${op} is within ${limit} ulp`, async () => {
        const x = argumentsOfAllSizes();
        const session = openSession(
          {
            nodes: [{ op, inputs: ["x"], outputs: ["y"] }],
            inputs: [{ name: "x", type: "float32", shape: ["n"] }],
            outputs: [{ name: "y", type: "float32" }],
          },
          context,
        );
        const { y } = await session.fetch({ x: new Tensor("float32", x, [x.length]) });
        const results = (await y!.getData()) as Float32Array;
        let worst = 0;
        x.forEach((argument, i) => {
          const [expected, actual] = [truth(argument), results[i]!];
          const near = Math.fround(expected);
          // A GPU's driver may flush them.
          if (device === "gpu" && argument !== 0 && Math.abs(argument) < smallestNormal) return;
          if (!Number.isFinite(near) || near === 0) {
            assert.ok(Object.is(actual, near), `${op}(${argument}): ${actual}, not ${near}`);
            return;
          }
          const error = Math.abs(actual - expected) / unitOf(expected);
          worst = Math.max(worst, error);
          assert.ok(
            error <= limit,
            `${op}(${argument}): ${actual}, not ${expected} (${error} ulp)`,
          );
        });
        assert.ok(worst > 0, "nothing was compared");
        await session.dispose();
      });
    }
  });
}
