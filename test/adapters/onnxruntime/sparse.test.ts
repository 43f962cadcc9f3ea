/** Sparse tensors in files, and values that are no tensors of numbers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OnnxModelError } from "../../../adapters/onnxruntime/errors.ts";
import { readModel } from "../../../adapters/onnxruntime/model/read-model.ts";
import { checkSupport } from "../../../adapters/onnxruntime/ops/check-support.ts";
import { i16 } from "./cases/make-case.ts";
import {
  f32,
  i64,
  writeModel,
  type AttributeSpec,
  type ModelSpec,
  type SparseSpec,
} from "./onnx-writer.ts";

const output = { name: "w", type: "float32" } as const;

function withInitializer(sparse: SparseSpec): Uint8Array<ArrayBuffer> {
  return writeModel({ nodes: [], outputs: [output], sparseInitializers: { w: sparse } });
}

function refuses(sparse: SparseSpec, says: RegExp): void {
  assert.throws(
    () => readModel(withInitializer(sparse)),
    (error) => {
      assert.ok(error instanceof OnnxModelError, String(error));
      assert.equal(error.code, "malformed");
      assert.match(error.message, says);
      return true;
    },
  );
}

describe("sparse tensors", () => {
  it("are read dense, by flat indices", () => {
    const file = withInitializer({
      shape: [2, 3],
      values: f32([2], [5, 7]),
      indices: i64([2], [1, 5]),
    });
    const { bytes, ...w } = readModel(file).graph.constants.get("w")!;
    assert.deepEqual(w, { name: "w", type: "float32", shape: [2, 3] });
    assert.deepEqual([...new Float32Array(bytes!.buffer as ArrayBuffer)], [0, 5, 0, 0, 0, 7]);
  });

  it("are read dense, by coordinates, as the value of a Constant", () => {
    const sparse = { shape: [2, 2], values: i16([2], [-3, 4]), indices: i64([2, 2], [0, 1, 1, 0]) };
    const { graph } = readModel(
      writeModel({
        nodes: [
          { op: "Constant", inputs: [], outputs: ["c"], attributes: { sparse_value: { sparse } } },
        ],
        outputs: [{ name: "c", type: "int16" }],
      }),
    );
    const { bytes, ...c } = graph.constants.get("c")!;
    assert.deepEqual(c, { name: "c", type: "int16", shape: [2, 2] });
    assert.deepEqual([...new Int16Array(bytes!.buffer as ArrayBuffer)], [0, -3, 4, 0]);
  });

  it("stand beside the other forms of a Constant", () => {
    const sparse = { shape: [2], values: f32([1], [3]), indices: i64([1], [1]) };
    const forms: readonly (readonly [string, AttributeSpec, string, readonly number[]])[] = [
      ["value", { tensor: f32([1], [2]) }, "float32", [1]],
      ["value_int", { int: 5 }, "int64", []],
      ["value_ints", { ints: [5, 6] }, "int64", [2]],
      ["value_float", { float: 5 }, "float32", []],
      ["value_floats", { floats: [5, 6, 7] }, "float32", [3]],
      ["value_string", { text: "five" }, "string", []],
      ["value_strings", { texts: ["five", "six"] }, "string", [2]],
      ["sparse_value", { sparse }, "float32", [2]],
    ];
    for (const [name, attribute, type, shape] of forms) {
      const node = {
        op: "Constant",
        inputs: [],
        outputs: ["c"],
        attributes: { [name]: attribute },
      };
      const bytes = writeModel({ nodes: [node], outputs: [{ name: "c", type: "float32" }] });
      const constant = readModel(bytes).graph.constants.get("c")!;
      assert.deepEqual([constant.type, constant.shape], [type, shape], name);
    }
  });

  it("are refused where indices or sizes are wrong", () => {
    const values = f32([1], [5]);
    refuses(
      { shape: [2, 3], values, indices: i64([1], [6]) },
      /sparse initializer 0: found index 6, expected 0 to 5/,
    );
    refuses(
      { shape: [2, 3], values, indices: i64([1, 2], [0, -1]) },
      /found index -1, expected 0 to 2/,
    );
    refuses(
      { shape: [2, 3], values, indices: i64([2], [0, 1]) },
      /indices int64 \[2\], expected int64 \[1\] or \[1, 2\]/,
    );
    refuses({ shape: [2, 3], values, indices: f32([1], [0]) }, /indices float32 \[1\]/);
    refuses(
      { shape: [65536, 65536], values, indices: i64([1], [0]) },
      /found 17179869184 bytes, expected at most 1073741824/,
    );
  });
});

describe("values that are no tensors of numbers", () => {
  const refused = (model: ModelSpec, says: RegExp) =>
    assert.throws(() => checkSupport(readModel(writeModel(model))), {
      name: "OnnxModelError",
      code: "unsupported",
      message: says,
    });
  const y = { name: "y", type: "float32" } as const;

  it("are named, with what to do instead", () => {
    const cast = { op: "Cast", inputs: ["x"], outputs: ["y"], attributes: { to: { int: 8 } } };
    refused(
      {
        nodes: [cast],
        inputs: [{ name: "x", type: "float32" }],
        outputs: [{ name: "y", type: "string" }],
      },
      /the output 'y' is of strings \(.*numbers, such as token ids/,
    );
    refused(
      {
        nodes: [{ op: "Identity", inputs: ["x"], outputs: ["y"] }],
        inputs: [{ name: "x", type: "string" }],
        outputs: [y],
      },
      /the input 'x' is of strings/,
    );
  });

  for (const [op, says] of [
    ["StringNormalizer", /turn them into numbers/],
    ["SequenceInsert", /joined in one tensor/],
    ["OptionalHasElement", /with the value, or without it/],
  ] as const) {
    it(`are refused with ${op}`, () => {
      const node = { op, name: "n", inputs: ["x"], outputs: ["y"] };
      const model = {
        nodes: [node],
        inputs: [{ name: "x", type: "float32" } as const],
        outputs: [y],
      };
      refused(model, new RegExp(`ai.onnx:${op} of opset 17 \\('n'\\); .*${says.source}`));
    });
  }
});
