/** What models spell out node by node, as ONNX exporters write it. */
import type { Value } from "../../../core-webnn/graph/ir.ts";
import { addSizes, type Size } from "../../../core-webnn/util/size.ts";
import type { Sketch } from "../../reference/sketch.ts";

/** ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, Mul, Add over the last dimension. */
export function layerNorm(g: Sketch, input: Value, scale: Value, bias: Value): Value {
  const rows = { axes: [input.shape.length - 1], keepDimensions: true };
  const centred = g.op("sub", { a: input, b: g.op("reduceMean", { input, ...rows }) });
  const squares = g.op("pow", { a: centred, b: g.scalar("float32", 2) });
  const variance = g.op("reduceMean", { input: squares, ...rows });
  const offset = g.op("add", { a: variance, b: g.scalar("float32", 1e-5) });
  const normal = g.op("div", { a: centred, b: g.op("sqrt", { input: offset }) });
  return g.op("add", { a: g.op("mul", { a: normal, b: scale }), b: bias });
}

/** Scale and zero point of a whole tensor, as DynamicQuantizeLinear finds them. */
export function quantisationOf(g: Sketch, input: Value): { scale: Value; zeroPoint: Value } {
  const all = { axes: [...input.shape.keys()], keepDimensions: true };
  const zero = g.scalar("float32", 0);
  const high = g.op("max", { a: g.op("reduceMax", { input, ...all }), b: zero });
  const low = g.op("min", { a: g.op("reduceMin", { input, ...all }), b: zero });
  const range = g.op("sub", { a: high, b: low });
  const scale = g.op("div", { a: range, b: g.scalar("float32", 255) });
  const negated = g.op("div", { a: g.op("neg", { input: low }), b: scale });
  const rounded = g.op("roundEven", { input: negated });
  const bounded = g.op("clamp", { input: rounded, minValue: 0, maxValue: 255 });
  return { scale, zeroPoint: g.op("cast", { input: bounded, dataType: "uint8" }) };
}

export interface Head {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly mask?: Value;
}

/** softmax(q·kᵀ / 4 + mask)·v of [batch, heads, length, width] operands. */
export function attention(g: Sketch, { query, key, value, mask }: Head): Value {
  const scaled = g.op("mul", { a: query, b: g.scalar("float32", 0.25) });
  const turned = g.op("transpose", { input: key, permutation: [0, 1, 3, 2] });
  const scores = g.op("matmul", { a: scaled, b: turned });
  const masked = mask ? g.op("add", { a: scores, b: mask }) : scores;
  const input = g.op("softmax", { input: masked, axis: 3 });
  return g.op("matmul", { a: input, b: value });
}

/** past and new keys (or values) one after the other. */
export function appended(g: Sketch, past: Value, added: Value): Value {
  return g.op("concat", { inputs: [past, added], axis: 2 });
}

export function total(...lengths: readonly Size[]): Size {
  return addSizes(...lengths);
}
