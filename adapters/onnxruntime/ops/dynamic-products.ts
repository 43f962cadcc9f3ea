/** Of ONNX Runtime's own domain: products of 8-bit matrices with float results, and its own names of ONNX's ops. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { Operand } from "../webnn.ts";
import { multiplyMatrices } from "./matmul.ts";
import { decoded } from "./qlinear.ts";
import { decoding, encodedDynamically, encoding } from "./quantized.ts";
import { contribOp, type OpRow } from "./row.ts";

export const dynamicProductRows: readonly OpRow[] = [
  contribOp("QuantizeLinear", encoding),
  contribOp("DequantizeLinear", decoding),
  contribOp("MatMulIntegerToFloat", { convert: matMulIntegerToFloat }),
  contribOp("DynamicQuantizeMatMul", { convert: dynamicQuantizeMatMul }),
];

/** Inputs: both matrices, both scales, both zero points, and what is added. */
function matMulIntegerToFloat(node: NodeContext): Value {
  const a = decoded(node, [0, 2, 4], Math.max(node.rank(0) - 2, 0));
  const b = decoded(node, [1, 3, 5], node.rank(1) - 1);
  return plusBias(node, multiplyMatrices(node, a, b, node.label), 6, 2);
}

/** Inputs: a of floats, which is encoded as a whole; b with its scale and zero point; what is added. */
function dynamicQuantizeMatMul(node: NodeContext): Value {
  const { builder, label } = node;
  const { codes, scale, zeroPoint } = encodedDynamically(node, node.operand(0));
  const a = builder.dequantizeLinear(codes, scale, zeroPoint, { label });
  const b = decoded(node, [1, 2, 3], node.rank(1) - 1);
  return plusBias(node, multiplyMatrices(node, a, b, label), 4, 0);
}

function plusBias(node: NodeContext, sum: Operand, bias: number, like: number): Value {
  const { builder, label } = node;
  const result = node.has(bias) ? builder.add(sum, node.operand(bias), { label }) : sum;
  return node.result(result, node.type(like));
}
