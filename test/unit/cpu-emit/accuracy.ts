/** How far functions are from float64, over samples of all of float32. */
import type { CpuFeatures } from "../../../core-webnn/cpu/features.ts";
import { binary, unary } from "../../../core-webnn/kernel/expr.ts";
import type { Expr, UnaryOp } from "../../../core-webnn/kernel/ir.ts";
import { binaryFunction, unaryFunction } from "../../../core-webnn/kernel/scalar.ts";
import { elementwise } from "./rows.ts";
import { prepare } from "./run-kernel.ts";

export interface Accuracy {
  readonly name: string;
  /** Units in the last place of the float32 nearest to the exact result. */
  readonly limit: number;
  readonly ulp: (features: CpuFeatures) => number;
}

export const accuracies: readonly Accuracy[] = [
  ...unaryAccuracies({ exp: 2, log: 2, tanh: 4, erf: 4 }, () => true),
  ...unaryAccuracies({ sin: 4, cos: 4, tan: 4 }, Number.isFinite),
  powAccuracy("pow", 8, (x) => Math.fround(x[1]!)),
  powAccuracy("pow by 0.5", 8, () => 0.5),
  powAccuracy("pow by -1", 8, () => -1),
  powAccuracy("pow by 3", 8, () => 3),
];

function unaryAccuracies(
  limits: Partial<Record<UnaryOp, number>>,
  isAsked: (x: number) => boolean,
): readonly Accuracy[] {
  const x = everyFloat().filter(isAsked);
  return Object.entries(limits).map(([name, limit]) => {
    const op = name as UnaryOp;
    const f = unaryFunction(op, "f32");
    return {
      name: op,
      limit,
      ulp: (features) =>
        largestError(
          [x],
          (a) => unary(op, a!),
          (i) => Number(f(x[i]!)),
          features,
        ),
    };
  });
}

/** Bases of any size, exponents that keep many results finite. */
function powAccuracy(name: string, limit: number, exponent: (x: number[]) => number): Accuracy {
  const bases = everyFloat();
  const exponents = bases.map((base, i) => {
    const spread = ((i * 7919) % 2001) / 1000 - 1;
    return exponent([
      base,
      (spread * 150) / Math.max(0.1, Math.abs(Math.log2(Math.abs(base) + 1e-40))),
    ]);
  });
  const f = binaryFunction("pow", "f32");
  return {
    name,
    limit,
    ulp: (features) =>
      largestError(
        [bases, Float32Array.from(exponents)],
        (a, b) => binary("pow", a!, b!),
        (i) => Number(f(bases[i]!, Math.fround(exponents[i]!))),
        features,
      ),
  };
}

function largestError(
  inputs: readonly Float32Array[],
  value: (...loads: readonly Expr[]) => Expr,
  expected: (i: number) => number,
  features: CpuFeatures,
): number {
  const { length } = inputs[0]!;
  const kernel = elementwise(
    [length],
    inputs.map(() => "float32"),
    "float32",
    value,
  );
  const bytes = inputs.map(({ buffer }) => new Uint8Array(buffer));
  const { run, units, buffers } = prepare({ kernel, sizes: {}, inputs: bytes }, features);
  run(0, units);
  const actual = new Float32Array(buffers().at(-1)!.buffer);
  return actual.reduce((most, got, i) => Math.max(most, distance(expected(i), got)), 0);
}

/** Between float32 values, counted in representable numbers; NaN is at no distance from NaN only. */
function distance(wanted: number, got: number): number {
  if (Number.isNaN(wanted) || Number.isNaN(got)) {
    return Number.isNaN(wanted) && Number.isNaN(got) ? 0 : Infinity;
  }
  if (wanted === got) return Object.is(wanted, got) ? 0 : Infinity;
  return Math.abs(position(wanted) - position(got));
}

function position(x: number): number {
  const bits = new Int32Array(Float32Array.of(x).buffer)[0]!;
  return bits < 0 ? -(bits & 0x7fff_ffff) : bits;
}

/** Both signs, all exponents, fractions spread evenly; zeros, infinities, NaN and small integers. */
function everyFloat(): Float32Array {
  const bits: number[] = [];
  for (let i = 0; i < 2 ** 31; i += 131_071) bits.push(i, i - 2 ** 31);
  const edges = [
    0,
    1,
    2,
    3,
    0.5,
    0.92,
    0.55,
    3.95,
    10,
    87.3,
    88.72,
    88.73,
    103.9,
    104,
    Math.PI,
    1e-45,
  ];
  const special = edges.flatMap((x) => [x, -x, Infinity, -Infinity, NaN]);
  // What functions do in the middle of their domain.
  const middle = Array.from({ length: 20_000 }, (_, i) => (i - 10_000) / 800);
  return Float32Array.from([
    ...new Float32Array(Int32Array.from(bits).buffer),
    ...special,
    ...middle,
  ]);
}
