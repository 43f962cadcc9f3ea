/** What a case of an operator is, and how one is written. */
import { toHalf } from "../../../../core-webnn/util/half.ts";
import {
  f32,
  typeCode,
  type AttributeSpec,
  type ElementTypeName,
  type NodeSpec,
  type TensorSpec,
} from "../onnx-writer.ts";

export interface OpCase {
  readonly name: string;
  readonly opset: number;
  /** Of other domains. */
  readonly opsets?: Readonly<Record<string, number>>;
  readonly nodes: readonly NodeSpec[];
  /** The same in other ops, for onnxruntime-node where it lacks the op. */
  readonly oracle?: readonly NodeSpec[];
  /** Fed at run time, unless they are listed in `constants`. */
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  readonly constants: readonly string[];
  readonly outputs: Readonly<Record<string, ElementTypeName>>;
  /** Relative to the larger of 1 and the value. */
  readonly tolerance: number;
  /** The opset of `oracle`, where onnxruntime-node has none of the case's. */
  readonly oracleOpset?: number;
}

export type Oracle = Pick<OpCase, "oracle" | "oracleOpset">;

interface Form {
  readonly opset?: number;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  /** Names of the inputs that are initializers. */
  readonly constants?: readonly string[];
  /** Types of the outputs; one float32 if left out. */
  readonly types?: readonly ElementTypeName[];
  readonly tolerance?: number;
  readonly oracle?: readonly NodeSpec[];
  readonly oracleOpset?: number;
}

export function one(
  op: string,
  why: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  form: Form = {},
): OpCase {
  const types = form.types ?? ["float32"];
  const outputs = types.map((_, i) => `y${i}`);
  const attributes = form.attributes ?? {};
  return {
    name: `${op}: ${why}`,
    opset: form.opset ?? 17,
    nodes: [{ op, name: "node", inputs: Object.keys(tensors), outputs, attributes }],
    tensors,
    constants: form.constants ?? [],
    outputs: Object.fromEntries(types.map((type, i) => [`y${i}`, type])),
    tolerance: form.tolerance ?? 1e-6,
    ...(form.oracle === undefined ? {} : { oracle: form.oracle }),
    ...(form.oracleOpset === undefined ? {} : { oracleOpset: form.oracleOpset }),
  };
}

interface ContribForm extends Form {
  /** Names of the inputs in their order, "" for one that is left out; all tensors if they are not given. */
  readonly inputs?: readonly string[];
  /** Names of the outputs, "" for one that nobody asks for. */
  readonly outputs?: readonly string[];
}

/** A case of an op of com.microsoft. */
export function contrib(
  op: string,
  why: string,
  tensors: Readonly<Record<string, TensorSpec>>,
  form: ContribForm = {},
): OpCase {
  return { ...inDomain(one(op, why, tensors, form), form), opsets: { "com.microsoft": 1 } };
}

function inDomain(opCase: OpCase, { inputs, outputs }: ContribForm): OpCase {
  const node = { ...opCase.nodes[0]!, domain: "com.microsoft" };
  const asked = Object.entries(opCase.outputs).filter(([name]) => outputs?.includes(name) ?? true);
  return {
    ...opCase,
    nodes: [{ ...node, ...(inputs && { inputs }), ...(outputs && { outputs }) }],
    outputs: Object.fromEntries(asked),
  };
}

/** The same with results of float16 cast to float32, which are compared within the tolerance. */
export function inFloats(opCase: OpCase): OpCase {
  const halves = Object.keys(opCase.outputs).filter((name) => opCase.outputs[name] === "float16");
  const renamed = opCase.nodes.map((each) => ({
    ...each,
    outputs: each.outputs.map((name) => (halves.includes(name) ? `${name}Half` : name)),
  }));
  const casts = halves.map((name) =>
    node("Cast", [`${name}Half`], name, { to: int(typeCode("float32")) }),
  );
  const floats = halves.map((name) => [name, "float32" as const]);
  return {
    ...opCase,
    nodes: [...renamed, ...casts],
    outputs: { ...opCase.outputs, ...Object.fromEntries(floats) },
  };
}

export function chain(
  name: string,
  nodes: readonly NodeSpec[],
  tensors: Readonly<Record<string, TensorSpec>>,
  outputs: Readonly<Record<string, ElementTypeName>>,
  form: Pick<Form, "opset" | "constants" | "tolerance"> = {},
): OpCase {
  const { opset = 17, constants = [], tolerance = 1e-6 } = form;
  return { name, opset, nodes, tensors, constants, outputs, tolerance };
}

/** Numbers that look random and are the same everywhere. */
export function noise(count: number, scale = 2, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return Math.fround((state / 2147483647 - 0.5) * 2 * scale);
  });
}
export const random = (shape: readonly number[], scale = 2, seed = 1): TensorSpec =>
  f32(
    shape,
    noise(
      shape.reduce((a, b) => a * b, 1),
      scale,
      seed,
    ),
  );
/** All of uint8; of int8 the half that onnxruntime-node multiplies without saturating on processors without VNNI. */
export const bytes = (type: "uint8" | "int8", shape: readonly number[], seed = 1): TensorSpec => {
  const [low, high] = type === "int8" ? [-64, 63] : [0, 255];
  const [middle, half] = [(low + high) / 2, (high - low) / 2 + 0.49];
  const count = shape.reduce((x, y) => x * y, 1);
  return { type, shape, data: noise(count, half, seed).map((x) => Math.round(x + middle)) };
};
export const bools = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "bool",
  shape,
  data,
});
/** Elements of any type: floats of 16 bits as their bits. */
export const typed = (
  type: ElementTypeName,
  data: readonly (number | bigint)[],
  shape: readonly number[] = [data.length],
): TensorSpec => ({ type, shape, data });
export const halves = (...values: number[]): TensorSpec => typed("float16", values.map(toHalf));
export const i32 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "int32",
  shape,
  data,
});
export const f64 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "float64",
  shape,
  data,
});
export const i16 = (shape: readonly number[], data: readonly number[]): TensorSpec => ({
  type: "int16",
  shape,
  data,
});
/** 1, 2, 3, … */
export const counting = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
export const text = (value: string) => ({ text: value });
export const int = (value: number) => ({ int: value });
export const ints = (...values: number[]) => ({ ints: values });
export const maxInt64 = 9223372036854775807n;

export const ramp = f32([7], [-2.5, -1, -0.5, 0, 0.5, 1.5, 2.5]);
export const positive = f32([5], [0.25, 0.5, 1, 2, 9]);
export const a23 = random([2, 3], 2, 3);
export const b3 = random([3], 2, 5);

export const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({
  op,
  name: `${op} ${output}`,
  inputs,
  outputs: [output],
  attributes,
});

/** The op in a type that onnxruntime-node has it in, between casts, for one that it lacks. */
export function inType(
  opCase: OpCase,
  to: ElementTypeName,
  back: ElementTypeName,
  inputs: readonly string[] = opCase.nodes[0]!.inputs,
): OpCase {
  const [{ op, attributes = {}, inputs: all }] = opCase.nodes as [NodeSpec];
  const widened = inputs.map((input) =>
    node("Cast", [input], `${input}Wide`, { to: int(typeCode(to)) }),
  );
  const names = all.map((input) => (inputs.includes(input) ? `${input}Wide` : input));
  const nodes = [
    ...widened,
    node(
      op,
      names,
      "wide",
      attributes["dtype"] ? { ...attributes, dtype: int(typeCode(to)) } : attributes,
    ),
    node("Cast", ["wide"], "y0", { to: int(typeCode(back)) }),
  ];
  return { ...opCase, oracle: nodes };
}
