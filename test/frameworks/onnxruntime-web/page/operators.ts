/** Small models of an operator each, on WebNN and on ORT's own kernels. */
import type { Tensor } from "onnxruntime-common";
import { modelOf, tensorOf } from "../../../adapters/onnxruntime/op-case-model.ts";
import type { OpCase } from "../../../adapters/onnxruntime/cases/make-case.ts";
import { opCases } from "../../../adapters/onnxruntime/op-cases.ts";
import { ownCases } from "../operator-cases.ts";
import { nodesElsewhere } from "../placements.ts";
import type { OperatorResult, OperatorTask } from "../messages.ts";
import { openOnWasm, openOnWebNN, devicesUsed, type Ort } from "./open.ts";

export async function runOperator(ort: Ort, task: OperatorTask): Promise<OperatorResult> {
  const opCase = withConstants([...opCases, ...ownCases].find(({ name }) => name === task.name)!);
  const model = modelOf(opCase, "numbers");
  const fed = Object.entries(opCase.tensors).filter(([name]) => !opCase.constants.includes(name));
  const feeds = Object.fromEntries(fed.map(([name, spec]) => [name, tensorOf(ort, spec)]));
  const oracle = await openOnWasm(ort, model);
  const expected = await oracle.run(feeds);
  await oracle.release();
  const { session, placements } = await openOnWebNN(ort, model, task.deviceType);
  const actual = await session.run(feeds);
  await session.release();
  return {
    elsewhere: nodesElsewhere(placements),
    devices: devicesUsed(),
    differences: Object.keys(opCase.outputs).flatMap((name) =>
      compare(name, actual[name]!, expected[name]!, opCase.tolerance),
    ),
  };
}

/** ORT's WebNN provider wants shapes, axes and the like as constants: all integers but those that come first. */
function withConstants(opCase: OpCase): OpCase {
  const integers = Object.entries(opCase.tensors)
    .filter(([, { type }], i) => type === "int64" && i > 0)
    .map(([name]) => name);
  return { ...opCase, constants: [...new Set([...opCase.constants, ...integers])] };
}

/** What differs by more than the tolerance, relative to the larger of 1 and the expected value. */
function compare(name: string, actual: Tensor, expected: Tensor, tolerance: number): string[] {
  const described = ({ type, dims }: Tensor) => `${type}[${dims.join()}]`;
  if (described(actual) !== described(expected)) {
    return [`${name} is ${described(actual)}, not ${described(expected)}`];
  }
  const [got, wanted] = [actual, expected].map(({ data }) => Array.from(data as never, Number));
  return wanted!.flatMap((value, i) => {
    const isClose =
      Object.is(got![i], value) ||
      Math.abs(got![i]! - value) <= tolerance * Math.max(1, Math.abs(value));
    return isClose ? [] : [`${name}[${i}] is ${got![i]}, not ${value}`];
  });
}
