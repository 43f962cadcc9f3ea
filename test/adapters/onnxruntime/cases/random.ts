import { one, ints, int, typed, type OpCase } from "./make-case.ts";
import { f32, i64 } from "../onnx-writer.ts";

const float = (value: number) => ({ float: value });

/** Where the distribution leaves nothing to chance; random.test.ts is about the rest. */
/** onnxruntime-node draws 1 with the probability of 0; of certainties the standard makes the probability. */
const certain = (to: number) => ({
  oracleOpset: 17,
  oracle: [{ op: "Cast", inputs: ["a"], outputs: ["y0"], attributes: { to: int(to) } }],
});

export const random: readonly OpCase[] = [
  one(
    "RandomNormal",
    "with next to no deviation",
    {},
    { attributes: { shape: ints(2, 3), mean: float(1.5), scale: float(1e-12) } },
  ),
  one(
    "RandomUniform",
    "without width",
    {},
    { attributes: { shape: ints(2, 3), low: float(1.5), high: float(1.5) } },
  ),
  one(
    "RandomUniform",
    "float64",
    {},
    {
      attributes: { shape: ints(2), low: float(2), high: float(2), dtype: int(11) },
      types: ["float64"],
    },
  ),
  one(
    "RandomNormalLike",
    "with next to no deviation",
    { a: f32([2, 3], [1, 2, 3, 4, 5, 6]) },
    { attributes: { mean: float(-1), scale: float(1e-12) } },
  ),
  one(
    "RandomUniformLike",
    "another type",
    { a: i64([3], [1, 2, 3]) },
    { attributes: { low: float(1), high: float(1), dtype: int(1) } },
  ),
  one("Bernoulli", "of certainties", { a: f32([4], [0, 1, 1, 0]) }, certain(1)),
  one(
    "Bernoulli",
    "as int64",
    { a: f32([4], [0, 1, 1, 0]) },
    { attributes: { dtype: int(7) }, types: ["int64"], ...certain(7) },
  ),
  one(
    "Bernoulli",
    "of float64",
    { a: typed("float64", [0, 1, 1, 0]) },
    { types: ["float64"], ...certain(11) },
  ),
  one(
    "Multinomial",
    "of one possible class",
    { a: f32([2, 3], [-Infinity, 0, -Infinity, 1, -Infinity, -Infinity]) },
    {
      attributes: { sample_size: int(4) },
      types: ["int32"],
    },
  ),
];
