/** Numbers of every type between bytes and the values that the host computes with. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { arrayOfBytes, bytesOfArray, makeArray } from "../../../adapters/onnxruntime/host/array.ts";
import {
  bitsOfFloat,
  floatOfBits,
  type SmallFloat,
} from "../../../adapters/onnxruntime/host/small-float.ts";
import { fromHalf, toHalf } from "../../../core-webnn/util/half.ts";

/** Bits and values as https://onnx.ai/onnx/technical/float8.html and float4.html give them. */
const known: Readonly<Record<SmallFloat, readonly (readonly [bits: number, value: number])[]>> = {
  float16: [
    [0x3c00, 1],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0xfc00, -Infinity],
  ],
  bfloat16: [
    [0x3f80, 1],
    [0x7f7f, 255 * 2 ** 120],
    [0x0001, 2 ** -133],
    [0xff80, -Infinity],
  ],
  float8e4m3fn: [
    [0x7e, 448],
    [0x01, 2 ** -9],
    [0x08, 2 ** -6],
    [0x80, -0],
    [0x7f, NaN],
  ],
  float8e4m3fnuz: [
    [0x7f, 240],
    [0x01, 2 ** -10],
    [0x80, NaN],
    [0x88, -(2 ** -7)],
  ],
  float8e5m2: [
    [0x7b, 57344],
    [0x01, 2 ** -16],
    [0x7c, Infinity],
    [0x80, -0],
  ],
  float8e5m2fnuz: [
    [0x7f, 57344],
    [0x01, 2 ** -17],
    [0x80, NaN],
  ],
  float4e2m1: [
    [0x1, 0.5],
    [0x7, 6],
    [0xd, -3],
    [0x8, -0],
  ],
};

/** What becomes of numbers that a type does not have. */
const rounded: readonly (readonly [SmallFloat, number, number])[] = [
  ["float8e4m3fn", 464, 448],
  ["float8e4m3fn", 465, NaN],
  ["float8e4m3fn", Infinity, NaN],
  ["float8e4m3fnuz", 248, NaN],
  ["float8e4m3fnuz", 247, 240],
  ["float8e4m3fnuz", -0, 0],
  ["float8e5m2", 61440, Infinity],
  ["float8e5m2", 61439, 57344],
  ["float8e5m2fnuz", -61440, NaN],
  ["bfloat16", 1 + 2 ** -8, 1],
  ["bfloat16", 1 + 3 * 2 ** -8, 1 + 2 ** -6],
  ["bfloat16", 3.4028234663852886e38, Infinity],
  ["float4e2m1", 2.5, 2],
  ["float4e2m1", -100, -6],
  ["float4e2m1", 0.25, 0],
  ["float4e2m1", 0.75, 1],
];

describe("floats of 16, 8 and 4 bits", () => {
  for (const [type, pairs] of Object.entries(known) as [SmallFloat, (typeof known)[SmallFloat]][]) {
    it(`${type}: bits and values`, () => {
      for (const [bits, value] of pairs) {
        assert.equal(floatOfBits(type, bits), value);
        assert.equal(bitsOfFloat(type, value), bits);
      }
    });
  }

  it("round to the nearest, ties to even, and what is too large as the type says", () => {
    for (const [type, value, expected] of rounded) {
      assert.equal(floatOfBits(type, bitsOfFloat(type, value)), expected, `${type} ${value}`);
    }
  });

  it("float16: all bits, and the halves between them, as the core has them", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromHalf(bits);
      assert.equal(floatOfBits("float16", bits), value);
      const next = fromHalf(bits + 1);
      for (const x of [value, (value + next) / 2, value + (next - value) / 3]) {
        assert.equal(bitsOfFloat("float16", x), toHalf(x), `${x}`);
      }
    }
  });
});

describe("arrays of bytes", () => {
  it("hold two elements of 4 bits in a byte, the first in its lower half", () => {
    const bytes = Uint8Array.of(0x8f, 0x07);
    for (const [type, values] of [
      ["int4", [-1, -8, 7]],
      ["uint4", [15, 8, 7]],
      ["float4e2m1", [-6, -0, 6]],
    ] as const) {
      const array = arrayOfBytes(type, [3], bytes);
      assert.deepEqual([...array.data], values);
      assert.deepEqual([...bytesOfArray(array)], [...bytes]);
    }
  });

  it("need no alignment", () => {
    const bytes = new Uint8Array(new Float64Array([0, 1.5]).buffer);
    const shifted = new Uint8Array(17);
    shifted.set(bytes, 1);
    const { data } = arrayOfBytes("float64", [2], shifted.subarray(1));
    assert.deepEqual([...data], [0, 1.5]);
  });

  it("are as many as the shape says", () => {
    assert.throws(() => arrayOfBytes("int16", [3], new Uint8Array(4)), /4 bytes for int16 \[3\]/);
  });

  it("are refused before memory is taken where a shape asks for too much", () => {
    assert.throws(() => makeArray("float64", [2 ** 20, 2 ** 20]), /asks for 8796093022208 bytes/);
    assert.throws(() => makeArray("int8", [2 ** 40, 2 ** 40]), RangeError);
  });
});
