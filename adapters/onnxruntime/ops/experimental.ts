/** Ops that the first opset had as experimental, in models that were written then. */
import { formulaOf } from "../convert/formula.ts";
import { op, type OpRow } from "./row.ts";

export const experimentalRows: readonly OpRow[] = [
  op("Affine", {
    empties: "elementwise",
    convert: (node) =>
      node.result(
        node.builder.linear(node.operand(0), {
          alpha: node.float("alpha", 1),
          beta: node.float("beta", 0),
          label: node.label,
        }),
      ),
  }),
  /** x · scale + bias, one bias for each channel. */
  op("ImageScaler", {
    empties: "elementwise",
    convert(node) {
      const f = formulaOf(node);
      const scaled = f.mul(node.operand(0), node.float("scale", 1));
      const bias = node.floats("bias") ?? [];
      const channels = node.shape(0)[1] ?? 1;
      if (node.decisions.number(channels) !== bias.length) {
        node.fail(
          `bias has ${bias.length} numbers for ${node.decisions.number(channels)} channels`,
        );
      }
      const bytes = new Uint8Array(Float32Array.from(bias).buffer);
      const shape = [bias.length, 1, 1];
      const perChannel = node.builder.constant({ dataType: "float32", shape }, bytes);
      return node.result(f.add(scaled, f.cast(perChannel, scaled.dataType)));
    },
  }),
  op("ParametricSoftplus", {
    empties: "elementwise",
    convert(node) {
      const f = formulaOf(node);
      const inner = f.mul(node.operand(0), node.float("beta", 1));
      return node.result(f.mul(f.softplus(inner), node.float("alpha", 1)));
    },
  }),
  op("ScaledTanh", {
    empties: "elementwise",
    convert(node) {
      const f = formulaOf(node);
      const inner = f.mul(node.operand(0), node.float("beta", 1));
      return node.result(f.mul(f.tanh(inner), node.float("alpha", 1)));
    },
  }),
];
