/**
 * Checks the feeds of a run against the model, all of them before anything runs, and says everything
 * that does not fit in one error.
 */
import type { Tensor } from "onnxruntime-common";
import { OnnxValueError, type ValueProblem } from "../errors.ts";
import type { ValueInfo } from "../model/model.ts";
import { storedType, type ElementType } from "../model/element-type.ts";
import type { DeviceTensor } from "../webnn.ts";
import { bytesOf, isTensorType, tensorTypeOf } from "./element-arrays.ts";
import type { Dimension, RunValue } from "./run-value.ts";

export type Feeds = Readonly<Record<string, Tensor>>;

/** What a dimension of an input is called in graphs, or its number. */
export type NameDimension = (input: ValueInfo, axis: number) => string | number;

export function checkFeeds(
  feeds: Feeds,
  inputs: readonly ValueInfo[],
  nameDimension: NameDimension,
): ReadonlyMap<string, RunValue> {
  const problems: ValueProblem[] = [];
  const values = new Map<string, RunValue>();
  const seen = new Map<string, { readonly size: number; readonly input: string }>();
  for (const input of inputs) {
    const feed = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
    const problem = feed === undefined ? "nothing" : problemOf(feed, input, seen, nameDimension);
    if (problem !== undefined) {
      problems.push({ name: input.name, expected: describeInput(input), got: problem });
    } else if (feed !== undefined) {
      const dimensions = dimensionsOf(feed.dims, input, nameDimension);
      values.set(input.name, runValueOf(feed, input.type ?? feed.type, dimensions));
    }
  }
  const known = new Set(inputs.map(({ name }) => name));
  for (const name of Object.keys(feeds)) {
    if (known.has(name)) continue;
    const expected = `one of the model's inputs (${[...known].join(", ")})`;
    problems.push({ name, expected, got: "an unknown name" });
  }
  if (problems.length > 0) throw new OnnxValueError("feeds", problems);
  return values;
}

/** What is wrong with a feed, or undefined. */
function problemOf(
  feed: Tensor,
  input: ValueInfo,
  seen: Map<string, { readonly size: number; readonly input: string }>,
  nameDimension: NameDimension,
): string | undefined {
  const { type, dims } = feed;
  const got = `${type} [${dims.join(", ")}]`;
  if (input.type !== undefined && type !== tensorTypeOf(input.type)) return got;
  if (input.shape !== undefined && dims.length !== input.shape.length) return got;
  for (const [axis, { size, name, expected }] of namedSizes(dims, input, nameDimension).entries()) {
    if (expected !== undefined && size !== expected) return got;
    if (name === undefined) continue;
    const before = seen.get(name);
    if (before !== undefined && before.size !== size) {
      return `${got}, but '${input.shape?.[axis]}' is ${before.size} in '${before.input}'`;
    }
    seen.set(name, before ?? { size, input: input.name });
  }
  return placeProblem(feed);
}

/** A feed's data must be where this execution provider can take them from. */
function placeProblem(feed: Tensor): string | undefined {
  if (feed.location === "ml-tensor") {
    const tensor = feed.mlTensor as unknown as DeviceTensor;
    const isSame =
      tensor.dataType === storedType(feed.type) &&
      tensor.shape.length === feed.dims.length &&
      tensor.shape.every((size, axis) => size === feed.dims[axis]);
    if (isSame) return undefined;
    return `an MLTensor that is ${tensor.dataType} [${tensor.shape.join(", ")}] in a tensor that says ${feed.type} [${feed.dims.join(", ")}]`;
  }
  if (feed.location !== "cpu" && feed.location !== "cpu-pinned") {
    return feed.location === "none" ? "a disposed tensor" : `a tensor in '${feed.location}'`;
  }
  return isTensorType(feed.type) ? undefined : `data of type ${feed.type}`;
}

function namedSizes(
  dims: readonly number[],
  input: ValueInfo,
  nameDimension: NameDimension,
): readonly { size: number; name: string | undefined; expected: number | undefined }[] {
  return dims.map((size, axis) => {
    const meaning = nameDimension(input, axis);
    return typeof meaning === "number"
      ? { size, name: undefined, expected: meaning }
      : { size, name: meaning, expected: undefined };
  });
}

function dimensionsOf(
  dims: readonly number[],
  input: ValueInfo,
  nameDimension: NameDimension,
): readonly Dimension[] {
  return namedSizes(dims, input, nameDimension).map(({ size, name }) => ({ size, name }));
}

function runValueOf(feed: Tensor, type: ElementType, dimensions: readonly Dimension[]): RunValue {
  const isOnDevice = feed.location === "ml-tensor";
  return {
    type,
    dimensions,
    tensor: isOnDevice ? (feed.mlTensor as unknown as DeviceTensor) : undefined,
    bytes: isOnDevice ? undefined : bytesOf(feed.data as ArrayBufferView),
    isForeign: isOnDevice,
  };
}

function describeInput({ type, shape }: ValueInfo): string {
  const sizes = shape?.map((size) => (size === "" ? "?" : size)).join(", ") ?? "…";
  const carrier = tensorTypeOf(type);
  const bits = carrier === type ? "" : ` (its bits as ${carrier})`;
  return `${type ?? "any type"}${bits} [${sizes}]`;
}
