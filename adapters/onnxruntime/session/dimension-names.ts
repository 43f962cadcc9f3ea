/**
 * Names for the dimensions of a model's inputs. Dimensions of one name in the file are one size;
 * `freeDimensionOverrides` gives some of them a number.
 *
 * Sizes are compared by how they print, so the names in graphs are identifiers: "past + 1" in a file
 * would look like a sum.
 */
import type { ValueInfo } from "../model/model.ts";
import type { NameDimension } from "./feeds.ts";

export interface DimensionNames {
  readonly nameDimension: NameDimension;
  /** What the model calls the size that graphs know by this name. */
  readonly modelName: (identifier: string) => string;
}

export function nameDimensions(
  inputs: readonly ValueInfo[],
  overrides: Readonly<Record<string, number>> = {},
): DimensionNames {
  const identifiers = new Map<string, string>();
  const taken = new Set<string>();
  const identifierOf = (name: string): string => {
    const known = identifiers.get(name);
    if (known !== undefined) return known;
    const plain = `d_${name.replaceAll(/\W+/g, "_")}`;
    let unique = plain;
    for (let i = 2; taken.has(unique); i++) unique = `${plain}_${i}`;
    taken.add(unique);
    identifiers.set(name, unique);
    return unique;
  };
  const declared = inputs.flatMap(({ shape }) => shape ?? []);
  for (const name of declared) if (typeof name === "string" && name !== "") identifierOf(name);
  return {
    nameDimension(input, axis) {
      const size = input.shape?.[axis] ?? "";
      if (typeof size === "number") return size;
      if (size === "") return identifierOf(`${input.name}.${axis}`);
      return overrides[size] ?? identifierOf(size);
    },
    modelName(identifier) {
      const found = [...identifiers].find(([, known]) => known === identifier);
      return found?.[0] ?? identifier;
    },
  };
}
