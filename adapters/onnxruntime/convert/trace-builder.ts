/**
 * A builder that also remembers which operands each operand was made from.
 *
 * A graph has only what its outputs need: an input whose elements nothing uses is no input of it,
 * though a node that only lent its shape may have asked for it.
 */
import type { Builder, Operand } from "../webnn.ts";

export interface TracedBuilder {
  readonly builder: Builder;
  /** Names of the inputs that these operands depend on. */
  readonly inputsOf: (operands: readonly Operand[]) => readonly string[];
  /** Whether it is an input or a constant, or made of nothing else that is an operand. */
  readonly isLeaf: (operand: Operand) => boolean;
  /** Remembers an operand that was made without the builder's methods. */
  readonly remember: (operand: Operand) => Operand;
}

export function traceBuilder(original: Builder): TracedBuilder {
  const sources = new Map<Operand, readonly Operand[]>();
  const inputs = new Map<Operand, string>();
  const remember = (operand: Operand, args: readonly unknown[] = []): Operand => {
    sources.set(operand, args.flatMap(operandsIn));
    return operand;
  };
  const operandsIn = (arg: unknown): readonly Operand[] => {
    if (typeof arg !== "object" || arg === null) return [];
    if (sources.has(arg as Operand)) return [arg as Operand];
    // Lists of operands, and dictionaries with operands as members.
    return Object.values(arg).filter((member) => sources.has(member as Operand)) as Operand[];
  };
  type Method = (...args: unknown[]) => Operand | readonly Operand[];
  const builder = new Proxy(original, {
    get(target, name) {
      const method = (target as unknown as Record<PropertyKey, Method>)[name];
      if (typeof method !== "function" || name === "build") return method?.bind(target);
      return (...args: unknown[]) => {
        const made = method.apply(target, args);
        for (const operand of Array.isArray(made) ? (made as readonly Operand[]) : [made]) {
          remember(operand as Operand, args);
        }
        if (name === "input") inputs.set(made as Operand, args[0] as string);
        return made;
      };
    },
  });
  return {
    builder,
    remember,
    isLeaf: (operand) => sources.get(operand)?.length === 0,
    inputsOf(operands) {
      const found = new Set(operands);
      // A set gives its iterator what is added meanwhile.
      for (const operand of found) sources.get(operand)?.forEach((source) => found.add(source));
      return [...found].flatMap((operand) => inputs.get(operand) ?? []);
    },
  };
}
