/** What may hold a constant's bytes, or take a tensor's: by WebIDL and the standard's table of views. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MLGraphBuilder,
  type DataType,
  type MLContext,
  type MLOperand,
} from "../../../core-webnn/index.ts";
import { interpreterContext } from "../../reference/interpreter-context.ts";
import { onEachContext } from "./contexts.ts";

const four = { dataType: "float32", shape: [4] } as const;
const values = [1, -2, 0.5, 3];

/** The outputs as the numbers of a view. */
async function evaluate<T>(
  context: MLContext,
  make: (builder: MLGraphBuilder) => readonly MLOperand[],
  view: (bytes: ArrayBuffer, dataType: string) => T,
): Promise<T[]> {
  const builder = new MLGraphBuilder(context);
  const made = make(builder).map((operand) => builder.identity(operand));
  const named = <V>(items: readonly V[]) =>
    Object.fromEntries(items.map((item, i) => [`y${i}`, item] as const));
  const graph = await builder.build(named(made));
  const outputs = await Promise.all(
    made.map(({ dataType, shape }) =>
      context.createTensor({ dataType, shape: shape as readonly number[], readable: true }),
    ),
  );
  context.dispatch(graph, {}, named(outputs));
  const read = outputs.map(async (y) => view(await context.readTensor(y), y.dataType));
  const results = await Promise.all(read);
  [graph, ...outputs].forEach((thing) => thing.destroy());
  return results;
}

onEachContext(
  "a constant's bytes may lie in any buffer of fixed length, and are copied",
  async (context) => {
    const shared = new SharedArrayBuffer(32);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const sources: readonly AllowSharedBufferSource[] = [
      new Float32Array(4),
      new Float32Array(4).buffer,
      new Float32Array(new ArrayBuffer(64), 20, 4),
      new Uint8Array(new ArrayBuffer(64), 7, 16),
      new SharedArrayBuffer(16),
      new Float32Array(shared, 8, 4),
      new Uint8Array(shared, 16, 16),
      new Float32Array(memory.buffer, 1024, 4),
      // A subclass of Uint8Array.
      Buffer.alloc(16),
    ];
    const bytesOf = (source: AllowSharedBufferSource): Uint8Array =>
      ArrayBuffer.isView(source)
        ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
        : new Uint8Array(source);
    const constants = (builder: MLGraphBuilder): MLOperand[] =>
      sources.map((source) => {
        const bytes = bytesOf(source);
        bytes.set(new Uint8Array(Float32Array.from(values).buffer));
        const operand = builder.constant(four, source);
        bytes.fill(0xff);
        return operand;
      });
    const results = await evaluate(context, constants, (bytes) => [...new Float32Array(bytes)]);
    for (const result of results) assert.deepEqual(result, values);
  },
);

/** Node 20's types do not know `resizable`. */
const resizable = new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(16, { maxByteLength: 32 }); // prettier-ignore
const growable = new (SharedArrayBuffer as unknown as new (length: number, options: object) => SharedArrayBuffer)(16, { maxByteLength: 32 }); // prettier-ignore

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(16);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function detachedView(): Float32Array {
  const view = new Float32Array(4);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

const mayBeResized = /is in a buffer that may be resized$/;
const isNone = /is not an ArrayBuffer, a SharedArrayBuffer or a view of one$/;

const refused: readonly { what: string; source: () => unknown; says: RegExp }[] = [
  { what: "too few bytes", source: () => new Float32Array(3), says: /has 12 bytes, not the 16 of float32\[4\]$/ }, // prettier-ignore
  { what: "too many bytes", source: () => new Float32Array(5), says: /has 20 bytes, not the 16 of float32\[4\]$/ }, // prettier-ignore
  { what: "too large a buffer", source: () => new ArrayBuffer(17), says: /has 17 bytes, not the 16/ }, // prettier-ignore
  { what: "no bytes", source: () => new ArrayBuffer(0), says: /has 0 bytes.*, not the 16/ },
  { what: "a view of another type", source: () => new Int32Array(4), says: /is a Int32Array, which does not hold float32$/ }, // prettier-ignore
  { what: "clamped bytes", source: () => new Uint8ClampedArray(16), says: /is a Uint8ClampedArray, which does not hold/ }, // prettier-ignore
  { what: "signed bytes", source: () => new Int8Array(16), says: /is a Int8Array, which does not hold/ }, // prettier-ignore
  { what: "a DataView", source: () => new DataView(new ArrayBuffer(16)), says: /is a DataView, which does not hold/ }, // prettier-ignore
  {
    what: "a buffer that was detached",
    source: detached,
    says: /0 bytes, as one that is detached/,
  },
  { what: "a view that was detached", source: detachedView, says: /0 bytes, as one that is detached/ }, // prettier-ignore
  { what: "a resizable buffer", source: () => resizable, says: mayBeResized },
  { what: "a view of a resizable buffer", source: () => new Uint8Array(resizable, 0, 16), says: mayBeResized }, // prettier-ignore
  { what: "a growable buffer", source: () => growable, says: mayBeResized },
  { what: "a list", source: () => [1, 2, 3, 4], says: isNone },
  { what: "an object", source: () => ({ byteLength: 16 }), says: isNone },
  { what: "null", source: () => null, says: isNone },
  { what: "undefined", source: () => undefined, says: isNone },
  { what: "a number", source: () => 16, says: isNone },
];

for (const { what, source, says } of refused) {
  test(`${what}: refused as constant, to be written, and to be read into`, async () => {
    const context = interpreterContext();
    const builder = new MLGraphBuilder(context);
    const tensor = await context.createTensor({ ...four, readable: true, writable: true });
    const refusal = (where: string, error: unknown): boolean =>
      error instanceof TypeError && error.message.startsWith(where) && says.test(error.message);
    assert.throws(
      () => builder.constant(four, source() as never),
      (error) => refusal("constant: buffer ", error),
    );
    assert.throws(
      () => context.writeTensor(tensor, source() as never),
      (error) => refusal("writeTensor: inputData ", error),
    );
    await assert.rejects(
      () => context.readTensor(tensor, source() as never),
      (error) => refusal("readTensor: outputData ", error),
    );
    await assert.rejects(
      () => context.createConstantTensor(four, source() as never),
      (error) => refusal("createConstantTensor: inputData ", error),
    );
  });
}

/** By the table of compatibility, and bits of float16 in a Uint16Array, which its note suggests. */
const views = {
  float32: [Float32Array],
  float16: [Uint16Array],
  int32: [Int32Array],
  uint32: [Uint32Array],
  int64: [BigInt64Array],
  uint64: [BigUint64Array],
  int8: [Int8Array],
  uint8: [Uint8Array],
} as const;

test("each type takes its view, and bytes, and no other view", () => {
  const builder = new MLGraphBuilder(interpreterContext());
  const all = [...new Set(Object.values(views).flat()), Float64Array, Uint8ClampedArray];
  for (const [dataType, own] of Object.entries(views)) {
    const elementBytes = Math.max(1, Number(/\d+$/.exec(dataType)![0]) / 8);
    const descriptor = { dataType: dataType as DataType, shape: [8] };
    for (const View of all) {
      const view = new View((8 * elementBytes) / View.BYTES_PER_ELEMENT);
      const give = () => builder.constant(descriptor, view);
      const isTaken = View === Uint8Array || (own as readonly unknown[]).includes(View);
      if (isTaken) assert.doesNotThrow(give, `${View.name} for ${dataType}`);
      else assert.throws(give, TypeError, `${View.name} for ${dataType}`);
    }
  }
});

const scalars: readonly (readonly [DataType, number | bigint, number | bigint])[] = [
  // ConvertToInt saturates and rounds half to even; ConvertToFloat overflows to infinity.
  ["int8", 300, 127],
  ["int8", -300n, -128],
  ["int8", 2.5, 2],
  ["int8", 3.5, 4],
  ["uint8", -1, 0],
  ["uint8", NaN, 0],
  ["uint8", 2n ** 70n, 255],
  ["int32", -Infinity, -(2 ** 31)],
  ["uint32", 2 ** 32, 2 ** 32 - 1],
  ["int64", 2n ** 63n, 2n ** 63n - 1n],
  ["int64", -(2n ** 63n), -(2n ** 63n)],
  ["int64", 2 ** 53 + 2, 2n ** 53n + 2n],
  ["uint64", 2n ** 64n - 1n, 2n ** 64n - 1n],
  ["uint64", -5, 0n],
  ["float32", 0.1, Math.fround(0.1)],
  ["float32", 1e300, Infinity],
  ["float32", 2n ** 64n, 2 ** 64],
  // Floats near 2^60 are 2^37 apart: a tie, one more and one less, which no double tells from it.
  ["float32", 2n ** 60n + 2n ** 36n, 2 ** 60],
  ["float32", 2n ** 60n + 2n ** 36n + 1n, 2 ** 60 + 2 ** 37],
  ["float32", 2n ** 60n + 3n * 2n ** 36n - 1n, 2 ** 60 + 2 ** 37],
  ["float32", -(2n ** 60n) - 2n ** 36n - 1n, -(2 ** 60) - 2 ** 37],
  ["float32", -(2n ** 60n) - 2n ** 36n, -(2 ** 60)],
  // Half way between the greatest float and 2^128.
  ["float32", 2n ** 128n - 2n ** 103n, Infinity],
  ["float32", 2n ** 128n - 2n ** 103n - 1n, 2 ** 128 - 2 ** 104],
  ["float32", -(2n ** 2000n), -Infinity],
];

onEachContext("a number becomes a scalar of its type", async (context) => {
  const viewOf = {
    int8: Int8Array,
    uint8: Uint8Array,
    int32: Int32Array,
    uint32: Uint32Array,
    int64: BigInt64Array,
    uint64: BigUint64Array,
    float32: Float32Array,
  } as const;
  const results = await evaluate(
    context,
    (builder) => scalars.map(([dataType, value]) => builder.constant(dataType, value)),
    (bytes, dataType) => [...new viewOf[dataType as keyof typeof viewOf](bytes)] as unknown[],
  );
  for (const [i, [dataType, value, expected]] of scalars.entries()) {
    assert.deepEqual(results[i], [expected], `${value} as ${dataType}`);
  }
});

test("constant's overloads go by the number of arguments, then by the first", async () => {
  const context = interpreterContext();
  const builder = new MLGraphBuilder(context);
  const tensor = await context.createConstantTensor(four, Float32Array.from(values));
  const call = (...given: unknown[]) =>
    (builder.constant as (...given: unknown[]) => MLOperand).apply(builder, given);
  assert.deepEqual(call(tensor).shape, [4]);
  // With a second argument, the first is a descriptor, which a tensor looks like.
  assert.deepEqual(call(tensor, new Float32Array(4)).shape, [4]);
  assert.deepEqual(call("float32", 3).shape, []);
  const wrong: readonly (readonly [readonly unknown[], RegExp])[] = [
    [[], /^constant: 1 argument is required, 0 are given$/],
    [[four], /^constant: tensor is not an MLTensor$/],
    [[tensor, undefined], /^constant: buffer is not an ArrayBuffer/],
    [["float32"], /^constant: tensor is not an MLTensor$/],
    [["float64", 1], /^constant: dataType is "float64", not one of float32/],
    [["int4", 1], /^constant: dataType is "int4", not one of/],
    [["float32", Symbol()], /^constant: value is a symbol, not a number$/],
    [[undefined, new Float32Array(4)], /^constant: descriptor\.dataType is required/],
    [[7, 1], /^constant: dataType is "7"/],
  ];
  for (const [given, says] of wrong) {
    assert.throws(
      () => call(...given),
      (error) => error instanceof TypeError && says.test(error.message),
    );
  }
});
