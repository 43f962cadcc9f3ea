/** Softmax, the normalizations, quantization, casts and the error function. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose } from "./assert-close.ts";
import { at, fill, indicesOf, ramp, retyped } from "./reference.ts";
import { f32, run, tensor, type TensorValue } from "./run-graph.ts";

const types = ["float32", "float16"] as const;

for (const dataType of types) {
  test(`softmax along each axis, ${dataType}`, async () => {
    const x = retyped(ramp([2, 3, 4]), dataType);
    for (const axis of [0, 1, 2]) {
      const [result] = await run([x], (b, [operand]) => b.softmax(operand!, axis));
      const expected = fill(x.shape, (index) => {
        const row = Array.from({ length: x.shape[axis]! }, (_, i) => at(x, index.with(axis, i)));
        const total = row.reduce((sum, v) => sum + Math.exp(v), 0);
        return Math.exp(at(x, index)) / total;
      });
      assertClose(dataType, result!.values, expected, 8, `softmax ${axis}`);
    }
  });

  test(`layerNormalization with axes in any order, ${dataType}`, async () => {
    const x = retyped(ramp([2, 3, 4]), dataType);
    for (const axes of [undefined, [2], [2, 1], [0, 2], [1], []]) {
      const along = axes ?? [1, 2];
      const shape = along.map((d) => x.shape[d]!);
      const [scale, bias] = [ramp(shape), ramp(shape)].map((t) => retyped(t, dataType));
      const [result] = await run([x, scale!, bias!], (b, [p, q, r]) =>
        b.layerNormalization(p!, { scale: q!, bias: r!, ...(axes && { axes }), epsilon: 0.5 }),
      );
      const normal = normalised(x, along, 0.5);
      const expected = fill(x.shape, (index) => {
        const place = along.map((d) => index[d]!);
        return normal(index) * at(scale!, place) + at(bias!, place);
      });
      assertClose(dataType, result!.values, expected, 24, `axes ${along.join()}`, 1);
    }
  });

  test(`instanceNormalization in both layouts, ${dataType}`, async () => {
    for (const layout of ["nchw", "nhwc"] as const) {
      const x = retyped(ramp([2, 3, 4, 3]), dataType);
      const [scale, bias] = [ramp([3]), ramp([3])].map((t) => retyped(t, dataType));
      const [result] = await run([x, scale!, bias!], (b, [p, q, r]) =>
        b.instanceNormalization(p!, { scale: q!, bias: r!, layout }),
      );
      const normal = normalised(x, layout === "nchw" ? [2, 3] : [1, 2], 1e-5);
      const expected = fill(x.shape, (index) => {
        const channel = [index[layout === "nchw" ? 1 : 3]!];
        return normal(index) * at(scale!, channel) + at(bias!, channel);
      });
      assertClose(dataType, result!.values, expected, 24, layout, 1);
    }
  });

  test(`batchNormalization along any axis, ${dataType}`, async () => {
    const x = retyped(ramp([2, 3, 4]), dataType);
    for (const axis of [0, 1, 2]) {
      const size = [x.shape[axis]!];
      const [mean, scale, bias] = [1, 2, 3].map(() => retyped(ramp(size), dataType));
      const variance = { ...mean!, values: mean!.values.map((v) => Number(v) ** 2 + 0.5) };
      const inputs = [x, mean!, variance, scale!, bias!];
      const [result] = await run(inputs, (b, [p, m, v, s, t]) =>
        b.batchNormalization(p!, m!, v!, { scale: s!, bias: t!, axis }),
      );
      const expected = fill(x.shape, (index) => {
        const c = [index[axis]!];
        const normal = (at(x, index) - at(mean!, c)) / Math.sqrt(at(variance, c) + 1e-5);
        return normal * at(scale!, c) + at(bias!, c);
      });
      assertClose(dataType, result!.values, expected, 16, `axis ${axis}`, 1);
    }
  });
}

test("softmax of large values does not overflow", async () => {
  const [result] = await run([f32([1000, 1000])], (b, [x]) => b.softmax(x!, 0));
  assert.deepEqual(result!.values, [0.5, 0.5]);
});

test("layerNormalization of float16 squares beyond its range", async () => {
  const x = tensor("float16", [1000, -1000]);
  const [result] = await run([x], (b, [p]) => b.layerNormalization(p!, { axes: [0] }));
  assert.deepEqual(result!.values, [1, -1]);
});

test("erf and gelu at values from tables", async () => {
  const x = f32([0, 0.5, 1, 2, -1]);
  const [erf, gelu] = await run([x], (b, [p]) => [b.erf(p!), b.gelu(p!)]);
  const table = [
    0, 0.5204998778130465, 0.8427007929497149, 0.9953222650189527, -0.8427007929497149,
  ];
  assertClose("float32", erf!.values, table, 2, "erf");
  // x · Φ(x), with Φ from a table of the normal distribution.
  const phi = [
    0.5, 0.6914624612740131, 0.8413447460685429, 0.9772498680518208, 0.15865525393145705,
  ];
  const expected = phi.map((p, i) => p * Number(x.values[i]));
  assertClose("float32", gelu!.values, expected, 18, "gelu");
});

test("quantizeLinear rounds half to even, then adds the zero point, then saturates", async () => {
  const x = f32([0.5, 1.5, 2.5, -0.5, 300, -300, 1e30, 127.5]);
  const cases = [
    { dataType: "uint8", zero: 10, expected: [10, 12, 12, 10, 255, 0, 255, 138] },
    { dataType: "int8", zero: -1, expected: [-1, 1, 1, -1, 127, -128, 127, 127] },
    { dataType: "int32", zero: -5, expected: [-5, -3, -3, -5, 295, -305, 2147483647, 123] },
    { dataType: "uint32", zero: 7, expected: [7, 9, 9, 7, 307, 0, 4294967295, 135] },
  ] as const;
  for (const { dataType, zero, expected } of cases) {
    const inputs = [x, f32([1]), tensor(dataType, [zero])];
    const [result] = await run(inputs, (b, [p, s, z]) => b.quantizeLinear(p!, s!, z!));
    assert.deepEqual(result!.values, expected, dataType);
  }
});

test("dequantizeLinear subtracts exactly, also where 32 bits overflow", async () => {
  const cases = [
    { dataType: "uint8", x: [0, 255], zero: 200, expected: [-100, 27.5] },
    { dataType: "int8", x: [-128, 127], zero: 127, expected: [-127.5, 0] },
    {
      dataType: "int32",
      x: [-(2 ** 31), 3],
      zero: 2 ** 31 - 1,
      expected: [-(2 ** 31), 2 - 2 ** 30],
    },
    { dataType: "uint32", x: [0, 2 ** 32 - 1], zero: 2 ** 32 - 1, expected: [-(2 ** 31), 0] },
  ] as const;
  for (const { dataType, x, zero, expected } of cases) {
    const inputs = [tensor(dataType, x), f32([0.5]), tensor(dataType, [zero])];
    const [result] = await run(inputs, (b, [p, s, z]) => b.dequantizeLinear(p!, s!, z!));
    assert.deepEqual(result!.values, expected.map(Math.fround), dataType);
  }
});

test("scale and zero point repeat blockwise", async () => {
  const x = retyped(ramp([4, 6]), "int8");
  const scale = f32([1, 2, 4, 8, 16, 32], [2, 3]);
  const zero = tensor("int8", [0, 1, 2, 3, 4, 5], [2, 3]);
  const [result] = await run([x, scale, zero], (b, [p, s, z]) => b.dequantizeLinear(p!, s!, z!));
  const expected = fill([4, 6], ([i, j]) => {
    const block = [Math.floor(i! / 2), Math.floor(j! / 2)];
    return (at(x, [i!, j!]) - at(zero, block)) * at(scale, block);
  });
  assert.deepEqual(result!.values, expected);
});

test("casts truncate, wrap and round", async () => {
  const cases = [
    { from: f32([1.9, -1.9, 0.5]), to: "int32", expected: [1, -1, 0] },
    { from: tensor("int32", [-1, 257]), to: "uint8", expected: [255, 1] },
    { from: tensor("int64", [2n ** 32n + 5n, -1n]), to: "int32", expected: [5, -1] },
    { from: tensor("uint8", [255]), to: "int8", expected: [-1] },
    { from: tensor("int32", [2 ** 24 + 1]), to: "float32", expected: [2 ** 24] },
    { from: f32([2049, 70000]), to: "float16", expected: [2048, Infinity] },
    { from: tensor("uint64", [2n ** 63n]), to: "float32", expected: [2 ** 63] },
    { from: tensor("uint32", [2 ** 32 - 1]), to: "int64", expected: [2n ** 32n - 1n] },
  ] as const;
  for (const { from, to, expected } of cases) {
    const [result] = await run([from], (b, [x]) => b.cast(x!, to));
    assert.deepEqual(result!.values, expected, `${from.dataType} to ${to}`);
  }
});

/** (x - mean) / √(variance + epsilon) over the given axes, by index. */
function normalised(
  x: TensorValue,
  axes: readonly number[],
  epsilon: number,
): (index: readonly number[]) => number {
  const inner = indicesOf(axes.map((d) => x.shape[d]!));
  return (index) => {
    const row = inner.map((point) =>
      at(
        x,
        axes.reduce((i, d, k) => i.with(d, point[k]!), [...index]),
      ),
    );
    const mean = row.reduce((sum, v) => sum + v, 0) / row.length;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length;
    return (at(x, index) - mean) / Math.sqrt(variance + epsilon);
  };
}
