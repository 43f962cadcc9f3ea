/** Named sizes: the strides and offsets of a kernel are polynomials of them, of any degree and sign. */
import { f16, graphs } from "./cases.ts";

const n = { name: "n", maxSize: 6 };
const m = { name: "m", maxSize: 4 };

graphs([
  {
    // The CPU device found no way to compute -4*n*n*n of the sizes in the kernel's text.
    why: "sizes that emitting a kernel makes",
    graph: {
      x: { ...f16([3, 2, 6, 3]), declared: [n, 2, 6, n] },
      filter: { ...f16([2, 2, 3, 2]), declared: [2, 2, n, m] },
      sums: ["conv2d", { input: "x", filter: "filter", dilations: [2, 2] }],
      y: ["sign", { input: "sums" }],
    },
  },
]);
