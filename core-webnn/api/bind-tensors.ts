/**
 * Checks the tensors of a dispatch against the graph's inputs and outputs, and finds the values of named
 * sizes: each is taken from a dimension that is just that name, and all other dimensions must agree.
 */
import type { Binding } from "../plan/device.ts";
import { check } from "../ops/shapes.ts";
import { brokenBy } from "../util/constraint.ts";
import { evaluateSize, formatShape, type NamedSize, type Size, type Sizes } from "../util/size.ts";
import type { GraphInternals, PortInternals } from "./ml-graph.ts";
import type { TensorInternals } from "./ml-tensor.ts";

type Tensors = ReadonlyMap<string, TensorInternals>;
type Ports = ReadonlyMap<string, PortInternals>;

export function bindTensors(graph: GraphInternals, inputs: Tensors, outputs: Tensors): Binding {
  checkDistinct(inputs, outputs);
  checkNames(inputs, graph.inputs, "input");
  checkNames(outputs, graph.outputs, "output");
  const sizes = bindSizes(inputs, graph.inputs);
  const tensors = emptyRecord();
  for (const [given, ports, kind] of [
    [inputs, graph.inputs, "input"],
    [outputs, graph.outputs, "output"],
  ] as const) {
    for (const [name, tensor] of given) {
      const port = ports.get(name)!;
      checkTensor(tensor, port, sizes, `${kind} '${name}'`);
      if (tensor.place.kind === "tensor") tensors[port.programName] = tensor.place.id;
    }
  }
  const broken = brokenBy(graph.constraints, sizes);
  if (broken !== undefined) throw new TypeError(broken);
  return { tensors, sizes };
}

/** Without a prototype: a tensor may be called "__proto__". */
function emptyRecord(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}

/** No tensor may be given twice, not even as two inputs. */
function checkDistinct(inputs: Tensors, outputs: Tensors): void {
  const seen = new Map<TensorInternals, string>();
  for (const [kind, tensors] of [
    ["input", inputs],
    ["output", outputs],
  ] as const) {
    for (const [name, tensor] of tensors) {
      const what = `${kind} '${name}'`;
      check(!seen.has(tensor), `${what} is the same tensor as ${seen.get(tensor)}`);
      seen.set(tensor, what);
    }
  }
}

function checkNames(given: Tensors, ports: Ports, kind: string): void {
  for (const name of ports.keys()) check(given.has(name), `${kind} '${name}' is missing`);
  for (const name of given.keys()) {
    const known = [...ports.keys()].join(", ");
    check(ports.has(name), `the graph has no ${kind} '${name}', only ${known}`);
  }
}

function checkTensor(
  tensor: TensorInternals,
  port: PortInternals,
  sizes: Sizes,
  what: string,
): void {
  const { dataType, shape } = tensor.descriptor;
  check(tensor.place.kind === "tensor", `${what} is a constant tensor`);
  check(dataType === port.dataType, `${what} is ${dataType}, not ${port.dataType}`);
  const expected = port.shape.map((size) => evaluateSize(size, sizes));
  const isEqual =
    shape.length === expected.length && shape.every((size, d) => size === expected[d]);
  const declared = formatShape(port.shape);
  const values = formatShape(expected);
  const meaning = declared === values ? declared : `${declared}, here ${values}`;
  check(isEqual, `${what} has shape ${formatShape(shape)}, not ${meaning}`);
}

function bindSizes(inputs: Tensors, ports: Ports): Sizes {
  const sizes = emptyRecord();
  for (const [input, port] of ports) {
    const { shape } = inputs.get(input)!.descriptor;
    const what = `input '${input}'`;
    const ranks = `has rank ${shape.length}, not ${port.shape.length}`;
    check(shape.length === port.shape.length, `${what} ${ranks}`);
    port.shape.forEach((size, d) =>
      bindDimension(sizes, size, shape[d]!, `${what} dimension ${d}`),
    );
  }
  return sizes;
}

function bindDimension(
  sizes: Record<string, number>,
  size: Size,
  value: number,
  what: string,
): void {
  const plain = plainName(size);
  if (plain === undefined) return;
  const { name, maxSize = Infinity } = plain;
  check(value <= maxSize, `${what}, named '${name}', is ${value}, more than ${maxSize}`);
  const known = (sizes[name] ??= value);
  check(known === value, `${what} is ${value}, but '${name}' is ${known} in another input`);
}

/** The name that a size just is; undefined for numbers and expressions. */
export function plainName(size: Size): NamedSize | undefined {
  if (typeof size === "number" || size.terms.length !== 1) return undefined;
  const { coefficient, factors } = size.terms[0]!;
  const [factor] = factors;
  return coefficient === 1 && factors.length === 1 && factor?.kind === "name" ? factor : undefined;
}
