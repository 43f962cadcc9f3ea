/** Scan: a body that runs once for each element of sequences. */
import { OnnxModelError } from "../errors.ts";
import { elementBytes } from "../model/element-type.ts";
import type { Node } from "../model/model.ts";
import type { Repetition, Sliced, Stacked } from "./control.ts";
import { lookUp, type Environment } from "./environment.ts";
import {
  declaredPart,
  repeat,
  resultsOf,
  stackParts,
  type Part,
  type Repeated,
  type RepetitionContext,
} from "./repeat.ts";
import { hostValue, shapeOf, type Dimension, type RunValue } from "./run-value.ts";
import { checkStack, cut, pickElement, stack } from "./sequence.ts";

export async function runScan(
  control: Repetition,
  environment: Environment,
  context: RepetitionContext,
): Promise<ReadonlyMap<string, RunValue>> {
  const hasLengths = context.opsets.get("")! < 9;
  const { node } = control;
  const body = control.bodies[0]!;
  if (node.inputs.length - body.graph.inputs.length !== (hasLengths ? 1 : 0)) {
    throw new OnnxModelError(
      "malformed",
      `Scan '${node.name}': its body takes ${body.graph.inputs.length} inputs, expected ${node.inputs.length - (hasLengths ? 1 : 0)}`,
    );
  }
  return hasLengths
    ? runBatches(control, environment, context)
    : runSequence(control, environment, context);
}

async function runSequence(
  control: Repetition,
  environment: Environment,
  context: RepetitionContext,
): Promise<ReadonlyMap<string, RunValue>> {
  const { node, carried, sliced, stacked } = control;
  const inputs = sliced.map((input) => {
    const value = lookUp(environment, input.outside);
    return { ...input, value, axis: normalAxis(node, input, value) };
  });
  const { dimension, size } = commonLength(node, inputs);
  const isReversed = directionsOf(node, "scan_input_directions");
  let step = 0;
  const nextInputs = async () => {
    if (step === size) return undefined;
    const index = step++;
    const elements = inputs.map(async ({ inside, unit, value, axis, position }) => {
      if (inside === undefined) return [];
      const at = isReversed(position) ? size - 1 - index : index;
      return [[inside, await pickElement(unit, value, axis, at, context)] as const];
    });
    return new Map((await Promise.all(elements)).flat());
  };
  const initial = carried.map(({ initial: name }) => lookUp(environment, name));
  const repeated = await repeat(control, environment, initial, nextInputs, context);
  const isOutputReversed = directionsOf(node, "scan_output_directions");
  const axes = intsOf(node, "scan_output_axes");
  const axisOf = (position: number) => axes[position] ?? 0;
  const stacks = stacked.map((result, i) => {
    const parts = repeated.parts[i]!;
    const ordered = isOutputReversed(result.position) ? [...parts].reverse() : parts;
    return stackParts(control, result, ordered, axisOf(result.position));
  });
  return resultsOf(control, repeated.carried, stacks, context, { axisOf, dimension });
}

function normalAxis(node: Node, { axis, outside }: Sliced, value: RunValue): number {
  const rank = value.dimensions.length;
  const normal = axis < 0 ? axis + rank : axis;
  if (normal >= 0 && normal < rank) return normal;
  throw new OnnxModelError(
    "malformed",
    `Scan '${node.name}': the axis ${axis} of '${outside}' is out of range for rank ${rank}`,
  );
}

function commonLength(
  node: Node,
  inputs: readonly { readonly outside: string; readonly value: RunValue; readonly axis: number }[],
): { readonly size: number; readonly dimension: Dimension } {
  // The model reader has seen that there is one.
  const dimensions = inputs.map(({ value, axis }) => value.dimensions[axis]!);
  const dimension = dimensions[0]!;
  const odd = dimensions.findIndex(({ size }) => size !== dimension.size);
  if (odd >= 0) {
    throw new OnnxModelError(
      "unsupported",
      `Scan '${node.name}': '${inputs[0]!.outside}' has ${dimension.size} elements and '${inputs[odd]!.outside}' ${dimensions[odd]!.size}, expected one length`,
    );
  }
  return { size: dimension.size, dimension };
}

function intsOf(node: Node, name: string): readonly number[] {
  const attribute = node.attributes.get(name);
  return attribute?.kind === "ints" ? attribute.value : [];
}

function directionsOf(node: Node, name: string): (position: number) => boolean {
  const directions = intsOf(node, name);
  return (position) => directions[position] === 1;
}

/** Scan of opset 8: the first axis of everything is a batch, whose sequences may be shorter than the longest. */
async function runBatches(
  control: Repetition,
  environment: Environment,
  context: RepetitionContext,
): Promise<ReadonlyMap<string, RunValue>> {
  const { node, carried, sliced, stacked } = control;
  const onHost = async (name: string): Promise<RunValue & { readonly bytes: Uint8Array }> => {
    const value = lookUp(environment, name);
    return { ...value, bytes: await context.device.read(name, value) };
  };
  const states = await Promise.all(carried.map(({ initial }) => onHost(initial)));
  const inputs = await Promise.all(sliced.map(({ outside }) => onHost(outside)));
  const [batch = 0, longest = 0] = shapeOf(inputs[0]!);
  const all = [...states, ...inputs];
  if (
    !all.every((value) => shapeOf(value)[0] === batch) ||
    !inputs.every((value) => shapeOf(value)[1] === longest)
  ) {
    throw new OnnxModelError(
      "unsupported",
      `Scan '${node.name}': its inputs differ in the sizes of batch and sequence, which are ${batch} and ${longest} in '${sliced[0]!.outside}'`,
    );
  }
  const lengths = await lengthsOf(node, batch, longest, onHost);
  const isReversed = directionsOf(node, "directions");
  const runs: Repeated[] = [];
  for (const [b, length] of lengths.entries()) {
    const own = inputs.map((value) => cut(value, value.bytes, 0, b));
    let step = 0;
    const nextInputs = async () => {
      if (step === length) return undefined;
      const index = step++;
      return new Map(
        sliced.flatMap(({ inside, position }) => {
          if (inside === undefined) return [];
          const at = isReversed(position) ? length - 1 - index : index;
          const value = own[position]!;
          return [[inside, cut(value, value.bytes!, 0, at)] as const];
        }),
      );
    };
    const initial = states.map((value) => cut(value, value.bytes, 0, b));
    runs.push(await repeat(control, environment, initial, nextInputs, context));
  }
  const last = await Promise.all(carried.map((_, i) => stackLast(control, runs, i, context)));
  const stacks = stacked.map((result, i) => {
    const lists = runs.map(({ parts }) => parts[i]!);
    return stackSequences(control, result, lists, longest);
  });
  return resultsOf(control, last, stacks, context);
}

/** Sequences as one tensor; zeros stand where one is shorter than the longest. */
function stackSequences(
  control: Repetition,
  result: Stacked,
  lists: readonly (readonly Part[])[],
  longest: number,
): RunValue {
  const part = lists.flat()[0] ?? declaredPart(control, result.declared);
  const { type } = part;
  checkStack(`'${control.node.name}'`, lists.length * longest, part.bytes.length);
  const zeros = new Uint8Array(part.bytes.length);
  const rows = lists.map((list): Part => {
    const steps = Array.from({ length: longest }, (_, t) => list[t]?.bytes ?? zeros);
    return { type, ...stack(type, part.shape, steps, 0) };
  });
  return stackParts(control, result, rows, 0);
}

async function lengthsOf(
  node: Node,
  batch: number,
  longest: number,
  onHost: (name: string) => Promise<RunValue & { readonly bytes: Uint8Array }>,
): Promise<readonly number[]> {
  const name = node.inputs[0] ?? "";
  if (name === "") return new Array<number>(batch).fill(longest);
  const { type, bytes } = await onHost(name);
  const isRight = type === "int64" && bytes.length === elementBytes("int64", batch);
  const lengths = isRight ? [...new BigInt64Array(bytes.slice().buffer)].map(Number) : [];
  if (isRight && lengths.every((length) => length >= 0 && length <= longest)) return lengths;
  throw new OnnxModelError(
    "unsupported",
    `Scan '${node.name}': the lengths '${name}' are [${lengths.join(", ")}], expected ${batch} of 0 to ${longest}`,
  );
}

/** The last values of a carried value, one for each of the batch. */
async function stackLast(
  { carried }: Repetition,
  runs: readonly Repeated[],
  i: number,
  { device }: RepetitionContext,
): Promise<RunValue> {
  const values = runs.map((run) => run.carried[i]!);
  const bytes = await Promise.all(values.map((value) => device.read(carried[i]!.inside, value)));
  const first = values[0];
  if (first === undefined) throw new OnnxModelError("unsupported", "a Scan of an empty batch");
  checkStack(`'${carried[i]!.inside}'`, values.length, bytes[0]!.length);
  const whole = stack(first.type, shapeOf(first), bytes, 0);
  return hostValue(first.type, whole.shape, whole.bytes);
}
