/** What onnxruntime-web does that our interfaces have to bear: each gives what a test expects of it. */
import { extensions, type MLContext as Context } from "../../../../core-webnn/index.ts";
import { modelOf, tensorOf } from "../../../adapters/onnxruntime/op-case-model.ts";
import type { OpCase } from "../../../adapters/onnxruntime/cases/make-case.ts";
import { answerWith } from "../../harness/answer.ts";
import { relativeError } from "../../harness/relative-error.ts";
import { ownCases, signedWeights } from "../operator-cases.ts";
import { nodesElsewhere } from "../placements.ts";
import type { FourBits, Trap, TrapTask } from "../traps.ts";
import { callsOf, listen, ml, MLContext, type Call } from "./calls.ts";
import { beyondDoubles, increment, interrupted, pooled, scalarSum } from "../small-models.ts";
import { loadOrt, openOnWasm, openOnWebNN, devicesUsed, type Ort } from "./open.ts";

type DeviceType = TrapTask["deviceType"];
type Traps = {
  readonly [Name in keyof Trap]: (ort: Ort, deviceType: DeviceType) => Promise<Trap[Name]>;
};

const traps: Traps = {
  boundTensors: bindTensors,
  keptOutputs: keepOutputs,

  async increments(ort) {
    const { session, placements } = await openOnWebNN(ort, increment(3), "cpu");
    const y = await session.run({ x: floats(ort, [3], 1, 2, 3) });
    return { y: numbersOf(y["y"]), elsewhere: nodesElsewhere(placements) };
  },

  async ownGPUDevice(ort) {
    const adapter = await navigator.gpu.requestAdapter();
    const gpuDevice = await adapter!.requestDevice();
    const context = await ml.createContext(gpuDevice);
    const own = { context, gpuDevice };
    const { session, placements } = await openOnWebNN(ort, increment(3), "gpu", {}, own);
    const y = await session.run({ x: floats(ort, [3], 1, 2, 3) });
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const buffer = gpuDevice.createBuffer({ size: 4, usage });
    await session.release();
    context.destroy();
    gpuDevice.queue.writeBuffer(buffer, 0, Uint8Array.of(1, 2, 3, 4));
    // Rejects if the device is gone.
    await buffer.mapAsync(GPUMapMode.READ);
    const read = [...new Uint8Array(buffer.getMappedRange())];
    const elsewhere = nodesElsewhere(placements);
    return { y: numbersOf(y["y"]), elsewhere, devices: devicesUsed(), read };
  },

  async symbolicSizes(ort) {
    const model = increment("n");
    const free = await openOnWebNN(ort, model, "cpu");
    const fixed = await openOnWebNN(ort, model, "cpu", { freeDimensionOverrides: { n: 3 } });
    const x = floats(ort, [3], 1, 2, 3);
    return {
      free: {
        y: numbersOf((await free.session.run({ x }))["y"]),
        names: namesIn(free.session),
        elsewhere: nodesElsewhere(free.placements),
      },
      fixed: {
        y: numbersOf((await fixed.session.run({ x }))["y"]),
        names: namesIn(fixed.session),
        elsewhere: nodesElsewhere(fixed.placements),
      },
    };
  },

  async int64(ort) {
    let y: unknown;
    const calls = await listen(async () => {
      const { session } = await openOnWebNN(ort, beyondDoubles(), "cpu");
      const x = new ort.Tensor("int64", BigInt64Array.of(-1n, 2n ** 60n), [2]);
      y = (await session.run({ x }))["y"]!.data;
    });
    return {
      y: Array.from(y as BigInt64Array, String),
      types: typesOf(calls, "input", 1).concat(typesOf(calls, "constant", 0)),
      built: calls.map(({ name }) => name).filter((name) => /^(add|cast)$/.test(name)),
    };
  },

  async incompleteLimits(ort) {
    const elsewhere: Record<string, readonly string[]> = {};
    const { opSupportLimits } = MLContext.prototype;
    for (const [lack, spoil] of Object.entries(lacks)) {
      MLContext.prototype.opSupportLimits = function () {
        const limits = structuredClone(opSupportLimits.call(this));
        spoil(limits as unknown as Limits);
        return limits;
      };
      try {
        const { session, placements } = await openOnWebNN(ort, increment(3), "cpu");
        const { y } = await session.run({ x: floats(ort, [3], 1, 2, 3) });
        if (numbersOf(y).join() !== "2,3,4") throw new Error(`without ${lack}: ${numbersOf(y)}`);
        elsewhere[lack] = nodesElsewhere(placements);
      } finally {
        MLContext.prototype.opSupportLimits = opSupportLimits;
      }
    }
    return { elsewhere };
  },

  async fourBits(ort, deviceType) {
    const unsigned = ownCases.find(({ name }) => name === "MatMulNBits: 4 bits with zero points")!;
    return {
      uint4: await runFourBits(ort, unsigned, deviceType),
      int4: await runFourBits(ort, signedWeights, deviceType),
    };
  },

  async sharedHeap(ort) {
    const { session, placements } = await openOnWebNN(ort, interrupted(), "cpu");
    let y: number[] = [];
    const calls = await listen(async () => {
      const { writeTensor } = MLContext.prototype;
      MLContext.prototype.writeTensor = function (tensor, view) {
        writeTensor.call(this, tensor, view);
        // What comes after the call must not reach the tensor. Nobody else reads these bytes again.
        (view as Uint8Array).fill(0xff);
        return undefined;
      };
      y = numbersOf((await session.run({ x: floats(ort, [4], -2, -0.5, 0, 1) }))["y"]);
    });
    const views = (name: string) =>
      callsOf(calls, name)
        .map(([, view]) => view as ArrayBufferView | undefined)
        .filter((view) => view !== undefined);
    return {
      y,
      elsewhere: nodesElsewhere(placements),
      written: views("writeTensor").map(kindOf),
      read: views("readTensor").map(kindOf),
    };
  },

  async otherContext(ort) {
    const [own, other] = [await ml.createContext(), await ml.createContext()];
    const { session } = await openOnContext(ort, increment(3), own, "cpu");
    const tensor = await other.createTensor({ ...vector, writable: true });
    const x = ort.Tensor.fromMLTensor(tensor as never, { dataType: "float32", dims: [3] });
    const error = await session.run({ x }).catch((error: unknown) => error);
    // JavaScript's errors do not unwind ORT's C++: that session holds its lock for ever.
    const next = await openOnContext(ort, increment(3), own, "cpu");
    const after = await next.session.run({ x: floats(ort, [3], 1, 2, 3) });
    return { error: String(error), y: numbersOf(after["y"]) };
  },

  async husks(ort) {
    const context = await ml.createContext();
    const large = 2 ** 18;
    const { session } = await openOnContext(ort, increment(large), context, "cpu");
    const bytes: number[] = [];
    for (let round = 0; round < 8; round++) {
      const tensor = await context.createTensor({ ...vector, shape: [large], writable: true });
      context.writeTensor(tensor, new Float32Array(large).fill(round));
      const x = ort.Tensor.fromMLTensor(tensor as never, { dataType: "float32", dims: [large] });
      const { y } = await session.run({ x });
      if (numbersOf(y)[large - 1] !== round + 1) throw new Error(`round ${round} is wrong`);
      tensor.destroy();
      bytes.push(await tensorBytes(context));
    }
    return { bytes, byteLength: 4 * large };
  },

  async scalars(ort) {
    const context = await ml.createContext();
    const { session } = await openOnContext(ort, scalarSum("float32"), context, "cpu", {
      preferredOutputLocation: "ml-tensor",
    });
    const tensor = await context.createTensor({ ...vector, shape: [], writable: true });
    context.writeTensor(tensor, Float32Array.of(2.5));
    const a = ort.Tensor.fromMLTensor(tensor as never, { dataType: "float32", dims: [] });
    const { y } = await session.run({ a, b: floats(ort, [], 0.25) });
    const { location, dims } = y!;
    return { location, dims, y: [...((await y!.getData()) as Float32Array)] };
  },

  async legacyFields(ort) {
    let y: number[] = [];
    const calls = await listen(async () => {
      const { session } = await openOnWebNN(ort, pooled(), "cpu");
      const x = floats(ort, [1, 1, 3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9);
      y = numbersOf((await session.run({ x }))["y"]);
    });
    const fields = (name: string, argument: number) => [
      ...new Set(callsOf(calls, name).flatMap((given) => Object.keys(given[argument] ?? {}))),
    ];
    const refused = await ml
      .createContext({ deviceType: "tpu" as never })
      .catch((error: unknown) => error);
    return {
      y,
      fields: {
        createContext: fields("createContext", 0),
        input: fields("input", 1),
        createTensor: fields("createTensor", 0),
        averagePool2d: fields("averagePool2d", 1),
      },
      refused: String(refused),
    };
  },
};

type Limits = Record<string, Record<string, { rankRange?: object }>>;

/** What `opSupportLimits` then does not tell of. */
const lacks: Readonly<Record<string, (limits: Limits) => void>> = {
  nothing: () => {},
  "the operator": (limits) => delete limits["add"],
  "its output": (limits) => delete limits["add"]!["output"],
  "an operand": (limits) => delete limits["add"]!["b"],
  "an operand's ranks": (limits) => delete limits["add"]!["a"]!.rankRange,
};

async function runFourBits(ort: Ort, opCase: OpCase, deviceType: DeviceType): Promise<FourBits> {
  const model = modelOf(opCase, "numbers");
  const x = tensorOf(ort, opCase.tensors["x"]!);
  const oracle = await openOnWasm(ort, model);
  const expected = numbersOf((await oracle.run({ x }))["y0"]);
  let y: number[] = [];
  let elsewhere: readonly string[] = [];
  const calls = await listen(async () => {
    const { session, placements } = await openOnWebNN(ort, model, deviceType);
    elsewhere = nodesElsewhere(placements);
    y = numbersOf((await session.run({ x }))["y0"]);
  });
  return {
    types: [...new Set(typesOf(calls, "constant", 0))],
    elsewhere,
    error: relativeError(y, expected),
  };
}

/** Tensors of the application at both ends: one write and one read for three runs, both ours. */
async function bindTensors(ort: Ort, deviceType: DeviceType): Promise<Trap["boundTensors"]> {
  const context = await ml.createContext({ deviceType });
  const { session, placements } = await openOnContext(ort, increment(3), context, deviceType);
  const tensors = await Promise.all(
    [0, 1].map(() => context.createTensor({ ...vector, readable: true, writable: true })),
  );
  const [a, b] = tensors.map((tensor) =>
    ort.Tensor.fromMLTensor(tensor as never, { dataType: "float32", dims: [3] }),
  );
  let y: number[] = [];
  const calls = await listen(async () => {
    context.writeTensor(tensors[0]!, Float32Array.of(1, 2, 3));
    await session.run({ x: a! }, { y: b! });
    await session.run({ x: b! }, { y: a! });
    await session.run({ x: a! }, { y: b! });
    y = [...new Float32Array(await context.readTensor(tensors[1]!))];
  });
  return { ...countsOf(calls), y, elsewhere: nodesElsewhere(placements), devices: devicesUsed() };
}

/** Results stay in tensors of ORT's, are fed back, and come to the page when they are asked for. */
async function keepOutputs(ort: Ort, deviceType: DeviceType): Promise<Trap["keptOutputs"]> {
  const context = await ml.createContext({ deviceType });
  const { session } = await openOnContext(ort, increment(3), context, deviceType, {
    preferredOutputLocation: "ml-tensor",
  });
  const before = await tensorBytes(context);
  let y: number[] = [];
  const locations: string[] = [];
  const calls = await listen(async () => {
    let x = floats(ort, [3], 1, 2, 3);
    for (let round = 0; round < 4; round++) {
      const results = await session.run({ x });
      x.dispose();
      x = results["y"] as typeof x;
      locations.push(x.location);
    }
    y = [...((await x.getData(true)) as Float32Array)];
  });
  await session.release();
  return { ...countsOf(calls), y, locations, leftBytes: (await tensorBytes(context)) - before };
}

function countsOf(calls: readonly Call[]): { readonly writes: number; readonly reads: number } {
  return {
    writes: callsOf(calls, "writeTensor").length,
    reads: callsOf(calls, "readTensor").length,
  };
}

const vector = { dataType: "float32", shape: [3] } as const;

function openOnContext(
  ort: Ort,
  model: Uint8Array,
  context: Context,
  deviceType: DeviceType,
  options: Parameters<typeof openOnWebNN>[3] = {},
): ReturnType<typeof openOnWebNN> {
  return openOnWebNN(ort, model, deviceType, options, { context });
}

function floats(ort: Ort, dims: readonly number[], ...values: number[]) {
  return new ort.Tensor("float32", Float32Array.from(values), dims);
}

function numbersOf(tensor: { readonly data: unknown } | undefined): number[] {
  return Array.from(tensor!.data as ArrayLike<number>);
}

/** Sizes of inputs that the session knows by name only. */
function namesIn(session: Awaited<ReturnType<typeof openOnWebNN>>["session"]): string[] {
  return session.inputMetadata
    .flatMap((input) => (input.isTensor ? input.shape : []))
    .filter((size) => typeof size === "string");
}

function typesOf(calls: readonly Call[], name: string, argument: number): string[] {
  return callsOf(calls, name).map(
    (given) => (given[argument] as { readonly dataType: string }).dataType,
  );
}

/** "Uint8Array of SharedArrayBuffer" */
function kindOf(view: ArrayBufferView): string {
  return `${view.constructor.name} of ${view.buffer.constructor.name}`;
}

async function tensorBytes(context: Context): Promise<number> {
  const own = extensions(context);
  if (!own.dynamicDimensions) throw new Error("the context is not ours");
  return (await own.statistics()).bytes.tensors;
}

answerWith(async ({ trap, bundle, threads, deviceType }: TrapTask) =>
  traps[trap](await loadOrt(bundle, threads), deviceType),
);
