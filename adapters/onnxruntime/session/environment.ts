/** Values by name while a graph runs, and how a name is looked up through the graphs around it. */
import { OnnxModelError } from "../errors.ts";
import type { Constant } from "../model/model.ts";
import { constantRunValue, type RunValue } from "./run-value.ts";

/** Values by name, with those of the graphs around it. */
export interface Environment {
  readonly values: Map<string, RunValue>;
  readonly constants: ReadonlyMap<string, Constant>;
  readonly outer: Environment | undefined;
}

export function lookUp(environment: Environment, name: string): RunValue {
  const constant = environment.constants.get(name);
  for (let scope: Environment | undefined = environment; scope; scope = scope.outer) {
    const value = scope.values.get(name);
    if (value !== undefined) return value;
  }
  if (constant !== undefined) return constantRunValue(constant);
  throw new OnnxModelError("malformed", `nothing gives the value '${name}'`);
}
