/** WebIDL conversions: what is taken, what it becomes, and what the refusal says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  toDouble,
  toEnum,
  toLong,
  toMLNumber,
  toRecord,
  toSequence,
  toSize,
  toUnsignedLong,
  toUSVString,
} from "../../../core-webnn/api/webidl.ts";
import { addSizes, named, sizeKey } from "../../../core-webnn/util/size.ts";

type Convert = (value: unknown, what: string) => unknown;

const taken: readonly { convert: Convert; value: unknown; becomes: unknown }[] = [
  { convert: toUnsignedLong, value: 7, becomes: 7 },
  { convert: toUnsignedLong, value: "7", becomes: 7 },
  { convert: toUnsignedLong, value: 7.9, becomes: 7 },
  { convert: toUnsignedLong, value: -0.5, becomes: 0 },
  { convert: toUnsignedLong, value: null, becomes: 0 },
  { convert: toUnsignedLong, value: true, becomes: 1 },
  { convert: toUnsignedLong, value: 2 ** 32 - 1, becomes: 2 ** 32 - 1 },
  { convert: toLong, value: -3.2, becomes: -3 },
  { convert: toDouble, value: "1e3", becomes: 1000 },
  { convert: toMLNumber, value: 2n ** 60n, becomes: 2n ** 60n },
  { convert: toMLNumber, value: -Infinity, becomes: -Infinity },
  { convert: toMLNumber, value: Object(-5n), becomes: -5n },
  { convert: toMLNumber, value: "0x10", becomes: 16 },
  { convert: toMLNumber, value: -0, becomes: -0 },
  { convert: toMLNumber, value: undefined, becomes: NaN },
  { convert: toMLNumber, value: null, becomes: 0 },
  { convert: toUSVString, value: "a\ud800b", becomes: "a\ufffdb" },
  { convert: toUSVString, value: "😀", becomes: "😀" },
  { convert: (v, w) => toSequence(v, toLong, w), value: new Set([1, 2]), becomes: [1, 2] },
  { convert: (v, w) => toSequence(v, toLong, w), value: new Uint8Array([3]), becomes: [3] },
];

for (const { convert, value, becomes } of taken) {
  test(`${show(value)} becomes ${show(becomes)}`, () =>
    assert.deepEqual(convert(value, "it"), becomes));
}

const refused: readonly { convert: Convert; value: unknown; says: RegExp }[] = [
  { convert: toUnsignedLong, value: -1, says: /it is -1, not an integer from 0 to 4294967295/ },
  { convert: toUnsignedLong, value: 2 ** 32, says: /not an integer/ },
  { convert: toUnsignedLong, value: NaN, says: /it is NaN/ },
  { convert: toUnsignedLong, value: undefined, says: /it is NaN/ },
  { convert: toUnsignedLong, value: 1n, says: /it is a bigint, not a number/ },
  { convert: toLong, value: 2 ** 31, says: /not an integer from -2147483648 to 2147483647/ },
  { convert: toDouble, value: Infinity, says: /it is Infinity, not a finite number/ },
  { convert: toMLNumber, value: Symbol(), says: /it is a symbol/ },
  { convert: (v, w) => toEnum(v, ["a", "b"], w), value: "c", says: /it is "c", not one of a, b/ },
  { convert: (v, w) => toSequence(v, toLong, w), value: "12", says: /it is not a sequence/ },
  { convert: (v, w) => toSequence(v, toUnsignedLong, w), value: [1, -1], says: /it\[1\] is -1/ },
  { convert: (v, w) => toRecord(v, toLong, w), value: 3, says: /it is not a record/ },
  { convert: toSize, value: { name: "n", maxSize: -1 }, says: /it\.maxSize is -1/ },
  { convert: toSize, value: {}, says: /it is NaN/ },
];

for (const { convert, value, says } of refused) {
  test(`${show(value)} is refused: ${says.source}`, () =>
    assert.throws(
      () => convert(value, "it"),
      (error) => error instanceof TypeError && says.test(error.message),
    ));
}

test("records have own enumerable properties, in the order of their keys", () => {
  const inherited = Object.create({ parent: 1 }) as Record<string, unknown>;
  Object.defineProperty(inherited, "hidden", { value: 2, enumerable: false });
  Object.assign(inherited, { b: 3, 7: 4, a: 5, "x\ud800": 6 });
  const record = toRecord(inherited, toLong, "it");
  assert.deepEqual([...record], [["7", 4], ["b", 3], ["a", 5], ["x\ufffd", 6]]); // prettier-ignore
  assert.deepEqual([...toRecord([8, 9], toLong, "it").keys()], ["0", "1"]);
  assert.throws(() => toRecord({ [Symbol("s")]: 1 }, toLong, "it"), {
    name: "TypeError",
    message: "a key of it is a symbol, not a string",
  });
  assert.throws(() => toRecord({ a: 1n }, toLong, "it"), /it 'a' is a bigint, not a number/);
  assert.throws(() => toRecord(undefined, toLong, "it"), /it is not a record/);
});

test("numbers are converted once, as JavaScript does", () => {
  const calls: string[] = [];
  const object = {
    valueOf: () => (calls.push("valueOf"), 3.9),
    toString: () => (calls.push("toString"), "x"),
  };
  assert.equal(toUnsignedLong(object, "it"), 3);
  assert.deepEqual(calls, ["valueOf"]);
  assert.throws(() => toUnsignedLong({ valueOf: () => 1n }, "it"), TypeError);
  assert.throws(() => toUnsignedLong({ valueOf: () => Symbol() }, "it"), TypeError);
});

test("sizes are numbers, names with a maximum, or expressions", () => {
  const past = named({ name: "past" });
  assert.equal(toSize(3, "it"), 3);
  assert.equal(sizeKey(toSize({ name: "n", maxSize: 4 }, "it")), "n");
  assert.equal(sizeKey(toSize(addSizes(past, 1), "it")), "past + 1");
});

function show(value: unknown): string {
  // An object around a bigint has no JSON.
  return typeof Object(value).valueOf() === "object" ? JSON.stringify(value) : String(value);
}
