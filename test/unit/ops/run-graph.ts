/** Builds a graph with the real builder, runs it on the back end under test, and gives its outputs as numbers. */
import { createContext, type MLContext } from "../../../core-webnn/api/ml-context.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import type { MLOperand } from "../../../core-webnn/api/ml-operand.ts";
import { bufferView } from "../../../core-webnn/kernel/interpret.ts";
import { byteLengthOf, type DataType } from "../../../core-webnn/util/data-type.ts";
import { fromHalf, toHalf } from "../../../core-webnn/util/half.ts";
import type { NamedSize, Size } from "../../../core-webnn/util/size.ts";
import { openBackendUnderTest } from "./backend-under-test.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";

/** One device for all cases of a file: opening some takes longer than a case. */
const opened = openBackendUnderTest().then(createContext);

export type Numeric = number | bigint;

export interface TensorValue {
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly values: readonly Numeric[];
  /** How the graph declares the input where that is not `shape`. */
  readonly declared?: readonly (Size | NamedSize)[];
}

/** Values of a shape; 1-D when none is given. */
export function tensor(
  dataType: DataType,
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
        dataType: dataType as DataType,
        shape: outputShapes?.[i] ?? (shape as readonly number[]),
        readable: true,
      }),
    ),
  );
  context.dispatch(graph, named("in", given), named("out", results));
  const values = await Promise.all(
    results.map(async (result) => ({
      dataType: result.dataType as DataType,
      shape: result.shape,
      values: decode(result.dataType as DataType, await context.readTensor(result)),
    })),
  );
  [...given, ...results, graph].forEach((resource) => resource.destroy());
  return values;
}

export function encode(dataType: DataType, values: readonly Numeric[]): Uint8Array {
  const bytes = new Uint8Array(byteLengthOf(dataType, values.length));
  const view = bufferView(dataType, bytes) as unknown as Numeric[];
  values.forEach((value, i) => {
    view[i] = dataType === "float16" ? toHalf(Number(value)) : value;
  });
  return bytes;
}

export function decode(dataType: DataType, buffer: ArrayBuffer): Numeric[] {
  const view = bufferView(dataType, new Uint8Array(buffer)) as unknown as Iterable<Numeric>;
  return Array.from(view, (x) => (dataType === "float16" ? fromHalf(Number(x)) : x));
}

async function upload(context: MLContext, { dataType, shape, values }: TensorValue) {
  const made = await context.createTensor({ dataType, shape, writable: true });
  context.writeTensor(made, encode(dataType, values));
  return made;
}

function named<T>(prefix: string, items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item, i) => [`${prefix}${i}`, item]));
}
