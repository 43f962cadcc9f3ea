/** The activations of recurrent networks: their names, alpha and beta come in lists beside each other. */
import type { NodeContext } from "../convert/node-context.ts";
import type { Builder, Operand, RecurrentActivation } from "../webnn.ts";

export interface Activation {
  readonly name: string;
  /** Its name in WebNN's networks, if they have it. */
  readonly standard: RecurrentActivation | undefined;
  readonly apply: (x: Operand) => Operand;
}

type Apply = (builder: Builder, x: Operand, alpha: number, beta: number, label: string) => Operand;

interface Definition {
  readonly standard?: RecurrentActivation;
  /** Undefined: it takes none. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly apply: Apply;
}

/** By names in lower case, as onnxruntime compares them; its defaults. */
const definitions: Readonly<Record<string, Definition>> = {
  relu: { standard: "relu", apply: (b, x, _, __, label) => b.relu(x, { label }) },
  sigmoid: { standard: "sigmoid", apply: (b, x, _, __, label) => b.sigmoid(x, { label }) },
  tanh: { standard: "tanh", apply: (b, x, _, __, label) => b.tanh(x, { label }) },
  softsign: { apply: (b, x, _, __, label) => b.softsign(x, { label }) },
  softplus: { apply: (b, x, _, __, label) => b.softplus(x, { label }) },
  affine: {
    alpha: 1,
    beta: 0,
    apply: (b, x, alpha, beta, label) => b.linear(x, { alpha, beta, label }),
  },
  elu: { alpha: 1, apply: (b, x, alpha, _, label) => b.elu(x, { alpha, label }) },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    apply: (b, x, alpha, beta, label) => b.hardSigmoid(x, { alpha, beta, label }),
  },
  leakyrelu: { alpha: 0.01, apply: (b, x, alpha, _, label) => b.leakyRelu(x, { alpha, label }) },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    apply(b, x, alpha, beta, label) {
      const inner = b.tanh(b.linear(x, { alpha: beta, beta: 0, label }), { label });
      return b.linear(inner, { alpha, beta: 0, label });
    },
  },
  thresholdedrelu: { alpha: 1, apply: thresholdedRelu },
};

/** x where it is more than alpha, else 0. */
function thresholdedRelu(b: Builder, x: Operand, alpha: number, _: number, label: string): Operand {
  const lifted = b.linear(x, { alpha: 1, beta: -alpha, label });
  const isAbove = b.greater(lifted, b.linear(x, { alpha: 0, beta: 0, label }), { label });
  return b.mul(x, b.cast(isAbove, x.dataType, { label }), { label });
}

const defaults = {
  lstm: ["sigmoid", "tanh", "tanh"],
  gru: ["sigmoid", "tanh"],
  rnn: ["tanh"],
} as const;

/** One list for each direction. */
export function readActivations(
  node: NodeContext,
  kind: keyof typeof defaults,
  directions: number,
): readonly (readonly Activation[])[] {
  const each = defaults[kind];
  const names = node.texts("activations") ?? Array.from({ length: directions }, () => each).flat();
  if (names.length !== each.length * directions) {
    node.fail(`it has ${names.length} activations, expected ${each.length * directions}`);
  }
  const alphas = [...(node.floats("activation_alpha") ?? [])];
  const betas = [...(node.floats("activation_beta") ?? [])];
  const all = names.map((given): Activation => {
    const name = given.toLowerCase();
    const found = definitions[name];
    if (found === undefined) return node.fail(`the activation '${given}'`);
    // Only those that take a number take it from the list.
    const alpha = found.alpha === undefined ? 0 : (alphas.shift() ?? found.alpha);
    const beta = found.beta === undefined ? 0 : (betas.shift() ?? found.beta);
    const { builder, label } = node;
    return {
      name,
      standard: found.standard,
      apply: (x) => found.apply(builder, x, alpha, beta, label),
    };
  });
  return Array.from({ length: directions }, (_, i) =>
    all.slice(i * each.length, (i + 1) * each.length),
  );
}
