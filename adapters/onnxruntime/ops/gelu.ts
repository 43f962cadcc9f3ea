/** Gelu, its approximations, and what ONNX Runtime fuses around them. */
import { formulaOf, inFloat32 } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { erf, sigmoid } from "../host/functions.ts";
import type { Operand } from "../webnn.ts";
import { eachBy } from "./compute.ts";
import { multiplyMatrices } from "./matmul.ts";
import { contribOp, op, type OpRow } from "./row.ts";

const root = Math.sqrt(2 / Math.PI);
const exact = (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2));
const approximate = (x: number): number =>
  (x / 2) * (1 + Math.tanh(root * (x + 0.044715 * x ** 3)));

export const geluRows: readonly OpRow[] = [
  op("Gelu", {
    since: 20,
    empties: "elementwise",
    convert: (node) => node.result(isExact(node) ? gelu(node, node.operand(0)) : byTanh(node)),
    compute: eachBy((node) => {
      const f = node.text("approximate", "none") === "none" ? exact : approximate;
      return (x) => f(x!);
    }),
  }),
  contribOp("Gelu", {
    empties: "elementwise",
    convert: (node) => node.result(gelu(node, node.operand(0))),
    compute: eachBy(() => (x) => exact(x!)),
  }),
  contribOp("FastGelu", { empties: "elementwise", convert: (node) => node.result(byTanh(node)) }),
  contribOp("QuickGelu", {
    empties: "elementwise",
    convert: quickGelu,
    compute: eachBy((node) => {
      const alpha = node.float("alpha", 1.702);
      return (x) => x! * sigmoid(alpha * x!);
    }),
  }),
  contribOp("BiasGelu", {
    empties: "elementwise",
    convert: (node) => node.result(gelu(node, sum(node))),
    compute: eachBy(() => (x, bias) => exact(x! + bias!)),
  }),
  contribOp("BiasSplitGelu", { convert: biasSplitGelu }),
  contribOp("GemmFastGelu", { convert: gemmFastGelu }),
];

function isExact(node: NodeContext): boolean {
  const kind = node.text("approximate", "none");
  if (kind !== "none" && kind !== "tanh") node.fail(`approximate '${kind}', not none or tanh`);
  return kind === "none";
}

const gelu = ({ builder, label }: NodeContext, x: Operand): Operand => builder.gelu(x, { label });

/** Inputs 0 and 1, of which the second may be left out. */
function sum(node: NodeContext): Operand {
  const x = node.operand(0);
  return node.has(1) ? formulaOf(node).add(x, node.operand(1)) : x;
}

function byTanh(node: NodeContext): Operand {
  return tanhGelu(node, sum(node));
}

/** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) */
function tanhGelu(node: NodeContext, given: Operand): Operand {
  const f = formulaOf(node);
  return inFloat32(node, given, (x) => {
    const cubic = f.add(x, f.mul(f.mul(f.mul(x, x), x), 0.044715));
    return f.mul(f.mul(x, 0.5), f.add(f.tanh(f.mul(cubic, root)), 1));
  });
}

/** x · sigmoid(alpha · x) */
function quickGelu(node: NodeContext): Value {
  const f = formulaOf(node);
  const alpha = node.float("alpha", 1.702);
  return node.result(inFloat32(node, node.operand(0), (x) => f.mul(x, f.sigmoid(f.mul(x, alpha)))));
}

/** The first half of each row, times the gelu of the second. */
function biasSplitGelu(node: NodeContext): Value {
  const { builder, label } = node;
  const x = sum(node);
  const width = node.decisions.number(x.shape.at(-1) ?? 1);
  if (width % 2 !== 0) node.fail(`rows of ${width} elements have no halves`);
  const half = (start: number): Operand => {
    const starts = x.shape.map((_, axis) => (axis === x.shape.length - 1 ? start : 0));
    return builder.slice(x, starts, [...x.shape.slice(0, -1), width / 2], { label });
  };
  return node.result(builder.mul(half(0), gelu(node, half(width / 2)), { label }));
}

function gemmFastGelu(node: NodeContext): Value {
  const f = formulaOf(node);
  const product = multiplyMatrices(node, node.operand(0), node.operand(1), node.label);
  return node.result(tanhGelu(node, node.has(2) ? f.add(product, node.operand(2)) : product));
}
