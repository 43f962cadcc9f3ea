/** Builds a graph with the real builder, runs it on the back end under test, and gives its outputs as numbers. */
import { createContext, type MLContext } from "../../../core-webnn/api/ml-context.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import type { MLOperand } from "../../../core-webnn/api/ml-operand.ts";
import { bitsPerElement, type StorageType } from "../../../core-webnn/util/data-type.ts";
import type { NamedSize, Size } from "../../../core-webnn/util/size.ts";
import { openBackendUnderTest } from "./backend-under-test.ts";
import { decodeValues, encodeValues, type Numeric } from "../../reference/values.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";

/** One device for all cases of a file: opening some takes longer than a case. */
const opened = openBackendUnderTest().then(createContext);

export type { Numeric };

export interface TensorValue {
  readonly dataType: StorageType;
  readonly shape: readonly number[];
  readonly values: readonly Numeric[];
  /** How the graph declares the input where that is not `shape`. */
  readonly declared?: readonly (Size | NamedSize)[];
}

/** Values of a shape; 1-D when none is given. */
export function tensor(
  dataType: StorageType,
  values: readonly Numeric[],
  shape: readonly number[] = [values.length],
): TensorValue {
  return { dataType, shape, values };
}

export function f32(values: readonly number[], shape?: readonly number[]): TensorValue {
  return tensor("float32", values, shape);
}

/** A context of its own, on the interpreter. */
export function newContext(): MLContext {
  return createContext(interpreterBackend());
}

/** `make` gets one operand per input. `outputShapes` are needed only where the graph's are symbolic. */
export async function run(
  inputs: readonly TensorValue[],
  make: (builder: MLGraphBuilder, operands: readonly MLOperand[]) => MLOperand | MLOperand[],
  outputShapes?: readonly (readonly number[])[],
): Promise<TensorValue[]> {
  const context = await opened;
  const builder = new MLGraphBuilder(context);
  const operands = inputs.map(({ dataType, shape, declared }, i) =>
    builder.input(`in${i}`, { dataType, shape: declared ?? shape }),
  );
  const made = [make(builder, operands)].flat();
  const outputs = Object.fromEntries(made.map((operand, i) => [`out${i}`, operand]));
  const graph = await builder.build(outputs);
  const given = await Promise.all(inputs.map((input) => upload(context, input)));
  const results = await Promise.all(
    made.map(({ dataType, shape }, i) =>
      context.createTensor({
        dataType,
        shape: outputShapes?.[i] ?? (shape as readonly number[]),
        readable: true,
      }),
    ),
  );
  context.dispatch(graph, named("in", given), named("out", results));
  const values = await Promise.all(
    results.map(async (result) => ({
      dataType: result.dataType,
      shape: result.shape,
      values: decode(
        result.dataType,
        await context.readTensor(result),
        result.shape.reduce((n, size) => n * size, 1),
      ),
    })),
  );
  [...given, ...results, graph].forEach((resource) => resource.destroy());
  return values;
}

export const encode = encodeValues;

/** As many as the bytes hold, where no count is given. */
export function decode(
  dataType: StorageType,
  buffer: ArrayBuffer,
  count = (buffer.byteLength * 8) / bitsPerElement(dataType),
): Numeric[] {
  return decodeValues(dataType, new Uint8Array(buffer), count);
}

async function upload(context: MLContext, { dataType, shape, values }: TensorValue) {
  const made = await context.createTensor({ dataType, shape, writable: true });
  context.writeTensor(made, encode(dataType, values));
  return made;
}

function named<T>(prefix: string, items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item, i) => [`${prefix}${i}`, item]));
}
