/** The standard's interfaces as the IDL of npm @webref/idl has them, partial interfaces joined. */
import { readFileSync } from "node:fs";
import { parse, type Callable, type Definition, type Type } from "webidl2";

export interface Interface {
  readonly name: string;
  /** The arguments that `new` must be given; undefined where there is no constructor. */
  readonly constructorArguments: number | undefined;
  readonly operations: readonly Operation[];
  readonly attributes: readonly Attribute[];
}

export interface Operation {
  readonly name: string;
  /** The fewest arguments of any overload. */
  readonly required: number;
  readonly returnsPromise: boolean;
}

export interface Attribute {
  readonly name: string;
  readonly isPromise: boolean;
  /** As the IDL spells it: "FrozenArray<unsigned long>". */
  readonly type: string;
}

type Named<Type extends Definition["type"]> = Extract<Definition, { readonly type: Type }>;

const file = new URL("../../../node_modules/@webref/idl/webnn.idl", import.meta.url);
const definitions = parse(readFileSync(file, "utf8"));

export const interfaces: readonly Interface[] = [
  ...new Set(definitionsOf("interface").map(({ name }) => name)),
].map(interfaceNamed);

function interfaceNamed(name: string): Interface {
  const members = definitionsOf("interface")
    .filter((part) => part.name === name)
    .flatMap((part) => part.members);
  const constructors = members.flatMap((it) => (it.type === "constructor" ? it : []));
  const operations = members.flatMap((it) => (it.type === "operation" ? it : []));
  const attributes = members.flatMap((it) => (it.type === "attribute" ? it : []));
  return {
    name,
    constructorArguments: constructors.length === 0 ? undefined : fewest(constructors),
    operations: [...new Set(operations.map((operation) => operation.name))].map((operation) => {
      const overloads = operations.filter((it) => it.name === operation);
      const returnsPromise = overloads[0]!.idlType.generic === "Promise";
      return { name: operation, required: fewest(overloads), returnsPromise };
    }),
    attributes: attributes.map(({ name: attribute, idlType }) => ({
      name: attribute,
      isPromise: idlType.generic === "Promise",
      type: spelled(idlType),
    })),
  };
}

function spelled({ generic, idlType }: Type): string {
  if (typeof idlType === "string") return idlType;
  return `${generic}<${idlType.map(spelled).join(", ")}>`;
}

function fewest(overloads: readonly Callable[]): number {
  return Math.min(...overloads.map((it) => it.arguments.filter((arg) => !arg.optional).length));
}

export function enumNamed(name: string): readonly string[] {
  return definitionsOf("enum")
    .find((it) => it.name === name)!
    .values.map(({ value }) => value);
}

/** A dictionary's members, inherited ones first: their default, or "required". */
export function dictionaryNamed(name: string): Readonly<Record<string, unknown>> {
  const { inheritance, members } = definitionsOf("dictionary").find((it) => it.name === name)!;
  const own = members.map((member) => [
    member.name,
    member.required ? "required" : member.default?.value,
  ]);
  return {
    ...(inheritance === null ? {} : dictionaryNamed(inheritance)),
    ...(Object.fromEntries(own) as Record<string, unknown>),
  };
}

/** The types of a dictionary's own members, partial dictionaries joined. */
export function memberTypes(name: string): ReadonlyMap<string, string> {
  const parts = definitionsOf("dictionary").filter((it) => it.name === name);
  const members = parts.flatMap((part) => part.members);
  return new Map(members.map((member) => [member.name, member.idlType.idlType]));
}

function definitionsOf<Type extends Definition["type"]>(type: Type): readonly Named<Type>[] {
  return definitions.filter((it): it is Named<Type> => it.type === type);
}
