/** As much of Node's `assert/strict` as the tests use, for pages. */

class AssertionError extends Error {
  override readonly name = "AssertionError";
}

type Expected = RegExp | Readonly<Record<string, unknown>> | ErrorClass | Predicate;
type ErrorClass = abstract new (...args: never) => unknown;
type Predicate = (thrown: unknown) => boolean;

function fail(message: unknown, otherwise: string): never {
  if (message instanceof Error) throw message;
  throw new AssertionError(message === undefined ? otherwise : `${message}: ${otherwise}`);
}

function ok(value: unknown, message?: unknown): asserts value {
  if (!value) fail(message, `${show(value)} is not truthy`);
}

function equal(actual: unknown, expected: unknown, message?: unknown): void {
  if (!Object.is(actual, expected)) fail(message, `${show(actual)} is not ${show(expected)}`);
}

function notEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (Object.is(actual, expected)) fail(message, `it is ${show(actual)}`);
}

function deepEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (!isDeepEqual(actual, expected)) fail(message, `${show(actual)} is not ${show(expected)}`);
}

function match(text: string, pattern: RegExp, message?: unknown): void {
  if (!pattern.test(text)) fail(message, `${show(text)} does not match ${pattern}`);
}

function doesNotMatch(text: string, pattern: RegExp, message?: unknown): void {
  if (pattern.test(text)) fail(message, `${show(text)} matches ${pattern}`);
}

/** `expected` may be left out, the message taking its place. */
function throws(body: () => unknown, expected?: Expected | string, message?: string): void {
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    thrown = error ?? new Error(`${error} was thrown`);
  }
  if (thrown === undefined) fail(message ?? expected, "nothing was thrown");
  checkError(thrown, expected, message);
}

async function rejects(
  promise: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected | string,
  message?: string,
): Promise<void> {
  let thrown: unknown;
  try {
    await (typeof promise === "function" ? promise() : promise);
  } catch (error) {
    thrown = error ?? new Error(`${error} was the reason`);
  }
  if (thrown === undefined) fail(message ?? expected, "nothing was rejected");
  checkError(thrown, expected, message);
}

function doesNotThrow(body: () => unknown, message?: unknown): void {
  try {
    body();
  } catch (error) {
    fail(message, `${error} was thrown`);
  }
}

function checkError(
  thrown: unknown,
  expected: Expected | string | undefined,
  message: string | undefined,
): void {
  if (expected === undefined || typeof expected === "string") return;
  if (expected instanceof RegExp) return match(String(thrown), expected, message);
  if (typeof expected === "function") {
    const isExpected = isClass(expected) ? thrown instanceof expected : expected(thrown);
    return ok(isExpected, message ?? `${show(thrown)} is refused by ${expected.name}`);
  }
  for (const [key, wanted] of Object.entries(expected)) {
    const actual = (thrown as Record<string, unknown>)[key];
    if (wanted instanceof RegExp) match(String(actual), wanted, message ?? key);
    else deepEqual(actual, wanted, message ?? key);
  }
}

function isClass(expected: ErrorClass | Predicate): expected is ErrorClass {
  return "prototype" in expected;
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof RegExp || a instanceof Date) return String(a) === String(b);
  if (a instanceof ArrayBuffer || a instanceof DataView) {
    return isDeepEqual(bytesOf(a), bytesOf(b as ArrayBuffer | DataView));
  }
  if (a instanceof Map) return isDeepEqual([...a], [...(b as typeof a)]);
  if (a instanceof Set) return isDeepEqual([...a], [...(b as typeof a)]);
  const [keys, others] = [membersOf(a), membersOf(b)];
  return (
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(b, key) && isDeepEqual(memberOf(a, key), memberOf(b, key)))
  );
}

function bytesOf(buffer: ArrayBuffer | DataView): Uint8Array {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** What errors say of themselves is not enumerable. */
function membersOf(value: object): string[] {
  return [...Object.keys(value), ...(value instanceof Error ? ["name", "message"] : [])];
}

function memberOf(value: object, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key];
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name} [${Array.from(value as Uint8Array, show).join(", ")}]`;
  }
  if (value instanceof Error || typeof value !== "object" || value === null) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  const members = Object.keys(value).map((key) => `${key}: ${show(memberOf(value, key))}`);
  return `{ ${members.join(", ")} }`;
}

export default Object.assign(ok, {
  deepEqual,
  doesNotMatch,
  doesNotThrow,
  equal,
  match,
  notEqual,
  ok,
  rejects,
  throws,
});
