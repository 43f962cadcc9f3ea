/**
 * Random numbers, made on the host. A node with a seed gives the same numbers in each run; they are not those of other
 * runtimes, which ONNX does not ask for.
 */
import type { HostNode } from "../convert/host-node.ts";
import { makeArray, type HostArray } from "../host/array.ts";
import { storeOf } from "../host/map-array.ts";
import { makeRandom, type Random } from "../host/random.ts";
import { elementTypeOf, type ElementType } from "../model/element-type.ts";
import { op, type OpRow } from "./row.ts";

const onHost = "its numbers are random";

/** Elements: more than any device takes. */
const mostElements = 2 ** 31;

function randomOf(node: HostNode): Random {
  return makeRandom(node.node.attributes.has("seed") ? node.float("seed", 0) : undefined);
}

/** The type that the attribute names, or `otherwise`. */
function typeOf(node: HostNode, otherwise: ElementType): ElementType {
  if (!node.node.attributes.has("dtype")) return otherwise;
  const code = node.int("dtype", 0);
  return elementTypeOf(code) ?? node.fail(`dtype ${code} is no data type`);
}

function floatTypeOf(node: HostNode, otherwise: ElementType): ElementType {
  const type = typeOf(node, otherwise);
  return type.includes("float") ? type : node.fail(`random numbers of type ${type}`);
}

function filled(
  node: HostNode,
  type: ElementType,
  shape: readonly number[],
  draw: (index: number) => number,
): readonly HostArray[] {
  const count = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((size) => size >= 0) || count > mostElements) {
    node.fail(`the shape [${shape.join(", ")}], expected at most ${mostElements} elements`);
  }
  const result = makeArray(type, shape);
  const store = storeOf(result);
  for (let i = 0; i < count; i++) store(i, draw(i));
  return [result];
}

type Draw = (node: HostNode, random: Random) => () => number;

const normal: Draw = (node, random) => {
  const [mean, scale] = [node.float("mean", 0), node.float("scale", 1)];
  return () => mean + scale * random.normal();
};

const uniform: Draw = (node, random) => {
  const [low, high] = [node.float("low", 0), node.float("high", 1)];
  return () => low + (high - low) * random.uniform();
};

/** The shape is an attribute, or that of an input. */
function draws(name: string, draw: Draw): readonly OpRow[] {
  return [
    op(name, {
      onHost,
      compute(node) {
        const shape = node.ints("shape") ?? node.fail("the attribute shape is missing");
        return filled(node, floatTypeOf(node, "float32"), shape, draw(node, randomOf(node)));
      },
    }),
    op(`${name}Like`, {
      onHost,
      compute(node, [like]) {
        const type = floatTypeOf(node, like!.type);
        return filled(node, type, like!.shape, draw(node, randomOf(node)));
      },
    }),
  ];
}

function multinomial(node: HostNode, { shape, data }: HostArray): readonly HostArray[] {
  const [batch, classes] = shape;
  if (shape.length !== 2 || classes === 0) {
    return node.fail(`the input's shape [${shape.join(", ")}], expected batch and classes`);
  }
  const samples = node.int("sample_size", 1);
  const type = typeOf(node, "int32");
  if (type !== "int32" && type !== "int64") node.fail(`dtype ${type}, expected int32 or int64`);
  const random = randomOf(node);
  const sums = Array.from({ length: batch! }, (_, row) =>
    runningSums(Array.from(data.slice(row * classes!, (row + 1) * classes!), Number)),
  );
  return filled(node, type, [batch!, samples], (i) => {
    const sum = sums[Math.floor(i / samples)]!;
    const at = random.uniform() * sum.at(-1)!;
    return sum.findIndex((end) => at < end);
  });
}

/** Running sums of the probabilities' multiples: the largest logarithm counts 1. */
function runningSums(logarithms: readonly number[]): readonly number[] {
  const largest = logarithms.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  return logarithms.map((x) => (sum += Math.exp(x - largest)));
}

export const randomRows: readonly OpRow[] = [
  ...draws("RandomNormal", normal),
  ...draws("RandomUniform", uniform),
  op("Bernoulli", {
    since: 15,
    onHost,
    compute(node, [input]) {
      const random = randomOf(node);
      const type = typeOf(node, input!.type);
      return filled(node, type, input!.shape, (i) =>
        Number(random.uniform() < Number(input!.data[i])),
      );
    },
  }),
  op("Multinomial", {
    since: 7,
    onHost,
    compute: (node, [input]) => multinomial(node, input!),
  }),
];
