/** What is refused for good, since it is no tensor of numbers, and what to do instead. */
import { usesOf } from "../model/arrange-graph.ts";
import type { Graph, Node, ValueInfo } from "../model/model.ts";

const strings =
  "strings are no data of WebNN: turn them into numbers, such as token ids, before the model, and cut that part off";
const sequences =
  "sequences are no tensors: export their elements as inputs and outputs of their own, or joined in one tensor";
const optionals = "optionals are no tensors: export the model with the value, or without it";

const instead: readonly { readonly ops: RegExp; readonly says: string }[] = [
  { ops: /^(String\w+|RegexFullMatch)$/, says: strings },
  { ops: /^(Sequence\w+|SplitToSequence|ConcatFromSequence)$/, says: sequences },
  { ops: /^Optional/, says: optionals },
  { ops: /^ImageDecoder$/, says: "decode images before the model" },
];

/** What to do instead of the ops of these nodes, once each. */
export function insteadOf(nodes: readonly Node[]): readonly string[] {
  const said = nodes.flatMap(({ op, domain }) =>
    domain === "" ? instead.filter(({ ops }) => ops.test(op)).map(({ says }) => says) : [],
  );
  return [...new Set(said)];
}

/** Says which inputs and outputs of the model are no tensors of numbers. */
export function refusedValues({ inputs, outputs, nodes }: Graph): readonly string[] {
  const used = new Set([...nodes.flatMap(usesOf), ...outputs.map(({ name }) => name)]);
  return [
    ...inputs.filter(({ name }) => used.has(name)).flatMap((value) => problemOf("input", value)),
    ...outputs.flatMap((value) => problemOf("output", value)),
  ];
}

function problemOf(what: string, { name, type, other }: ValueInfo): readonly string[] {
  if (type === "string") return [`the ${what} '${name}' is of strings (${strings})`];
  if (other === undefined) return [];
  const advice = {
    sequence: sequences,
    map: sequences,
    optional: optionals,
    "sparse tensor": "give the dense tensor",
  }[other];
  return [`the ${what} '${name}' is a ${other} (${advice})`];
}
