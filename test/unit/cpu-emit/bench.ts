/** Times the rows on one thread: `node --import tsx test/unit/cpu-emit/bench.ts [name]`. */
import { binary } from "../../../core-webnn/kernel/expr.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import { byteLengthOf } from "../../../core-webnn/util/data-type.ts";
import { prepare } from "./run-kernel.ts";
import {
  columnSums,
  elementwise,
  gelu,
  layerNormalization,
  quantize,
  softmax,
  transpose,
} from "./rows.ts";

const activations = [1500 * 384];
const benches: readonly (readonly [name: string, elements: number, kernel: Kernel])[] = [
  ["softmax 48x1500", 48 * 1500, softmax(48, 1500)],
  ["softmax 1500x1500", 1500 * 1500, softmax(1500, 1500)],
  ["layer normalization 1500x384", 1500 * 384, layerNormalization(1500, 384, 384)],
  ["gelu 1500x384", 1500 * 384, elementwise(activations, ["float32"], "float32", (x) => gelu(x!))],
  [
    "add 1500x384",
    1500 * 384,
    elementwise(activations, ["float32", "float32"], "float32", (a, b) => binary("add", a!, b!)),
  ],
  [
    "quantize 1500x384",
    1500 * 384,
    elementwise(activations, ["float32"], "uint8", (x) => quantize(x!, 0.02, 128)),
  ],
  ["transpose 1500x6x64 to 6x1500x64", 1500 * 384, transpose([1500, 6, 64], [1, 0, 2])],
  ["transpose 1500x384 to 384x1500", 1500 * 384, transpose([1500, 384], [1, 0])],
  ["column sums 1500x384", 1500 * 384, columnSums(1500, 384)],
  [
    "float16 to float32 1500x384",
    1500 * 384,
    elementwise(activations, ["float16"], "float32", (x) => x!),
  ],
  [
    "float32 to float16 1500x384",
    1500 * 384,
    elementwise(activations, ["float32"], "float16", (x) => x!),
  ],
];

for (const [name, elements, kernel] of benches) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  const inputs = kernel.buffers.map(({ dataType, elementCount }) => {
    const bytes = new Uint8Array(byteLengthOf(dataType, elementCount as number));
    if (dataType === "float32")
      new Float32Array(bytes.buffer).forEach((_, i, all) => (all[i] = Math.sin(i) * 3));
    return bytes;
  });
  const { run, units, code } = prepare({ kernel, sizes: {}, inputs });
  let best = Infinity;
  // A browser's clock has steps of 0.1 ms.
  const repeats = Math.ceil(2e6 / elements);
  for (const start = performance.now(); performance.now() - start < 700;) {
    const before = performance.now();
    for (let r = 0; r < repeats; r++) {
      // In chunks, as the runtime calls: V8 replaces the baseline code between calls only.
      for (let u = 0; u < units; u += 48) run(u, Math.min(units, u + 48));
    }
    best = Math.min(best, (performance.now() - before) / repeats);
  }
  const perElement = ((best * 1e6) / elements).toFixed(3);
  console.log(`${name}: ${best.toFixed(3)} ms, ${perElement} ns per element, ${code.length} bytes`);
}
