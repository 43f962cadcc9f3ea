/** convTranspose2d against its definition: every input element times the filter, added to the output where it falls. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { named } from "../../../core-webnn/util/size.ts";
import { assertClose } from "./assert-close.ts";
import { at, indicesOf, ramp, retyped } from "./reference.ts";
import { newContext, run, type TensorValue } from "./run-graph.ts";

interface Options {
  readonly padding?: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly outputPadding?: readonly number[];
  readonly outputSizes?: readonly number[];
  readonly groups?: number;
}

interface Transposition {
  readonly why: string;
  readonly options: Options;
  /** Of the filter. */
  readonly window: readonly [number, number];
  readonly channels?: number;
  readonly outputs?: number;
  /** Height and width of the output, by hand. */
  readonly sizes: readonly [number, number];
}

const image = [4, 3];
const cases: readonly Transposition[] = [
  { why: "no options", options: {}, window: [3, 2], sizes: [6, 4] },
  { why: "one element", options: {}, window: [1, 1], sizes: [4, 3] },
  { why: "strides", options: { strides: [2, 3] }, window: [3, 3], sizes: [9, 9] },
  { why: "strides beyond the window", options: { strides: [4, 3] }, window: [2, 1], sizes: [14, 7] },
  { why: "padding", options: { padding: [1, 2, 0, 1] }, window: [4, 3], sizes: [4, 4] },
  { why: "padding beyond the window", options: { padding: [3, 2, 1, 1], strides: [3, 2] }, window: [2, 3], sizes: [6, 5] },
  { why: "dilations", options: { dilations: [2, 3] }, window: [3, 2], sizes: [8, 6] },
  { why: "strides and dilations without a common factor", options: { strides: [3, 2], dilations: [2, 3], padding: [1, 0, 2, 1] }, window: [3, 3], sizes: [13, 8] },
  { why: "strides and dilations with a common factor", options: { strides: [4, 2], dilations: [6, 2], padding: [0, 1, 1, 0] }, window: [3, 2], sizes: [24, 6] },
  { why: "outputPadding", options: { strides: [3, 2], outputPadding: [2, 1] }, window: [2, 2], sizes: [13, 7] },
  { why: "outputSizes, which outputPadding does not join", options: { strides: [3, 2], outputSizes: [12, 7], outputPadding: [9, 9] }, window: [2, 2], sizes: [12, 7] },
  { why: "groups", options: { groups: 2, strides: [2, 1], padding: [0, 0, 1, 1] }, window: [3, 3], channels: 4, outputs: 3, sizes: [9, 3] },
  { why: "one channel a group", options: { groups: 3, strides: [2, 2] }, window: [2, 2], channels: 3, outputs: 1, sizes: [8, 6] },
]; // prettier-ignore

for (const inputLayout of ["nchw", "nhwc"] as const) {
  for (const filterLayout of ["iohw", "hwoi", "ohwi"] as const) {
    for (const dataType of ["float32", "float16"] as const) {
      test(`convTranspose2d of ${inputLayout} by ${filterLayout}, ${dataType}`, async () => {
        for (const one of cases) {
          const { why, options, window, channels = 2, outputs = 3, sizes } = one;
          const [h, w] = window;
          const x = typed(ordered({ n: 2, c: channels, h: image[0]!, w: image[1]! }, inputLayout));
          const filter = typed(ordered({ i: channels, o: outputs, h, w }, filterLayout));
          const bias = typed([outputs * (options.groups ?? 1)]);
          const given = { inputLayout, filterLayout, ...options };
          const layouts = { inputLayout, filterLayout };
          const [result, plain] = await run([x, filter, bias], (b, [p, q, r]) => [
            b.convTranspose2d(p!, q!, { ...given, bias: r! }),
            b.convTranspose2d(p!, q!, given),
          ]);
          const shape = ordered({ n: 2, c: bias.shape[0]!, h: sizes[0], w: sizes[1] }, inputLayout);
          assert.deepEqual(result!.shape, shape, why);
          const sums = scattered(x, filter, shape, { ...options, ...layouts });
          const biased = indicesOf(shape).map(
            (index, i) => sums[i]! + at(bias, [index[inputLayout.indexOf("c")]!]),
          );
          // Sums may cancel: they round at the size of their terms, at most 16.
          const [ulp, magnitude] = dataType === "float32" ? [4, 16] : [0.51, 0];
          assertClose(dataType, result!.values, biased, ulp, why, magnitude);
          assertClose(dataType, plain!.values, sums, ulp, why, magnitude);
        }
      });

      const typed = (shape: readonly number[]): TensorValue => retyped(ramp(shape), dataType);
    }
  }
}

test("convTranspose2d of an image whose height has a name", async () => {
  const height = named({ name: "height" });
  const x = { ...ramp([1, 2, 4, 3]), declared: [1, 2, height, 3] };
  const filter = ramp([2, 3, 3, 3]);
  const options = { strides: [2, 2], padding: [1, 1, 1, 1] };
  const shape = [1, 3, 7, 5];
  const [result] = await run([x, filter], (b, [p, q]) => b.convTranspose2d(p!, q!, options), [
    shape,
  ]);
  const layouts = { inputLayout: "nchw", filterLayout: "iohw" };
  assertClose("float32", result!.values, scattered(x, filter, shape, { ...options, ...layouts }), 4, "named", 16); // prettier-ignore
});

const refusals: readonly { readonly options: Options & { bias?: readonly number[] }; readonly says: RegExp }[] = [
  { options: { padding: [1, 1] }, says: /padding has 2 items, not 4/ },
  { options: { strides: [0, 1] }, says: /strides \[0, 1\] must not contain 0/ },
  { options: { dilations: [1] }, says: /dilations has 1 items, not 2/ },
  { options: { groups: 0 }, says: /groups must not be 0/ },
  { options: { groups: 3 }, says: /input channels in 3 equal groups: 4 is not equal to 3/ },
  { options: { outputPadding: [0] }, says: /outputPadding has 1 items, not 2/ },
  { options: { outputPadding: [1, 0] }, says: /outputPadding \[1, 0\] must be less than strides \[1, 1\]/ },
  { options: { outputSizes: [6] }, says: /outputSizes has 1 items, not 2/ },
  { options: { strides: [2, 2], outputSizes: [8, 7] }, says: /output size 8 and its range, height: 9 is not at most 8/ },
  { options: { strides: [2, 2], outputSizes: [9, 9] }, says: /output size 9 and its range, width: 9 is not at most 8/ },
  { options: { padding: [3, 3, 0, 0] }, says: /1 and the output height: 1 is not at most 0/ },
  { options: { bias: [6] }, says: /bias and output channels/ },
]; // prettier-ignore

for (const { options, says } of refusals) {
  test(`convTranspose2d refuses ${JSON.stringify(options)}`, () => {
    const b = new MLGraphBuilder(newContext());
    const operand = (name: string, shape: readonly number[]) =>
      b.input(name, { dataType: "float32", shape });
    const { bias, ...rest } = options;
    const [x, filter] = [operand("x", [1, 4, 4, 3]), operand("filter", [4, 3, 3, 3])];
    assert.throws(
      () => b.convTranspose2d(x, filter, { ...rest, ...(bias && { bias: operand("bias", bias) }) }),
      { name: "TypeError", message: says },
    );
  });
}

test("convTranspose2d refuses a filter of other input channels", () => {
  const b = new MLGraphBuilder(newContext());
  const [x, filter] = [[1, 4, 4, 3], [2, 3, 3, 3]].map((shape, i) =>
    b.input(`in${i}`, { dataType: "float32", shape }),
  ); // prettier-ignore
  assert.throws(() => b.convTranspose2d(x!, filter!), /input channels of filter: 4 is not equal/);
});

type Parts = Readonly<Record<string, number>>;

function scattered(
  x: TensorValue,
  filter: TensorValue,
  shape: readonly number[],
  options: Options & { readonly inputLayout: string; readonly filterLayout: string },
): number[] {
  const { inputLayout, filterLayout, groups = 1 } = options;
  const { padding = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = options;
  const sums = new Map(indicesOf(shape).map((index) => [index.join(), 0]));
  const taps = indicesOf(filter.shape).map((tap) => partsOf(tap, filterLayout));
  const perGroup = partsOf(x.shape, inputLayout)["c"]! / groups;
  for (const index of indicesOf(x.shape)) {
    const { n, c, h, w } = partsOf(index, inputLayout) as Record<"n" | "c" | "h" | "w", number>;
    for (const tap of taps.filter(({ i }) => i === c)) {
      const y = h * strides[0]! + tap["h"]! * dilations[0]! - padding[0]!;
      const z = w * strides[1]! + tap["w"]! * dilations[1]! - padding[2]!;
      const outputs = partsOf(filter.shape, filterLayout)["o"]!;
      const channel = Math.floor(c / perGroup) * outputs + tap["o"]!;
      const key = ordered({ n, c: channel, h: y, w: z }, inputLayout).join();
      if (!sums.has(key)) continue;
      const product = at(x, index) * at(filter, ordered(tap, filterLayout));
      sums.set(key, sums.get(key)! + product);
    }
  }
  return [...sums.values()];
}

function ordered(parts: Parts, layout: string): number[] {
  return [...layout].map((letter) => parts[letter]!);
}

function partsOf(index: readonly number[], layout: string): Parts {
  return Object.fromEntries([...layout].map((letter, d) => [letter, index[d]!]));
}
