/** matmul, gemm and conv2d against the sums they stand for, in float32 and float16. */
import { test } from "node:test";
import { assertClose } from "./assert-close.ts";
import { at, fill, indicesOf, ramp, retyped } from "./reference.ts";
import { run, type TensorValue } from "./run-graph.ts";

const types = ["float32", "float16"] as const;

const products: readonly { readonly why: string; readonly a: number[]; readonly b: number[] }[] = [
  { why: "two matrices", a: [3, 5], b: [5, 4] },
  { why: "one row", a: [1, 7], b: [7, 3] },
  { why: "a batch against one matrix", a: [2, 3, 4, 5], b: [5, 2] },
  { why: "a batch against a batch of one", a: [2, 3, 5], b: [1, 5, 2] },
  { why: "one matrix against a batch", a: [3, 5], b: [2, 5, 4] },
  { why: "equal batches", a: [2, 3, 2, 5], b: [2, 3, 5, 4] },
  { why: "batches that repeat in different dimensions", a: [2, 1, 2, 3], b: [1, 4, 3, 2] },
  { why: "b of higher rank, a batch of one", a: [1, 2, 3], b: [2, 3, 3, 2] },
];

for (const dataType of types) {
  for (const { why, a, b } of products) {
    test(`matmul of ${why}, ${dataType}`, async () => {
      const [x, y] = [retyped(ramp(a), dataType), retyped(ramp(b), dataType)];
      const [result] = await run([x, y], (builder, [p, q]) => builder.matmul(p!, q!));
      const depth = a.at(-1)!;
      const expected = fill(result!.shape, (index) => {
        const [batch, [m, n]] = [index.slice(0, -2), index.slice(-2)];
        return sumOver([depth], ([k]) => at(x, [...batch, m!, k!]) * at(y, [...batch, k!, n!]));
      });
      assertClose(dataType, result!.values, expected, 4, why);
    });
  }

  for (const aTranspose of [false, true]) {
    for (const bTranspose of [false, true]) {
      for (const c of [undefined, [], [4], [3, 1], [3, 4]]) {
        test(`gemm ${aTranspose} ${bTranspose} ${c?.length ?? "no"} c, ${dataType}`, async () => {
          const x = retyped(ramp(aTranspose ? [5, 3] : [3, 5]), dataType);
          const y = retyped(ramp(bTranspose ? [4, 5] : [5, 4]), dataType);
          const z = c && retyped(ramp(c), dataType);
          const options = { alpha: 0.5, beta: 2, aTranspose, bTranspose };
          const [result] = await run(z ? [x, y, z] : [x, y], (builder, [p, q, r]) =>
            builder.gemm(p!, q!, { ...options, ...(r && { c: r }) }),
          );
          const expected = fill([3, 4], ([m, n]) => {
            const sum = sumOver(
              [5],
              ([k]) =>
                at(x, aTranspose ? [k!, m!] : [m!, k!]) * at(y, bTranspose ? [n!, k!] : [k!, n!]),
            );
            return 0.5 * sum + (z ? 2 * at(z, [m!, n!]) : 0);
          });
          assertClose(dataType, result!.values, expected, 4, "gemm");
        });
      }
    }
  }
}

const filterLayouts = ["oihw", "hwio", "ohwi", "ihwo"] as const;
const convolutions = [
  { channels: 2, outputs: 3 },
  { channels: 2, outputs: 3, padding: [1, 2, 0, 1], strides: [2, 1] },
  { channels: 4, outputs: 6, groups: 2, dilations: [1, 2], padding: [1, 1, 1, 1] },
  { channels: 3, outputs: 3, groups: 3, padding: [1, 1, 1, 1] },
] as const;

for (const inputLayout of ["nchw", "nhwc"] as const) {
  for (const filterLayout of filterLayouts) {
    test(`conv2d of ${inputLayout} by ${filterLayout}`, async () => {
      for (const { channels, outputs, ...window } of convolutions) {
        const groups = "groups" in window ? window.groups : 1;
        const sizes = { o: outputs, i: channels / groups, h: 3, w: 2 };
        const image = { n: 2, c: channels, h: 5, w: 6 };
        const x = ramp(ordered(image, inputLayout));
        const filter = ramp(ordered(sizes, filterLayout));
        const bias = ramp([outputs]);
        const options = { ...window, inputLayout, filterLayout };
        const [result] = await run([x, filter, bias], (b, [p, q, r]) =>
          b.conv2d(p!, q!, { ...options, bias: r! }),
        );
        const expected = fill(result!.shape, (index) => {
          const place = named(index, inputLayout);
          const sum = convolved(x, filter, place, { image, sizes, ...options });
          return sum + at(bias, [place["c"]!]);
        });
        assertClose("float32", result!.values, expected, 4, JSON.stringify(options));
      }
    });
  }
}

test("conv2d without a bias, in float16", async () => {
  const [x, filter] = [ramp([1, 2, 3, 3]), ramp([2, 2, 2, 2])].map((t) => retyped(t, "float16"));
  const [result] = await run([x!, filter!], (b, [p, q]) => b.conv2d(p!, q!));
  const expected = fill([1, 2, 2, 2], ([, o, i, j]) =>
    sumOver(
      [2, 2, 2],
      ([c, p, q]) => at(x!, [0, c!, i! + p!, j! + q!]) * at(filter!, [o!, c!, p!, q!]),
    ),
  );
  assertClose("float16", result!.values, expected, 1, "conv2d");
});

interface ConvolutionOptions {
  readonly image: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly inputLayout: string;
  readonly filterLayout: string;
  readonly groups?: number;
  readonly padding?: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
}

function convolved(
  x: TensorValue,
  filter: TensorValue,
  place: Readonly<Record<string, number>>,
  options: ConvolutionOptions,
): number {
  const { image, sizes, inputLayout, filterLayout, groups = 1 } = options;
  const { padding = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = options;
  const group = Math.floor(place["c"]! / (sizes["o"]! / groups));
  return sumOver([sizes["i"]!, sizes["h"]!, sizes["w"]!], ([i, p, q]) => {
    const h = place["h"]! * strides[0]! + p! * dilations[0]! - padding[0]!;
    const w = place["w"]! * strides[1]! + q! * dilations[1]! - padding[2]!;
    if (h < 0 || h >= image["h"]! || w < 0 || w >= image["w"]!) return 0;
    const c = group * sizes["i"]! + i!;
    return (
      at(x, ordered({ n: place["n"]!, c, h, w }, inputLayout)) *
      at(filter, ordered({ o: place["c"]!, i: i!, h: p!, w: q! }, filterLayout))
    );
  });
}

function ordered(parts: Readonly<Record<string, number>>, layout: string): number[] {
  return [...layout].map((letter) => parts[letter]!);
}

function named(index: readonly number[], layout: string): Readonly<Record<string, number>> {
  return Object.fromEntries([...layout].map((letter, d) => [letter, index[d]!]));
}

function sumOver(sizes: readonly number[], term: (index: readonly number[]) => number): number {
  return indicesOf(sizes).reduce((sum, index) => sum + term(index), 0);
}
