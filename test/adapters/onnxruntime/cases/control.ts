/** Loop and Scan: how often they run, what they carry, what they stack. If has its own tests (branches.test.ts). */
import type {
  ElementTypeName,
  GraphSpec,
  NodeSpec,
  TensorSpec,
  ValueSpec,
} from "../onnx-writer.ts";
import { f32, i64 } from "../onnx-writer.ts";
import { bools, chain, int, ints, node, random, type OpCase } from "./make-case.ts";

const value = (
  name: string,
  type: ElementTypeName = "float32",
  shape?: readonly (number | string)[],
): ValueSpec => ({ name, type, ...(shape === undefined ? {} : { shape }) });

const i = value("i", "int64", []);
const go = value("go", "bool", []);

interface BodySpec extends Partial<GraphSpec> {
  readonly nodes: readonly NodeSpec[];
  readonly inputs?: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
}

/** A body that goes on as long as it is told to, unless its first output is a condition of its own. */
const loop = (
  inputs: readonly string[],
  outputs: readonly string[],
  { nodes, inputs: carried = [], outputs: results, ...more }: BodySpec,
  condition = "still",
): NodeSpec => ({
  op: "Loop",
  name: `Loop ${outputs[0]}`,
  inputs,
  outputs,
  attributes: {
    body: {
      graph: {
        ...more,
        nodes: condition === "still" ? [node("Identity", ["go"], "still"), ...nodes] : nodes,
        inputs: [i, go, ...carried],
        outputs: [value(condition, "bool", []), ...results],
      },
    },
  },
});

const scan = (
  inputs: readonly string[],
  outputs: readonly string[],
  scanned: number,
  body: BodySpec,
  attributes: NodeSpec["attributes"] = {},
): NodeSpec => ({
  op: "Scan",
  name: `Scan ${outputs[0]}`,
  inputs,
  outputs,
  attributes: { num_scan_inputs: int(scanned), body: { graph: body }, ...attributes },
});

const trips = (count: number | bigint): TensorSpec => i64([], [count]);
const yes = bools([], [1]);
const floats: ElementTypeName = "float32";

/** s + x_t, and the sums so far. */
const running: BodySpec = {
  nodes: [node("Add", ["s", "e"], "sum"), node("Identity", ["sum"], "part")],
  inputs: [value("s"), value("e")],
  outputs: [value("sum"), value("part")],
};

const loops: readonly OpCase[] = [
  chain(
    "Loop: a number of times, with an iteration number, a capture, a carried value and a stack",
    [
      loop(["m", "go0", "a"], ["last", "all"], {
        nodes: [
          node("Cast", ["i"], "number", { to: int(1) }),
          node("Mul", ["w", "number"], "term"),
          node("Add", ["s", "term"], "sum"),
          node("Mul", ["sum", "sum"], "square"),
        ],
        inputs: [value("s")],
        outputs: [value("sum"), value("square")],
      }),
    ],
    { m: trips(5), go0: yes, a: random([2, 3]), w: random([3], 1, 9) },
    { last: floats, all: floats },
  ),
  chain(
    "Loop: while a condition holds that the body computes",
    [
      loop(
        ["", "go0", "a"],
        ["last", "all"],
        {
          nodes: [
            node("Add", ["s", "s"], "twice"),
            node("Less", ["twice", "limit"], "more"),
            node("Neg", ["twice"], "negative"),
          ],
          inputs: [value("s")],
          outputs: [value("twice"), value("negative")],
        },
        "more",
      ),
    ],
    { go0: yes, a: f32([], [1]), limit: f32([], [100]) },
    { last: floats, all: floats },
    { constants: ["limit"] },
  ),
  chain(
    "Loop: without a condition, whose body ends it",
    [
      loop(
        ["m", "", "a"],
        ["last"],
        {
          nodes: [node("Add", ["s", "s"], "twice"), node("Less", ["twice", "limit"], "more")],
          inputs: [value("s")],
          outputs: [value("twice")],
        },
        "more",
      ),
    ],
    { m: trips(9223372036854775807n), a: f32([], [1]), limit: f32([], [30]) },
    { last: floats },
  ),
  chain(
    "Loop: not at all, because of its condition",
    [
      loop(["m", "go0", "a"], ["last", "all"], {
        nodes: [node("Add", ["s", "s"], "twice"), node("Neg", ["s"], "negative")],
        inputs: [value("s")],
        outputs: [value("twice"), value("negative", "float32", [2])],
      }),
    ],
    { m: trips(4611686018427387904n), go0: bools([], [0]), a: f32([2], [1, 2]) },
    { last: floats, all: floats },
  ),
  chain(
    "Loop: not at all, because of its trip count",
    [
      loop(["m", "", "a"], ["last", "all"], {
        nodes: [node("Add", ["s", "s"], "twice"), node("Neg", ["s"], "negative")],
        inputs: [value("s")],
        outputs: [value("twice"), value("negative", "float32", [2])],
      }),
    ],
    { m: trips(0), a: f32([2], [1, 2]) },
    { last: floats, all: floats },
  ),
  chain(
    "Loop: a carried value that grows",
    [
      loop(["m", "", "a"], ["last", "all"], {
        nodes: [
          node("ReduceSum", ["s"], "total", { keepdims: int(1) }),
          node("Concat", ["s", "total"], "longer", { axis: int(0) }),
          node("Identity", ["total"], "part"),
        ],
        inputs: [value("s", "float32", ["length"])],
        outputs: [value("longer", "float32", ["more"]), value("part", "float32", [1])],
      }),
    ],
    { m: trips(6), a: f32([2], [1, 0.5]) },
    { last: floats, all: floats },
  ),
  chain(
    "Loop: several carried values, of which one changes places with another",
    [
      loop(["m", "", "a", "b", "n"], ["x", "y", "count"], {
        nodes: [
          node("Add", ["p", "q"], "sum"),
          node("Identity", ["p"], "copy"),
          node("Add", ["k", "one"], "next"),
        ],
        inputs: [value("p"), value("q"), value("k", "int64")],
        outputs: [value("sum"), value("copy"), value("next", "int64")],
        initializers: { one: i64([], [3]) },
      }),
    ],
    { m: trips(7), a: f32([1], [1]), b: f32([1], [0]), n: i64([], [10]) },
    { x: floats, y: floats, count: "int64" },
  ),
  chain(
    "Loop: inside of a Loop, with an If in it",
    [
      loop(["m", "", "a"], ["last", "all"], {
        nodes: [
          loop(["i", "", "s"], ["inner", "parts"], {
            nodes: [
              node("Greater", ["t", "zero"], "positive"),
              {
                op: "If",
                name: "If",
                inputs: ["positive"],
                outputs: ["chosen"],
                attributes: {
                  then_branch: {
                    graph: { nodes: [node("Neg", ["t"], "r1")], outputs: [value("r1")] },
                  },
                  else_branch: {
                    graph: { nodes: [node("Sub", ["w", "t"], "r2")], outputs: [value("r2")] },
                  },
                },
              },
              node("Abs", ["chosen"], "size"),
            ],
            inputs: [value("t")],
            outputs: [value("chosen"), value("size")],
          }),
          node("Add", ["inner", "w"], "outer"),
          node("Shape", ["parts"], "shape"),
        ],
        inputs: [value("s")],
        outputs: [value("outer"), value("shape", "int64")],
        initializers: { zero: f32([], [0]) },
      }),
    ].map((outer) => withInnerNames(outer)),
    { m: trips(4), a: f32([], [0.75]), w: f32([], [2]) },
    { last: floats, all: "int64" },
  ),
  chain(
    "Loop: elements of a captured tensor by the iteration number",
    [
      loop(["m", "", "a"], ["last", "all"], {
        nodes: [
          node("Gather", ["table", "i"], "row", { axis: int(0) }),
          node("Add", ["s", "row"], "sum"),
          node("Identity", ["row"], "part"),
        ],
        inputs: [value("s")],
        outputs: [value("sum"), value("part")],
      }),
    ],
    { m: trips(3), a: f32([2], [0, 0]), table: random([4, 2]) },
    { last: floats, all: floats },
  ),
];

/** Bodies one inside the other need names of their own. */
function withInnerNames(outer: NodeSpec): NodeSpec {
  const names = new Set(["i", "go", "still"]);
  const rename = (text: string) => (names.has(text) ? `outer ${text}` : text);
  const { graph } = (outer.attributes as { body: { graph: GraphSpec } }).body;
  const named = (list: readonly ValueSpec[] = []) =>
    list.map((item) => ({ ...item, name: rename(item.name) }));
  const nodes = graph.nodes.map((inner) => ({
    ...inner,
    inputs: inner.inputs.map(rename),
    outputs: inner.outputs.map(rename),
  }));
  const body = { ...graph, nodes, inputs: named(graph.inputs), outputs: named(graph.outputs) };
  return { ...outer, attributes: { body: { graph: body } } };
}

const scans: readonly OpCase[] = [
  chain(
    "Scan: running sums",
    [scan(["a", "x"], ["last", "all"], 1, running)],
    { a: f32([2], [10, 20]), x: random([4, 2]) },
    { last: floats, all: floats },
    { opset: 9 },
  ),
  chain(
    "Scan: along other axes, backwards",
    [
      scan(["a", "x"], ["last", "all"], 1, running, {
        scan_input_axes: ints(-1),
        scan_output_axes: ints(-2),
        scan_input_directions: ints(1),
        scan_output_directions: ints(1),
      }),
    ],
    { a: random([2, 3], 1, 4), x: random([2, 3, 5]) },
    { last: floats, all: floats },
    { opset: 17 },
  ),
  chain(
    "Scan: no state, two sequences, one backwards",
    [
      scan(
        ["x", "y"],
        ["products", "first"],
        2,
        {
          nodes: [node("Mul", ["p", "q"], "product"), node("Identity", ["p"], "copy")],
          inputs: [value("p"), value("q")],
          outputs: [value("product"), value("copy")],
        },
        { scan_input_axes: ints(0, 1), scan_input_directions: ints(0, 1) },
      ),
    ],
    { x: random([3, 2]), y: random([2, 3], 2, 8) },
    { products: floats, first: floats },
    { opset: 16 },
  ),
  chain(
    "Scan of opset 8: a batch",
    [scan(["", "a", "x"], ["last", "all"], 1, running)],
    { a: random([3, 2], 1, 4), x: random([3, 4, 2]) },
    { last: floats, all: floats },
    { opset: 8 },
  ),
  chain(
    "Scan of opset 8: sequences of several lengths, backwards",
    [scan(["lengths", "a", "x"], ["last", "all"], 1, running, { directions: ints(1) })],
    { lengths: i64([3], [2, 4, 1]), a: random([3, 2], 1, 4), x: random([3, 4, 2]) },
    { last: floats, all: floats },
    { opset: 8 },
  ),
];

export const control: readonly OpCase[] = [...loops, ...scans];
