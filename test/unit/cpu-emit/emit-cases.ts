/** What the generic emitter must compute as the interpreter does: rows for every engine feature. */
import { emitGeneric } from "../../../core-webnn/cpu/emit-kernel.ts";
import type { CpuFeatures } from "../../../core-webnn/cpu/features.ts";
import { binary } from "../../../core-webnn/kernel/expr.ts";
import type { Kernel } from "../../../core-webnn/kernel/ir.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { evaluateSize, named } from "../../../core-webnn/util/size.ts";
import type { Size, Sizes } from "../../../core-webnn/util/size.ts";
import { encode, seededRandom } from "../kernel/random-draft.ts";
import { randomKernel, specialKernels } from "../kernel/random-kernel.ts";
import { accuracies } from "./accuracy.ts";
import {
  columnSums,
  concat,
  elementwise,
  gather,
  gelu,
  layerNormalization,
  pad,
  quantize,
  softmax,
  transpose,
} from "./rows.ts";
import { mismatch } from "./run-kernel.ts";
import type { Case } from "./run-kernel.ts";

export interface EmitCase {
  readonly name: string;
  /** What is wrong, if anything is. */
  readonly check: (features: CpuFeatures) => string | undefined;
}

export function emitCases(): readonly EmitCase[] {
  return [
    ...special(),
    ...random(),
    ...everyAxis(),
    ...lengths.flatMap(rowCases),
    ...emptyCases(),
    ...accuracyCases(),
  ];
}

/** Names of the cases that are wrong, with what is. */
export function failures(features: CpuFeatures): readonly string[] {
  return emitCases().flatMap(({ name, check }) => {
    const wrong = check(features);
    return wrong === undefined ? [] : [`${name}: ${wrong}`];
  });
}

/** Places in which functions may differ from float64, rounded; all else is exact. */
const ulp = 4;
const randomCount = 100;
/** The last one reads before a buffer where its guard does not hold, and the buffer lies low. */
const everyAxisSeeds = [...Array.from({ length: 25 }, (_, i) => 1000 + i), 6021];

function special(): readonly EmitCase[] {
  return specialKernels().map(({ name, ...test }) => {
    const limit = /exp|log|sin|cos|tan|erf/.test(name) ? ulp : name.startsWith("pow f32") ? 8 : 0;
    return { name, check: (features) => mismatch(test, limit, features) };
  });
}

function random(): readonly EmitCase[] {
  return Array.from({ length: randomCount }, (_, seed) => ({
    name: `random ${seed}`,
    check: (features) => mismatch(randomKernel(seed), ulp, features),
  }));
}

/** The choice of an axis is a matter of speed: each must be right, and so must none. */
function everyAxis(): readonly EmitCase[] {
  return everyAxisSeeds.flatMap((seed) => {
    const test = randomKernel(seed);
    return [undefined, ...test.kernel.space].map((axis): EmitCase => ({
      name: `random ${seed} along ${axis?.name ?? "nothing"}`,
      check: (features) =>
        mismatch(test, ulp, features, (module, kernel) =>
          emitGeneric(module, kernel, features, () => axis),
        ),
    }));
  });
}

function accuracyCases(): readonly EmitCase[] {
  return accuracies.map(({ name, limit, ulp: error }) => ({
    name: `accuracy of ${name}`,
    check: (features) => {
      const most = error(features);
      return most <= limit ? undefined : `${most} ulp, not at most ${limit}`;
    },
  }));
}

/** Around a vector, and around groups of two and four. */
const lengths = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33];
const n = named({ name: "n" });
const storages: readonly StorageType[] = ["float32", "float16", "int64", "uint8"];

/**
 * Sums of floats round in another order; where their result, or 1 + erf(x), is near 0, that is many of
 * its last places.
 */
const tolerances = { softmax: 16, gelu: 64, sums: 64, normalization: 512 } as const;

function rowCases(length: number): readonly EmitCase[] {
  return [
    ...bothSizes("softmax", length, (size) => softmax(3, size), tolerances.softmax),
    ...bothSizes(
      "layer normalization",
      length,
      (size) => layerNormalization(3, size, length),
      tolerances.normalization,
    ),
    ...bothSizes("column sums", length, (size) => columnSums(9, size), tolerances.sums),
    ...bothSizes(
      "gelu",
      length,
      (size) => elementwise([size], ["float32"], "float32", (x) => gelu(x!)),
      tolerances.gelu,
    ),
    ...bothSizes("add", length, (size) =>
      elementwise([2, size], ["float32", "float16"], "float16", (a, b) => binary("add", a!, b!)),
    ),
    ...bothSizes("quantize", length, (size) =>
      elementwise([size], ["float32"], "uint8", (x) => quantize(x!, 0.01, 128)),
    ),
    ...bothSizes("gather", length, (size) => gather(5, size, 7)),
    ...bothSizes("gather by column", length, (size) => gather(5, 2, size)),
    ...bothSizes("pad", length, () => pad(3, length, 2, 3)),
    ...bothSizes("concat", length, (size) => concat(size, [4, length, 1, 9])),
    ...storages.flatMap((type) =>
      bothSizes(`transpose ${type}`, length, (size) => transpose([5, size, 6], [2, 0, 1], type)),
    ),
  ];
}

/** A named size may be 0: sums are then what they start with, and loops do nothing. */
function emptyCases(): readonly EmitCase[] {
  return [softmax(n, 5), softmax(3, n), columnSums(n, 5), columnSums(9, n), concat(n, [4, 3])].map(
    (kernel, i) => ({
      name: `empty ${i}`,
      check: (features) => mismatch(caseOf(kernel, { n: 0 }), 0, features),
    }),
  );
}

/** With an extent that the build knows, and with a named one. */
function bothSizes(
  name: string,
  length: number,
  make: (size: Size) => Kernel,
  limit = 0,
): readonly EmitCase[] {
  const row = (title: string, kernel: Kernel, sizes: Sizes): EmitCase => ({
    name: `${name} ${title}`,
    check: (features) => mismatch(caseOf(kernel, sizes), limit, features),
  });
  return [row(`of ${length}`, make(length), {}), row(`of n = ${length}`, make(n), { n: length })];
}

function caseOf(kernel: Kernel, sizes: Sizes): Case {
  const random = seededRandom(1);
  const inputs = kernel.buffers.map(({ dataType, elementCount }) => {
    const count = evaluateSize(elementCount, sizes);
    return encode(
      dataType,
      Array.from({ length: count }, () => numberOf(dataType, random.below(1000))),
    );
  });
  return { kernel, sizes, inputs };
}

/** Floats between -2.5 and 2.5; indices into five rows, also from the end. */
function numberOf(dataType: StorageType, random: number): number | bigint {
  if (dataType === "int64") return BigInt((random % 10) - 5);
  return dataType === "uint8" ? random % 256 : (random - 500) / 200;
}
