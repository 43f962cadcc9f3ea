/** resample2d against the standard's formulas in float64. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import type { MLResample2dOptions } from "../../../core-webnn/api/ml-graph-builder-methods.ts";
import { multiplySizes, named } from "../../../core-webnn/util/size.ts";
import { assertClose } from "./assert-close.ts";
import { at, fill, ramp, retyped } from "./reference.ts";
import { newContext, run, type TensorValue } from "./run-graph.ts";

type Mode = "nearest-neighbor" | "linear";
const modes: readonly Mode[] = ["nearest-neighbor", "linear"];

interface Resampling {
  readonly why: string;
  readonly input: readonly number[];
  readonly options: Omit<MLResample2dOptions, "mode" | "axes" | "sizes"> & {
    readonly axes?: readonly number[];
    readonly sizes?: readonly number[];
  };
  readonly shape: readonly number[];
}

const cases: readonly Resampling[] = [
  { why: "nothing to do", input: [1, 2, 3, 4], options: {}, shape: [1, 2, 3, 4] },
  { why: "twice as large", input: [1, 2, 3, 4], options: { scales: [2, 2] }, shape: [1, 2, 6, 8] },
  { why: "half as large", input: [1, 1, 6, 5], options: { scales: [0.5, 0.5] }, shape: [1, 1, 3, 2] },
  { why: "a scale that is not reached", input: [1, 1, 3, 7], options: { scales: [1.5, 0.4] }, shape: [1, 1, 4, 2] },
  { why: "ties", input: [1, 1, 2, 2], options: { sizes: [3, 5] }, shape: [1, 1, 3, 5] },
  { why: "one becomes many", input: [2, 1, 1, 1], options: { sizes: [4, 3] }, shape: [2, 1, 4, 3] },
  { why: "many become one", input: [1, 2, 7, 4], options: { sizes: [1, 1] }, shape: [1, 2, 1, 1] },
  { why: "coprime sizes", input: [1, 1, 17, 16], options: { sizes: [33, 15] }, shape: [1, 1, 33, 15] },
  { why: "channels last", input: [1, 3, 4, 2], options: { axes: [1, 2], sizes: [5, 9] }, shape: [1, 5, 9, 2] },
  { why: "axes reversed", input: [1, 2, 3, 4], options: { axes: [3, 2], sizes: [5, 7] }, shape: [1, 2, 7, 5] },
  { why: "outer axes", input: [3, 2, 2, 5], options: { axes: [3, 0], scales: [2, 3] }, shape: [9, 2, 2, 10] },
]; // prettier-ignore

for (const mode of modes) {
  for (const { why, input, options, shape } of cases) {
    for (const dataType of ["float32", "float16", "int8", "uint8"] as const) {
      test(`resample2d ${mode}: ${why}, ${dataType}`, async () => {
        const x = retyped(ramp(input), dataType);
        const [result] = await run([x], (b, [p]) => b.resample2d(p!, { mode, ...options }));
        assert.deepEqual(result!.shape, shape);
        const isFloat = dataType.startsWith("float");
        const expected = fill(shape, (index) => {
          const exact = sampled(mode, x, shape, options.axes ?? [2, 3], index);
          return isFloat ? exact : nearestInteger(exact);
        });
        assertClose(dataType, result!.values, expected, 6, why, 3);
      });
    }
  }

  test(`resample2d ${mode} where products of coordinates exceed 32 bits`, async () => {
    const [from, to] = [50_021, 40_013];
    const x = ramp([1, 1, 1, from]);
    const sizes = [1, to];
    const [result] = await run([x], (b, [p]) => b.resample2d(p!, { mode, sizes }));
    const expected = fill([1, 1, 1, to], (index) => sampled(mode, x, [1, 1, 1, to], [2, 3], index));
    assertClose("float32", result!.values, expected, 6, "far", 3);
  });

  test(`resample2d ${mode} of named sizes`, async () => {
    const [h, w] = [named({ name: "h" }), named({ name: "w" })];
    const x = { ...ramp([1, 2, 3, 5]), declared: [1, 2, h, w] };
    const asked = [
      { options: { scales: [2, 0.75] }, shape: [1, 2, 6, 3] },
      { options: { sizes: [multiplySizes(3, h), 7] }, shape: [1, 2, 9, 7] },
    ];
    for (const { options, shape } of asked) {
      const [result] = await run([x], (b, [p]) => b.resample2d(p!, { mode, ...options }), [shape]);
      const expected = fill(shape, (index) => sampled(mode, x, shape, [2, 3], index));
      assertClose("float32", result!.values, expected, 6, JSON.stringify(options), 3);
    }
  });
}

const refusals: readonly { readonly options: object; readonly says: RegExp }[] = [
  { options: { scales: [1] }, says: /scales has 1 items, not 2/ },
  { options: { scales: [1, 0] }, says: /scales \[1, 0\] are not positive/ },
  { options: { scales: [1, -2], sizes: [1, 1] }, says: /scales \[1, -2\] are not positive/ },
  { options: { scales: [1, 0.1] }, says: /resampled size of dimension 3: 1 is not at most 0/ },
  { options: { sizes: [2, 3, 4] }, says: /sizes has 3 items, not 2/ },
  { options: { sizes: [0, 3] }, says: /sizes \[0, 3\] must not contain 0/ },
  { options: { axes: [1, 1] }, says: /axes \[1, 1\] repeat a dimension/ },
  { options: { axes: [1, 4] }, says: /axes 4 is out of range for rank 4/ },
  { options: { axes: [1] }, says: /axes has 1 items, not 2/ },
  { options: { mode: "cubic" }, says: /mode is "cubic"/ },
  { options: { sizes: [2 ** 16, 2 ** 16] }, says: /elements, over/ },
];

for (const { options, says } of refusals) {
  test(`resample2d refuses ${JSON.stringify(options)}`, () => {
    const builder = new MLGraphBuilder(newContext());
    const x = builder.input("x", { dataType: "float32", shape: [1, 1, 2, 3] });
    assert.throws(() => builder.resample2d(x, options), { name: "TypeError", message: says });
  });
}

/** The standard's words; both products of the first division are exact, so that ties are too. */
function coordinate(to: number, index: number, from: number): number {
  const unclamped = ((2 * index + 1) * from) / (2 * to) - 0.5;
  return Math.max(0, Math.min(from - 1, unclamped));
}

function sampled(
  mode: Mode,
  x: TensorValue,
  shape: readonly number[],
  [first, second]: readonly number[],
  index: readonly number[],
): number {
  const place = (d: number): number => coordinate(shape[d]!, index[d]!, x.shape[d]!);
  const [b, a] = [place(first!), place(second!)];
  const pixel = (y: number, z: number): number => at(x, index.with(first!, y).with(second!, z));
  if (mode === "nearest-neighbor") return pixel(Math.ceil(b - 0.5), Math.ceil(a - 0.5));
  const [y0, y1, x0, x1] = [Math.floor(b), Math.ceil(b), Math.floor(a), Math.ceil(a)];
  const [ty, tx] = [b - y0, a - x0];
  const row = (y: number): number => pixel(y, x0) * (1 - tx) + pixel(y, x1) * tx;
  return row(y0) * (1 - ty) + row(y1) * ty;
}

/** Ties to even; sums of ninths and such meet a tie only to the last place. */
function nearestInteger(sum: number): number {
  const x = Math.round(sum * 2 ** 30) / 2 ** 30;
  const below = Math.floor(x);
  const up = x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0);
  return up ? below + 1 : below;
}
