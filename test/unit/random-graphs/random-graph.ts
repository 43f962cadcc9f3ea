/**
 * Random graphs whose results are known to the last bit, or nearly.
 *
 * Inputs are small integers, and every value carries a bound, so that sums and products stay exact in
 * its type whatever their order. Values behind softmax and the like are inexact: they only reach ops
 * that turn a small error into a small one, and are compared with a tolerance.
 */
import type { Graph } from "../../../core-webnn/graph/ir.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { evaluateSize, productOf, type Size, type Sizes } from "../../../core-webnn/util/size.ts";
import { sketch } from "../../reference/sketch.ts";
import { randomIntegers, randomNumbers, type Numeric } from "../../reference/values.ts";
import { randomShape, type Draft, type Entry } from "./draft.ts";
import { makers } from "./makers.ts";

export interface RandomGraph {
  readonly graph: Graph;
  readonly constants: Readonly<Record<string, Uint8Array>>;
  readonly inputs: Readonly<Record<string, readonly Numeric[]>>;
  readonly sizes: Sizes;
  /** Names of outputs that must agree to the last bit. */
  readonly exact: ReadonlySet<string>;
}

/** Largest magnitude that types hold exactly. */
const exactBound: Readonly<Record<StorageType, number>> = {
  float32: 2 ** 23,
  float16: 2 ** 10,
  int32: 2 ** 30,
  uint32: 2 ** 30,
  int64: 2 ** 40,
  uint64: 2 ** 40,
  int8: 127,
  uint8: 255,
  int4: 7,
  uint4: 15,
};
const mostElements = 600;

export function randomGraph(seed: number, nodeCount: number): RandomGraph {
  const random = randomNumbers(seed);
  const sizes = { n: 1 + Math.floor(random() * 5) };
  const inputs: Record<string, readonly Numeric[]> = {};
  const draft = startDraft(random, sizes, inputs);
  for (let i = 0; i < 2; i++) draft.entries.push(draft.leaf("float32", randomShape(draft)));
  for (let tries = 0; draft.entries.length < nodeCount && tries < 20 * nodeCount; tries++) {
    const made = draft.pick(makers)(draft);
    draft.entries.push(...made);
  }
  const outputs = chooseOutputs(draft);
  const { sketch: made } = draft;
  return {
    graph: made.finish(
      Object.fromEntries(Object.entries(outputs).map(([name, entry]) => [name, entry.value])),
    ),
    constants: made.constants,
    inputs,
    sizes,
    exact: new Set(Object.keys(outputs).filter((name) => outputs[name]!.isExact)),
  };
}

function startDraft(
  random: () => number,
  sizes: Sizes,
  inputs: Record<string, readonly Numeric[]>,
): Draft {
  const made = sketch();
  const below = (count: number): number => Math.floor(random() * count);
  const count = (shape: readonly Size[]): number => evaluateSize(productOf(shape), sizes);
  const draft: Draft = {
    sketch: made,
    sizes,
    entries: [],
    below,
    count,
    chance: (p) => random() < p,
    pick: (items) => items[below(items.length)]!,
    leaf(dataType, shape, bound = 3) {
      const low = dataType.startsWith("u") ? 0 : -bound;
      const values = randomIntegers(random, count(shape), low, bound);
      const isConstant = random() < 0.4 && shape.every((size) => typeof size === "number");
      if (isConstant) {
        const value = made.constant(dataType, shape as readonly number[], values);
        return { value, bound, isExact: true };
      }
      const name = `x${Object.keys(inputs).length}`;
      inputs[name] = values;
      return { value: made.input(name, dataType, shape), bound, isExact: true };
    },
    op(name, args, from, bound, isExact = true) {
      const value = made.op(name, args);
      const exact = isExact && from.every((entry) => entry.isExact);
      if (bound > exactBound[value.dataType] || count(value.shape) > mostElements) return undefined;
      return { value, bound, isExact: exact };
    },
  };
  return draft;
}

/** The last values, some others, one of them twice. */
function chooseOutputs({ entries, chance, pick }: Draft): Readonly<Record<string, Entry>> {
  const chosen = entries.filter((_, i) => i >= entries.length - 2 || chance(0.12));
  if (chance(0.2)) chosen.push(pick(chosen));
  return Object.fromEntries(chosen.map((entry, i) => [`y${i}`, entry]));
}
