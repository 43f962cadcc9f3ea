/** Calls of contexts, builders, graphs and tensors that the standard refuses, and how it does. */
import { MLGraphBuilder } from "../../core-webnn/index.ts";
import type { MLContext, MLGraph, MLOperand, MLTensor } from "../../core-webnn/index.ts";

/** A graph that doubles four numbers, and its tensors. */
export interface Fixture {
  readonly context: MLContext;
  /** Another one, for what belongs elsewhere. */
  readonly other: MLContext;
  readonly graph: MLGraph;
  readonly x: MLTensor;
  readonly y: MLTensor;
}

export interface Misuse {
  readonly why: string;
  /** The name of the error that is thrown, or that the promise rejects with. */
  readonly refusal: "TypeError" | "InvalidStateError";
  readonly call: (fixture: Fixture) => unknown;
}

const four = { dataType: "float32", shape: [4] } as const;

export async function openFixture(context: MLContext, other: MLContext): Promise<Fixture> {
  const graph = await doubling(context);
  const x = await context.createTensor({ ...four, writable: true });
  const y = await context.createTensor({ ...four, readable: true });
  return { context, other, graph, x, y };
}

export function closeFixture({ graph, x, y }: Fixture): void {
  [graph, x, y].forEach((resource) => resource.destroy());
}

/** What is wrong with the fixture, that anything else may have spoiled. */
export async function checkFixture({ context, graph, x, y }: Fixture): Promise<string | undefined> {
  context.writeTensor(x, Float32Array.of(1, 2, 3, 4));
  context.dispatch(graph, { x }, { y });
  const read = [...new Float32Array(await context.readTensor(y))];
  return read.join() === "2,4,6,8"
    ? undefined
    : `afterwards, doubling 1,2,3,4 gives ${read.join()}`;
}

async function doubling(context: MLContext): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", four);
  return builder.build({ y: builder.add(x, x) });
}

function inBuilder(
  call: (builder: MLGraphBuilder, x: MLOperand) => unknown,
): (fixture: Fixture) => unknown {
  return ({ context }) => {
    const builder = new MLGraphBuilder(context);
    return call(builder, builder.input("x", four));
  };
}

async function usedBuilder({
  context,
}: Fixture): Promise<{ builder: MLGraphBuilder; x: MLOperand }> {
  const builder = new MLGraphBuilder(context);
  const x = builder.input("x", four);
  (await builder.build({ y: builder.neg(x) })).destroy();
  return { builder, x };
}

async function destroyed(context: MLContext): Promise<MLTensor> {
  const tensor = await context.createTensor({ ...four, readable: true, writable: true });
  tensor.destroy();
  return tensor;
}

const bytes = new Float32Array(4);

export const misuses: readonly Misuse[] = [
  {
    why: "an input without a name",
    refusal: "TypeError",
    call: inBuilder((builder) => builder.input("", four)),
  },
  {
    why: "two inputs of one name",
    refusal: "TypeError",
    call: inBuilder((builder) => builder.input("x", four)),
  },
  {
    why: "a size of 0",
    refusal: "TypeError",
    call: inBuilder((builder) => builder.input("z", { dataType: "float32", shape: [0] })),
  },
  {
    why: "more elements than there can be",
    refusal: "TypeError",
    call: inBuilder((builder) =>
      builder.input("z", { dataType: "int8", shape: [2 ** 16, 2 ** 16] }),
    ),
  },
  {
    why: "a type that does not exist",
    refusal: "TypeError",
    call: inBuilder((builder) =>
      builder.input("z", { dataType: "float64" as "float32", shape: [1] }),
    ),
  },
  {
    why: "a constant of too few bytes",
    refusal: "TypeError",
    call: inBuilder((builder) => builder.constant(four, new Float32Array(3))),
  },
  {
    why: "a constant of another type's view",
    refusal: "TypeError",
    call: inBuilder((builder) => builder.constant(four, new Int32Array(4))),
  },
  {
    why: "no outputs",
    refusal: "TypeError",
    call: inBuilder((builder) => builder.build({})),
  },
  {
    why: "an output without a name",
    refusal: "TypeError",
    call: inBuilder((builder, x) => builder.build({ "": builder.abs(x) })),
  },
  {
    why: "an input as an output",
    refusal: "TypeError",
    call: inBuilder((builder, x) => builder.build({ x })),
  },
  {
    why: "an output of another builder",
    refusal: "TypeError",
    call: ({ context }) => {
      const [one, two] = [new MLGraphBuilder(context), new MLGraphBuilder(context)];
      return one.build({ y: two.abs(two.input("x", four)) });
    },
  },
  {
    why: "an op of a builder that has built",
    refusal: "InvalidStateError",
    call: async (fixture) => {
      const { builder, x } = await usedBuilder(fixture);
      return builder.abs(x);
    },
  },
  {
    why: "an input of a builder that has built",
    refusal: "InvalidStateError",
    call: async (fixture) => (await usedBuilder(fixture)).builder.input("z", four),
  },
  {
    why: "a second build",
    refusal: "InvalidStateError",
    call: async (fixture) => {
      const { builder, x } = await usedBuilder(fixture);
      return builder.build({ x });
    },
  },
  {
    why: "a constant of a tensor that is none",
    refusal: "TypeError",
    call: ({ context, x }) => new MLGraphBuilder(context).constant(x),
  },
  {
    why: "a constant of another context's tensor",
    refusal: "TypeError",
    call: async ({ context, other }) => {
      const tensor = await other.createConstantTensor(four, bytes);
      try {
        return new MLGraphBuilder(context).constant(tensor);
      } finally {
        tensor.destroy();
      }
    },
  },
  {
    why: "a constant of a destroyed tensor",
    refusal: "TypeError",
    call: async ({ context }) => {
      const tensor = await context.createConstantTensor(four, bytes);
      tensor.destroy();
      return new MLGraphBuilder(context).constant(tensor);
    },
  },
  {
    why: "a missing input",
    refusal: "TypeError",
    call: ({ context, graph, y }) => context.dispatch(graph, {}, { y }),
  },
  {
    why: "a missing output",
    refusal: "TypeError",
    call: ({ context, graph, x }) => context.dispatch(graph, { x }, {}),
  },
  {
    why: "an input that the graph does not have",
    refusal: "TypeError",
    call: async ({ context, graph, x, y }) => {
      const z = await context.createTensor(four);
      try {
        return context.dispatch(graph, { x, z }, { y });
      } finally {
        z.destroy();
      }
    },
  },
  {
    why: "one tensor as input and output",
    refusal: "TypeError",
    call: ({ context, graph, x }) => context.dispatch(graph, { x }, { y: x }),
  },
  {
    why: "an input of another shape",
    refusal: "TypeError",
    call: async ({ context, graph, y }) => {
      const x = await context.createTensor({ dataType: "float32", shape: [2, 2] });
      try {
        return context.dispatch(graph, { x }, { y });
      } finally {
        x.destroy();
      }
    },
  },
  {
    why: "an output of another type",
    refusal: "TypeError",
    call: async ({ context, graph, x }) => {
      const y = await context.createTensor({ dataType: "int32", shape: [4] });
      try {
        return context.dispatch(graph, { x }, { y });
      } finally {
        y.destroy();
      }
    },
  },
  {
    why: "a destroyed tensor as input",
    refusal: "TypeError",
    call: async ({ context, graph, y }) =>
      context.dispatch(graph, { x: await destroyed(context) }, { y }),
  },
  {
    why: "a tensor of another context",
    refusal: "TypeError",
    call: async ({ context, other, graph, y }) => {
      const x = await other.createTensor(four);
      try {
        return context.dispatch(graph, { x }, { y });
      } finally {
        x.destroy();
      }
    },
  },
  {
    why: "a graph of another context",
    refusal: "TypeError",
    call: ({ other, graph, x, y }) => other.dispatch(graph, { x }, { y }),
  },
  {
    why: "a destroyed graph",
    refusal: "InvalidStateError",
    call: async ({ context, x, y }) => {
      const graph = await doubling(context);
      graph.destroy();
      return context.dispatch(graph, { x }, { y });
    },
  },
  {
    why: "reading what is not readable",
    refusal: "TypeError",
    call: ({ context, x }) => context.readTensor(x),
  },
  {
    why: "reading into too few bytes",
    refusal: "TypeError",
    call: ({ context, y }) => context.readTensor(y, new Float32Array(3)),
  },
  {
    why: "reading what was destroyed",
    refusal: "TypeError",
    call: async ({ context }) => context.readTensor(await destroyed(context)),
  },
  {
    why: "writing what is not writable",
    refusal: "TypeError",
    call: ({ context, y }) => context.writeTensor(y, bytes),
  },
  {
    why: "writing too many bytes",
    refusal: "TypeError",
    call: ({ context, x }) => context.writeTensor(x, new Float32Array(5)),
  },
  {
    why: "writing what was destroyed",
    refusal: "TypeError",
    call: async ({ context }) => context.writeTensor(await destroyed(context), bytes),
  },
  {
    why: "a tensor with a size of 0",
    refusal: "TypeError",
    call: ({ context }) => context.createTensor({ dataType: "float32", shape: [2, 0] }),
  },
  {
    why: "a tensor that is too large",
    refusal: "TypeError",
    call: ({ context }) => context.createTensor({ dataType: "float32", shape: [2 ** 31 - 1] }),
  },
  {
    why: "a constant tensor of too few bytes",
    refusal: "TypeError",
    call: ({ context }) => context.createConstantTensor(four, new Float32Array(3)),
  },
  {
    why: "a builder of no context",
    refusal: "TypeError",
    call: () => new MLGraphBuilder({} as MLContext),
  },
];

/** Of a context that is lost: `lost` has been destroyed, the fixture is another's. */
export const misusesOfLost: readonly {
  readonly why: string;
  readonly call: (lost: MLContext) => unknown;
}[] = [
  { why: "a builder of a lost context", call: (lost) => new MLGraphBuilder(lost) },
  { why: "a tensor of a lost context", call: (lost) => lost.createTensor(four) },
  {
    why: "a constant tensor of a lost context",
    call: (lost) => lost.createConstantTensor(four, bytes),
  },
];
