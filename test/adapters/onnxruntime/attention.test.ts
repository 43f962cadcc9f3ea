/** Attributes of language models' ops that mean nothing are refused by name, before memory is taken. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { OnnxModelError } from "../../../adapters/onnxruntime/errors.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { blockQuantized } from "./cases/block-quantized.ts";
import { attention } from "./cases/attention.ts";
import type { OpCase } from "./cases/make-case.ts";
import { modelOf, tensorOf } from "./op-case-model.ts";
import { openContext, openSession } from "./open-session.ts";
import { Tensor } from "onnxruntime-common";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const named = (cases: readonly OpCase[], name: string): OpCase =>
  cases.find((each) => each.name === name) ?? assert.fail(`no case '${name}'`);
const weights = named(blockQuantized, "MatMulNBits: 4 bits");
const table = named(blockQuantized, "GatherBlockQuantized: 4 bits in bytes");
const group = named(attention, "GroupQueryAttention: a prompt");

const refusals = [
  [weights, "block_size", 0, /block_size 0/],
  [weights, "block_size", 48, /block_size 48/],
  [weights, "block_size", 2 ** 40, /block_size 1099511627776/],
  [weights, "bits", 3, /bits 3/],
  [weights, "K", -1, /K -1/],
  [weights, "K", 2 ** 40, /'b' has \d+ bytes/],
  [weights, "N", 7, /'b' has \d+ bytes/],
  [weights, "weight_prepacked", 1, /weight_prepacked 1/],
  [table, "bits", 5, /bits 5/],
  [table, "gather_axis", 2, /axis 2/],
  [group, "num_heads", 0, /num_heads 0/],
  [group, "num_heads", 2 ** 31, /num_heads 2147483648/],
  [group, "kv_num_heads", 3, /kv_num_heads 3/],
  [group, "sliding_window_cache", 1, /sliding_window_cache/],
] as const;

describe("refuses", () => {
  for (const [opCase, name, value, message] of refusals) {
    const [node] = opCase.nodes;
    it(`${node!.op} with ${name} ${value}`, async () => {
      const attributes = { ...node!.attributes, [name]: { int: value } };
      const hostile = { ...opCase, nodes: [{ ...node!, attributes }] };
      const run = async () => {
        const session = openSession(modelOf(hostile, "names"), context);
        const fed = Object.entries(opCase.tensors).filter(([n]) => !opCase.constants.includes(n));
        await session.fetch(
          Object.fromEntries(fed.map(([n, tensor]) => [n, tensorOf({ Tensor }, tensor)])),
        );
      };
      await assert.rejects(run(), (error) => {
        assert.ok(error instanceof OnnxModelError, String(error));
        assert.match(error.message, message);
        assert.match(error.message, /node/);
        return true;
      });
    });
  }
});
