/** The files that are spoiled: the operator cases, and models with functions, control flow and files beside them. */
import { modelOf } from "../adapters/onnxruntime/op-case-model.ts";
import { opCases } from "../adapters/onnxruntime/op-cases.ts";
import {
  f32,
  i64,
  writeModel,
  type GraphSpec,
  type ModelSpec,
} from "../adapters/onnxruntime/onnx-writer.ts";
import { listCases, modelOf as fileOf } from "../onnx-cases/cases.ts";

/** Larger files are weights for the most part. */
const largest = 16_384;

const x = { name: "x", type: "float32", shape: [4] } as const;
const y = { name: "y", type: "float32" } as const;
const body = (op: string): GraphSpec => ({
  nodes: [{ op, inputs: ["x"], outputs: ["b"] }],
  outputs: [{ name: "b", type: "float32" }],
});

const functions: ModelSpec = {
  nodes: [
    { op: "F", domain: "own", inputs: ["x"], outputs: ["h"], attributes: { slope: { float: 0.5 } } },
    { op: "G", domain: "own", inputs: ["h", "w"], outputs: ["y"] },
  ],
  inputs: [x, { name: "w", type: "float32", shape: [4] }],
  outputs: [y],
  initializers: { w: f32([4], [1, 2, 3, 4]) },
  opsets: { own: 1 },
  functions: [
    { domain: "own", name: "F", inputs: ["a"], outputs: ["b"], defaults: { slope: { float: 1 } },
      nodes: [{ op: "LeakyRelu", inputs: ["a"], outputs: ["b"], attributes: { alpha: { reference: "slope", kind: 1 } } }] },
    { domain: "own", name: "G", inputs: ["a", "c"], outputs: ["b"], opsets: { "": 17, own: 1 },
      nodes: [{ op: "Add", inputs: ["a", "c"], outputs: ["s"] }, { op: "F", domain: "own", inputs: ["s"], outputs: ["b"] }] },
  ],
}; // prettier-ignore

const branches: ModelSpec = {
  nodes: [
    { op: "ReduceSum", inputs: ["x"], outputs: ["sum"], attributes: { keepdims: { int: 0 } } },
    { op: "Greater", inputs: ["sum", "zero"], outputs: ["c"] },
    { op: "If", inputs: ["c"], outputs: ["y"], attributes: { then_branch: { graph: body("Relu") }, else_branch: { graph: body("Neg") } } },
  ],
  inputs: [x],
  outputs: [y],
  initializers: { zero: f32([], [0]) },
}; // prettier-ignore

const loop: ModelSpec = {
  nodes: [
    { op: "Loop", inputs: ["count", "", "x"], outputs: ["y", "all"], attributes: { body: { graph: {
      nodes: [{ op: "Add", inputs: ["v", "x"], outputs: ["next"] }, { op: "Identity", inputs: ["go"], outputs: ["on"] }],
      inputs: [{ name: "i", type: "int64", shape: [] }, { name: "go", type: "bool", shape: [] }, { name: "v", type: "float32", shape: [4] }],
      outputs: [{ name: "on", type: "bool", shape: [] }, { name: "next", type: "float32", shape: [4] }, { name: "next", type: "float32", shape: [4] }],
    } } } },
  ],
  inputs: [x],
  outputs: [y, { name: "all", type: "float32" }],
  initializers: { count: i64([], [3]) },
}; // prettier-ignore

const external: ModelSpec = {
  nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
  inputs: [x],
  outputs: [y],
  initializers: { w: { ...f32([4], []), external: { location: "weights", offset: 16, length: 16 } } },
}; // prettier-ignore

export function listOriginals(): readonly Uint8Array[] {
  const written = [functions, branches, loop, external].map(writeModel);
  const cases = opCases.map((one) => modelOf(one, "numbers"));
  const packaged = (listCases() ?? []).map(fileOf);
  // The few written here as often as a family of operators.
  return [...Array.from({ length: 10 }, () => written).flat(), ...cases, ...packaged].filter(
    ({ length }) => length <= largest,
  );
}
