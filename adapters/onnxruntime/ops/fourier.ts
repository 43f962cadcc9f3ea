/**
 * DFT and STFT. A short transform is a product with a matrix of cosines and sines; a long one is made of short
 * ones (Cooley and Tukey); one of frames is a convolution. Half floats are computed in float32.
 */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { Size } from "../core.ts";
import type { HostArray } from "../host/array.ts";
import { arrayOfNumbers } from "../host/array-round.ts";
import { makeComplex, transform, type Complex } from "../host/fourier.ts";
import { stridesOf, walk, type Elements } from "../host/walk.ts";
import type { Operand } from "../webnn.ts";
import { dftForm, stftForm, type DftForm } from "./fourier-form.ts";
import { fourierMatrix, frameFilter, twiddles, type MatrixForm } from "./fourier-matrix.ts";
import { op, type HostNode, type OpRow } from "./row.ts";
import { sizedNode } from "./sized-node.ts";

export const fourierRows: readonly OpRow[] = [
  op("DFT", { since: 17, empties: true, convert: dft, compute: dftOnHost }),
  op("STFT", { since: 17, convert: stft, compute: stftOnHost }),
];

/** Elements of a matrix (16 MiB): longer transforms are split, and a longer prime's matrix is as it is. */
const largestMatrix = 2 ** 22;
/** The longest transform that a split takes as one matrix: [2 · 1024, 2 · 1024]. */
const longestPart = 1024;
/** Elements of a filter of frames (256 MiB). */
const largestFilter = 2 ** 26;

function dft(node: NodeContext): Value {
  const { builder, label } = node;
  const form = dftForm(node);
  const shape = node.shape(0);
  const { axis, wanted } = form;
  if (isEmptyShape(shape)) {
    const sizes = shape.map((size, d) => (d === axis ? wanted : size));
    return {
      kind: "empty",
      type: node.type(0),
      shape: sizes.with(shape.length - 1, form.kind === "real" ? 1 : 2),
    };
  }
  const x = inFloat32(node, resized(node, node.operand(0), axis, form.given));
  // The transformed dimension comes before the parts, and goes back.
  const rank = shape.length;
  const order = shape.map((_, d) => d).filter((d) => d !== axis && d !== rank - 1);
  const permutation = [...order, axis, rank - 1];
  const isMoved = axis !== rank - 2;
  const rows = isMoved ? builder.transpose(x, { permutation, label }) : x;
  const result =
    wanted * form.given * 4 <= largestMatrix
      ? shortDft(node, rows, form)
      : longDft(node, rows, form);
  const back = shape.map((_, d) => permutation.indexOf(d));
  const placed = isMoved ? builder.transpose(result, { permutation: back, label }) : result;
  return node.result(inType(node, placed));
}

/** As one product with a matrix. */
function shortDft(node: NodeContext, x: Operand, form: DftForm): Operand {
  return timesMatrix(node, x, {
    ...form,
    givenParts: form.parts,
    wantedParts: form.kind === "real" ? 1 : 2,
    sign: form.inverse ? 1 : -1,
    scale: form.inverse ? 1 / form.length : 1,
    isHalf: form.kind === "real",
  });
}

/** [… given, parts] → [… wanted, parts] */
function timesMatrix(
  { builder, writer, label }: NodeContext,
  x: Operand,
  form: MatrixForm,
): Operand {
  const { length, given, wanted, givenParts, wantedParts, sign, scale } = form;
  const key = `fourier ${length} ${given} ${wanted} ${givenParts} ${wantedParts} ${sign} ${scale} ${form.isHalf}`;
  const matrix = writer.computed(key, () => fourierMatrix(form));
  const outer = x.shape.slice(0, -2);
  // A matrix product has two dimensions at least.
  const above = outer.length === 0 ? [1] : outer;
  const rows = builder.reshape(x, [...above, given * givenParts], { label });
  return builder.reshape(builder.matmul(rows, matrix, { label }), [...outer, wanted, wantedParts], {
    label,
  });
}

/** Real and half signals as complex ones, so that the length can be split. */
function longDft(node: NodeContext, x: Operand, form: DftForm): Operand {
  const { builder, writer, label } = node;
  const { length, inverse, kind, wanted } = form;
  const axis = x.shape.length - 2;
  let complex = x;
  if (form.parts === 1) {
    complex = builder.concat([x, writer.filled("float32", 0, x.shape)], axis + 1, { label });
  }
  if (kind === "real")
    complex = mirrored(node, resized(node, complex, axis, Math.floor(length / 2) + 1), length);
  complex = transformed(node, resized(node, complex, axis, length), length, inverse ? 1 : -1);
  if (inverse) complex = builder.mul(complex, number(node, 1 / length), { label });
  if (kind === "half") return resized(node, complex, axis, wanted);
  return kind === "real" ? resized(node, complex, axis + 1, 1) : complex;
}

/** The whole spectrum of a real signal: behind its half the conjugates, backwards. */
function mirrored(node: NodeContext, half: Operand, length: number): Operand {
  const { builder, label } = node;
  const axis = half.shape.length - 2;
  const count = length - (half.shape[axis] as number);
  const starts = half.shape.map((_, d) => (d === axis ? 1 : 0));
  const inner = builder.slice(half, starts, half.shape.with(axis, count), { label });
  const backwards = builder.reverse(inner, { axes: [axis], label });
  const bytes = new Uint8Array(Float32Array.of(1, -1).buffer);
  const conjugate = builder.constant({ dataType: "float32", shape: [2] }, bytes);
  return builder.concat([half, builder.mul(backwards, conjugate, { label })], axis, { label });
}

/**
 * [… n, 2] → [… n, 2] by n = a · b: with j = b·j₁ + j₂ and k = k₁ + a·k₂ the sums over j₁ are transforms of length a,
 * times e^(sign · 2πi · j₂k₁ / n), and those over j₂ transforms of length b.
 */
function transformed(node: NodeContext, x: Operand, length: number, sign: 1 | -1): Operand {
  const { builder, writer, label } = node;
  const a = partOf(length);
  if (a === length) {
    const points = { given: length, wanted: length, givenParts: 2, wantedParts: 2 };
    return timesMatrix(node, x, { length, ...points, sign, scale: 1 });
  }
  const b = length / a;
  const outer = x.shape.slice(0, -2);
  const turn = (operand: Operand) => {
    const at = outer.length;
    const permutation = [...outer.map((_, d) => d), at + 1, at, at + 2];
    return builder.transpose(operand, { permutation, label });
  };
  const columns = turn(builder.reshape(x, [...outer, a, b, 2], { label }));
  const first = transformed(node, columns, a, sign);
  const [cos, sin] = [0, 1].map((i) =>
    writer.computed(`twiddles ${b} ${a} ${sign} ${i}`, () => twiddles(b, a, sign)[i]!),
  );
  const twisted = builder.add(
    builder.mul(first, cos!, { label }),
    builder.mul(timesI(node, first), sin!, { label }),
    { label },
  );
  const second = transformed(node, turn(twisted), b, sign);
  return builder.reshape(turn(second), [...outer, length, 2], { label });
}

/** The largest divisor that one matrix takes: the length itself, or if it is a prime. */
function partOf(length: number): number {
  if (length <= longestPart) return length;
  for (let part = longestPart; part > 1; part--) if (length % part === 0) return part;
  return length;
}

/** i · (re + i·im) = −im + i·re */
function timesI(node: NodeContext, x: Operand): Operand {
  const { builder, label } = node;
  const axis = x.shape.length - 1;
  const part = (start: number) =>
    builder.slice(
      x,
      x.shape.map((_, d) => (d === axis ? start : 0)),
      x.shape.with(axis, 1),
      { label },
    );
  return builder.concat([builder.neg(part(1), { label }), part(0)], axis, { label });
}

/** The first `size` along the axis; behind what there is, zeros. */
function resized(node: NodeContext, x: Operand, axis: number, size: number): Operand {
  const { builder, writer, label } = node;
  const given = node.decisions.number(x.shape[axis]!);
  if (given === size) return x;
  if (given > size) {
    return builder.slice(
      x,
      x.shape.map(() => 0),
      x.shape.with(axis, size),
      { label },
    );
  }
  const zeros = writer.filled(x.dataType, 0, x.shape.with(axis, size - given));
  return builder.concat([x, zeros], axis, { label });
}

function number({ writer }: NodeContext, value: number): Operand {
  return writer.filled("float32", value, []);
}

function inFloat32({ builder, label }: NodeContext, x: Operand): Operand {
  return x.dataType === "float32" ? x : builder.cast(x, "float32", { label });
}

/** In the type of the node's first input again. */
function inType(node: NodeContext, x: Operand): Operand {
  const { dataType } = node.operand(0);
  return x.dataType === dataType ? x : node.builder.cast(x, dataType, { label: node.label });
}

/** Frames of the signal against the cosines and sines of all bins: a convolution whose stride is the step. */
function stft(node: NodeContext): Value {
  const { builder, writer, label } = node;
  const { step, length, bins, parts } = stftForm(node);
  if (bins * 2 * parts * length > largestFilter) {
    node.fail(
      `${bins} bins of frames of ${length}: the limit is ${largestFilter} products a frame`,
    );
  }
  const [batch, size] = node.shape(0) as readonly [Size, Size];
  const signal = inFloat32(node, node.operand(0));
  const channels =
    parts === 1 ? signal : builder.transpose(signal, { permutation: [0, 2, 1], label });
  const image = builder.reshape(channels, [batch, parts, 1, size], { label });
  let filter = writer.computed(`frames ${length} ${bins} ${parts}`, () =>
    frameFilter(length, bins, parts),
  );
  if (node.has(2)) {
    const window = builder.reshape(inFloat32(node, node.operand(2)), [1, 1, 1, length], { label });
    filter = builder.mul(filter, window, { label });
  }
  // [batch, bins · 2, 1, frames]
  const result = builder.conv2d(image, filter, {
    padding: [0, 0, 0, 0],
    strides: [1, step],
    dilations: [1, 1],
    groups: 1,
    label,
  });
  const frames = result.shape[3]!;
  const split = builder.reshape(result, [batch, bins, 2, frames], { label });
  return node.result(inType(node, builder.transpose(split, { permutation: [0, 3, 1, 2], label })));
}

type Inputs = readonly (HostArray | undefined)[];

/** Types that WebNN lacks are transformed in float64. */
function dftOnHost(node: HostNode, inputs: Inputs): readonly HostArray[] {
  const input = inputs[0]!;
  const { axis, length, given, wanted, kind, inverse, parts } = dftForm(sizedNode(node, inputs));
  const wantedParts = kind === "real" ? 1 : 2;
  const last = input.shape.length - 1;
  const shape = input.shape.with(axis, wanted).with(last, wantedParts);
  const result = new Float64Array(shape.reduce((a, b) => a * b, 1));
  const from: Elements = input.data;
  const [own, others] = [stridesOf(input.shape), stridesOf(shape)];
  walk(input.shape.with(axis, 1).with(last, 1), [own, others], ([start, target]) => {
    const points = makeComplex(length);
    for (let j = 0; j < given; j++) {
      const at = start! + j * own[axis]!;
      points.re[j] = from[at] as number;
      points.im[j] = parts === 2 ? (from[at + 1] as number) : 0;
    }
    if (kind === "real") mirror(points);
    const { re, im } = transform(points, inverse ? 1 : -1);
    const scale = inverse ? 1 / length : 1;
    for (let k = 0; k < wanted; k++) {
      const at = target! + k * others[axis]!;
      result[at] = re[k]! * scale;
      if (wantedParts === 2) result[at + 1] = im[k]! * scale;
    }
  });
  return [arrayOfNumbers(input.type, shape, result)];
}

function mirror({ re, im }: Complex): void {
  const length = re.length;
  for (let k = Math.floor(length / 2) + 1; k < length; k++) {
    re[k] = re[length - k]!;
    im[k] = -im[length - k]!;
  }
}

function stftOnHost(node: HostNode, inputs: Inputs): readonly HostArray[] {
  const { step, length, bins, parts } = stftForm(sizedNode(node, inputs));
  const [signal, , window] = inputs;
  const from: Elements = signal!.data;
  const [batch, size] = [signal!.shape[0]!, signal!.shape[1]!];
  const frames = Math.floor((size - length) / step) + 1;
  const result = new Float64Array(batch * frames * bins * 2);
  for (let i = 0; i < batch * frames; i++) {
    const start = Math.floor(i / frames) * size + (i % frames) * step;
    const points = makeComplex(length);
    for (let n = 0; n < length; n++) {
      const weight = window === undefined ? 1 : Number(window.data[n]);
      points.re[n] = weight * (from[(start + n) * parts] as number);
      points.im[n] = parts === 2 ? weight * (from[(start + n) * parts + 1] as number) : 0;
    }
    const { re, im } = transform(points, -1);
    for (let k = 0; k < bins; k++) {
      result[(i * bins + k) * 2] = re[k]!;
      result[(i * bins + k) * 2 + 1] = im[k]!;
    }
  }
  return [arrayOfNumbers(signal!.type, [batch, frames, bins, 2], result)];
}
