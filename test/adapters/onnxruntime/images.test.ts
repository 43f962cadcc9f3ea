/** Ops of images: one graph for images of many sizes, and attributes that no model means, which are refused by name. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MLContext } from "../../../core-webnn/index.ts";
import { int, ints, random } from "./cases/make-case.ts";
import { f32, i64, type AttributeSpec, type ModelSpec, type TensorSpec } from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { floats, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

type Attributes = Readonly<Record<string, AttributeSpec>>;
const text = (value: string): AttributeSpec => ({ text: value });

interface Form {
  readonly attributes?: Attributes;
  /** In the order of the inputs behind the image. */
  readonly constants?: Readonly<Record<string, TensorSpec>>;
  readonly opset?: number;
  readonly domain?: string;
}

const imageModel = (
  op: string,
  dimensions: number,
  { attributes = {}, constants = {}, opset = 19, domain = "" }: Form,
): ModelSpec => ({
  opset,
  ...(domain !== "" && { opsets: { [domain]: 1 } }),
  nodes: [
    {
      op,
      name: "node",
      inputs: ["x", ...Object.keys(constants)],
      outputs: ["y"],
      attributes,
      domain,
    },
  ],
  inputs: [{ name: "x", type: "float32", shape: ["n", 4, ...["d", "h", "w"].slice(-dimensions)] }],
  outputs: [{ name: "y", type: "float32" }],
  initializers: constants,
});

const square = { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1) };
const cube = { kernel_shape: ints(3, 2, 3), strides: ints(2, 1, 2) };
const scales = { roi: f32([0], []), scales: f32([4], [1, 1, 2, 2]) };
const sizeless: readonly (readonly [op: string, dimensions: number, form: Form, why?: string])[] = [
  ["Conv", 1, { constants: { k: random([4, 4, 3]) } }],
  ["Conv", 2, { constants: { k: random([4, 4, 3, 3]) }, attributes: { strides: ints(2, 2) } }],
  [
    "Conv",
    3,
    { constants: { k: random([2, 4, 3, 3, 2]) }, attributes: { strides: ints(2, 1, 1) } },
  ],
  [
    "Conv",
    2,
    { constants: { k: random([4, 4, 3, 3]) }, attributes: { auto_pad: text("SAME_UPPER") } },
    "SAME_UPPER",
  ],
  [
    "ConvTranspose",
    2,
    { constants: { k: random([4, 2, 3, 3]) }, attributes: { strides: ints(2, 2) } },
  ],
  [
    "ConvTranspose",
    3,
    { constants: { k: random([4, 2, 2, 3, 3]) }, attributes: { strides: ints(2, 2, 2) } },
  ],
  ["MaxPool", 2, { attributes: { ...square, ceil_mode: int(1), strides: ints(2, 2) } }],
  ["MaxPool", 3, { attributes: cube }],
  ["AveragePool", 2, { attributes: { ...square, count_include_pad: int(1) } }],
  ["AveragePool", 3, { attributes: cube }],
  ["LpPool", 2, { attributes: { ...square, p: int(3) } }],
  ["GlobalAveragePool", 3, {}],
  ["InstanceNormalization", 2, { constants: { s: random([4]), b: random([4]) } }],
  [
    "GroupNormalization",
    2,
    {
      opset: 21,
      attributes: { num_groups: int(2) },
      constants: { s: random([4]), b: random([4]) },
    },
  ],
  ["LRN", 2, { attributes: { size: int(3) } }],
  ["MeanVarianceNormalization", 2, {}],
  ["LpNormalization", 2, {}],
  ["Resize", 2, { constants: scales }, "nearest"],
  ["Resize", 2, { constants: scales, attributes: { mode: text("linear") } }, "linear"],
  [
    "Resize",
    2,
    {
      constants: scales,
      attributes: {
        coordinate_transformation_mode: text("asymmetric"),
        nearest_mode: text("floor"),
      },
    },
    "asymmetric",
  ],
  [
    "Resize",
    3,
    {
      constants: { roi: f32([0], []), scales: f32([5], [1, 1, 2, 2, 3]) },
      attributes: { mode: text("linear") },
    },
    "linear",
  ],
  ["DepthToSpace", 2, { attributes: { blocksize: int(2) } }],
  [
    "Pad",
    2,
    { constants: { p: i64([8], [0, 0, 1, 1, 0, 0, 2, 0]) }, attributes: { mode: text("wrap") } },
    "wrap",
  ],
  [
    "Pad",
    2,
    {
      constants: { p: i64([8], [0, 0, -1, 1, 0, 0, 2, 0]) },
      attributes: { mode: text("reflect") },
    },
    "reflect",
  ],
  [
    "GridSample",
    2,
    { constants: { g: random([2, 3, 2, 2]) }, attributes: { padding_mode: text("border") } },
  ],
];

describe("images of many sizes", () => {
  for (const [op, dimensions, form, why = ""] of sizeless) {
    it(`share the graph of ${op} of ${dimensions} dimensions ${why}`, async () => {
      const model = imageModel(op, dimensions, form);
      const dynamic = openSession(model, context);
      const fixed = openSession(model, context, { isStatic: true });
      // A graph for each size has numbers alone; the op cases hold such graphs to onnxruntime-node.
      for (const more of [0, 3, 1]) {
        const shape = [2, 4, ...[5, 6, 7].slice(-dimensions).map((size) => size + more)];
        const count = shape.reduce((a, b) => a * b, 1);
        const x = () =>
          floats(
            shape,
            Array.from({ length: count }, (_, i) => Math.sin(i * 7)),
          );
        const [a, b] = [await dynamic.fetch({ x: x() }), await fixed.fetch({ x: x() })];
        assert.deepEqual(a["y"]!.dims, b["y"]!.dims);
        const [got, expected] = [await numbers(a["y"]), await numbers(b["y"])];
        got.forEach((value, i) => {
          const limit = 2e-5 * Math.max(1, Math.abs(expected[i]!));
          assert.ok(Math.abs(value - expected[i]!) <= limit, `${i}: ${value}, not ${expected[i]}`);
        });
      }
      assert.equal(dynamic.report().graphs, 1);
      assert.equal(fixed.report().graphs, 3);
    });
  }
});

const k = { k: random([4, 4, 3, 3]) };
const huge = 2 ** 40;
const wrong: readonly (readonly [op: string, form: Form])[] = [
  ["Conv", { constants: k, attributes: { strides: ints(0, 1) } }],
  ["Conv", { constants: k, attributes: { strides: ints(1) } }],
  ["Conv", { constants: k, attributes: { dilations: ints(1, -1) } }],
  ["Conv", { constants: k, attributes: { dilations: ints(huge, 1) } }],
  ["Conv", { constants: k, attributes: { pads: ints(-1, 0, 0, 0) } }],
  ["Conv", { constants: k, attributes: { pads: ints(0, 0, 0, huge) } }],
  ["Conv", { constants: k, attributes: { group: int(0) } }],
  ["Conv", { constants: k, attributes: { group: int(3) } }],
  ["Conv", { constants: k, attributes: { auto_pad: text("SAME") } }],
  ["Conv", { constants: { k: random([4, 4, 9, 9]) } }],
  ["Conv", { constants: { k: random([4, 4, 3]) } }],
  ["ConvTranspose", { constants: k, attributes: { output_padding: ints(1, 1) } }],
  ["ConvTranspose", { constants: k, attributes: { output_shape: ints(-3, 4) } }],
  ["ConvTranspose", { constants: k, attributes: { pads: ints(50, 0, 50, 0) } }],
  ["MaxPool", { attributes: {} }],
  ["MaxPool", { attributes: { kernel_shape: ints(0, 3) } }],
  ["MaxPool", { attributes: { kernel_shape: ints(-1, 3) } }],
  ["MaxPool", { attributes: { kernel_shape: ints(huge, 3) } }],
  ["MaxPool", { attributes: { kernel_shape: ints(3) } }],
  ["LpPool", { attributes: { ...square, p: int(0) } }],
  ["AveragePool", { attributes: { kernel_shape: ints(20, 20) } }],
  ["LRN", { attributes: { size: int(0) } }],
  ["LRN", { attributes: { size: int(huge) } }],
  ["LpNormalization", { attributes: { p: int(3) } }],
  ["LpNormalization", { attributes: { axis: int(4) } }],
  [
    "GroupNormalization",
    {
      opset: 21,
      constants: { s: random([4]), b: random([4]) },
      attributes: { num_groups: int(3) },
    },
  ],
  [
    "GroupNormalization",
    {
      opset: 21,
      constants: { s: random([4]), b: random([4]) },
      attributes: { num_groups: int(0) },
    },
  ],
  ["DepthToSpace", { attributes: { blocksize: int(0) } }],
  ["DepthToSpace", { attributes: { blocksize: int(3) } }],
  ["SpaceToDepth", { attributes: { blocksize: int(-2) } }],
  ["Resize", { constants: { roi: f32([0], []), scales: f32([4], [1, 1, 0, 1]) } }],
  ["Resize", { constants: { roi: f32([0], []), scales: f32([4], [1, 1, -1, 1]) } }],
  ["Resize", { constants: { roi: f32([0], []), scales: f32([4], [1, 1, 1e30, 1]) } }],
  ["Resize", { constants: { roi: f32([0], []), scales: f32([3], [1, 1, 2]) } }],
  ["Resize", { constants: { roi: f32([0], []), scales: f32([4], [1, 1, 1e-9, 1]) } }],
  ["Resize", { constants: { ...scales }, attributes: { mode: text("sharp") } }],
  ["Resize", { constants: { ...scales }, attributes: { axes: ints(2, 2, 0, 1) } }],
  [
    "Resize",
    {
      constants: { ...scales },
      attributes: { coordinate_transformation_mode: text("tf_crop_and_resize") },
    },
  ],
  ["Pad", { constants: { p: i64([8], [0, 0, huge, 0, 0, 0, 0, 0]) } }],
  ["Pad", { constants: { p: i64([8], [0, 0, -huge, 0, 0, 0, 0, 0]) } }],
  ["Pad", { constants: { p: i64([8], [0, 0, -9, 0, 0, 0, 0, 0]) } }],
  ["Pad", { constants: { p: i64([3], [0, 0, 1]) } }],
  [
    "Pad",
    {
      constants: { p: i64([8], [0, 0, huge / 1024, 0, 0, 0, 0, 0]) },
      attributes: { mode: text("wrap") },
    },
  ],
  [
    "Pad",
    { constants: { p: i64([8], [0, 0, 1, 0, 0, 0, 0, 0]) }, attributes: { mode: text("around") } },
  ],
  ["CenterCropPad", { constants: { s: i64([4], [2, 4, huge, 3]) } }],
  ["GridSample", { constants: { g: random([2, 3, 2, 2]) }, attributes: { mode: text("sharp") } }],
  ["GridSample", { constants: { g: random([2, 3, 2]) } }],
  ["AffineGrid", { opset: 20, constants: { size: i64([4], [2, 3, huge, huge]) } }],
  [
    "RoiAlign",
    {
      constants: { r: random([1, 4]), b: i64([1], [0]) },
      attributes: { output_height: int(huge) },
    },
  ],
  ["MaxRoiPool", { constants: { r: random([1, 5]) }, attributes: { pooled_shape: ints(0, 2) } }],
  ["MaxUnpool", { constants: { i: i64([1], [0]) }, attributes: { kernel_shape: ints(2, 2) } }],
  [
    "FusedConv",
    { domain: "com.microsoft", constants: k, attributes: { activation: text("Sharp") } },
  ],
];

describe("attributes that no model means", () => {
  wrong.forEach(([op, form], i) => {
    it(`are refused: ${op}, ${i}`, { timeout: 20_000 }, async () => {
      for (const isStatic of [false, true]) {
        const session = openSession(imageModel(op, 2, form), context, { isStatic });
        const x = floats([2, 4, 6, 7], new Array<number>(2 * 4 * 6 * 7).fill(1));
        await assert.rejects(session.fetch({ x }), (error: Error) => {
          assert.match(error.name, /^Onnx(Model|Memory)Error$/, String(error.stack));
          assert.match(error.message, new RegExp(`${op} 'node'|bytes`), error.message);
          return true;
        });
        await session.dispose();
      }
    });
  });
});
