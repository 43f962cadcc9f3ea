/**
 * Makes of a class what WebIDL says an interface is in JavaScript (https://webidl.spec.whatwg.org/#js-interfaces):
 * its members are enumerable, `length` counts the arguments that callers must give, and its objects are
 * tagged with its name, which minifiers would change.
 */

/** How many arguments each operation requires; `constructor` too, where there is one for callers. */
export type RequiredArguments = Readonly<Record<string, number>>;

export function defineInterface(
  type: { readonly prototype: object },
  name: string,
  required: RequiredArguments,
): void {
  const { prototype } = type;
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (key === "constructor") continue;
    Object.defineProperty(prototype, key, { ...property, enumerable: true });
    if (typeof property.value === "function") defineLength(property.value, required[key] ?? 0);
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(type, "name", { value: name, configurable: true });
  defineLength(type, Object.hasOwn(required, "constructor") ? required["constructor"]! : 0);
}

function defineLength(callable: object, length: number): void {
  Object.defineProperty(callable, "length", { value: length, configurable: true });
}
