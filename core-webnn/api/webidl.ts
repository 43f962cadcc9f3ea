/**
 * Conversions from JavaScript values as WebIDL has them (https://webidl.spec.whatwg.org/#js-type-mapping).
 * Each takes what the value is called, and throws a TypeError that says what came and what can be.
 */
import { named, namesIn, type Size, type SymbolicSize } from "../util/size.ts";

export function toUnsignedLong(value: unknown, what: string): number {
  return enforceRange(value, 0, 2 ** 32 - 1, what);
}

export function toLong(value: unknown, what: string): number {
  return enforceRange(value, -(2 ** 31), 2 ** 31 - 1, what);
}

/** [EnforceRange]: no infinities, no NaN, fractions dropped. */
function enforceRange(value: unknown, low: number, high: number, what: string): number {
  const number = toNumber(value, what);
  const whole = Math.trunc(number) + 0;
  if (!(whole >= low && whole <= high)) {
    throw new TypeError(`${what} is ${number}, not an integer from ${low} to ${high}`);
  }
  return whole;
}

export function toDouble(value: unknown, what: string): number {
  const number = toNumber(value, what);
  if (!Number.isFinite(number)) throw new TypeError(`${what} is ${number}, not a finite number`);
  return number;
}

export function toFloat(value: unknown, what: string): number {
  return toDouble(Math.fround(toDouble(value, what)), what);
}

/** MLNumber: (bigint or unrestricted double), as JavaScript makes either of an operand of arithmetic. */
export function toMLNumber(value: unknown, what: string): number | bigint {
  if (typeof value === "symbol") throw new TypeError(`${what} is a symbol, not a number`);
  return -(-(value as number | bigint));
}

export function toText(value: unknown, what: string): string {
  if (typeof value === "symbol") throw new TypeError(`${what} is a symbol, not a string`);
  return String(value);
}

/** USVString: lone surrogates become U+FFFD. */
export function toUSVString(value: unknown, what: string): string {
  return toText(value, what).replace(/\p{Surrogate}/gu, "\ufffd");
}

export function toEnum<T extends string>(value: unknown, values: readonly T[], what: string): T {
  const text = toText(value, what);
  const found = values.find((candidate) => candidate === text);
  if (found === undefined) {
    throw new TypeError(`${what} is "${text}", not one of ${values.join(", ")}`);
  }
  return found;
}

export function toSequence<T>(
  value: unknown,
  convert: (item: unknown, what: string) => T,
  what: string,
): T[] {
  if (!isIterable(value)) throw new TypeError(`${what} is not a sequence`);
  return Array.from(value, (item, i) => convert(item, `${what}[${i}]`));
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    isObject(value) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function"
  );
}

/** What a call with fewer arguments than an operation requires throws. */
export function requireArguments(given: readonly unknown[], count: number): void {
  if (given.length >= count) return;
  const required = count === 1 ? "1 argument is" : `${count} arguments are`;
  throw new TypeError(`${required} required, ${given.length} are given`);
}

/** A dictionary's members: undefined and null stand for an empty one. */
export function toDictionary(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`${what} is ${typeof value}, not a dictionary`);
  return value;
}

/** A dictionary's member that has no default. */
export function requiredMember(
  dictionary: Readonly<Record<string, unknown>>,
  member: string,
  what: string,
): unknown {
  const value = dictionary[member];
  if (value === undefined) throw new TypeError(`${what}.${member} is required, and not given`);
  return value;
}

/** record<USVString, T>: own enumerable properties, in the order of their keys. */
export function toRecord<T>(
  value: unknown,
  convert: (item: unknown, what: string) => T,
  what: string,
): ReadonlyMap<string, T> {
  if (!isObject(value)) throw new TypeError(`${what} is not a record`);
  const keys = Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key),
  );
  return new Map(
    keys.map((key) => {
      const name = toUSVString(key, `a key of ${what}`);
      return [name, convert(value[key as string], `${what} '${name}'`)];
    }),
  );
}

/** An extension: a number as the standard has it, a `{ name, maxSize }`, or an expression over named sizes. */
export function toSize(value: unknown, what: string): Size {
  if (!isObject(value)) return toUnsignedLong(value, what);
  if (isSymbolic(value)) return value;
  if (typeof value["name"] !== "string") return toUnsignedLong(value, what);
  const { name, maxSize } = value as { name: string; maxSize?: unknown };
  if (maxSize === undefined) return named({ name });
  return named({ name, maxSize: toUnsignedLong(maxSize, `${what}.maxSize`) });
}

function isSymbolic(
  value: Readonly<Record<string, unknown>>,
): value is Record<string, unknown> & SymbolicSize {
  return Array.isArray(value["terms"]) && namesIn(value as unknown as SymbolicSize).size > 0;
}

/** By what it can do, so that a device of any WebGPU implementation counts. */
export function isGPUDevice(value: unknown): value is GPUDevice {
  return isObject(value) && "queue" in value && "createComputePipelineAsync" in value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function toNumber(value: unknown, what: string): number {
  if (typeof value === "bigint" || typeof value === "symbol") {
    throw new TypeError(`${what} is a ${typeof value}, not a number`);
  }
  return +(value as number);
}
