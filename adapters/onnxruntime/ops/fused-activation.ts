/** The activation that ONNX Runtime's optimiser puts behind a product or a convolution. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Operand } from "../webnn.ts";

/** Convolutions have their numbers in one attribute, products in one each. */
export function fusedActivation(node: NodeContext, x: Operand): Operand {
  const { builder, label } = node;
  const parameters = node.floats("activation_params");
  const number = (i: number, name: string, otherwise: number): number =>
    parameters?.[i] ?? node.float(name, otherwise);
  const alpha = (otherwise: number) => number(0, "activation_alpha", otherwise);
  const beta = (otherwise: number) => number(1, "activation_beta", otherwise);
  const name = node.text("activation", "");
  switch (name) {
    case "":
      return x;
    case "Relu":
      return builder.relu(x, { label });
    case "Sigmoid":
      return builder.sigmoid(x, { label });
    case "Tanh":
      return builder.tanh(x, { label });
    case "LeakyRelu":
      return builder.leakyRelu(x, { alpha: alpha(0.01), label });
    case "HardSigmoid":
      return builder.hardSigmoid(x, { alpha: alpha(0.2), beta: beta(0.5), label });
    case "Clip":
      return builder.clamp(x, { minValue: alpha(-Infinity), maxValue: beta(Infinity), label });
    default:
      return node.fail(`activation '${name}'`);
  }
}
