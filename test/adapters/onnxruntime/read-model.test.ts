/** The model reader: what it reads, and what it says of files that are not right. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OnnxModelError, type ModelErrorCode } from "../../../adapters/onnxruntime/errors.ts";
import { readModel } from "../../../adapters/onnxruntime/model/read-model.ts";
import {
  bytesOfTensor,
  f32,
  i64,
  writeModel,
  type GraphSpec,
  type ModelSpec,
  type TensorSpec,
} from "./onnx-writer.ts";

const x = { name: "x", type: "float32", shape: ["batch", 3] } as const;
const y = { name: "y", type: "float32", shape: ["batch", 3] } as const;
const addition: ModelSpec = {
  nodes: [{ op: "Add", name: "sum", inputs: ["x", "w"], outputs: ["y"] }],
  inputs: [x],
  outputs: [y],
  initializers: { w: f32([3], [1, 2, 3]) },
};

function fails(bytes: Uint8Array, code: ModelErrorCode, ...says: readonly (string | RegExp)[]) {
  assert.throws(
    () => readModel(bytes),
    (error) => {
      assert.ok(error instanceof OnnxModelError, String(error));
      assert.equal(error.code, code, error.message);
      for (const text of says) assert.match(error.message, new RegExp(text));
      return true;
    },
  );
}

describe("reading a model", () => {
  it("gives nodes, values and constants", () => {
    const { graph, opsets, irVersion } = readModel(writeModel(addition));
    assert.equal(irVersion, 8);
    assert.deepEqual([...opsets], [["", 17]]);
    assert.deepEqual(graph.inputs, [{ name: "x", type: "float32", shape: ["batch", 3] }]);
    assert.deepEqual(graph.outputs, [{ name: "y", type: "float32", shape: ["batch", 3] }]);
    assert.deepEqual(graph.nodes[0]!.inputs, ["x", "w"]);
    const { bytes, ...w } = graph.constants.get("w")!;
    assert.deepEqual(w, { name: "w", type: "float32", shape: [3] });
    assert.deepEqual([...new Float32Array(bytes!.slice().buffer)], [1, 2, 3]);
  });

  it("keeps large raw data as a view of the file", () => {
    const data = Array.from({ length: 1000 }, (_, i) => i);
    const file = writeModel({ ...addition, initializers: { w: f32([1000], data) } });
    assert.equal(readModel(file).graph.constants.get("w")!.bytes!.buffer, file.buffer);
  });

  const typed: readonly TensorSpec[] = [
    { type: "float32", shape: [2], data: [1.5, -2] },
    { type: "float64", shape: [1], data: [0.1] },
    { type: "int32", shape: [2], data: [-7, 2147483647] },
    { type: "int64", shape: [2], data: [-1, 5] },
    { type: "uint64", shape: [1], data: [5] },
    { type: "uint32", shape: [1], data: [4294967295] },
    { type: "uint8", shape: [3], data: [0, 128, 255] },
    { type: "int8", shape: [2], data: [-128, 127] },
    { type: "float16", shape: [2], data: [0x3c00, 0xc000] },
    { type: "bool", shape: [2], data: [1, 0] },
  ];
  for (const tensor of typed) {
    it(`packs ${tensor.type} of typed fields as raw data would be`, () => {
      const file = writeModel({ ...addition, initializers: { w: { ...tensor, typed: true } } });
      const { bytes } = readModel(file).graph.constants.get("w")!;
      assert.deepEqual(bytes, bytesOfTensor(tensor));
    });
  }

  it("reads Constant nodes of every form as constants", () => {
    const constant = (name: string, attribute: object) => ({
      op: "Constant",
      inputs: [],
      outputs: [name],
      attributes: attribute as never,
    });
    const { graph } = readModel(
      writeModel({
        ...addition,
        nodes: [
          constant("a", { value: { tensor: i64([1], [4]) } }),
          constant("b", { value_ints: { ints: [3, -1] } }),
          constant("c", { value_float: { float: 0.5 } }),
          ...addition.nodes,
        ],
      }),
    );
    assert.equal(graph.nodes.length, 1);
    const shapes = ["a", "b", "c"].map((name) => {
      const { type, shape } = graph.constants.get(name)!;
      return [type, shape];
    });
    assert.deepEqual(shapes, [
      ["int64", [1]],
      ["int64", [2]],
      ["float32", []],
    ]);
    assert.deepEqual(
      [...new BigInt64Array(graph.constants.get("b")!.bytes!.slice().buffer)],
      [3n, -1n],
    );
  });

  it("does not list inputs that have an initializer", () => {
    const w = { name: "w", type: "float32", shape: [3] } as const;
    const { graph } = readModel(writeModel({ ...addition, inputs: [x, w] }));
    assert.deepEqual(
      graph.inputs.map(({ name }) => name),
      ["x"],
    );
  });

  it("puts producers first, whatever the order in the file", () => {
    const chain = [3, 1, 0, 2].map((i) => ({
      op: "Relu",
      name: `n${i}`,
      inputs: [i === 0 ? "x" : `v${i}`],
      outputs: [i === 3 ? "y" : `v${i + 1}`],
    }));
    const { graph } = readModel(writeModel({ ...addition, nodes: chain }));
    assert.deepEqual(
      graph.nodes.map(({ name }) => name),
      ["n0", "n1", "n2", "n3"],
    );
  });

  it("sorts a chain longer than the stack", () => {
    const length = 20_000;
    const nodes = Array.from({ length }, (_, i) => length - 1 - i).map((i) => ({
      op: "Relu",
      inputs: [i === 0 ? "x" : `v${i}`],
      outputs: [i === length - 1 ? "y" : `v${i + 1}`],
    }));
    const { graph } = readModel(writeModel({ ...addition, nodes }));
    assert.equal(graph.nodes[0]!.inputs[0], "x");
    assert.equal(graph.nodes.at(-1)!.outputs[0], "y");
  });

  it("finds external data beside the model", () => {
    const w = { ...f32([2], []), external: { location: "./w.bin", offset: 4, length: 8 } };
    const file = writeModel({ ...addition, initializers: { w } });
    const data = new Uint8Array(Float32Array.of(9, 1, 2, 8).buffer);
    const { bytes } = readModel(file, new Map([["w.bin", data]])).graph.constants.get("w")!;
    assert.deepEqual([...new Float32Array(bytes!.slice().buffer)], [1, 2]);
  });
});

describe("refusing a file", () => {
  const good = writeModel(addition);

  it("that is something else", () => {
    fails(new Uint8Array(0), "not-onnx", "0 bytes");
    fails(new TextEncoder().encode("<!DOCTYPE html><html></html>"), "not-onnx", "28 bytes");
    fails(new Uint8Array(64), "not-onnx", "64 bytes");
  });

  it("of ONNX Runtime's own format, by name", () => {
    const ort = new Uint8Array(32);
    ort.set(new TextEncoder().encode("ORTM"), 4);
    fails(ort, "ort-format", "\\.ort format");
  });

  it("that ends early, wherever it ends", () => {
    let refused = 0;
    for (let length = 1; length < good.length; length++) {
      try {
        readModel(good.subarray(0, length));
      } catch (error) {
        assert.ok(error instanceof OnnxModelError, `at ${length}: ${String(error)}`);
        refused += 1;
      }
    }
    // All but the cut right before the opset.
    assert.ok(refused >= good.length - 4, `${refused} of ${good.length}`);
    fails(good.subarray(0, 60), "truncated", "byte 60");
  });

  it("whose bytes are damaged, with a typed error or none", () => {
    for (let i = 0; i < good.length; i++) {
      for (const value of [0, 0x7f, 0xff]) {
        const damaged = good.slice();
        damaged[i] = value;
        try {
          readModel(damaged);
        } catch (error) {
          assert.ok(error instanceof OnnxModelError, `byte ${i} = ${value}: ${String(error)}`);
        }
      }
    }
  });

  it("whose data do not fill a tensor's shape, before memory is taken", () => {
    const w = { ...f32([1024, 1024, 1024], []), data: [1] };
    fails(
      writeModel({ ...addition, initializers: { w } }),
      "malformed",
      "tensor 'w'",
      "4 bytes",
      "4294967296 bytes for float32 \\[1024, 1024, 1024\\]",
    );
  });

  it("whose external data are missing or too short, by the file's name", () => {
    const w = { ...f32([2], []), external: { location: "model.onnx_data" } };
    const file = writeModel({ ...addition, initializers: { w } });
    fails(file, "external-data-missing", "tensor 'w'", "'model.onnx_data'");
    const long = { ...f32([2], []), external: { location: "d", offset: 4, length: 8 } };
    assert.throws(
      () =>
        readModel(
          writeModel({ ...addition, initializers: { w: long } }),
          new Map([["d", new Uint8Array(8)]]),
        ),
      /bytes 4 to 12 of 'd', which has 8 bytes/,
    );
  });

  it("with a cycle, naming its nodes", () => {
    const nodes = [
      { op: "Add", name: "first", inputs: ["x", "b"], outputs: ["a"] },
      { op: "Relu", name: "second", inputs: ["a"], outputs: ["b"] },
      { op: "Relu", name: "last", inputs: ["b"], outputs: ["y"] },
    ];
    fails(writeModel({ ...addition, nodes }), "cycle", "Add 'first'", "Relu 'second'");
  });

  it("that uses a value nothing gives, or gives one twice", () => {
    const unknown = { op: "Add", name: "sum", inputs: ["x", "nowhere"], outputs: ["y"] };
    fails(writeModel({ ...addition, nodes: [unknown] }), "malformed", "Add 'sum'", "'nowhere'");
    const nodes = [...addition.nodes, ...addition.nodes];
    fails(writeModel({ ...addition, nodes }), "malformed", "'y' is defined twice");
    const missing = { name: "z", type: "float32", shape: [] } as const;
    fails(writeModel({ ...addition, outputs: [missing] }), "malformed", "output 'z'");
  });

  it("whose branches are nested too deep", () => {
    let graph: GraphSpec = { nodes: addition.nodes, outputs: [y] };
    for (let depth = 0; depth < 24; depth++) {
      graph = {
        nodes: [
          { op: "If", inputs: ["x"], outputs: ["y"], attributes: { then_branch: { graph } } },
        ],
        outputs: [y],
      };
    }
    fails(writeModel({ ...graph, inputs: [x] }), "too-deep", "more than 64 deep");
  });
});
