import assert from "node:assert/strict";
import { test } from "node:test";
import { createDetokenizer } from "../../../models/whisper/detokenizer.ts";
import { vocabulary } from "./model.ts";

const { tokenizer } = await vocabulary();

function stream(ids: readonly number[]): string[] {
  const detokenizer = createDetokenizer(tokenizer);
  return ids.map((id) => detokenizer.push(id));
}

const texts = [
  " And so my fellow Americans",
  " a word , with spaces .",
  "Käse für fünf Groschen",
  "日本語の文章です。漢字と仮名。",
  "👩‍👩‍👧 emoji 🎉🎉",
  "Ελληνικά και עברית",
];

for (const text of texts) {
  test(`pieces join to the text, without half characters: ${text}`, () => {
    const { ids } = tokenizer.encode(text, { add_special_tokens: false });
    const pieces = stream(ids);
    assert.equal(pieces.join(""), text);
    assert.ok(pieces.every((piece) => !piece.includes("\ufffd")));
  });
}

test("a character of several tokens appears with the last of them", () => {
  const { ids } = tokenizer.encode("🦩", { add_special_tokens: false });
  assert.ok(ids.length > 1, "this character takes several tokens");
  assert.deepEqual(stream(ids), [...Array<string>(ids.length - 1).fill(""), "🦩"]);
});

test("an unfinished character is not shown", () => {
  const { ids } = tokenizer.encode("ok 🦩", { add_special_tokens: false });
  assert.equal(stream(ids.slice(0, -1)).join(""), "ok");
});

test("bytes that are no character do not hold back what follows", () => {
  const { ids } = tokenizer.encode("🦩", { add_special_tokens: false });
  const { ids: word } = tokenizer.encode(" word", { add_special_tokens: false });
  const first = ids[0]!;
  const pieces = stream([first, first, first, first, first, ...word]);
  assert.ok(pieces.join("").endsWith(" word"));
});

test("special tokens have no text", () => {
  assert.deepEqual(stream([50257, 50258, 50363]), ["", "", ""]);
});
