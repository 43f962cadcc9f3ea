/** Functions of a model: what their calls give, beside onnxruntime-node, and what is refused. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import * as common from "onnxruntime-common";
import { OnnxModelError } from "../../../adapters/onnxruntime/errors.ts";
import * as ort from "../../../adapters/onnxruntime/index.ts";
import type { MLContext } from "../../../core-webnn/index.ts";
import { missing } from "../../models/whisper/requirements.ts";
import {
  f32,
  i64,
  writeModel,
  type FunctionSpec,
  type ModelSpec,
  type NodeSpec,
} from "./onnx-writer.ts";
import { openContext, openSession } from "./open-session.ts";
import { floats, numbers } from "./tensors.ts";

let context: MLContext;
before(async () => void (context = await openContext()));
after(() => context.destroy());

const node = (
  op: string,
  inputs: string[],
  outputs: string[],
  more: Partial<NodeSpec> = {},
): NodeSpec => ({ op, inputs, outputs, ...more });
const call = (
  op: string,
  inputs: string[],
  outputs: string[],
  more: Partial<NodeSpec> = {},
): NodeSpec => node(op, inputs, outputs, { domain: "own", ...more });
const define = (
  name: string,
  inputs: string[],
  outputs: string[],
  nodes: NodeSpec[],
  more: Partial<FunctionSpec> = {},
): FunctionSpec => ({ domain: "own", name, inputs, outputs, nodes, ...more });
const x = { name: "x", type: "float32", shape: [4] } as const;
const flag = { name: "flag", type: "bool", shape: [] } as const;
const output = (name: string) => ({ name, type: "float32" }) as const;
const model = (
  nodes: NodeSpec[],
  functions: FunctionSpec[],
  more: Partial<ModelSpec> = {},
): ModelSpec => ({
  nodes,
  functions,
  inputs: [x],
  outputs: [output("y")],
  opsets: { own: 1 },
  ...more,
});

const leaky = define(
  "Leaky",
  ["a"],
  ["b"],
  [node("LeakyRelu", ["a"], ["b"], { attributes: { alpha: { reference: "slope", kind: 1 } } })],
);
const twice = define("Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])]);

interface Case {
  readonly why: string;
  readonly model: ModelSpec;
  /** y for x = [-2, -1, 1, 2]. */
  readonly expected: readonly number[];
}

const cases: readonly Case[] = [
  {
    why: "an attribute of the call, and the same function with another",
    model: model(
      [
        call("Leaky", ["x"], ["h"], { attributes: { slope: { float: 0.5 } } }),
        call("Leaky", ["h"], ["y"], { attributes: { slope: { float: 0.25 } } }),
      ],
      [{ ...leaky, attributes: ["slope"] }],
    ),
    expected: [-0.25, -0.125, 1, 2],
  },
  {
    why: "an attribute's default, and in its place the call's",
    model: model(
      [
        call("Leaky", ["x"], ["h"]),
        call("Leaky", ["h"], ["y"], { attributes: { slope: { float: 2 } } }),
      ],
      [{ ...leaky, defaults: { slope: { float: 0.25 } } }],
    ),
    expected: [-1, -0.5, 1, 2],
  },
  {
    why: "an attribute that neither has: the op's own default",
    model: model([call("Leaky", ["x"], ["y"])], [{ ...leaky, attributes: ["slope"] }]),
    expected: [-0.02, -0.01, 1, 2],
  },
  {
    why: "names inside that are names outside, in functions that call functions",
    model: model(
      [call("Fourfold", ["x"], ["b"]), call("Twice", ["b"], ["a"]), node("Neg", ["a"], ["y"])],
      [
        twice,
        define(
          "Fourfold",
          ["a"],
          ["y"],
          [call("Twice", ["a"], ["b"]), call("Twice", ["b"], ["y"])],
          {
            opsets: { "": 17, own: 1 },
          },
        ),
      ],
    ),
    expected: [16, 8, -8, -16],
  },
  {
    why: "an optional input that is left out",
    model: model(
      [call("Bounded", ["x"], ["h"], {}), call("Bounded", ["h", "", "one"], ["y"])],
      [define("Bounded", ["a", "low", "high"], ["b"], [node("Clip", ["a", "low", "high"], ["b"])])],
      { initializers: { one: f32([], [1]) } },
    ),
    expected: [-2, -1, 1, 1],
  },
  {
    why: "one of two outputs",
    model: model(
      [call("Both", ["x"], ["", "y"])],
      [define("Both", ["a"], ["b", "c"], [node("Neg", ["a"], ["b"]), node("Abs", ["b"], ["c"])])],
    ),
    expected: [2, 1, 1, 2],
  },
  {
    why: "If in a function, whose branches take its values",
    model: model(
      [call("Choose", ["x", "flag"], ["y"])],
      [
        define(
          "Choose",
          ["a", "c"],
          ["b"],
          [
            node("Neg", ["a"], ["n"]),
            node("If", ["c"], ["b"], {
              attributes: {
                then_branch: {
                  graph: { nodes: [call("Twice", ["n"], ["t"])], outputs: [output("t")] },
                },
                else_branch: {
                  graph: { nodes: [node("Abs", ["a"], ["t"])], outputs: [output("t")] },
                },
              },
            }),
          ],
          { opsets: { "": 17, own: 1 } },
        ),
        twice,
      ],
      { inputs: [x, flag] },
    ),
    expected: [4, 2, -2, -4],
  },
  {
    why: "a Constant whose value is the call's",
    model: model(
      [call("Plus", ["x"], ["y"], { attributes: { amount: { float: 10 } } })],
      [
        define(
          "Plus",
          ["a"],
          ["b"],
          [
            node("Constant", [], ["k"], {
              attributes: { value_float: { reference: "amount", kind: 1 } },
            }),
            node("Add", ["a", "k"], ["b"]),
          ],
          { attributes: ["amount"] },
        ),
      ],
    ),
    expected: [8, 9, 11, 12],
  },
  {
    why: "overloads",
    model: model(
      [
        call("F", ["x"], ["h"], { overload: "neg" }),
        call("F", ["h"], ["y"], { overload: "twice" }),
      ],
      [
        define("F", ["a"], ["b"], [node("Neg", ["a"], ["b"])], { overload: "neg" }),
        define("F", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])], { overload: "twice" }),
      ],
      { irVersion: 10 },
    ),
    expected: [4, 2, -2, -4],
  },
];

/** By ONNX's text alone. onnxruntime-node runs bodies in the model's opset, and refuses or leaves open the others. */
const ownCases: readonly Case[] = [
  {
    why: "a body with the opset of its own function: Softmax over all that follow axis 0",
    model: model(
      [
        node("Reshape", ["x", "square"], ["s"]),
        call("Old", ["s"], ["o"]),
        node("ReduceSum", ["o", "all"], ["y"], { attributes: { keepdims: { int: 0 } } }),
      ],
      [
        define(
          "Old",
          ["a"],
          ["b"],
          [node("Softmax", ["a"], ["b"], { attributes: { axis: { int: 0 } } })],
          {
            opsets: { "": 11 },
          },
        ),
      ],
      { initializers: { square: i64([2], [2, 2]), all: i64([2], [0, 1]) } },
    ),
    expected: [1],
  },
  {
    why: "outputs that are an input, or one value twice",
    model: model(
      [call("Same", ["x"], ["p", "q", "r"]), node("Sum", ["p", "q", "r"], ["y"])],
      [define("Same", ["a"], ["a", "b", "b"], [node("Neg", ["a"], ["b"])])],
    ),
    expected: [2, 1, -1, -2],
  },
  {
    why: "an op that has a row: the row goes first",
    model: model(
      [node("Relu", ["x"], ["y"])],
      [define("Relu", ["a"], ["b"], [node("Neg", ["a"], ["b"])], { domain: "" })],
    ),
    expected: [0, 0, 1, 2],
  },
];

const data = [-2, -1, 1, 2];

async function checkRuns(
  api: typeof common,
  one: Case,
  options: common.InferenceSession.SessionOptions,
): Promise<void> {
  const session = await api.InferenceSession.create(writeModel(one.model), options);
  const feeds: Record<string, common.Tensor> = {
    x: new api.Tensor("float32", Float32Array.from(data), [4]),
  };
  if (session.inputNames.includes("flag")) feeds["flag"] = new api.Tensor("bool", [true], []);
  const found = await numbers((await session.run(feeds))["y"] as common.Tensor);
  assert.equal(found.length, one.expected.length);
  found.forEach((value, i) =>
    assert.ok(Math.abs(value - one.expected[i]!) < 1e-6, `${found.join()}`),
  );
  await session.release();
}

describe("calls of functions", () => {
  for (const one of [...cases, ...ownCases]) {
    it(one.why, () =>
      checkRuns(ort as unknown as typeof common, one, {
        executionProviders: [{ name: "webnn", context } as { name: string }],
      }),
    );
  }
});

describe("onnxruntime-node gives the same", { skip: missing("peers") }, () => {
  const requirePeer = createRequire(new URL("../../peers/package.json", import.meta.url));
  for (const one of cases) {
    it(one.why, () =>
      checkRuns(requirePeer("onnxruntime-node") as typeof common, one, { logSeverityLevel: 4 }),
    );
  }
});

describe("functions that are refused", () => {
  const refusals: readonly (readonly [string, ModelSpec, string, RegExp])[] = [
    [
      "one that calls itself",
      model(
        [call("F", ["x"], ["y"])],
        [
          define("F", ["a"], ["b"], [call("G", ["a"], ["b"])], { opsets: { own: 1 } }),
          define("G", ["a"], ["b"], [call("F", ["a"], ["b"])], { opsets: { own: 1 } }),
        ],
      ),
      "cycle",
      /F 'F_0\/G_0\/F_0': function 'own:F' calls itself/,
    ],
    [
      "one that has fewer inputs than its call",
      model([call("Twice", ["x", "x"], ["y"])], [twice]),
      "malformed",
      /Twice 'Twice_0' has 2 inputs, and function 'own:Twice' 1/,
    ],
    [
      "two of one name",
      model([call("Twice", ["x"], ["y"])], [twice, twice]),
      "malformed",
      /function 'own:Twice' is defined twice/,
    ],
    [
      "a body with an op that is nowhere",
      model([call("F", ["x"], ["y"])], [define("F", ["a"], ["b"], [call("G", ["a"], ["b"])])]),
      "unsupported",
      /own:G \(its domain has no opset\) \('F_0\/G_0'\)/,
    ],
    [
      "a few that would be 2^40 nodes",
      model(
        [call("F0", ["x"], ["y"])],
        Array.from({ length: 40 }, (_, i) => {
          const inner = (from: string, to: string) =>
            i === 39 ? node("Neg", [from], [to]) : call(`F${i + 1}`, [from], [to]);
          return define(`F${i}`, ["a"], ["c"], [inner("a", "b"), inner("b", "c")], { opsets: { "": 17, own: 1 } }); // prettier-ignore
        }),
      ),
      "unsupported",
      /more than 100000 nodes/,
    ],
    [
      "a chain of 100",
      model(
        [call("F0", ["x"], ["y"])],
        Array.from({ length: 100 }, (_, i) => define(`F${i}`, ["a"], ["b"], [call(`F${i + 1}`, ["a"], ["b"])], { opsets: { own: 1 } })), // prettier-ignore
      ),
      "too-deep",
      /64 deep/,
    ],
    [
      "one that is cut off",
      { ...model([call("Leaky", ["x"], ["y"], {})], [define("Leaky", ["a"], ["b"], [node("", ["a"], ["b"])])]) }, // prettier-ignore
      "malformed",
      /function, node 0: a node without an op type/,
    ],
  ];
  for (const [why, spec, code, says] of refusals) {
    it(why, () => {
      assert.throws(
        () => openSession(spec, context),
        (error) => {
          assert.ok(error instanceof OnnxModelError, String(error));
          assert.equal(error.code, code, error.message);
          assert.match(error.message, says);
          return true;
        },
      );
    });
  }
});

it("gives the same through a session without the provider's door", async () => {
  const session = openSession(cases[0]!.model, context);
  const { y } = await session.fetch({ x: floats([4], data) });
  assert.deepEqual(await numbers(y), cases[0]!.expected);
  await session.dispose();
});
