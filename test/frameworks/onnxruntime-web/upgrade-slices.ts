/**
 * Raises an ONNX model from operator set 9 to 10, for onnxruntime-web's WebNN provider, which takes no Slice of before 10.
 *
 * From 9 to 10 Slice's attributes became inputs. What else changed for the operators of such models (AveragePool,
 * MaxPool, Dropout) only got attributes whose defaults say what was before; Resize, TopK and Upsample are refused.
 */
import { PbfReader, PbfWriter } from "pbf";
import { openMessage, readBigInteger } from "../../../adapters/onnxruntime/model/wire.ts";

interface Field {
  readonly number: number;
  /** With its tag. */
  readonly whole: Uint8Array;
  /** What stands behind the tag, and behind the length where it has one. */
  readonly value: Uint8Array;
}

const model = { graph: 7, opsetImport: 8 } as const;
const graph = { node: 1, initializer: 5 } as const;
const node = { input: 1, output: 2, name: 3, op: 4, attribute: 5 } as const;
const attribute = { name: 1, ints: 8 } as const;
const int64 = 7;

export function upgradeSlices(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return rewrite(bytes, ({ number, value }) => {
    if (number === model.graph) return [{ number, value: upgradeGraph(value) }];
    if (number === model.opsetImport) return [{ number, value: upgradeOpset(value) }];
    return undefined;
  });
}

interface Written {
  readonly number: number;
  readonly value: Uint8Array;
}

/** Copies a message; `replace` gives what comes in a field's place, or undefined to copy it. */
function rewrite(
  bytes: Uint8Array,
  replace: (field: Field) => readonly Written[] | undefined,
): Uint8Array<ArrayBuffer> {
  const parts = [...fieldsOf(bytes)].flatMap((field): Uint8Array[] => {
    const written = replace(field);
    if (written === undefined) return [field.whole];
    return written.map(({ number, value }) => message((pbf) => pbf.writeBytesField(number, value)));
  });
  return new Uint8Array(Buffer.concat(parts));
}

function* fieldsOf(bytes: Uint8Array): Iterable<Field> {
  const reader = new PbfReader(bytes);
  while (reader.pos < bytes.length) {
    const begin = reader.pos;
    const tag = reader.readVarint();
    let value = reader.pos;
    reader.skip(tag & 7);
    const end = reader.pos;
    if ((tag & 7) === 2) {
      reader.pos = value;
      const length = reader.readVarint();
      value = end - length;
      reader.pos = end;
    }
    yield {
      number: tag >>> 3,
      whole: bytes.subarray(begin, end),
      value: bytes.subarray(value, end),
    };
  }
}

function upgradeOpset(bytes: Uint8Array): Uint8Array {
  const version = [...fieldsOf(bytes)].find(({ number }) => number === 2);
  if (version === undefined || new PbfReader(version.value).readVarint() !== 9) {
    throw new Error("the model is not of operator set 9");
  }
  return message((pbf) => pbf.writeVarintField(2, 10));
}

function upgradeGraph(bytes: Uint8Array): Uint8Array {
  return rewrite(bytes, ({ number, value }) => {
    if (number !== graph.node) return undefined;
    const op = textOf(value, node.op);
    if (["Resize", "TopK", "Upsample"].includes(op)) throw new Error(`${op} changed in set 10`);
    return op === "Slice" ? upgradeSlice(value) : undefined;
  });
}

/** The node, and the initializers that its attributes become. */
function upgradeSlice(bytes: Uint8Array): readonly Written[] {
  const attributes = new Map(
    [...fieldsOf(bytes)]
      .filter(({ number }) => number === node.attribute)
      .map(({ value }) => [textOf(value, attribute.name), intsOf(value)] as const),
  );
  const starts = attributes.get("starts")!;
  const inputs = {
    starts,
    ends: attributes.get("ends")!,
    axes: attributes.get("axes") ?? starts.map((_, axis) => BigInt(axis)),
  };
  const prefix = `${textOf(bytes, node.output)} of set 10: `;
  const slice = message((pbf) => {
    pbf.writeStringField(node.input, textOf(bytes, node.input));
    for (const name of Object.keys(inputs)) pbf.writeStringField(node.input, prefix + name);
    pbf.writeStringField(node.output, textOf(bytes, node.output));
    pbf.writeStringField(node.name, textOf(bytes, node.name));
    pbf.writeStringField(node.op, "Slice");
  });
  const tensors = Object.entries(inputs).map(([name, values]) =>
    message((pbf) => {
      pbf.writeVarintField(1, values.length);
      pbf.writeVarintField(2, int64);
      pbf.writeStringField(8, prefix + name);
      pbf.writeBytesField(9, new Uint8Array(BigInt64Array.from(values).buffer));
    }),
  );
  return [
    { number: graph.node, value: slice },
    ...tensors.map((value) => ({ number: graph.initializer, value })),
  ];
}

function textOf(bytes: Uint8Array, wanted: number): string {
  const found = [...fieldsOf(bytes)].find(({ number }) => number === wanted);
  return found === undefined ? "" : Buffer.from(found.value).toString();
}

/** Repeated integers, packed or one by one. */
function intsOf(bytes: Uint8Array): bigint[] {
  return [...fieldsOf(bytes)]
    .filter(({ number }) => number === attribute.ints)
    .flatMap(({ value }) => {
      const integers = openMessage(value);
      const values: bigint[] = [];
      while (integers.reader.pos < integers.end) values.push(readBigInteger(integers));
      return values;
    });
}

function message(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}
