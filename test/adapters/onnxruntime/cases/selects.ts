import { one, random, counting, f64, i16, i32, int, ints, text, type OpCase } from "./make-case.ts";
import { f32, i64, u8, type TensorSpec } from "../onnx-writer.ts";

const bool = (data: readonly number[]): TensorSpec => ({
  type: "bool",
  shape: [data.length],
  data,
});
const pairs = ["float32", "int64"] as const;
const four = (type: "float32" | "int64" | "float64") => [type, "int64", "int64", "int64"] as const;
const tied = f32([2, 5], [3, 1, 3, 2, 3, -1, 0, -1, 5, 0]);
const repeated = f32([6], [2, 1, 1, 3, 4, 3]);

export const selects: readonly OpCase[] = [
  one("Compress", "of all elements", { a: random([3, 2]), c: bool([0, 1, 1, 0, 1]) }),
  one(
    "Compress",
    "along an axis, by fewer than there are",
    { a: random([2, 3]), c: bool([0, 1]) },
    { attributes: { axis: int(-1) } },
  ),
  one(
    "Compress",
    "of nothing",
    { a: random([2, 3]), c: bool([0, 0]) },
    { attributes: { axis: int(0) } },
  ),
  one(
    "Compress",
    "of float64, opset 9",
    { a: f64([2, 2], counting(4)), c: bool([1, 0]) },
    { opset: 9, attributes: { axis: int(0) }, types: ["float64"] },
  ),

  one("NonZero", "of floats", { a: f32([2, 3], [0, 1, NaN, -0, 2, 0]) }, { types: ["int64"] }),
  one("NonZero", "of none", { a: f32([2, 2], [0, 0, 0, 0]) }, { types: ["int64"] }),
  one("NonZero", "of a bool", { a: bool([1, 0, 1]) }, { opset: 9, types: ["int64"] }),
  one(
    "NonZero",
    "of int64 in three dimensions",
    { a: i64([2, 1, 2], [0, 5, -1, 0]) },
    { types: ["int64"] },
  ),
  one("NonZero", "of a scalar", { a: f32([], [3]) }, { types: ["int64"] }),

  one("TopK", "of opset 1", { a: tied }, { opset: 1, attributes: { k: int(3) }, types: pairs }),
  one(
    "TopK",
    "of opset 10",
    { a: tied, k: i64([1], [2]) },
    { opset: 10, attributes: { axis: int(0) }, types: pairs },
  ),
  one("TopK", "ties by the lower index", { a: tied, k: i64([1], [4]) }, { types: pairs }),
  one(
    "TopK",
    "the smallest of all",
    { a: tied, k: i64([1], [5]) },
    { constants: ["k"], attributes: { largest: int(0), sorted: int(1) }, types: pairs },
  ),
  one(
    "TopK",
    "along the middle axis",
    { a: random([2, 7, 3]), k: i64([1], [3]) },
    { attributes: { axis: int(1) }, types: pairs },
  ),
  one("TopK", "of one", { a: random([40]), k: i64([1], [1]) }, { types: pairs }),
  one("TopK", "of none", { a: random([2, 4]), k: i64([1], [0]) }, { types: pairs }),
  one(
    "TopK",
    "of infinities",
    { a: f32([4], [1, -Infinity, Infinity, 0]), k: i64([1], [3]) },
    { types: pairs },
  ),
  one(
    "TopK",
    "of int64",
    { a: i64([4], [5, -7, 9, 5]), k: i64([1], [3]) },
    { types: ["int64", "int64"] },
  ),
  one(
    "TopK",
    "of int32",
    { a: i32([4], [5, -7, 9, 5]), k: i64([1], [2]) },
    { types: ["int32", "int64"], attributes: { largest: int(0) } },
  ),
  one(
    "TopK",
    "of float64",
    { a: f64([4], [5, -7, 9, 5]), k: i64([1], [2]) },
    { types: ["float64", "int64"] },
  ),

  one("Unique", "in order", { a: repeated }, { types: four("float32") }),
  one(
    "Unique",
    "as they come",
    { a: repeated },
    { attributes: { sorted: int(0) }, types: four("float32") },
  ),
  one(
    "Unique",
    "of a matrix flattened",
    { a: f32([2, 2], [1, 3, 2, 3]) },
    { types: four("float32") },
  ),
  one(
    "Unique",
    "of rows",
    { a: f32([3, 3], [1, 0, 0, 1, 0, 0, 2, 3, 4]) },
    { attributes: { axis: int(0) }, types: four("float32") },
  ),
  one(
    "Unique",
    "of slices along the last axis, as they come",
    { a: f32([2, 4], [1, 0, 2, 0, 1, 1, 1, 1]) },
    { attributes: { axis: int(-1), sorted: int(0) }, types: four("float32") },
  ),
  one("Unique", "of int64", { a: i64([5], [9, -1, 9, 0, -1]) }, { types: four("int64") }),
  one("Unique", "of float64", { a: f64([3], [2, 1, 2]) }, { types: four("float64") }),
  one("Unique", "alone", { a: repeated }),

  ...(["TF", "IDF", "TFIDF"] as const).flatMap((mode) =>
    [0, 5].map((skip) =>
      one(
        "TfIdfVectorizer",
        `${mode} of rows, skipping ${skip}`,
        { a: i32([2, 6], [1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8]) },
        {
          attributes: {
            mode: text(mode),
            min_gram_length: int(1),
            max_gram_length: int(2),
            max_skip_count: int(skip),
            ngram_counts: ints(0, 4),
            ngram_indexes: ints(0, 1, 2, 3, 6, 5, 4),
            pool_int64s: ints(2, 3, 5, 4, 5, 6, 7, 8, 6, 7),
            weights: { floats: [0.5, 2, 3, 1.5, 4, 7, 0.25] },
          },
        },
      ),
    ),
  ),
  one(
    "TfIdfVectorizer",
    "of one row, only bigrams",
    { a: i64([6], [1, 5, 6, 7, 8, 7]) },
    {
      attributes: {
        mode: text("TF"),
        min_gram_length: int(2),
        max_gram_length: int(2),
        max_skip_count: int(2),
        ngram_counts: ints(0, 0),
        ngram_indexes: ints(0, 1, 2),
        pool_int64s: ints(5, 6, 7, 8, 6, 7),
      },
    },
  ),

  one(
    "BitCast",
    "float to int32",
    { a: f32([3], [1, -2, 0.5]) },
    { opset: 26, attributes: { to: int(6) }, types: ["int32"] },
  ),
  one(
    "BitCast",
    "int16 to uint16",
    { a: i16([2], [-1, 7]) },
    { opset: 26, attributes: { to: int(4) }, types: ["uint16"] },
  ),
  one(
    "BitCast",
    "uint8 to int8",
    { a: u8([2], [255, 7]) },
    { opset: 26, attributes: { to: int(3) }, types: ["int8"] },
  ),
];
