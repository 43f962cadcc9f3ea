/** Small networks that read a handwritten digit: in floats, in half floats, and in 8-bit integers. */
import { readFile } from "node:fs/promises";
import { planesOf, readPicture } from "./pictures.ts";
import { floatsOf, largestIndex, shared, type RealModel, type Runtime } from "./real-model.ts";

const side = 28;
const classes = 10;

/** The picture in batches of one to four. */
async function readDigits({ sessions: [session], Tensor }: Runtime) {
  const nine = readPicture(await readFile(shared("tflite/inputs/mnist_nine.bmp")));
  const one = planesOf(nine, [0], (byte) => byte / 255);
  const results: Record<string, Float32Array> = {};
  const labels = new Set<number>();
  for (const batch of [1, 2, 3, 4]) {
    const input = Float32Array.from({ length: batch * one.length }, (_, i) => one[i % one.length]!);
    const { logits } = await session!.run({
      input: new Tensor("float32", input, [batch, 1, side, side]),
    });
    const data = floatsOf(logits as never);
    results[`logits of ${batch}`] = data;
    for (let i = 0; i < batch; i++)
      labels.add(largestIndex(data.subarray(i * classes, (i + 1) * classes)));
  }
  return { says: [...labels].join(", "), results };
}

const common = { known: "9", graphs: 1, run: readDigits };

export const digits: readonly RealModel[] = [
  {
    ...common,
    name: "MNIST, float32",
    files: [shared("vision-onnx/mnist_tiny_fp32.onnx")],
    bound: 1e-5,
    because: "seven layers with sums of some hundred products, in another order",
  },
  {
    ...common,
    name: "MNIST, float16",
    files: [shared("vision-onnx/mnist_tiny_fp16.onnx")],
    bound: 2 ** -8,
    because: "seven layers, and after each a rounding to 11 bits, up to 2^-11 each",
  },
  {
    ...common,
    name: "MNIST, int8",
    files: [shared("vision-onnx/mnist_tiny_int8.onnx")],
    bound: 2 / 127,
    because:
      "sums of integers are exact; one between two of the 8-bit steps may go to either, twice",
  },
];
