/** Random numbers: the same seed gives the same, their distribution is the one asked for. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor } from "onnxruntime-common";
import type { MLContext } from "../../../core-webnn/index.ts";
import type { AttributeSpec, ElementTypeName } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { floats, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

async function draw(
  op: string,
  attributes: Readonly<Record<string, AttributeSpec>>,
  x?: Tensor,
  type: ElementTypeName = "float32",
): Promise<number[]> {
  const session = openSession(
    {
      opset: 17,
      nodes: [{ op, inputs: x === undefined ? [] : ["x"], outputs: ["y"], attributes }],
      inputs: x === undefined ? [] : [{ name: "x", type: "float32", shape: x.dims }],
      outputs: [{ name: "y", type }],
    },
    context,
  );
  const { y } = await session.fetch(x === undefined ? {} : { x });
  assert.equal(y!.type, type);
  await session.dispose();
  return numbers(y);
}

const float = (value: number) => ({ float: value });
const shape = { ints: [100, 100] };

/** Mean and deviation, which 10,000 numbers have to two digits. */
function momentsOf(x: readonly number[]): readonly [number, number] {
  const mean = x.reduce((a, b) => a + b) / x.length;
  return [mean, Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length)];
}

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual}, not about ${expected}`);
}

describe("random numbers", () => {
  it("are the same by the same seed, and others by another or by none", async () => {
    const seeded = (seed: number) => draw("RandomUniform", { shape, seed: float(seed) });
    const [first, again, other] = [await seeded(0.5), await seeded(0.5), await seeded(1.5)];
    assert.deepEqual(again, first);
    assert.notDeepEqual(other, first);
    const [one, two] = [
      await draw("RandomUniform", { shape }),
      await draw("RandomUniform", { shape }),
    ];
    assert.notDeepEqual(two, one);
  });

  it("are uniform between low and high", async () => {
    const x = await draw("RandomUniform", {
      shape,
      low: float(-1),
      high: float(3),
      seed: float(7),
    });
    assert.ok(x.every((value) => value >= -1 && value < 3));
    const [mean, deviation] = momentsOf(x);
    assertNear(mean, 1, 0.05);
    assertNear(deviation, 4 / Math.sqrt(12), 0.03);
  });

  it("are normal about the mean", async () => {
    const attributes = { mean: float(5), scale: float(2), seed: float(3) };
    const x = await draw("RandomNormalLike", attributes, floats([100, 100]));
    const [mean, deviation] = momentsOf(x);
    assertNear(mean, 5, 0.08);
    assertNear(deviation, 2, 0.06);
    // Within one deviation of the mean lie 68.27 % of them.
    assertNear(x.filter((value) => Math.abs(value - 5) < 2).length / x.length, 0.6827, 0.02);
  });

  it("are 1 with the probabilities of Bernoulli's input", async () => {
    const p = floats(
      [2, 5000],
      new Array(10000).fill(0).map((_, i) => (i < 5000 ? 0.2 : 0.9)),
    );
    const x = await draw("Bernoulli", { seed: float(1) }, p);
    assert.ok(x.every((value) => value === 0 || value === 1));
    assertNear(momentsOf(x.slice(0, 5000))[0], 0.2, 0.02);
    assertNear(momentsOf(x.slice(5000))[0], 0.9, 0.02);
  });

  it("are classes by their unnormalised logarithms", async () => {
    const logarithms = floats([2, 3], [0, Math.log(2), Math.log(5), Math.log(6), 0, Math.log(3)]);
    const attributes = { sample_size: { int: 5000 }, seed: float(2) };
    const x = await draw("Multinomial", attributes, logarithms, "int32");
    const share = (row: number, index: number) =>
      x.slice(row * 5000, (row + 1) * 5000).filter((value) => value === index).length / 5000;
    [1 / 8, 2 / 8, 5 / 8].forEach((expected, i) => assertNear(share(0, i), expected, 0.02));
    [6 / 10, 1 / 10, 3 / 10].forEach((expected, i) => assertNear(share(1, i), expected, 0.02));
  });
});
