/** Makes the writer of one graph; see `graph-writer.ts` for what it offers. */
import { formatShape, sizesEqual, type Size } from "../core.ts";
import { OnnxModelError } from "../errors.ts";
import type { StoredType } from "../model/element-type.ts";
import { elementCount, smallConstant } from "../model/model.ts";
import { getOrMake } from "../get-or-make.ts";
import type { Builder, IotaOptions, Operand, WebNN } from "../webnn.ts";
import type { ConstantStore } from "./constant-store.ts";
import { NeedsNumbers, type Decisions } from "./decisions.ts";
import { stored, type Fusion, type GraphWriter } from "./graph-writer.ts";
import { hostOperand } from "./host-operand.ts";
import { exactProduct } from "./integer-product.ts";
import { oneElement } from "./one-element.ts";
import { traceBuilder } from "./trace-builder.ts";
import type { Value } from "./value.ts";

export function makeGraphWriter(
  webnn: WebNN,
  constants: ConstantStore,
  decisions: Decisions,
): GraphWriter {
  const original = webnn.createBuilder();
  const { builder, inputsOf, isLeaf, remember } = traceBuilder(original);
  const made = new Map<Value, Operand>();
  const reshapes = new Map<Value, Map<string, Operand>>();
  const fills = new Map<string, Operand>();
  const computed = new Map<string, Operand>();
  const fusions: Fusion[] = [];

  const writer: GraphWriter = {
    builder,
    decisions,
    inputsOf,
    operand: (value) => getOrMake(made, value, () => makeOperand(writer, constants, value)),
    output(value) {
      const operand = writer.operand(value);
      return isLeaf(operand) ? builder.identity(operand) : operand;
    },
    shape(value) {
      if (value.kind === "input" || value.kind === "empty") return value.shape;
      if (value.kind === "constant") return value.constant.shape;
      if (value.kind === "host") return value.host.shape;
      return writer.operand(value).shape;
    },
    reshaped(value, shape, label) {
      if (sameShape(writer.shape(value), shape)) return writer.operand(value);
      const known = getOrMake(reshapes, value, () => new Map<string, Operand>());
      return getOrMake(known, formatShape(shape), () => {
        const small = smallInShape(builder, value, shape);
        return small ?? builder.reshape(writer.operand(value), shape, { label });
      });
    },
    filled(dataType, element, shape) {
      if (isHalfByte(dataType)) return filledHalfBytes(builder, dataType, element, shape);
      const key = `${dataType} ${element} ${shape.length}`;
      const one = getOrMake(fills, key, () => single(builder, dataType, element, shape.length));
      return shape.every((size) => size === 1) ? one : builder.expand(one, shape);
    },
    fusions,
    fuse: (fusion) => void fusions.push(fusion),
    iota: (options) => remember(makeIota(webnn, original, options)),
    computed: (key, make) =>
      getOrMake(computed, key, () => constants.operand(builder, constants.computed(key, make))),
    unsupported(what) {
      throw new OnnxModelError("unsupported", what);
    },
  };
  return writer;
}

function makeOperand(writer: GraphWriter, constants: ConstantStore, value: Value): Operand {
  const { builder } = writer;
  switch (value.kind) {
    case "operand":
      return value.operand;
    case "input":
      return builder.input(value.name, { dataType: stored(value.type), shape: value.shape });
    case "constant":
      return constants.operand(builder, value.constant);
    case "host":
      return hostOperand(writer, value.host);
    case "product": {
      const integers = exactProduct(writer, value.product);
      return value.type === "int32" ? integers : builder.cast(integers, value.type);
    }
    case "empty":
      return writer.unsupported(
        `the empty tensor ${value.type} ${formatShape(value.shape)} as data`,
      );
    default:
      return value satisfies never;
  }
}

function makeIota(webnn: WebNN, builder: Builder, options: IotaOptions): Operand {
  if (webnn.iota !== undefined) return webnn.iota(builder, options);
  throw new NeedsNumbers([options.length, options.start ?? 0, options.delta ?? 1]);
}

/** WebNN decodes 4-bit integers and does nothing else with them, so that none can be expanded. */
function isHalfByte(dataType: StoredType): boolean {
  return dataType === "int4" || dataType === "uint4";
}

function filledHalfBytes(
  builder: Builder,
  dataType: StoredType,
  element: number,
  sizes: readonly Size[],
): Operand {
  const shape = sizes.map((size) => {
    if (typeof size !== "number") throw new NeedsNumbers([size]);
    return size;
  });
  const bytes = new Uint8Array(Math.ceil(elementCount(shape) / 2));
  return builder.constant({ dataType, shape }, bytes.fill((element & 0xf) * 0x11));
}

/** A constant of one element. */
function single(builder: Builder, dataType: StoredType, element: number, rank: number): Operand {
  const shape = new Array<number>(rank).fill(1);
  return builder.constant({ dataType, shape }, oneElement(dataType, element));
}

/** A small constant directly in another shape: cores can fold bytes that they see. */
function smallInShape(builder: Builder, value: Value, shape: readonly Size[]): Operand | undefined {
  if (value.kind !== "constant") return undefined;
  const { bytes, type } = value.constant;
  if (bytes === undefined || bytes.length > smallConstant) return undefined;
  if (!shape.every((size) => typeof size === "number")) return undefined;
  return builder.constant({ dataType: stored(type), shape }, bytes);
}

function sameShape(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, axis) => sizesEqual(size, b[axis]!));
}
