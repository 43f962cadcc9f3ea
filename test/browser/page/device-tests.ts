/** The devices in this browser: right numbers, and as many threads as the page may have. */
import {
  extensions,
  ml,
  MLGraphBuilder,
  type DeviceStatistics,
  type MLContext,
  type MLOperand,
} from "../../../core-webnn/index.ts";
import { perceptronBatches, perceptronError } from "../../reference/perceptron.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import { deviceTypes, pageOptions } from "./options.ts";

const { isolated } = pageOptions();

export function testDevices(): void {
  describe("the page", () => {
    it(isolated ? "may share memory" : "may not share memory", () => {
      expectEqual(globalThis.crossOriginIsolated, isolated, "crossOriginIsolated");
      expectEqual(
        typeof SharedArrayBuffer,
        isolated ? "function" : "undefined",
        "SharedArrayBuffer",
      );
    });
  });

  for (const deviceType of deviceTypes()) {
    describe(`the ${deviceType} device`, () => {
      it("runs a perceptron whose batch is a named size", async () => {
        const context = await ml.createContext({ deviceType, numThreads: 2 });
        expectEqual(context.accelerated, deviceType === "gpu", "accelerated");
        const error = await perceptronError(context);
        expectTrue(error <= 1e-5, `the largest error is ${error}`);
        const { threads, dispatches } = await statisticsOf(context);
        if (deviceType === "cpu") expectEqual(threads, isolated ? 2 : 1, "threads");
        expectEqual(dispatches, perceptronBatches.length, "dispatches");
        context.destroy();
      });

      it("keeps to IEEE 754 and to integers of 64 bits", async () => {
        const context = await ml.createContext({ deviceType });
        for (const { why, x, y, make, expected } of exactCases) {
          const actual = await runBinary(context, x, y, make);
          expectEqual(actual.map(spell), [...expected].map(spell), why);
        }
        context.destroy();
      });
    });
  }
}

type Values = Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

interface ExactCase {
  readonly why: string;
  readonly x: Values;
  readonly y: Values;
  readonly expected: Values;
  make(builder: MLGraphBuilder, x: MLOperand, y: MLOperand): MLOperand;
}

const f32 = (...values: number[]) => Float32Array.from(values);
const i64 = (...values: bigint[]) => BigInt64Array.from(values);

const exactCases: readonly ExactCase[] = [
  {
    why: "x / 0 is an infinity of x's sign, and 0 / 0 is no number",
    x: f32(1, -1, 0, 7),
    y: f32(0, 0, 0, 2),
    expected: f32(Infinity, -Infinity, NaN, 3.5),
    make: (builder, x, y) => builder.div(x, y),
  },
  {
    why: "0 times infinity is no number, and is not folded away",
    x: f32(0, 2, -0, 1),
    y: f32(Infinity, Infinity, 3, 4),
    expected: f32(NaN, Infinity, -0, 4),
    make: (builder, x, y) => builder.mul(x, y),
  },
  {
    why: "integers of 64 bits carry",
    x: i64(0xffff_ffffn, -1n, 2n ** 53n),
    y: i64(1n, -1n, 1n),
    expected: i64(2n ** 32n, -2n, 2n ** 53n + 1n),
    make: (builder, x, y) => builder.add(x, y),
  },
];

async function runBinary(
  context: MLContext,
  x: Values,
  y: Values,
  make: ExactCase["make"],
): Promise<(number | bigint)[]> {
  const dataType = x instanceof BigInt64Array ? "int64" : "float32";
  const descriptor = { dataType, shape: [x.length] } as const;
  const builder = new MLGraphBuilder(context);
  const output = make(builder, builder.input("x", descriptor), builder.input("y", descriptor));
  const graph = await builder.build({ output });
  const write = async (values: Values) => {
    const tensor = await context.createTensor({ ...descriptor, writable: true });
    context.writeTensor(tensor, values);
    return tensor;
  };
  const result = await context.createTensor({ ...descriptor, readable: true });
  context.dispatch(graph, { x: await write(x), y: await write(y) }, { output: result });
  const bytes = await context.readTensor(result);
  return [...(dataType === "int64" ? new BigInt64Array(bytes) : new Float32Array(bytes))];
}

/** Tells -0 from 0, and NaN and infinities from null. */
function spell(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

async function statisticsOf(context: MLContext): Promise<DeviceStatistics> {
  const offered = extensions(context);
  expectTrue(offered.dynamicDimensions, "a context of ours");
  return offered.statistics();
}
