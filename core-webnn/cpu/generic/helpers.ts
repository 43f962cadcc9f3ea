/**
 * Functions too long to repeat at each use: powers, remainders, sines. A module has one of each that a
 * kernel calls; vectors call it once per lane.
 */
import type { ModuleBuilder } from "../module-builder.ts";
import type { FunctionType, WasmType } from "../wasm-types.ts";
import { floatPower, integerPower } from "./power.ts";
import { Nest } from "./nest.ts";
import { remainder } from "./remainder.ts";
import { cosine, sine, tangent } from "./sine.ts";
import { ValueGraph } from "./value-graph.ts";
import type { Value } from "./value-graph.ts";
import { writeActions } from "./write-actions.ts";

interface Helper {
  readonly params: readonly WasmType[];
  readonly result: WasmType;
  readonly build: (nest: Nest, ...params: readonly Value[]) => Value;
}

const helpers = {
  /** a^b of i64; of negative b as 1 / a^|b| in integers. */
  powSigned: {
    params: ["i64", "i64"],
    result: "i64",
    build: (nest, a, b) => integerPower(nest, a, b, true),
  },
  powUnsigned: {
    params: ["i64", "i64"],
    result: "i64",
    build: (nest, a, b) => integerPower(nest, a, b, false),
  },
  pow: { params: ["f32", "f32"], result: "f32", build: floatPower },
  rem: { params: ["f32", "f32"], result: "f32", build: remainder },
  sin: { params: ["f32"], result: "f32", build: sine },
  cos: { params: ["f32"], result: "f32", build: cosine },
  tan: { params: ["f32"], result: "f32", build: tangent },
} as const satisfies Record<string, Helper>;

export type HelperName = keyof typeof helpers;

/** Declares a helper in the module when it is first asked for. */
export function helpersOf(module: ModuleBuilder): (name: HelperName) => number {
  const known = new Map<HelperName, number>();
  return (name) => {
    const index = known.get(name) ?? addHelper(module, name, helpers[name]);
    known.set(name, index);
    return index;
  };
}

function addHelper(module: ModuleBuilder, name: string, { params, result, build }: Helper): number {
  const type: FunctionType = { params, results: [result] };
  return module.addFunction(
    type,
    (asm, ...locals) => {
      const nest = new Nest(new ValueGraph());
      const variables = params.map((param) => nest.graph.variable(param, 0));
      const value = build(nest, ...variables);
      const bound = new Map(variables.map((variable, i) => [variable, locals[i]!]));
      writeActions(asm, nest.actions, bound, [value]);
    },
    name,
  );
}
