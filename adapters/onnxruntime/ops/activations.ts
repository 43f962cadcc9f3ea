/** Activation functions: formulas of one operand, most with numbers as attributes. */
import { formulaOf, inFloat32, type Formula } from "../convert/formula.ts";
import type { HostNode } from "../convert/host-node.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { sigmoid, softplus } from "../host/functions.ts";
import type { Operand } from "../webnn.ts";
import { each, eachBy } from "./compute.ts";
import { op, type OpRow } from "./row.ts";

/** Numbers by attribute: what they are where the node does not say. */
type Defaults = Readonly<Record<string, number>>;
type Attributes<D extends Defaults> = Readonly<Record<keyof D, number>>;

/** An activation: as a formula of operands, and of doubles. */
function activation<const D extends Defaults>(
  name: string,
  defaults: D,
  formula: (f: Formula, x: Operand, a: Attributes<D>, node: NodeContext) => Operand,
  numbers: (x: number, a: Attributes<D>) => number,
  { since = 1, until = Infinity, wide = true } = {},
): OpRow {
  const read = (node: HostNode) =>
    Object.fromEntries(
      Object.entries(defaults).map(([key, value]) => [key, node.float(key, value)]),
    ) as Attributes<D>;
  return op(name, {
    since,
    until,
    empties: "elementwise",
    convert(node) {
      const [f, attributes] = [formulaOf(node), read(node)];
      const write = (x: Operand) => formula(f, x, attributes, node);
      // A float16 rounds once, not after each step; what is one op of WebNN does that by itself.
      const result = wide ? inFloat32(node, node.operand(0), write) : write(node.operand(0));
      return node.result(result);
    },
    compute: eachBy((node) => {
      const attributes = read(node);
      return (x) => numbers(x!, attributes);
    }),
  });
}

/** Constants of https://arxiv.org/abs/1706.02515; opset 1 has them shortened. */
const selu = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };
const shortSelu = { alpha: 1.6732, gamma: 1.0507 };

const one = { wide: false };

function seluOf(defaults: typeof selu, since: number, until: number): OpRow {
  return activation(
    "Selu",
    defaults,
    (f, x, { alpha, gamma }, { builder, label }) => f.mul(builder.elu(x, { alpha, label }), gamma),
    (x, { alpha, gamma }) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
    { since, until },
  );
}

/** max(0, x) + min(0, alpha · (e^(x / alpha) - 1)) */
const celu = activation(
  "Celu",
  { alpha: 1 },
  (f, x, { alpha }) => {
    const curve = f.mul(f.sub(f.exp(f.div(x, alpha)), 1), alpha);
    return f.add(f.max(x, 0), f.min(curve, 0));
  },
  (x, { alpha }) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha)),
  { since: 12 },
);

/** x · tanh(ln(1 + e^x)), where the tanh is n / (n + 2) with n = e^x (e^x + 2); beyond 20 it is 1. */
const mish = activation(
  "Mish",
  {},
  (f, x) => {
    const e = f.exp(f.min(x, 20));
    const n = f.mul(e, f.add(e, 2));
    return f.mul(x, f.div(n, f.add(n, 2)));
  },
  (x) => x * Math.tanh(softplus(x)),
  { since: 18 },
);

/** Beyond the threshold moved towards 0, within it 0; of integers too. */
const shrink = activation(
  "Shrink",
  { bias: 0, lambd: 0.5 },
  (f, x, { bias, lambd }) => {
    const below = f.where(f.lesser(x, -lambd), f.add(x, bias), 0);
    return f.where(f.greater(x, lambd), f.sub(x, bias), below);
  },
  (x, { bias, lambd }) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0),
  { since: 9 },
);

/** Slopes broadcast as numpy has it since opset 7; before they are one, or one for each channel. */
function prelu(node: NodeContext): Value {
  const shape = node.shape(0);
  const given = node.shape(1);
  // No integer without sign is below 0.
  if (node.type(0).startsWith("uint")) return node.value(0);
  const isChannels = node.opset < 7 && given.length === 1 && given[0] !== 1 && shape.length > 1;
  const slopes = isChannels ? [...given, ...shape.slice(2).map(() => 1)] : given;
  node.broadcast(shape, slopes);
  const slope = node.writer.reshaped(node.value(1), slopes, node.label);
  return node.result(node.builder.prelu(node.operand(0), slope, { label: node.label }));
}

export const activationRows: readonly OpRow[] = [
  activation(
    "Elu",
    { alpha: 1 },
    (_, x, { alpha }, { builder, label }) => builder.elu(x, { alpha, label }),
    (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
    one,
  ),
  activation(
    "LeakyRelu",
    { alpha: 0.01 },
    (_, x, { alpha }, { builder, label }) => builder.leakyRelu(x, { alpha, label }),
    (x, { alpha }) => (x < 0 ? alpha * x : x),
    one,
  ),
  activation(
    "HardSigmoid",
    { alpha: 0.2, beta: 0.5 },
    (_, x, { alpha, beta }, { builder, label }) => builder.hardSigmoid(x, { alpha, beta, label }),
    (x, { alpha, beta }) => Math.max(0, Math.min(1, alpha * x + beta)),
    one,
  ),
  activation(
    "HardSwish",
    {},
    (f, x) => f.hardSwish(x),
    (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
    { since: 14 },
  ),
  activation("Softplus", {}, (f, x) => f.softplus(x), softplus, one),
  activation(
    "Softsign",
    {},
    (f, x) => f.softsign(x),
    (x) => x / (1 + Math.abs(x)),
    one,
  ),
  activation(
    "ThresholdedRelu",
    { alpha: 1 },
    (f, x, { alpha }) => f.where(f.greater(x, alpha), x, 0),
    (x, { alpha }) => (x > alpha ? x : 0),
    { since: 10 },
  ),
  activation(
    "Swish",
    { alpha: 1 },
    (f, x, { alpha }) => f.mul(x, f.sigmoid(f.mul(x, alpha))),
    (x, { alpha }) => x * sigmoid(alpha * x),
    { since: 24 },
  ),
  celu,
  mish,
  shrink,
  seluOf(shortSelu, 1, 5),
  seluOf(selu, 6, Infinity),
  op("PRelu", {
    empties: "elementwise",
    convert: prelu,
    compute: each((x, slope) => (x! < 0 ? slope! * x! : x!)),
  }),
];
