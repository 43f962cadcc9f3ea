/** Contractions with operands in any layout, and data for them, from a description of one line. */
import {
  addAddress,
  axisAddress,
  constant,
  floorDivAddress,
  linearAddress,
  modAddress,
  mulAddress,
  sizeAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  cast,
  f32,
  i32,
  load,
  local,
  valueTypeOf,
} from "../../../core-webnn/kernel/expr.ts";
import type {
  Address,
  Axis,
  BufferUse,
  Expr,
  Kernel,
  Local,
} from "../../../core-webnn/kernel/ir.ts";
import { byteLengthOf } from "../../../core-webnn/util/data-type.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { toHalf } from "../../../core-webnn/util/half.ts";
import {
  addSizes,
  evaluateSize,
  floorDivideSizes,
  multiplySizes,
  named,
  productOf,
} from "../../../core-webnn/util/size.ts";
import type { Size, Sizes } from "../../../core-webnn/util/size.ts";

export interface ContractCase {
  readonly why: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Extents of batch axes p and q and of further axes of m (r, before m) and k (c, before k). */
  readonly axes?: Readonly<Partial<Record<"p" | "q" | "r" | "c", number>>>;
  /** The order of an operand's axes in memory; `panels` are of n, and k within them. */
  readonly a?: string;
  readonly b?: string;
  readonly out?: string;
  readonly aType?: StorageType;
  readonly bType?: StorageType;
  /** (q - zero) * scale of an 8-bit operand in a sum of floats; `perColumn` loads the zero. */
  readonly decode?: "constant" | "perColumn" | "cast" | "centred" | "integer";
  readonly epilogue?: "store" | "bias" | "scale" | "residual" | "float16" | "uint8";
  /** Sizes are named, and known only at run time. */
  readonly symbolic?: boolean;
  /** An integer sum is of u32. */
  readonly unsigned?: boolean;
  /** All elements are the largest of their type, with alternating sign where it has one. */
  readonly extreme?: boolean;
}

export interface BuiltCase {
  readonly kernel: Kernel;
  readonly sizes: Sizes;
  readonly inputs: readonly Uint8Array[];
}

type AxisName = "p" | "q" | "r" | "m" | "n" | "c" | "k";

export function buildCase(row: ContractCase): BuiltCase {
  const names: readonly AxisName[] = ["p", "q", "r", "m", "n", "c", "k"];
  const values = new Map(names.map((name) => [name, extentOf(row, name)]));
  const sizes: Record<string, number> = {};
  const axes = new Map<string, Axis>();
  for (const [name, extent] of values) {
    if (extent === undefined) continue;
    if (row.symbolic) sizes[`size${name}`] = extent;
    axes.set(name, { name, extent: row.symbolic ? named({ name: `size${name}` }) : extent });
  }
  const some = (wanted: string): Axis[] => [...wanted].flatMap((name) => axes.get(name) ?? []);
  const builder = new Builder(some);
  const [a, b] = operands(row, builder);
  const sumType = isInteger(row) ? integerOf(row) : "f32";
  const accumulator: Local = { name: "sum", type: sumType };
  const order = row.out ?? "pqrmn";
  const value = epilogueOf(row, builder, local(accumulator), order);
  const outType =
    row.epilogue === "float16" || row.epilogue === "uint8"
      ? row.epilogue
      : value.type === "f32"
        ? "float32"
        : value.type === "u32"
          ? "uint32"
          : "int32";
  const out = builder.buffer(outType, productOf(some(order).map((axis) => axis.extent)), "write");
  const kernel: Kernel = {
    buffers: builder.buffers,
    space: some("pqrmn"),
    body: [
      { kind: "contract", m: some("rm"), n: some("n"), k: some("ck"), a, b, accumulator },
      { kind: "store", buffer: out, address: builder.at(order), value },
    ],
  };
  return { kernel, sizes, inputs: inputsOf(row, kernel, sizes) };
}

function extentOf(row: ContractCase, name: AxisName): number | undefined {
  if (name === "m" || name === "n" || name === "k") return row[name];
  return row.axes?.[name];
}

export function isInteger({ aType, bType }: ContractCase): boolean {
  return is8Bit(aType) && is8Bit(bType);
}

function integerOf({ unsigned }: ContractCase): "i32" | "u32" {
  return unsigned ? "u32" : "i32";
}

function is8Bit(type: StorageType | undefined): boolean {
  return type === "int8" || type === "uint8";
}

class Builder {
  readonly buffers: BufferUse[] = [];
  readonly #axes: (names: string) => Axis[];

  constructor(axes: (names: string) => Axis[]) {
    this.#axes = axes;
  }

  buffer(dataType: StorageType, elementCount: Size, access: BufferUse["access"]): number {
    return this.buffers.push({ dataType, elementCount, access }) - 1;
  }

  at(order: string): Address {
    if (order === "panels") return this.#inPanels();
    const axes = this.#axes(order);
    return linearAddress(
      axes.map(axisAddress),
      axes.map(({ extent }) => extent),
    );
  }

  /** A load from a new buffer that holds just these axes. */
  load(dataType: StorageType, order: string): Expr {
    const buffer = this.buffer(dataType, this.#count(order), "read");
    return load(valueTypeOf(dataType), buffer, this.at(order));
  }

  #count(order: string): Size {
    if (order !== "panels") return productOf(this.#axes(order).map(({ extent }) => extent));
    const [n] = this.#axes("n");
    const panels = floorDivideSizes(addSizes(n!.extent, 7), 8);
    return productOf([...this.#axes("pck").map(({ extent }) => extent), panels, 8]);
  }

  #inPanels(): Address {
    const [n] = this.#axes("n");
    const [column, eight] = [axisAddress(n!), constant(8)];
    const k = this.#axes("ck").map(({ extent }) => extent);
    const panels = floorDivideSizes(addSizes(n!.extent, 7), 8);
    const batch = linearAddress(this.#axes("p").map(axisAddress), this.#axes("p").map((x) => x.extent)); // prettier-ignore
    const panel = addAddress(
      mulAddress(batch, sizeAddress(panels)),
      floorDivAddress(column, eight),
    );
    const step = addAddress(mulAddress(panel, sizeAddress(multiplySizes(...k))), this.at("ck"));
    return addAddress(mulAddress(step, eight), modAddress(column, eight));
  }
}

function operands(row: ContractCase, builder: Builder): [Expr, Expr] {
  const a = builder.load(row.aType ?? "float32", row.a ?? "pqrmck");
  const b = builder.load(row.bType ?? "float32", row.b ?? "pqckn");
  if (isInteger(row)) return [cast(integerOf(row), a), cast(integerOf(row), b)];
  return [a, row.decode ? decoded(row.decode, b, builder) : b];
}

function decoded(how: NonNullable<ContractCase["decode"]>, q: Expr, builder: Builder): Expr {
  switch (how) {
    case "cast":
      return cast("f32", q);
    case "centred":
      return cast("f32", binary("sub", cast("i32", q), i32(131)));
    case "constant":
      return binary("mul", binary("sub", cast("f32", q), f32(7)), f32(0.5));
    case "integer":
      return cast("f32", binary("mul", cast("i32", q), i32(3)));
    case "perColumn": {
      const zero = cast("i32", builder.load("uint8", "n"));
      return cast("f32", binary("sub", cast("i32", q), zero));
    }
    default:
      return how satisfies never;
  }
}

function epilogueOf(row: ContractCase, builder: Builder, sum: Expr, order: string): Expr {
  const float = sum.type === "f32" ? sum : cast("f32", sum);
  switch (row.epilogue ?? "store") {
    case "store":
      return sum;
    case "bias":
      return binary("add", float, builder.load("float32", "n"));
    case "scale":
      return binary("mul", binary("mul", float, f32(0.25)), builder.load("float32", "m"));
    case "residual":
      return binary("add", float, builder.load("float32", order));
    case "float16":
      return binary("mul", float, f32(2 ** -10));
    case "uint8":
      return cast("u32", binary("max", binary("min", float, f32(255)), f32(0)));
    default:
      throw new Error(`epilogue ${row.epilogue}`);
  }
}

/** Small integers, so that any order of a sum gives the same bits. */
function inputsOf(row: ContractCase, kernel: Kernel, sizes: Sizes): Uint8Array[] {
  let seed = row.m * 7919 + row.n * 104729 + row.k;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 8) / 2 ** 24;
  };
  return kernel.buffers.map(({ dataType, elementCount }) => {
    const count = evaluateSize(elementCount, sizes);
    const bytes = new Uint8Array(byteLengthOf(dataType, count));
    const small = (): number => Math.floor(random() * 17) - 8;
    if (dataType === "float32") fill(new Float32Array(bytes.buffer), small);
    else if (dataType === "float16") fill(new Uint16Array(bytes.buffer), () => toHalf(small()));
    else if (!row.extreme) fill(bytes, () => random() * 256);
    else if (dataType === "uint8") bytes.fill(255);
    else fill(bytes, () => (random() < 0.5 ? 0x80 : 0x7f));
    return bytes;
  });
}

function fill(target: Uint8Array | Uint16Array | Float32Array, next: () => number): void {
  for (let i = 0; i < target.length; i++) target[i] = next();
}
