import { one, random, int, ints, type OpCase } from "./make-case.ts";

export const pools: readonly OpCase[] = [
  one(
    "MaxPool",
    "with all options",
    { x: random([2, 3, 7, 8]) },
    {
      attributes: {
        kernel_shape: ints(3, 2),
        pads: ints(1, 0, 2, 1),
        strides: ints(2, 1),
        dilations: ints(1, 2),
      },
    },
  ),
  one(
    "MaxPool",
    "of one dimension",
    { x: random([2, 3, 9]) },
    { attributes: { kernel_shape: ints(3), strides: ints(2), pads: ints(1, 0) } },
  ),
  one(
    "MaxPool",
    "SAME_LOWER",
    { x: random([1, 1, 5, 6]) },
    {
      attributes: {
        kernel_shape: ints(2, 3),
        auto_pad: { text: "SAME_LOWER" },
        strides: ints(2, 2),
      },
    },
  ),
  one(
    "MaxPool",
    "with a last window that is cut",
    { x: random([1, 2, 6, 7]) },
    { attributes: { kernel_shape: ints(3, 2), strides: ints(2, 2), ceil_mode: int(1) } },
  ),
  one(
    "MaxPool",
    "without a window that would begin in the padding behind",
    { x: random([1, 2, 4, 5]) },
    {
      attributes: {
        kernel_shape: ints(1, 2),
        strides: ints(2, 3),
        pads: ints(0, 0, 0, 1),
        ceil_mode: int(1),
      },
    },
  ),
];
