/**
 * Runs a body again and again: what one iteration gives as carried values is what the next one takes.
 *
 * Parts of stacked results are read while the iterations go on, so that a device holds no more than one iteration
 * needs. Dimensions that differ between iterations have names: the body's graphs serve all of them.
 */
import { pauseEvery } from "../convert/pause.ts";
import { OnnxModelError } from "../errors.ts";
import { elementBytes, type ElementType } from "../model/element-type.ts";
import { elementCount } from "../model/model.ts";
import type { DeviceTensor } from "../webnn.ts";
import type { Body, Repetition, Stacked } from "./control.ts";
import { lookUp, type Environment } from "./environment.ts";
import type { HostStepContext } from "./run-host.ts";
import type { UnitContext } from "./run-unit.ts";
import { hostValue, shapeOf, type Dimension, type RunValue } from "./run-value.ts";
import { checkStack, stack } from "./sequence.ts";

export interface RepetitionContext extends UnitContext, HostStepContext {
  readonly runBody: (body: Body, environment: Environment) => Promise<void>;
}

/** One part of a stacked result. */
export interface Part {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface Repeated {
  /** The last values of what is carried. */
  readonly carried: readonly RunValue[];
  /** For each stacked result its parts. */
  readonly parts: readonly (readonly Part[])[];
}

/** The body's inputs beside carried values for the next iteration; undefined ends the repetition. */
type NextInputs = (
  last: Environment | undefined,
) => Promise<ReadonlyMap<string, RunValue> | undefined>;

/** Milliseconds after which other work of the thread has its turn: an endless loop can be aborted. */
const longestTask = 12;

export async function repeat(
  control: Repetition,
  environment: Environment,
  initial: readonly RunValue[],
  nextInputs: NextInputs,
  context: RepetitionContext,
): Promise<Repeated> {
  const { node, carried, stacked } = control;
  const body = control.bodies[0]!;
  const { device, varyingSizes } = context;
  const release = device.mark();
  const pause = pauseEvery(longestTask);
  const known = (value: RunValue, i: number): RunValue => {
    const shape = shapeOf(value);
    const first = initial[i]!.dimensions;
    return { ...value, dimensions: varyingSizes.carried(node, carried[i]!.inside, shape, first) };
  };
  let values = initial.map(known);
  const parts = stacked.map(() => [] as Promise<Part>[]);
  let last: Environment | undefined;
  for (;;) {
    await pause();
    context.checkAborted();
    const inputs = await nextInputs(last);
    if (inputs === undefined) break;
    const given = carried.map(({ inside }, i) => [inside, values[i]!] as const);
    const inner: Environment = {
      values: new Map([...inputs, ...given]),
      constants: body.constants,
      outer: environment,
    };
    await context.runBody(body, inner);
    values = carried.map(({ next }, i) => known(lookUp(inner, next), i));
    stacked.forEach((result, i) =>
      addPart(parts[i]!, result, lookUp(inner, result.inside), node.name, context),
    );
    const condition = control.kind === "loop" ? [lookUp(inner, body.outputs[0]!)] : [];
    release(tensorsOf(environment, [...values, ...condition]));
    last = inner;
  }
  return { carried: values, parts: await Promise.all(parts.map((list) => Promise.all(list))) };
}

function addPart(
  parts: Promise<Part>[],
  { result }: Stacked,
  value: RunValue,
  label: string,
  { device }: UnitContext,
): void {
  const shape = shapeOf(value);
  const { type } = value;
  checkStack(`'${label}'`, parts.length + 1, elementBytes(type, elementCount(shape)) ?? 0);
  const part = device.read(result, value).then((bytes) => ({ type, shape, bytes }));
  // Awaited when the repetition is over; until then nobody else looks after it.
  part.catch(() => {});
  parts.push(part);
}

/** Tensors of these values and of all that graphs around the body may still use. */
function tensorsOf(
  environment: Environment,
  values: readonly RunValue[],
): ReadonlySet<DeviceTensor> {
  const tensors = new Set<DeviceTensor>();
  const add = ({ tensor }: RunValue) => tensor !== undefined && tensors.add(tensor);
  values.forEach(add);
  for (let scope: Environment | undefined = environment; scope; scope = scope.outer) {
    scope.values.forEach(add);
  }
  return tensors;
}

/** The parts as one tensor along a new axis, where negative axes count from the end. */
export function stackParts(
  control: Repetition,
  { declared, result }: Stacked,
  parts: readonly Part[],
  asked: number,
): RunValue {
  const { op, name } = control.node;
  const first = parts[0] ?? declaredPart(control, declared);
  const odd = parts.find(({ shape }) => String(shape) !== String(first.shape));
  if (odd !== undefined) {
    throw new OnnxModelError(
      "unsupported",
      `${op} '${name}': parts of '${result}' have the shapes [${first.shape.join(", ")}] and [${odd.shape.join(", ")}], expected one shape`,
    );
  }
  const rank = first.shape.length + 1;
  const axis = asked < 0 ? asked + rank : asked;
  if (!(axis >= 0 && axis < rank)) {
    throw new OnnxModelError(
      "malformed",
      `${op} '${name}': the axis ${asked} of '${result}' is out of range for rank ${rank}`,
    );
  }
  const { shape, bytes } = stack(
    first.type,
    first.shape,
    parts.map((part) => part.bytes),
    axis,
  );
  return hostValue(first.type, shape, bytes);
}

/** What no iteration gives: the declared type and shape, where unknown sizes are 0, as in onnxruntime. */
export function declaredPart(
  { node }: Repetition,
  { name, type, shape }: Stacked["declared"],
): Part {
  if (type === undefined) {
    throw new OnnxModelError(
      "unsupported",
      `${node.op} '${node.name}': no iteration gives '${name}', and the model does not say its type`,
    );
  }
  const sizes = (shape ?? []).map((size) => (typeof size === "number" ? size : 0));
  const byteLength = elementBytes(type, elementCount(sizes)) ?? 0;
  checkStack(`'${node.name}'`, 1, byteLength);
  return { type, shape: sizes, bytes: new Uint8Array(byteLength) };
}

/** The results by name: last carried values, and what is stacked. */
export function resultsOf(
  { node, carried, stacked }: Repetition,
  last: readonly RunValue[],
  stacks: readonly RunValue[],
  { varyingSizes }: HostStepContext,
  sequence?: { readonly axisOf: (position: number) => number; readonly dimension: Dimension },
): ReadonlyMap<string, RunValue> {
  const results = new Map<string, RunValue>();
  carried.forEach(({ result }, i) => {
    if (result !== undefined) results.set(result, last[i]!);
  });
  stacked.forEach(({ result, position }, i) => {
    const value = stacks[i]!;
    const named = varyingSizes.dimensions(node, result, shapeOf(value));
    const along = sequence?.axisOf(position);
    const at = along !== undefined && along < 0 ? along + named.length : along;
    const dimensions = named.map((d, axis) => (axis === at ? sequence!.dimension : d));
    results.set(result, { ...value, dimensions });
  });
  return results;
}
