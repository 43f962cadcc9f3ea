/** Every row of the op table on the real core, against what onnxruntime-node gives. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Tensor } from "onnxruntime-common";
import { loadedRows } from "../../../adapters/onnxruntime/ops/table.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { modelOf, tensorOf, toGolden, type Golden } from "./op-case-model.ts";
import type { OpCase } from "./cases/make-case.ts";
import { families, opCases } from "./op-cases.ts";
import { openContext, openSession } from "./open-session.ts";

const golden: Readonly<Record<string, Golden>> = Object.assign(
  {},
  ...Object.keys(families).map(
    (family) =>
      JSON.parse(readFileSync(new URL(`golden/${family}.json`, import.meta.url), "utf8")) as object,
  ),
);

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

function assertClose(actual: Golden, expected: Golden, tolerance: number): void {
  for (const [name, { type, dims, data }] of Object.entries(expected)) {
    const got = actual[name]!;
    assert.deepEqual([got.type, got.dims], [type, dims], name);
    data.forEach((value, i) => {
      const other = got.data[i]!;
      if (typeof value === "string" || !["float32", "float64"].includes(type))
        assert.equal(other, value, `${name}[${i}]`);
      else {
        const limit = tolerance * Math.max(1, Math.abs(value));
        assert.ok(
          Math.abs((other as number) - value) <= limit,
          `${name}[${i}]: ${other}, not ${value}`,
        );
      }
    });
  }
}

async function check(opCase: OpCase, isStatic: boolean): Promise<void> {
  const session = openSession(modelOf(opCase, "names"), context, { isStatic });
  const fed = Object.entries(opCase.tensors).filter(([name]) => !opCase.constants.includes(name));
  const feeds = Object.fromEntries(fed.map(([name, spec]) => [name, tensorOf({ Tensor }, spec)]));
  try {
    const results = await session.fetch(feeds);
    assertClose(toGolden(results), golden[opCase.name]!, opCase.tolerance);
  } finally {
    await session.dispose();
  }
}

for (const isStatic of [false, true]) {
  describe(`ops with ${isStatic ? "numbers" : "names"} as sizes`, () => {
    for (const opCase of opCases) it(opCase.name, () => check(opCase, isStatic));
  });
}

describe("the op table", () => {
  const rows = loadedRows();

  it("has a case for every row", () => {
    const nameOf = ({ op, domain = "" }: { readonly op: string; readonly domain?: string }) =>
      domain === "" ? op : `${domain}.${op}`;
    const used = new Set(opCases.flatMap(({ nodes }) => nodes.map(nameOf)));
    assert.deepEqual(
      [...new Set(rows.map(nameOf))].filter((name) => !used.has(name)),
      [],
    );
  });

  it("has one row for each op and opset", () => {
    for (const { op, domain, since, until } of rows) {
      const others = rows.filter(
        (row) => row.op === op && row.domain === domain && row.since <= until && row.until >= since,
      );
      assert.equal(others.length, 1, `${op} ${since} to ${until}`);
    }
  });
});
