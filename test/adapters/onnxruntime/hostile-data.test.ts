/** Attributes and inputs that make no sense to ops that move, select and transform data: each gives a typed error. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import { OnnxMemoryError, OnnxModelError } from "../../../adapters/onnxruntime/errors.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { f64, i32, int, ints, one, text, type OpCase } from "./cases/make-case.ts";
import { f32, i64 } from "./onnx-writer.ts";
import { modelOf, tensorOf } from "./op-case-model.ts";
import { openContext, openSession } from "./open-session.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const a = f32([2, 3], [1, 2, 3, 4, 5, 6]);
const pairs = ["float32", "int64"] as const;
const bigrams = {
  mode: text("TF"),
  min_gram_length: int(1),
  max_gram_length: int(2),
  max_skip_count: int(0),
};

/** A case and what its error says, beside the op and the node. */
const wrong: readonly (readonly [OpCase, RegExp])[] = [
  [
    one("TopK", "k beyond the size", { a, k: i64([1], [4]) }, { types: pairs }),
    /k 4, expected 0 to 3/,
  ],
  [
    one(
      "ScatterElements",
      "updates of another type, on the host",
      { a: f64([2], [1, 2]), i: i64([1], [0]), u: i64([1], [5]) },
      { opset: 18, types: ["float64"] },
    ),
    /updates of type int64 for data of type float64/,
  ],
  [
    one(
      "ScatterElements",
      "no updates, on the host",
      { a: f64([2], [1, 2]), i: i64([1], [0]) },
      { opset: 18, types: ["float64"] },
    ),
    /lacks one of its three inputs/,
  ],
  [one("TopK", "a negative k", { a, k: i64([1], [-1]) }, { types: pairs }), /k -1/],
  [
    one(
      "TopK",
      "no such axis",
      { a, k: i64([1], [1]) },
      { attributes: { axis: int(2) }, types: pairs },
    ),
    /axis 2/,
  ],
  [
    one(
      "GatherND",
      "batch_dims",
      { a, i: i64([2, 1], [0, 1]) },
      { attributes: { batch_dims: int(2) } },
    ),
    /batch_dims 2/,
  ],
  [
    one("GatherND", "too many coordinates", { a, i: i64([1, 3], [0, 0, 0]) }),
    /3 coordinates for rank 2/,
  ],
  [
    one(
      "GatherND",
      "float64 out of range",
      { a: f64([2], [1, 2]), i: i64([1, 1], [2]) },
      { types: ["float64"] },
    ),
    /index 2 is out of range for size 2/,
  ],
  [one("GatherElements", "another rank", { a, i: i64([2], [0, 1]) }), /do not have the rank/],
  [
    one(
      "ScatterElements",
      "reduction",
      { a, i: i64([1, 3], [0, 0, 0]), u: f32([1, 3], [1, 2, 3]) },
      { opset: 18, attributes: { reduction: text("xor") } },
    ),
    /reduction 'xor'/,
  ],
  [
    one("ScatterElements", "updates of another shape", {
      a,
      i: i64([1, 3], [0, 0, 0]),
      u: f32([1, 2], [1, 2]),
    }),
    /updates \[/,
  ],
  [
    one("ScatterND", "updates of another shape", {
      a,
      i: i64([1, 1], [0]),
      u: f32([1, 2], [1, 2]),
    }),
    /updates \[/,
  ],
  [
    one("OneHot", "a negative depth", { i: i64([1], [0]), d: i64([], [-2]), v: f32([2], [0, 1]) }),
    /depth -2/,
  ],
  [
    one("OneHot", "a huge depth", {
      i: i64([2], [0, 1]),
      d: i64([], [2 ** 40]),
      v: f32([2], [0, 1]),
    }),
    /./,
  ],
  [
    one("Einsum", "terms", { a }, { attributes: { equation: text("ij,jk->ik") } }),
    /2 terms, but there are 1 operands/,
  ],
  [
    one("Einsum", "rank", { a }, { attributes: { equation: text("ijk->i") } }),
    /does not fit an operand of rank 2/,
  ],
  [
    one("Einsum", "no letter", { a }, { attributes: { equation: text("i1->i") } }),
    /no list of letters/,
  ],
  [
    one("Einsum", "unknown letter", { a }, { attributes: { equation: text("ij->k") } }),
    /no operand has 'k'/,
  ],
  [
    one("Einsum", "no square", { a }, { attributes: { equation: text("ii->i") } }),
    /do not broadcast|diagonal/,
  ],
  [one("CumSum", "no such axis", { a, x: i64([], [2]) }), /axis 2/],
  [
    one(
      "Split",
      "parts that do not add up",
      { a, s: i64([2], [1, 1]) },
      { attributes: { axis: int(1) }, types: ["float32", "float32"] },
    ),
    /parts \[1, 1\]/,
  ],
  [
    one(
      "Split",
      "a negative part",
      { a, s: i64([2], [4, -1]) },
      { attributes: { axis: int(1) }, types: ["float32", "float32"] },
    ),
    /parts \[4, -1\]/,
  ],
  [
    one("Slice", "a step of 0", {
      a,
      s: i64([1], [0]),
      e: i64([1], [2]),
      x: i64([1], [0]),
      t: i64([1], [0]),
    }),
    /step of 0/,
  ],
  [one("Slice", "fewer ends", { a, s: i64([2], [0, 0]), e: i64([1], [2]) }), /2 starts, but 1/],
  [one("Reshape", "two sizes left open", { a, s: i64([2], [-1, -1]) }), /at most one -1/],
  [one("Reshape", "another size", { a, s: i64([2], [4, 2]) }), /./],
  [one("Reshape", "a negative size", { a, s: i64([2], [-2, 3]) }), /expected sizes/],
  [one("Transpose", "an axis twice", { a }, { attributes: { perm: ints(0, 0) } }), /perm \[0, 0\]/],
  [one("Tile", "a negative number", { a, r: i64([2], [1, -1]) }), /repetitions \[1, -1\]/],
  [one("Tile", "more than fits", { a, r: i64([2], [2 ** 30, 2 ** 30]) }), /./],
  [one("Expand", "more than fits", { a: f32([1], [1]), s: i64([2], [2 ** 30, 2 ** 30]) }), /./],
  [one("ConstantOfShape", "a negative size", { s: i64([1], [-1]) }), /negative size/],
  [
    one(
      "ConstantOfShape",
      "float64 that does not fit",
      { s: i64([2], [2 ** 30, 2 ** 30]) },
      { types: ["float64"], attributes: { value: { tensor: f64([1], [1]) } } },
    ),
    /./,
  ],
  [
    one("Range", "too many", { a: f32([], [0]), b: f32([], [1e30]), d: f32([], [1]) }),
    /the limit is 268435456/,
  ],
  [
    one(
      "Range",
      "no step",
      { a: i64([], [0]), b: i64([], [3]), d: i64([], [0]) },
      { types: ["int64"] },
    ),
    /delta is 0/,
  ],
  [
    one("Range", "no step of floats", { a: f32([], [0]), b: f32([], [3]), d: f32([], [0]) }),
    /the limit is/,
  ],
  [one("Trilu", "a vector", { a: f32([3], [1, 2, 3]) }), /rank 1/],
  [
    one(
      "ReverseSequence",
      "axes",
      { a, l: i64([3], [1, 1, 1]) },
      { attributes: { time_axis: int(1), batch_axis: int(1) } },
    ),
    /time_axis 1 and batch_axis 1/,
  ],
  [one("ReverseSequence", "lengths", { a, l: i64([2], [1, 1]) }), /sequence_lens \[/],
  [
    one(
      "Compress",
      "beyond the size",
      { a, c: { type: "bool", shape: [4], data: [0, 0, 0, 1] } },
      { attributes: { axis: int(1) } },
    ),
    /index 3 is out of range for size 3/,
  ],
  [one("HannWindow", "a negative size", { n: i64([], [-1]) }), /size -1/],
  [one("HannWindow", "a huge size", { n: i64([], [2 ** 40]) }), /size 1099511627776/],
  [
    one("MelWeightMatrix", "no samples", {
      b: i64([], [4]),
      d: i64([], [8]),
      r: i64([], [0]),
      l: f32([], [0]),
      h: f32([], [1]),
    }),
    /at 0 samples/,
  ],
  [
    one("MelWeightMatrix", "beyond the spectrum", {
      b: i64([], [4]),
      d: i64([], [8]),
      r: i64([], [100]),
      l: f32([], [0]),
      h: f32([], [9000]),
    }),
    /reaches bin/,
  ],
  [one("DFT", "three parts", { x: f32([1, 3], [1, 2, 3]) }, { opset: 20 }), /last dimension is 3/],
  [
    one(
      "DFT",
      "the axis of the parts",
      { x: f32([1, 3, 1], [1, 2, 3]) },
      { attributes: { axis: int(2) } },
    ),
    /axis 2, the parts/,
  ],
  [
    one("DFT", "a negative length", { x: f32([1, 3, 1], [1, 2, 3]), n: i64([], [-4]) }),
    /length -4/,
  ],
  [
    one(
      "DFT",
      "half of complex numbers",
      { x: f32([1, 1, 2], [1, 2]) },
      { attributes: { onesided: int(1) } },
    ),
    /onesided/,
  ],
  [
    one("STFT", "no step", {
      x: f32([1, 4, 1], [1, 2, 3, 4]),
      s: i64([], [0]),
      w: f32([2], [1, 1]),
    }),
    /frame_step 0/,
  ],
  [
    one("STFT", "frames longer than the signal", {
      x: f32([1, 4, 1], [1, 2, 3, 4]),
      s: i64([], [1]),
      w: f32([5], [1, 1, 1, 1, 1]),
    }),
    /shorter than a frame of 5/,
  ],
  [
    one(
      "TfIdfVectorizer",
      "pools",
      { a: i32([2], [1, 2]) },
      {
        attributes: {
          ...bigrams,
          pool_int64s: ints(1, 2),
          ngram_counts: ints(0, 5),
          ngram_indexes: ints(0, 1),
        },
      },
    ),
    /1-grams are items 0 to 5 of 2/,
  ],
  [
    one(
      "TfIdfVectorizer",
      "places",
      { a: i32([2], [1, 2]) },
      {
        attributes: {
          ...bigrams,
          pool_int64s: ints(1, 2),
          ngram_counts: ints(0),
          ngram_indexes: ints(0, -1),
        },
      },
    ),
    /ngram_indexes has -1/,
  ],
  [
    one(
      "BitCast",
      "another width",
      { a },
      { opset: 26, attributes: { to: int(7) }, types: ["int64"] },
    ),
    /float32 as int64/,
  ],
  [
    one(
      "TensorScatter",
      "an update that is longer",
      { a: f32([1, 2, 1], [1, 2]), u: f32([1, 3, 1], [1, 2, 3]) },
      { opset: 24 },
    ),
    /an update \[/,
  ],
];

describe("what makes no sense is refused by a typed error", () => {
  for (const [opCase, says] of wrong) {
    it(opCase.name, async () => {
      const session = openSession(modelOf(opCase, "names"), context, {});
      const feeds = Object.fromEntries(
        Object.entries(opCase.tensors).map(([name, spec]) => [name, tensorOf({ Tensor }, spec)]),
      );
      try {
        await assert.rejects(session.fetch(feeds), (error) => {
          assert.ok(
            error instanceof OnnxModelError || error instanceof OnnxMemoryError,
            String(error),
          );
          assert.match(error.message, says);
          const { op } = opCase.nodes[0]!;
          if (error instanceof OnnxModelError)
            assert.match(error.message, new RegExp(`${op} 'node'`));
          return true;
        });
      } finally {
        await session.dispose();
      }
    });
  }
});
