/**
 * Quantised products: what the graph is made of, and exact integers over the whole range of both types
 * (where onnxruntime itself saturates on processors without VNNI).
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Builder } from "../../../adapters/onnxruntime/webnn.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f32, u8, type ElementTypeName, type ModelSpec, type NodeSpec } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { floats, numbers } from "./tensors.ts";
import { Tensor } from "onnxruntime-common";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const node = (op: string, inputs: string[], outputs: string[], to?: number): NodeSpec => ({
  op,
  name: op,
  inputs,
  outputs,
  attributes: to === undefined ? {} : { to: { int: to } },
});

/** The whole range, and never the same along a row or a column. */
function wide(type: "uint8" | "int8", count: number, factor: number): number[] {
  const low = type === "int8" ? -128 : 0;
  return Array.from({ length: count }, (_, i) => ((i * factor) % 256) + low);
}

describe("MatMulInteger as int32", () => {
  for (const aType of ["uint8", "int8"] as const) {
    for (const bType of ["uint8", "int8"] as const) {
      it(`is exact for ${aType} and ${bType}`, async () => {
        const [m, k, n] = [3, 700, 4];
        const a = wide(aType, m * k, 97);
        const b = wide(bType, k * n, 131);
        const [za, zb] = [aType === "int8" ? -7 : 200, bType === "int8" ? 5 : 0];
        const single = (type: ElementTypeName, value: number) => ({
          type,
          shape: [],
          data: [value],
        });
        const session = openSession(
          {
            nodes: [node("MatMulInteger", ["a", "b", "za", "zb"], ["y"])],
            inputs: [{ name: "a", type: aType, shape: ["m", "k"] }],
            outputs: [{ name: "y", type: "int32" }],
            initializers: {
              b: { type: bType, shape: [k, n], data: b },
              za: single(aType, za),
              zb: single(bType, zb),
            },
          },
          context,
        );
        const array = aType === "int8" ? Int8Array.from(a) : Uint8Array.from(a);
        const { y } = await session.fetch({ a: new Tensor(aType, array as Uint8Array, [m, k]) });
        const expected = Array.from({ length: m * n }, (_, i) => {
          const [row, column] = [Math.floor(i / n), i % n];
          let sum = 0;
          for (let j = 0; j < k; j++) sum += (a[row * k + j]! - za) * (b[j * n + column]! - zb);
          return sum;
        });
        assert.deepEqual(await numbers(y), expected);
      });
    }
  }
});

/** Records the builder's calls of a session's graphs. */
async function callsOf(model: ModelSpec, feeds: Record<string, Tensor>): Promise<string[]> {
  const calls: string[] = [];
  const session = openSession(model, context, {
    wrap: (webnn) => ({
      ...webnn,
      createBuilder: () =>
        new Proxy(webnn.createBuilder(), {
          get(target, name: keyof Builder) {
            const method = target[name] as unknown as (...args: unknown[]) => unknown;
            return (...args: unknown[]) => {
              calls.push(name);
              return method.apply(target, args);
            };
          },
        }),
    }),
  });
  await session.fetch(feeds);
  return calls;
}

describe("the graph of a quantised product", () => {
  const model: ModelSpec = {
    opset: 11,
    nodes: [
      node("DynamicQuantizeLinear", ["x"], ["q", "sa", "za"]),
      node("MatMulInteger", ["q", "w", "za", "zw"], ["p"]),
      node("Cast", ["p"], ["f"], 1),
      node("Mul", ["sa", "sw"], ["s"]),
      node("Mul", ["f", "s"], ["y"]),
    ],
    inputs: [{ name: "x", type: "float32", shape: ["n", 4] }],
    outputs: [{ name: "y", type: "float32" }],
    initializers: {
      w: u8([4, 2], [1, 2, 3, 4, 5, 6, 7, 255]),
      zw: u8([], [131]),
      sw: f32([], [0.01]),
    },
  };

  it("is a float product of two decoded tensors, without integer steps", async () => {
    const calls = await callsOf(model, { x: floats([3, 4]) });
    const count = (name: string) => calls.filter((call) => call === name).length;
    assert.equal(count("matmul"), 1);
    assert.equal(count("dequantizeLinear"), 2);
    assert.equal(count("quantizeLinear"), 1);
    assert.equal(count("slice"), 0);
    // The zero point of the activations.
    assert.equal(count("cast"), 1);
  });

  it("decodes a transposed table after transposing it", async () => {
    const calls = await callsOf(
      {
        opset: 11,
        nodes: [
          node("Transpose", ["w"], ["t"]),
          node("DequantizeLinear", ["t", "sw", "zw"], ["d"]),
          node("MatMul", ["x", "d"], ["y"]),
        ],
        inputs: [{ name: "x", type: "float32", shape: ["n", 2] }],
        outputs: model.outputs,
        initializers: model.initializers!,
      },
      { x: floats([3, 2]) },
    );
    const ops = calls.filter((call) => !["constant", "input", "build"].includes(call));
    assert.deepEqual(ops, ["transpose", "dequantizeLinear", "matmul"]);
  });
});
