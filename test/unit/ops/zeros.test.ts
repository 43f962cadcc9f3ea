/** The sign of zero, as IEEE 754 has it, in and out of every function that has a zero. */
import assert from "node:assert/strict";
import { MLGraphBuilder, type MLOperand } from "../../../core-webnn/index.ts";
import { decodeValues, encodeValues } from "../../reference/values.ts";
import { onEachContext } from "../api/contexts.ts";

type Op = (b: MLGraphBuilder, x: MLOperand) => MLOperand;

const half = (b: MLGraphBuilder): MLOperand => b.constant("float32", 0.5);

/** What comes of -0, 0, and of numbers that round to a zero. */
const cases: readonly (readonly [name: string, op: Op, x: readonly number[], y: readonly number[]])[] = [
  ["identity", (b, x) => b.identity(x), [-0, 0], [-0, 0]],
  ["neg", (b, x) => b.neg(x), [-0, 0], [0, -0]],
  ["abs", (b, x) => b.abs(x), [-0, 0], [0, 0]],
  ["ceil", (b, x) => b.ceil(x), [-0, 0, -0.5], [-0, 0, -0]],
  ["floor", (b, x) => b.floor(x), [-0, 0, 0.5], [-0, 0, 0]],
  ["roundEven", (b, x) => b.roundEven(x), [-0, 0, -0.5, 0.5, -0.3], [-0, 0, -0, 0, -0]],
  ["sqrt", (b, x) => b.sqrt(x), [-0, 0], [-0, 0]],
  ["sin", (b, x) => b.sin(x), [-0, 0], [-0, 0]],
  ["tan", (b, x) => b.tan(x), [-0, 0], [-0, 0]],
  ["tanh", (b, x) => b.tanh(x), [-0, 0], [-0, 0]],
  ["erf", (b, x) => b.erf(x), [-0, 0], [-0, 0]],
  ["gelu", (b, x) => b.gelu(x), [-0, 0], [-0, 0]],
  ["softsign", (b, x) => b.softsign(x), [-0, 0], [-0, 0]],
  ["hardSwish", (b, x) => b.hardSwish(x), [-0, 0, -4], [-0, 0, -0]],
  ["leakyRelu", (b, x) => b.leakyRelu(x), [-0, 0], [-0, 0]],
  ["elu", (b, x) => b.elu(x), [-0, 0], [-0, 0]],
  ["reciprocal", (b, x) => b.reciprocal(x), [-0, 0, -Infinity], [-Infinity, Infinity, -0]],
  ["x + x", (b, x) => b.add(x, x), [-0, 0], [-0, 0]],
  ["x - x", (b, x) => b.sub(x, b.identity(x)), [-0, 3], [0, 0]],
  ["x times half", (b, x) => b.mul(x, half(b)), [-0, 0], [-0, 0]],
  ["half over x", (b, x) => b.div(half(b), x), [-0, -Infinity], [-Infinity, -0]],
  ["x or 0, the greater", (b, x) => b.max(x, b.constant("float32", 0)), [-0, 0], [0, 0]],
  ["x or 0, the less", (b, x) => b.min(x, b.constant("float32", 0)), [-0, 0], [-0, 0]],
  ["x cubed", (b, x) => b.pow(x, b.constant("float32", 3)), [-0, 0], [-0, 0]],
  ["a cast to float16 and back", (b, x) => b.cast(b.cast(x, "float16"), "float32"), [-0, 0, -1e-9], [-0, 0, -0]],
  ["a transpose", (b, x) => b.transpose(x), [-0, 0], [-0, 0]],
]; // prettier-ignore

for (const [name, op, x, y] of cases) {
  onEachContext(`zeros: ${name}`, async (context) => {
    const builder = new MLGraphBuilder(context);
    const descriptor = { dataType: "float32", shape: [x.length] } as const;
    const graph = await builder.build({ y: op(builder, builder.input("x", descriptor)) });
    const [input, output] = await Promise.all([
      context.createTensor({ ...descriptor, writable: true }),
      context.createTensor({ ...descriptor, readable: true }),
    ]);
    context.writeTensor(input, encodeValues("float32", x));
    context.dispatch(graph, { x: input }, { y: output });
    const bytes = new Uint8Array(await context.readTensor(output));
    assert.deepEqual(decodeValues("float32", bytes, x.length), y);
  });
}
