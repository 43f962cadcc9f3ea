/**
 * What is wrong with the interfaces on a global object, by the standard's IDL and WebIDL's rules for such properties. It
 * runs in Node and in pages, so it needs neither.
 */
import type { Attribute, Interface, Operation } from "./idl.ts";

type Callable = ((...given: unknown[]) => unknown) & { prototype?: unknown };
type Class = Callable & (new (...given: unknown[]) => object) & { prototype: object };
export type Scope = Readonly<Record<string, unknown>>;

/** Members beyond the IDL: of an earlier standard, and still what frameworks read. */
const extras: Readonly<Record<string, readonly string[]>> = { MLGraph: ["devices"] };

export async function interfaceFaults(
  scope: Scope,
  declared: Interface,
): Promise<readonly string[]> {
  const type = scope[declared.name];
  if (typeof type !== "function") return [`${declared.name} is ${typeof type}`];
  const { prototype } = type as Class;
  const faults = [
    ...classFaults(scope, type as Class, declared),
    ...prototypeFaults(prototype, declared),
  ];
  for (const operation of declared.operations) {
    faults.push(...(await operationFaults(prototype, operation)));
  }
  for (const attribute of declared.attributes) {
    faults.push(...(await attributeFaults(prototype, attribute)));
  }
  return faults.map((fault) => `${declared.name}: ${fault}`);
}

function differ(what: string, actual: unknown, expected: unknown): string[] {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  return a === e ? [] : [`${what}: ${a}, not ${e}`];
}

function flagsOf(property: PropertyDescriptor | undefined): string {
  const flags = ["writable", "enumerable", "configurable"] as const;
  return flags.filter((flag) => property?.[flag] === true).join(" ");
}

function ownFlags(object: object, key: string): string {
  return flagsOf(Object.getOwnPropertyDescriptor(object, key));
}

function classFaults(scope: Scope, type: Class, declared: Interface): string[] {
  const { name, constructorArguments = 0 } = declared;
  const wrongCalls = [[], [undefined], [{}], [null, null]].map((given) => () => new type(...given));
  return [
    ...differ("flags of the global", ownFlags(scope, name), "writable configurable"),
    ...differ("own keys", Reflect.ownKeys(type).map(String).sort(), [
      "length",
      "name",
      "prototype",
    ]),
    ...differ("name", [type.name, ownFlags(type, "name")], [name, "configurable"]),
    ...differ(
      "length",
      [type.length, ownFlags(type, "length")],
      [constructorArguments, "configurable"],
    ),
    ...differ("flags of prototype", ownFlags(type, "prototype"), ""),
    ...(Object.getPrototypeOf(type) === Function.prototype ? [] : ["its class inherits"]),
    ...(type.prototype.constructor === type ? [] : ["prototype.constructor is another"]),
    ...[() => type(), ...wrongCalls].flatMap((call) => throwFaults("wrong construction", call)),
  ];
}

function prototypeFaults(prototype: object, declared: Interface): string[] {
  const { name, operations, attributes } = declared;
  const members = [...operations, ...attributes].map((member) => member.name);
  const expected = ["constructor", ...members, ...(extras[name] ?? [])];
  const tag = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag);
  const constructor = Object.getOwnPropertyDescriptor(prototype, "constructor");
  return [
    ...differ("members", Object.getOwnPropertyNames(prototype).sort(), expected.sort()),
    ...differ(
      "symbols",
      Object.getOwnPropertySymbols(prototype).map(String),
      [Symbol.toStringTag].map(String),
    ),
    ...differ("tag", [tag?.value, flagsOf(tag)], [name, "configurable"]),
    ...differ("flags of constructor", flagsOf(constructor), "writable configurable"),
    ...(Object.getPrototypeOf(prototype) === Object.prototype ? [] : ["it inherits from another"]),
  ];
}

async function operationFaults(prototype: object, operation: Operation): Promise<string[]> {
  const { name, required, returnsPromise } = operation;
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  const method = property?.value as unknown;
  if (typeof method !== "function") return [`${name} is no method`];
  const heir = Object.create(prototype) as object;
  const wrongObjects = [{}, undefined, prototype, heir].map((object) => () => method.call(object));
  const refusals = await Promise.all(
    wrongObjects.map((call) => refusalFaults(`${name} of another object`, returnsPromise, call)),
  );
  return [
    ...differ(`flags of ${name}`, flagsOf(property), "writable enumerable configurable"),
    ...differ(`${name}.name`, method.name, name),
    ...differ(
      `${name}.length`,
      [method.length, ownFlags(method, "length")],
      [required, "configurable"],
    ),
    ...throwFaults(`new ${name}`, () => new (method as Class)()),
    ...refusals.flat(),
  ];
}

async function attributeFaults(prototype: object, attribute: Attribute): Promise<string[]> {
  const { name, isPromise } = attribute;
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  const get = property?.get;
  if (get === undefined) return [`${name} is no getter`];
  const refusals = [{}, undefined, prototype, Object.create(prototype) as object].map((object) =>
    refusalFaults(`${name} of another object`, isPromise, () => get.call(object)),
  );
  return [
    ...differ(`flags of ${name}`, flagsOf(property), "enumerable configurable"),
    ...differ(`${name}'s setter`, typeof property?.set, "undefined"),
    ...differ(`${name}'s getter`, [get.name, get.length], [`get ${name}`, 0]),
    ...(await Promise.all(refusals)).flat(),
  ];
}

/** What gives a promise rejects it, and never throws; the rest throws. */
export async function refusalFaults(
  what: string,
  isPromise: boolean,
  call: () => unknown,
): Promise<string[]> {
  if (!isPromise) return throwFaults(what, call);
  try {
    const result = call();
    if (!(result instanceof Promise)) return [`${what} gives no promise`];
    return await result.then(
      () => [`${what} is taken`],
      (error) => errorFaults(what, error),
    );
  } catch (error) {
    return [`${what} throws: ${String(error)}`];
  }
}

function throwFaults(what: string, call: () => unknown): string[] {
  try {
    call();
    return [`${what} is taken`];
  } catch (error) {
    return errorFaults(what, error);
  }
}

function errorFaults(what: string, error: unknown): string[] {
  return error instanceof TypeError ? [] : [`${what} is refused with ${String(error)}`];
}
