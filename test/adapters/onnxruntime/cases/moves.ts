import { one, random, counting, f64, i16, i32, int, ints, a23, type OpCase } from "./make-case.ts";
import { f32, i64, u8, type NodeSpec, type TensorSpec } from "../onnx-writer.ts";

const six = f64([2, 3], counting(6));
const four = i16([2, 2], counting(4));
const f64out = { types: ["float64"] } as const;
const i16out = { types: ["int16"] } as const;

/** What a node of an old opset is in one that onnxruntime-node has. */
const as = (oracleOpset: number, node: NodeSpec) => ({ oracleOpset, oracle: [node] });
const u16 = (data: readonly number[]): TensorSpec => ({
  type: "uint16",
  shape: [data.length],
  data,
});

/** Types that WebNN lacks, forms of the first opsets, and empty tensors. */
export const moves: readonly OpCase[] = [
  one("Reshape", "of float64", { a: six, s: i64([2], [0, -1]) }, f64out),
  one(
    "Reshape",
    "keeps a size of 0",
    { a: f32([0, 3], []), s: i64([3], [3, 0, 2]) },
    { opset: 14, constants: ["a", "s"], attributes: { allowzero: int(1) } },
  ),
  one(
    "Reshape",
    "of opset 1",
    { a: a23 },
    {
      opset: 1,
      attributes: { shape: ints(3, -1) },
      oracleOpset: 13,
      oracle: [
        {
          op: "Constant",
          inputs: [],
          outputs: ["s"],
          attributes: { value: { tensor: i64([2], [3, -1]) } },
        },
        { op: "Reshape", inputs: ["a", "s"], outputs: ["y0"] },
      ],
    },
  ),
  one("Flatten", "of int16", { a: i16([2, 1, 2], counting(4)) }, i16out),
  one("Flatten", "behind the last axis", { a: a23 }, { attributes: { axis: int(2) } }),
  one("Squeeze", "of float64", { a: f64([1, 2, 1], [1, 2]), x: i64([1], [-1]) }, f64out),
  one("Unsqueeze", "of uint16", { a: u16([1, 2]), x: i64([2], [0, -1]) }, { types: ["uint16"] }),
  one("Transpose", "of float64", { a: six }, f64out),
  one(
    "Transpose",
    "of int16 by permutation",
    { a: i16([2, 1, 3], counting(6)) },
    { ...i16out, attributes: { perm: ints(1, 2, 0) } },
  ),
  one("Expand", "of float64", { a: f64([2, 1], [1, 2]), s: i64([3], [2, 1, 3]) }, f64out),
  one("Tile", "of float64", { a: six, r: i64([2], [2, 2]) }, f64out),
  one("Tile", "by fed repetitions", { a: a23, r: i64([2], [1, 3]) }),
  one("Tile", "by none", { a: a23, r: i64([2], [1, 0]) }, { constants: ["r"] }),
  one(
    "Tile",
    "of opset 1",
    { a: a23, t: i64([], [2]), x: i64([], [1]) },
    {
      opset: 1,
      oracleOpset: 13,
      oracle: [
        {
          op: "Constant",
          inputs: [],
          outputs: ["r"],
          attributes: { value: { tensor: i64([2], [1, 2]) } },
        },
        { op: "Tile", inputs: ["a", "r"], outputs: ["y0"] },
      ],
    },
  ),
  one(
    "Concat",
    "of float64",
    { a: six, b: f64([2, 1], [7, 8]) },
    { ...f64out, attributes: { axis: int(1) } },
  ),
  one(
    "Concat",
    "of int16 along axis 0",
    { a: four, b: four },
    { ...i16out, attributes: { axis: int(0) } },
  ),
  one(
    "Concat",
    "with an empty part",
    { a: a23, b: f32([2, 0], []) },
    { constants: ["b"], attributes: { axis: int(1) } },
  ),
  one(
    "Concat",
    "of opset 1, along axis 1",
    { a: a23, b: a23 },
    {
      opset: 1,
      ...as(13, {
        op: "Concat",
        inputs: ["a", "b"],
        outputs: ["y0"],
        attributes: { axis: int(1) },
      }),
    },
  ),
  one(
    "Slice",
    "of float64, backwards by two",
    {
      a: f64([7], counting(7)),
      s: i64([1], [-1]),
      e: i64([1], [0]),
      x: i64([1], [0]),
      t: i64([1], [-2]),
    },
    f64out,
  ),
  one(
    "Slice",
    "of int16",
    { a: i16([3, 3], counting(9)), s: i64([2], [1, 0]), e: i64([2], [3, -1]) },
    i16out,
  ),
  one(
    "Slice",
    "by a step beyond the size",
    { a: a23, s: i64([1], [1]), e: i64([1], [3]), x: i64([1], [1]), t: i64([1], [1e12]) },
    { constants: ["s", "e", "x", "t"] },
  ),
  one(
    "Slice",
    "of nothing",
    { a: a23, s: i64([1], [2]), e: i64([1], [1]), x: i64([1], [1]) },
    { constants: ["s", "e", "x"] },
  ),
  one(
    "Split",
    "of float64, unevenly",
    { a: f64([5], counting(5)) },
    { opset: 18, attributes: { num_outputs: int(2) }, types: ["float64", "float64"] },
  ),
  one(
    "Split",
    "of opset 2",
    { a: random([4, 2]) },
    { opset: 2, attributes: { split: ints(1, 3) }, types: ["float32", "float32"] },
  ),
  one(
    "Split",
    "into an empty part",
    { a: random([3]), s: i64([2], [3, 0]) },
    { constants: ["s"], types: ["float32", "float32"] },
  ),
  one("Shape", "of float64", { a: six }, { types: ["int64"] }),
  one("Size", "of int16", { a: four }, { types: ["int64"] }),
  one("Identity", "of float64", { a: six }, f64out),
  one(
    "ConstantOfShape",
    "of float64",
    { s: i64([2], [2, 1]) },
    { ...f64out, attributes: { value: { tensor: f64([1], [0.5]) } } },
  ),
  one(
    "ConstantOfShape",
    "of uint8 and no elements",
    { s: i64([2], [0, 2]) },
    { types: ["uint8"], attributes: { value: { tensor: u8([1], [5]) } } },
  ),
  one(
    "ConstantOfShape",
    "of int16 and a fixed shape",
    { s: i64([1], [3]) },
    { constants: ["s"], ...i16out, attributes: { value: { tensor: i16([1], [5]) } } },
  ),
  one("Range", "of float64", { a: f64([], [1]), b: f64([], [2]), d: f64([], [0.25]) }, f64out),
  one(
    "Range",
    "of int16, downwards",
    { a: i16([], [5]), b: i16([], [-2]), d: i16([], [-3]) },
    i16out,
  ),
  one(
    "Range",
    "of int32",
    { a: i32([], [5]), b: i32([], [9]), d: i32([], [3]) },
    { types: ["int32"] },
  ),
  one("Range", "of fed floats", { a: f32([], [0.5]), b: f32([], [3]), d: f32([], [0.75]) }),
  one("Range", "of no elements", { a: f32([], [3]), b: f32([], [3]), d: f32([], [1]) }),

  one(
    "Gemm",
    "of opset 6, broadcast",
    { a: random([2, 3]), b: random([3, 4], 2, 3), c: random([4], 2, 5) },
    {
      opset: 6,
      attributes: { broadcast: int(1) },
      ...as(13, { op: "Gemm", inputs: ["a", "b", "c"], outputs: ["y0"] }),
    },
  ),
  one(
    "Gemm",
    "of opset 1",
    { a: random([2, 3]), b: random([3, 4], 2, 3), c: random([2, 4], 2, 5) },
    {
      opset: 1,
      attributes: { beta: { float: 2 } },
      ...as(13, {
        op: "Gemm",
        inputs: ["a", "b", "c"],
        outputs: ["y0"],
        attributes: { beta: { float: 2 } },
      }),
    },
  ),
];
