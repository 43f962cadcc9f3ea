/** Products and sums that ONNX Runtime's optimiser fuses with what is around them. */
import type { NodeContext } from "../convert/node-context.ts";
import { formulaOf } from "../convert/formula.ts";
import type { Value } from "../convert/value.ts";
import type { Operand } from "../webnn.ts";
import { calculatorOf } from "./calculate.ts";
import { fusedActivation } from "./fused-activation.ts";
import { gemm } from "./gemm.ts";
import { multiplyMatrices } from "./matmul.ts";
import { contribOp, type OpRow } from "./row.ts";

export const fusedRows: readonly OpRow[] = [
  contribOp("FusedMatMul", { convert: (node) => node.result(fusedProduct(node)) }),
  contribOp("TransposeMatMul", { convert: (node) => node.result(fusedProduct(node)) }),
  contribOp("FusedMatMulActivation", {
    convert: (node) => node.result(fusedActivation(node, fusedProduct(node))),
  }),
  contribOp("FusedGemm", {
    convert: (node) => node.result(fusedActivation(node, node.writer.operand(gemm(node)))),
  }),
  contribOp("BiasAdd", { convert: biasAdd }),
];

function fusedProduct(node: NodeContext): Operand {
  const { mul } = formulaOf(node);
  const alpha = node.float("alpha", 1);
  const product = multiplyMatrices(node, turned(node, 0, "A"), turned(node, 1, "B"), node.label);
  return alpha === 1 ? product : mul(product, alpha);
}

/**
 * Of [x, …, y, m, k]: `transBatch` means that it is given as [m, x, …, y, k], `trans` that the last two dimensions are
 * the other way round.
 */
function turned(node: NodeContext, input: number, name: "A" | "B"): Operand {
  const operand = node.operand(input);
  const rank = operand.shape.length;
  const axes = operand.shape.map((_, axis) => axis);
  const isFlag = (flag: string) => node.int(`${flag}${name}`, 0) !== 0;
  if (rank < 2) return operand;
  const last = rank - 1;
  const batched = isFlag("transBatch") ? [...axes.slice(1, last), 0, last] : axes;
  const order = isFlag("trans")
    ? [...batched.slice(0, -2), batched[last]!, batched[last - 1]!]
    : batched;
  return calculatorOf(node).transpose(operand, order);
}

/** x + bias of the last dimension + skip */
function biasAdd(node: NodeContext): Value {
  const { add } = calculatorOf(node);
  return node.result(add(add(node.operand(0), node.operand(1)), node.operand(2)));
}
