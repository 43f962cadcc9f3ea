/**
 * MatMulInteger and ConvInteger: products of 8-bit tensors.
 *
 * Quantised models multiply the int32 result by both scales at once. That is the product of the two
 * decoded tensors, and so it is given to WebNN: `matmul(dequantizeLinear(a), dequantizeLinear(b))`,
 * which a core can compute in integers. If something reads the int32 result itself, it is built
 * exactly from float products of so few terms that float32 holds every sum.
 */
import type { Operand } from "../webnn.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { IntegerProduct, Quantized } from "./value.ts";

/** 2²⁴ / 255²: so many products of 8-bit numbers add up exactly in float32. */
export const exactTerms = 258;

/** The int32 product, exactly. */
export function exactProduct(writer: GraphWriter, product: IntegerProduct): Operand {
  const { summed, label } = product;
  const step = Math.max(1, Math.floor(exactTerms / summed.each));
  const a = centred(writer, product.a, label);
  const b = centred(writer, product.b, label);
  let sum: Operand | undefined;
  for (let start = 0; start < summed.count; start += step) {
    const size = Math.min(step, summed.count - start);
    const part = product.multiply(
      sliceAxis(writer, a, summed.aAxis, start, size, label),
      sliceAxis(writer, b, summed.bAxis, start, size, label),
      label,
    );
    const integers = writer.builder.cast(part, "int32", { label });
    sum = sum === undefined ? integers : writer.builder.add(sum, integers, { label });
  }
  return sum ?? writer.unsupported("a product over no elements");
}

/** The product times the scales: `scaleA` and `scaleB` have the ranks of a and b. */
export function scaledProduct(
  writer: GraphWriter,
  product: IntegerProduct,
  scaleA: Operand,
  scaleB: Operand,
): Operand {
  const decode = ({ value, zeroPoint }: Quantized, scale: Operand) => {
    const x = writer.operand(value);
    const zero = zeroPoint ?? writer.filled(x.dataType, 0, scale.shape);
    return writer.builder.dequantizeLinear(x, ...alike(writer, scale, zero, product.label), {
      label: product.label,
    });
  };
  return product.multiply(decode(product.a, scaleA), decode(product.b, scaleB), product.label);
}

/** WebNN wants scale and zero point in one shape. */
function alike(
  { builder }: GraphWriter,
  scale: Operand,
  zero: Operand,
  label: string,
): readonly [Operand, Operand] {
  const shape = scale.shape.map((size, axis) => (size === 1 ? zero.shape[axis]! : size));
  const fit = (x: Operand) =>
    x.shape.every((size, axis) => size === shape[axis]) ? x : builder.expand(x, shape, { label });
  return [fit(scale), fit(zero)];
}

function centred(writer: GraphWriter, { value, zeroPoint }: Quantized, label: string): Operand {
  const { builder } = writer;
  const x = builder.cast(writer.operand(value), "float32", { label });
  if (zeroPoint === undefined) return x;
  return builder.sub(x, builder.cast(zeroPoint, "float32", { label }), { label });
}

function sliceAxis(
  { builder }: GraphWriter,
  x: Operand,
  axis: number,
  start: number,
  size: number,
  label: string,
): Operand {
  if (x.shape[axis] === size) return x;
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  const sizes = x.shape.map((whole, i) => (i === axis ? size : whole));
  return builder.slice(x, starts, sizes, { label });
}
