/** Images of float16, which onnxruntime-node computes in float32: it runs the op alone, without the casts around it. */
import { chain, int, ints, node, random, type OpCase } from "./make-case.ts";
import { f32, i64, type NodeSpec, type TensorSpec } from "../onnx-writer.ts";

const x = random([1, 4, 5, 6], 1);

/** Tensors of float32 are cast to float16, and so is the result's way back; `kept` stay as they are. */
function half(
  op: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  attributes: NodeSpec["attributes"] = {},
  { opset = 17, kept = [] as readonly string[] } = {},
): OpCase {
  const names = Object.keys(tensors);
  const isCast = (name: string) => tensors[name]!.type === "float32" && !kept.includes(name);
  const to = (code: number) => ({ to: int(code) });
  const nodes = [
    ...names.filter(isCast).map((name) => node("Cast", [name], `${name}16`, to(10))),
    node(
      op,
      names.map((name) => (isCast(name) ? `${name}16` : name)),
      "y16",
      attributes,
    ),
    node("Cast", ["y16"], "y", to(1)),
  ];
  const form = { opset, constants: names.slice(1), tolerance: 6e-3 };
  return {
    ...chain(`${op}: of float16 between casts`, nodes, tensors, { y: "float32" }, form),
    oracle: [node(op, names, "y", attributes)],
  };
}

const channels = { s: random([4], 1, 5), b: random([4], 1, 6) };
const none = f32([0], []);
const kept = ["roi", "scales"];

export const halves: readonly OpCase[] = [
  half("Conv", { x: random([1, 4, 4, 5, 6], 1), w: random([3, 4, 2, 2, 2], 0.5, 4) }),
  half("ConvTranspose", {
    x: random([1, 4, 3, 4, 4], 1),
    w: random([4, 2, 2, 2, 2], 0.5, 4),
    b: random([2]),
  }),
  half(
    "AveragePool",
    { x },
    { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), count_include_pad: int(1) },
  ),
  half("LpPool", { x }, { kernel_shape: ints(3, 3), p: int(3) }),
  half("BatchNormalization", {
    x,
    ...channels,
    m: random([4], 1, 7),
    v: f32([4], [1, 0.5, 2, 0.25]),
  }),
  half("InstanceNormalization", { x, ...channels }),
  half("GroupNormalization", { x, ...channels }, { num_groups: int(2) }, { opset: 21 }),
  half("LRN", { x }, { size: int(3), alpha: { float: 0.1 } }),
  half("LpNormalization", { x }),
  half("MeanVarianceNormalization", { x }),
  half(
    "Resize",
    { x, roi: none, scales: f32([4], [1, 1, 1.7, 0.6]) },
    { mode: { text: "cubic" } },
    { kept },
  ),
  half("Pad", { x, p: i64([8], [0, 0, 1, 1, 0, 0, 2, -1]), v: f32([], [0.3]) }),
  half("GridSample", { x, g: random([1, 3, 2, 2], 1, 9) }, {}, { kept: ["g"] }),
  half(
    "RoiAlign",
    { x, r: f32([1, 4], [0, 0.5, 4, 3.5]), i: i64([1], [0]) },
    { sampling_ratio: int(2), output_height: int(2), output_width: int(2) },
  ),
];
