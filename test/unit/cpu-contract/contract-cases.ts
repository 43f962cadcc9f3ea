/** Contractions around the edges of tiles, strips and blocks, in every form. */
import type { ContractCase } from "./contract-kernel.ts";

/** 48 rows and 64 columns are a block; tiles have 2 or 4 rows and 1, 4, 8 or 32 columns. */
const rows = [1, 2, 3, 4, 5, 7, 8, 47, 48, 49, 51, 97];
const columns = [1, 2, 3, 4, 5, 7, 8, 9, 24, 25, 31, 32, 33, 40, 63, 64, 65, 97, 130];
/** Steps along k are of 1, 4, 8 or 16 elements. */
const depths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33];
/** b is packed in pieces of 384. */
const deep = [383, 384, 385, 768, 1153];

type Shape = Omit<ContractCase, "why" | "m" | "n" | "k">;

const forms: readonly (Shape & { readonly form: string })[] = [
  { form: "rows" },
  { form: "panels", b: "panels" },
  { form: "along k", b: "pqnck" },
  { form: "uint8·int8", b: "pqnck", aType: "uint8", bType: "int8" },
  { form: "f32·uint8", b: "pqnck", bType: "uint8", decode: "centred" },
];

export const contractCases: readonly ContractCase[] = [
  ...forms.flatMap(aroundEdges),
  ...signs(),
  ...decodes(),
  ...epilogues(),
  ...layouts(),
];

function aroundEdges({ form, ...shape }: Shape & { readonly form: string }): ContractCase[] {
  const sizes = [
    ...rows.map((m) => ({ m, n: 9, k: 5 })),
    ...rows.map((m) => ({ m, n: 4, k: 16 })),
    ...columns.map((n) => ({ m: 1, n, k: 9 })),
    ...columns.map((n) => ({ m: 6, n, k: 3 })),
    ...depths.map((k) => ({ m: 1, n: 12, k })),
    ...depths.map((k) => ({ m: 7, n: 11, k })),
    ...deep.map((k) => ({ m: 5, n: 10, k })),
  ];
  return sizes.flatMap((size) =>
    [false, true].map((symbolic) => ({
      why: `${form} ${size.m}×${size.n}×${size.k}${symbolic ? ", named sizes" : ""}`,
      ...shape,
      ...size,
      symbolic,
    })),
  );
}

function signs(): ContractCase[] {
  const types = ["int8", "uint8"] as const;
  return types.flatMap((aType) =>
    types.flatMap((bType) =>
      [true, false].map((extreme) => ({
        why: `${aType}·${bType}${extreme ? " at the ends of their ranges" : ", u32 sums"}`,
        unsigned: !extreme,
        m: 3,
        n: 5,
        k: 1029,
        b: "nk",
        aType,
        bType,
        extreme,
      })),
    ),
  );
}

function decodes(): ContractCase[] {
  const hows = ["constant", "perColumn", "cast", "centred", "integer"] as const;
  const types = ["int8", "uint8"] as const;
  const bytes = hows.flatMap((decode) =>
    types.flatMap((bType) =>
      [1, 5].map((m) => ({
        why: `f32·${bType}, ${decode}, ${m} rows`,
        m,
        n: 70,
        k: 37,
        b: "nk",
        bType,
        decode,
      })),
    ),
  );
  const halves = [1, 5].map((m) => ({
    why: `f32·float16, ${m} rows`,
    m,
    n: 9,
    k: 37,
    b: "nk",
    bType: "float16" as const,
  }));
  return [
    ...bytes,
    ...halves,
    { why: "float16·float16", m: 6, n: 9, k: 13, b: "nk", aType: "float16", bType: "float16" },
  ];
}

function epilogues(): ContractCase[] {
  const names = ["bias", "scale", "residual", "float16", "uint8"] as const;
  return names.flatMap((epilogue) =>
    [{ b: "panels" }, { b: "pqnck", aType: "uint8", bType: "int8" } as const].flatMap((shape) =>
      [false, true].map((symbolic) => ({
        why: `${epilogue} after ${shape.b}${symbolic ? ", named sizes" : ""}`,
        ...shape,
        m: 51,
        n: 71,
        k: 6,
        epilogue,
        symbolic,
      })),
    ),
  );
}

function layouts(): ContractCase[] {
  const cases: readonly Omit<ContractCase, "m" | "n" | "k">[] = [
    { why: "a batch", axes: { p: 3 } },
    { why: "a batch of packed panels", axes: { p: 3 }, b: "panels" },
    { why: "one b for the whole batch", axes: { p: 3 }, b: "kn" },
    { why: "one packed b for the whole batch", axes: { p: 3, q: 2 }, a: "qpmk", b: "pckn" },
    { why: "queries and keys by heads", axes: { p: 2, q: 3 }, a: "pmqk", b: "pqnk" },
    { why: "keys as they were projected", axes: { p: 2, q: 3 }, a: "pmqk", b: "pnqk" },
    { why: "probabilities and values", axes: { p: 2, q: 3 }, a: "pqmk", b: "pkqn" },
    { why: "heads put together again", axes: { p: 2, q: 3 }, a: "pqmk", b: "pqkn", out: "pmqn" },
    { why: "a transposed", a: "km" },
    { why: "an output transposed", out: "nm" },
    { why: "rows along two axes", axes: { r: 3 }, a: "rmk" },
    { why: "rows along two axes apart", axes: { r: 3 }, a: "mrk", b: "panels", out: "mrn" },
    { why: "taps of a convolution", axes: { c: 3 }, a: "mck", b: "ckn" },
    { why: "taps far apart", axes: { c: 3 }, a: "cmk", b: "kcn" },
    { why: "taps along k", axes: { c: 3 }, a: "cmk", b: "ncqk" },
    { why: "taps of bytes", axes: { c: 3 }, a: "cmk", b: "nck", aType: "int8", bType: "uint8" },
  ];
  return cases.flatMap((row) =>
    [false, true].flatMap((symbolic) =>
      [
        { m: 1, n: 7, k: 5 },
        { m: 9, n: 66, k: 10 },
      ].map((size) => ({
        ...row,
        ...size,
        symbolic,
        why: `${row.why}, ${size.m} rows${symbolic ? ", named sizes" : ""}`,
      })),
    ),
  );
}
