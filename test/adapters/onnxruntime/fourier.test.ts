/** Long and complex Fourier transforms against sums in float64: onnxruntime-node loses digits there, or is wrong. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import type { MLContext } from "../../../core-webnn/index.ts";
import { noise } from "./cases/make-case.ts";
import type { AttributeSpec, ElementTypeName } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { floats, integers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

type Complex = readonly [re: number, im: number];

/** Σ x[j] · e^(sign · 2πi · jk / n) for the first `count` k. */
function sums(x: readonly Complex[], sign: 1 | -1, count = x.length): Complex[] {
  const n = x.length;
  return Array.from({ length: count }, (_, k) => {
    let [re, im] = [0, 0];
    x.forEach(([a, b], j) => {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n;
      re += a * Math.cos(angle) - b * Math.sin(angle);
      im += a * Math.sin(angle) + b * Math.cos(angle);
    });
    return [re, im];
  });
}

async function run(
  op: "DFT" | "STFT",
  attributes: Readonly<Record<string, AttributeSpec>>,
  feeds: Record<string, Tensor>,
): Promise<Tensor> {
  const inputs = Object.entries(feeds).map(([name, { type, dims }]) => ({
    name,
    type: type as ElementTypeName,
    shape: dims,
  }));
  const session = openSession(
    {
      opset: 20,
      nodes: [{ op, name: "node", inputs: Object.keys(feeds), outputs: ["y"], attributes }],
      inputs,
      outputs: [{ name: "y", type: "float32" }],
    },
    context,
  );
  try {
    return (await session.fetch(feeds))["y"]!;
  } finally {
    await session.dispose();
  }
}

/** Within a few roundings of the largest result. */
function assertNear(actual: Tensor, expected: readonly number[]): void {
  const data = actual.data as Float32Array;
  assert.equal(data.length, expected.length);
  const limit = 2e-6 * Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    assert.ok(Math.abs(data[i]! - value) <= limit, `[${i}]: ${data[i]}, not ${value}`);
  });
}

describe("Fourier transforms", () => {
  // Lengths that are split once and twice, by odd factors, and a prime that is not.
  for (const length of [1024, 3000, 4096, 6561, 1999]) {
    it(`of ${length} real numbers`, async () => {
      const signal = noise(length, 1, length);
      const truth = sums(
        signal.map((re) => [re, 0]),
        -1,
      );
      const whole = await run("DFT", {}, { x: floats([length, 1], signal) });
      assert.deepEqual(whole.dims, [length, 2]);
      assertNear(whole, truth.flat());
      const half = await run("DFT", { onesided: { int: 1 } }, { x: floats([length, 1], signal) });
      assertNear(half, truth.slice(0, Math.floor(length / 2) + 1).flat());
    });
  }

  it("inverse, of 2100 complex numbers", async () => {
    const numbers = noise(4200, 1, 7);
    const x = Array.from({ length: 2100 }, (_, i): Complex => [
      numbers[2 * i]!,
      numbers[2 * i + 1]!,
    ]);
    const truth = sums(x, 1).flat();
    const result = await run("DFT", { inverse: { int: 1 } }, { x: floats([2100, 2], numbers) });
    assertNear(
      result,
      truth.map((value) => value / 2100),
    );
  });

  for (const length of [7, 8, 2049, 3000]) {
    it(`back to ${length} real numbers from half a spectrum`, async () => {
      const signal = noise(length, 1, 3);
      const bins = Math.floor(length / 2) + 1;
      const spectrum = sums(
        signal.map((re) => [re, 0]),
        -1,
        bins,
      ).flat();
      const feeds = { x: floats([bins, 2], spectrum), n: integers([], [length]) };
      const attributes = { inverse: { int: 1 }, onesided: { int: 1 } };
      const result = await run("DFT", attributes, feeds);
      assert.deepEqual(result.dims, [length, 1]);
      assertNear(result, signal);
    });
  }

  it("of complex frames", async () => {
    const numbers = noise(40, 1, 5);
    const window = noise(8, 1, 9);
    const x = Array.from({ length: 20 }, (_, i): Complex => [numbers[2 * i]!, numbers[2 * i + 1]!]);
    const frames = [0, 4, 8, 12].map((start) =>
      sums(
        window.map((w, i): Complex => [w * x[start + i]![0], w * x[start + i]![1]]),
        -1,
      ).flat(),
    );
    const feeds = {
      x: floats([1, 20, 2], numbers),
      step: integers([], [4]),
      window: floats([8], window),
    };
    const result = await run("STFT", { onesided: { int: 0 } }, feeds);
    assert.deepEqual(result.dims, [1, 4, 8, 2]);
    assertNear(result, frames.flat());
  });

  it("refuses a length with a prime factor that is too large, by name", async () => {
    await assert.rejects(run("DFT", {}, { x: floats([2 * 4099, 1]) }), {
      name: "OnnxModelError",
      message: /DFT 'node': length 8198 has the prime factor 4099, the limit is 4096/,
    });
  });
});
