/** Loop: a body that runs a number of times, or while a condition holds. */
import { OnnxModelError } from "../errors.ts";
import { bytesOfNumbers } from "../host/host-tensor.ts";
import type { Repetition } from "./control.ts";
import { lookUp, type Environment } from "./environment.ts";
import { repeat, resultsOf, stackParts, type RepetitionContext } from "./repeat.ts";
import { hostValue, shapeOf, truthOf, type RunValue } from "./run-value.ts";

export async function runLoop(
  control: Repetition,
  environment: Environment,
  context: RepetitionContext,
): Promise<ReadonlyMap<string, RunValue>> {
  const { node, carried, stacked } = control;
  const body = control.bodies[0]!;
  const [tripName = "", conditionName = ""] = node.inputs;
  const limit = tripName === "" ? undefined : await readCount(tripName, environment, context);
  const isTrue = async (name: string, from: Environment) => {
    const value = lookUp(from, name);
    return truthOf(value.type, shapeOf(value), await context.device.read(name, value));
  };
  const [iteration, goesOn] = body.graph.inputs;
  const inShape = (input: typeof iteration) => (input?.shape?.length === 1 ? [1] : []);
  let count = 0n;
  const nextInputs = async (last: Environment | undefined) => {
    if (limit !== undefined && count >= limit) return undefined;
    // As runtimes do, but not the standard's text, the body's condition counts also where Loop has none.
    const holds =
      last !== undefined
        ? await isTrue(body.outputs[0]!, last)
        : conditionName === "" || (await isTrue(conditionName, environment));
    if (!holds) return undefined;
    const number = new Uint8Array(BigInt64Array.of(count).buffer);
    count += 1n;
    return new Map([
      [iteration!.name, hostValue("int64", inShape(iteration), number)],
      [goesOn!.name, hostValue("bool", inShape(goesOn), bytesOfNumbers("bool", [1]))],
    ]);
  };
  const initial = carried.map(({ initial: name }) => lookUp(environment, name));
  const { carried: last, parts } = await repeat(control, environment, initial, nextInputs, context);
  const stacks = stacked.map((result, i) => stackParts(control, result, parts[i]!, 0));
  return resultsOf(control, last, stacks, context);
}

async function readCount(
  name: string,
  environment: Environment,
  { device }: RepetitionContext,
): Promise<bigint> {
  const value = lookUp(environment, name);
  const bytes = await device.read(name, value);
  if (value.type !== "int64" || bytes.length !== 8) {
    throw new OnnxModelError(
      "malformed",
      `the trip count '${name}' is ${value.type} [${shapeOf(value).join(", ")}], expected one int64`,
    );
  }
  return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
}
