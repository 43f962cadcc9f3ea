/**
 * The graphs of one unit: built when a run first needs one, kept for later runs.
 *
 * Where sizes may be symbolic one graph serves all sizes for which its conversion decides alike; else
 * there is one for each set of sizes. A bounded number is kept, the least recently used one goes.
 */
import {
  convertUnit,
  type ConvertedUnit,
  type Unit,
  type UnitInput,
  type UnitOutput,
} from "../convert/convert-unit.ts";
import type { ConstantStore } from "../convert/constant-store.ts";
import { guardHolds, NeedsNumbers } from "../convert/decisions.ts";
import { NeedsInputValue } from "../convert/node-context.ts";
import { evaluateSize, sizeKey, type Size, type Sizes } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import type { HostTensor } from "../host/host-tensor.ts";
import type { Constant, Model } from "../model/model.ts";
import type { CompiledGraph, WebNN } from "../webnn.ts";
import type { Recorder } from "./report.ts";
import { sizeOf, type RunValue } from "./run-value.ts";

export interface UnitProgram extends Pick<ConvertedUnit, "graphInputs" | "placement"> {
  readonly outputs: ReadonlyMap<string, ProgramOutput>;
  /** Undefined where the host computes everything. */
  readonly graph: CompiledGraph | undefined;
  /** The sizes that this run gives to names. */
  readonly sizes: Sizes;
}

export type ProgramOutput = UnitOutput & {
  /** Names by which later graphs know the output's sizes. */
  readonly names: readonly (string | undefined)[];
};

export interface UnitPrograms {
  /** The program for these inputs; builds one if there is none. */
  readonly find: (inputs: ReadonlyMap<string, RunValue>) => Promise<UnitProgram>;
  readonly destroy: () => void;
}

export interface ProgramMaker {
  readonly webnn: WebNN;
  readonly store: ConstantStore;
  readonly opsets: Model["opsets"];
  readonly recorder: Recorder;
  /** The elements of an input that a conversion has to know. */
  readonly readHost: (name: string, value: RunValue) => Promise<HostTensor | undefined>;
}

interface Variant {
  readonly converted: ConvertedUnit;
  readonly outputs: ReadonlyMap<string, ProgramOutput>;
  readonly graph: CompiledGraph | undefined;
  /** Names and numbers of the inputs' dimensions, as the conversion saw them. */
  readonly pattern: string;
  /** Values of the names that are numbers in this graph. */
  readonly fixed: ReadonlyMap<string, number>;
  readonly known: ReadonlyMap<string, string>;
}

const maxVariants = 8;

export function makeUnitPrograms(unit: Unit, maker: ProgramMaker): UnitPrograms {
  let variants: readonly Variant[] = [];
  return {
    async find(inputs) {
      const sizes = sizesOf(inputs);
      const pattern = patternOf(inputs);
      const fitting = variants.filter((v) => v.pattern === pattern && fits(v, sizes));
      let found: Variant | undefined;
      for (const variant of fitting) {
        if (await knowsSame(variant, inputs, maker)) found = variant;
      }
      found ??= await build(unit, maker, inputs, sizes, pattern);
      const others = variants.filter((variant) => variant !== found);
      others.slice(maxVariants - 1).forEach(({ graph }) => graph?.destroy());
      variants = [found, ...others.slice(0, maxVariants - 1)];
      const { converted, graph, outputs } = found;
      const { graphInputs, placement } = converted;
      return { graph, graphInputs, outputs, placement, sizes };
    },
    destroy() {
      variants.forEach(({ graph }) => graph?.destroy());
      variants = [];
    },
  };
}

function sizesOf(inputs: ReadonlyMap<string, RunValue>): Sizes {
  const sizes: Record<string, number> = {};
  for (const { dimensions } of inputs.values()) {
    for (const { name, size } of dimensions) if (name !== undefined) sizes[name] = size;
  }
  return sizes;
}

function patternOf(inputs: ReadonlyMap<string, RunValue>): string {
  const aliases = aliasesIn(inputs);
  return [...inputs]
    .map(([name, { dimensions }]) => {
      const shape = dimensions.map((dimension) => dimension.name ?? dimension.size).join(" ");
      return aliases.has(name) ? `${shape} = ${aliases.get(name)}` : shape;
    })
    .join(", ");
}

/** Inputs that are the same tensor as an earlier one. */
function aliasesIn(inputs: ReadonlyMap<string, RunValue>): ReadonlyMap<string, string> {
  const first = new Map<unknown, string>();
  const aliases = new Map<string, string>();
  for (const [name, value] of inputs) {
    const same = first.get(value.tensor ?? value);
    if (same === undefined) first.set(value.tensor ?? value, name);
    else aliases.set(name, same);
  }
  return aliases;
}

function fits({ fixed, converted }: Variant, sizes: Sizes): boolean {
  const areNumbersSame = Object.entries(sizes).every(([name, size]) =>
    fixed.has(name) ? fixed.get(name) === size : size > 0,
  );
  return areNumbersSame && converted.guards.every((guard) => guardHolds(guard, sizes));
}

async function knowsSame(
  { known }: Variant,
  inputs: ReadonlyMap<string, RunValue>,
  { readHost }: ProgramMaker,
): Promise<boolean> {
  for (const [name, key] of known) {
    const tensor = await readHost(name, inputs.get(name)!);
    if (tensor === undefined || keyOf(tensor) !== key) return false;
  }
  return true;
}

function keyOf({ elements }: HostTensor): string {
  return elements.map(sizeKey).join(" ");
}

async function build(
  unit: Unit,
  maker: ProgramMaker,
  inputs: ReadonlyMap<string, RunValue>,
  sizes: Sizes,
  pattern: string,
): Promise<Variant> {
  const { recorder } = maker;
  return recorder.timed("build", async () => {
    const constants = constantsOf(unit);
    await maker.store.upload(constants);
    const names = Object.keys(sizes);
    // Where sizes must be numbers all are; a size of 0 always is, for no graph has empty tensors.
    const isFixed = (name: string) => maker.webnn.iota === undefined || sizes[name] === 0;
    const fixed = new Set(names.filter(isFixed));
    const known = new Map<string, HostTensor>();
    const converted = await convert(unit, maker, inputs, sizes, fixed, known);
    // Not before: what a conversion leaves to the host reads them there.
    maker.store.release(constants);
    const { builder, graphOutputs } = converted;
    const graph =
      graphOutputs.size === 0 ? undefined : await builder.build(Object.fromEntries(graphOutputs));
    if (graph !== undefined) recorder.graphBuilt(unit.nodes, graph.devices ?? []);
    fixed.forEach((name) => {
      if (maker.webnn.iota === undefined)
        recorder.sizeFixed(name, "the context takes numbers only");
    });
    return {
      converted,
      outputs: nameOutputs(converted.outputs),
      graph,
      pattern,
      fixed: new Map([...fixed].map((name) => [name, sizes[name]!])),
      known: new Map([...known].map(([name, tensor]) => [name, keyOf(tensor)])),
    };
  });
}

function nameOutputs(outputs: ReadonlyMap<string, UnitOutput>): ReadonlyMap<string, ProgramOutput> {
  return new Map(
    [...outputs].map(([name, output]) => {
      const shape = output.kind === "tensor" ? output.shape : [];
      return [name, { ...output, names: shape.map(nameOf) }];
    }),
  );
}

/** A later graph knows a computed size by a name of its own; equal sizes have equal names. */
function nameOf(size: Size): string | undefined {
  if (typeof size === "number") return undefined;
  const key = sizeKey(size);
  return /^\w+$/.test(key) ? key : `s_${key.replaceAll(/\W/g, (c) => `$${c.charCodeAt(0)}`)}`;
}

function constantsOf({ nodes, constants }: Unit): readonly Constant[] {
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return [...used].flatMap((name) => constants.get(name) ?? []);
}

/** Converts with as many symbolic sizes as can be; `fixed` and `known` grow by what the conversion asks for. */
async function convert(
  unit: Unit,
  maker: ProgramMaker,
  inputs: ReadonlyMap<string, RunValue>,
  sizes: Sizes,
  fixed: Set<string>,
  known: Map<string, HostTensor>,
): Promise<ConvertedUnit> {
  const fix = (names: readonly string[], reason: string) => {
    for (const name of names) {
      if (!fixed.has(name)) maker.recorder.sizeFixed(name, reason);
      fixed.add(name);
    }
  };
  for (;;) {
    try {
      const described = describe(inputs, fixed, known);
      const { webnn, store, opsets } = maker;
      const converted = await convertUnit(webnn, store, opsets, unit, described, sizes);
      const unbound = unboundNames(converted, inputs, fixed);
      if (unbound.length === 0) return converted;
      fix(unbound, "no tensor that the graph takes has it");
    } catch (error) {
      if (error instanceof NeedsNumbers) {
        const { names, node } = error;
        if (names.every((name) => fixed.has(name))) throw error;
        fix(names, node === undefined ? error.message : `${node.op} '${node.name}' needs a number`);
      } else if (error instanceof NeedsInputValue && !known.has(error.input)) {
        known.set(error.input, await needed(error.input, inputs, maker));
      } else {
        throw error;
      }
    }
  }
}

async function needed(
  name: string,
  inputs: ReadonlyMap<string, RunValue>,
  { readHost }: ProgramMaker,
): Promise<HostTensor> {
  const tensor = await readHost(name, inputs.get(name)!);
  if (tensor !== undefined) return tensor;
  throw new OnnxModelError(
    "unsupported",
    `'${name}' says a shape, but is too large or of a type that shapes do not have`,
  );
}

/** A graph takes the values of names from its inputs: names that are only in others become numbers. */
function unboundNames(
  { graphInputs, graphOutputs }: ConvertedUnit,
  inputs: ReadonlyMap<string, RunValue>,
  fixed: ReadonlySet<string>,
): readonly string[] {
  if (graphOutputs.size === 0) return [];
  const namesOf = (values: readonly RunValue[]) =>
    values.flatMap(({ dimensions }) => dimensions.flatMap(({ name }) => name ?? []));
  const bound = new Set(namesOf(graphInputs.map((name) => inputs.get(name)!)));
  const all = new Set(namesOf([...inputs.values()]));
  return [...all].filter((name) => !bound.has(name) && !fixed.has(name));
}

function describe(
  inputs: ReadonlyMap<string, RunValue>,
  fixed: ReadonlySet<string>,
  known: ReadonlyMap<string, HostTensor>,
): ReadonlyMap<string, UnitInput> {
  const aliases = aliasesIn(inputs);
  return new Map(
    [...inputs].map(([name, { type, dimensions }]) => {
      const shape = dimensions.map((dimension) => sizeOf(dimension, fixed));
      const tensor = known.get(name);
      const sameAs = aliases.get(name);
      return [
        name,
        {
          type,
          shape,
          ...(tensor === undefined ? {} : { known: tensor }),
          ...(sameAs === undefined ? {} : { sameAs }),
        },
      ];
    }),
  );
}

/** Elements that may be sizes, with the values that this run gives to names. */
export function evaluateElements({ elements }: HostTensor, sizes: Sizes): readonly number[] {
  return elements.map((element) => evaluateSize(element, sizes));
}
