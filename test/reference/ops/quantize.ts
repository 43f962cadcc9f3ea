/** quantizeLinear and dequantizeLinear of the reference; scale and zeroPoint repeat blockwise. */
import type { Numeric } from "../values.ts";
import {
  at,
  evaluator,
  indicesOf,
  numberAt,
  rangeOf,
  build,
  roundHalfEven,
  wrap,
  type Evaluate,
  type Shape,
  type Tensor,
} from "./tensor.ts";

interface Quantize {
  readonly input: Tensor;
  readonly scale: Tensor;
  readonly zeroPoint: Tensor;
}

/** A quotient in float32 is off by this much of its size at most. */
const quotientError = 2 ** -22;

export const quantizations: Readonly<Record<string, Evaluate>> = {
  dequantizeLinear: evaluator(({ input, scale, zeroPoint }: Quantize) => [
    build(scale.dataType, input.shape, (index) => {
      const block = blockOf(index, input.shape, scale.shape);
      const [q, zero] = [at(input, index), at(zeroPoint, block)];
      return Number(BigInt(q) - BigInt(zero)) * numberAt(scale, block);
    }),
  ]),
  quantizeLinear: evaluator(({ input, scale, zeroPoint }: Quantize) => {
    const { dataType } = zeroPoint;
    const indices = indicesOf(input.shape);
    const blocks = indices.map((index) => blockOf(index, input.shape, scale.shape));
    const quotients = indices.map(
      (index, i) => numberAt(input, index) / numberAt(scale, blocks[i]!),
    );
    const encode = (quotient: number, i: number): Numeric =>
      saturated(quotient, at(zeroPoint, blocks[i]!), dataType);
    const values = quotients.map(encode);
    const slack = quotients.map((q) => {
      const fromTie = Math.abs(Math.abs(q - Math.trunc(q)) - 0.5);
      return fromTie <= Math.abs(q) * quotientError ? Math.ceil(Math.abs(q) * quotientError) : 0;
    });
    return [{ dataType, shape: input.shape, values, slack }];
  }),
};

function saturated(quotient: number, zero: Numeric, dataType: Tensor["dataType"]): Numeric {
  if (Number.isNaN(quotient)) return NaN;
  const [low, high] = rangeOf(dataType);
  if (!Number.isFinite(quotient)) return wrap(dataType, quotient < 0 ? low : high);
  const sum = BigInt(roundHalfEven(quotient)) + BigInt(zero);
  return wrap(dataType, sum < low ? low : sum > high ? high : sum);
}

function blockOf(index: Shape, shape: Shape, blocks: Shape): number[] {
  return index.map((i, d) => Math.floor(i / (shape[d]! / blocks[d]!)));
}
