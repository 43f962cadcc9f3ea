/** The kernels that models spend their time in beside contractions, as the lowering makes them. */
import {
  addAddress,
  axisAddress,
  constant,
  linearAddress,
  subtractAddress,
  valueAddress,
} from "../../../core-webnn/kernel/address.ts";
import {
  binary,
  cast,
  compare,
  f32,
  guard,
  i32,
  index,
  load,
  local,
  unary,
} from "../../../core-webnn/kernel/expr.ts";
import type {
  Address,
  Axis,
  BufferUse,
  Expr,
  Kernel,
  Local,
  Stmt,
} from "../../../core-webnn/kernel/ir.ts";
import type { StorageType } from "../../../core-webnn/util/data-type.ts";
import { productOf } from "../../../core-webnn/util/size.ts";
import type { Size } from "../../../core-webnn/util/size.ts";

export function softmax(rows: Size, columns: Size): Kernel {
  const [row, i, j, k] = axes({ row: rows, i: columns, j: columns, k: columns });
  const shape = [rows, columns];
  const x = (axis: Axis): Expr => load("f32", 0, at([row, axis], shape));
  const [largest, sum] = [f32Local("largest"), f32Local("sum")];
  const power = (axis: Axis): Expr => unary("exp", binary("sub", x(axis), local(largest)));
  return {
    buffers: [read("float32", shape), write("float32", shape)],
    space: [row],
    body: [
      fold(i, largest, "max", -Infinity, x(i)),
      fold(j, sum, "add", 0, power(j)),
      over(k, [store(1, at([row, k], shape), binary("div", power(k), local(sum)))]),
    ],
  };
}

export function layerNormalization(rows: Size, columns: Size, count: number): Kernel {
  const [row, i, j, k] = axes({ row: rows, i: columns, j: columns, k: columns });
  const shape = [rows, columns];
  const x = (axis: Axis): Expr => load("f32", 0, at([row, axis], shape));
  const [sum, squares, mean, scale] = ["sum", "squares", "mean", "scale"].map(
    f32Local,
  ) as Four<Local>;
  const centred = (axis: Axis): Expr => binary("sub", x(axis), local(mean));
  const t = f32Local("t");
  const square: Stmt = {
    ...fold(j, squares, "add", 0, binary("mul", local(t), local(t))),
    lets: [{ local: t, value: centred(j) }],
  };
  const variance = binary("mul", local(squares), f32(1 / count));
  const deviation = unary("sqrt", binary("add", variance, f32(1e-5)));
  const scaled = binary(
    "mul",
    binary("mul", centred(k), local(scale)),
    load("f32", 1, axisAddress(k)),
  );
  return {
    buffers: [
      read("float32", shape),
      read("float32", [columns]),
      read("float32", [columns]),
      write("float32", shape),
    ],
    space: [row],
    body: [
      fold(i, sum, "add", 0, x(i)),
      { kind: "let", local: mean, value: binary("mul", local(sum), f32(1 / count)) },
      square,
      { kind: "let", local: scale, value: binary("div", f32(1), deviation) },
      over(k, [
        store(3, at([row, k], shape), binary("add", scaled, load("f32", 2, axisAddress(k)))),
      ]),
    ],
  };
}

/** `value` of the elements of `inputs`, all of one shape. */
export function elementwise(
  shape: readonly Size[],
  inputs: readonly StorageType[],
  output: StorageType,
  value: (...loads: readonly Expr[]) => Expr,
): Kernel {
  const space = shape.map((extent, d): Axis => ({ name: `i${d}`, extent }));
  const here = at(space, shape);
  const loads = inputs.map((type, b) => load(type === "uint8" ? "u32" : "f32", b, here));
  return {
    buffers: [...inputs.map((type) => read(type, shape)), write(output, shape)],
    space,
    body: [store(inputs.length, here, value(...loads))],
  };
}

export function gelu(x: Expr): Expr {
  const normal = binary("add", unary("erf", binary("mul", x, f32(Math.SQRT1_2))), f32(1));
  return binary("mul", binary("mul", x, f32(0.5)), normal);
}

/** roundEven(x / scale) + zero, kept between 0 and 255. */
export function quantize(x: Expr, scale: number, zero: number): Expr {
  const rounded = unary("roundEven", binary("div", x, f32(scale)));
  const moved = binary("add", rounded, f32(zero));
  return cast("u32", binary("min", binary("max", moved, f32(0)), f32(255)));
}

/** The output's dimension d is the input's dimension `permutation[d]`. */
export function transpose(
  shape: readonly Size[],
  permutation: readonly number[],
  type: StorageType = "float32",
): Kernel {
  const space = permutation.map((d, o): Axis => ({ name: `o${o}`, extent: shape[d]! }));
  const index = shape.map((_, d) => axisAddress(space[permutation.indexOf(d)]!));
  const output = permutation.map((d) => shape[d]!);
  const valueType = { float32: "f32", float16: "f32", int64: "i64", uint8: "u32" }[
    type as "float32"
  ] as "f32";
  return {
    buffers: [read(type, shape), write(type, output)],
    space,
    body: [store(1, at(space, output), load(valueType, 0, linearAddress(index, shape)))],
  };
}

/** Rows of a table by int64 indices, negative ones from the end. */
export function gather(tableRows: number, columns: Size, indices: Size): Kernel {
  const [i, j] = axes({ i: indices, j: columns });
  const raw = load("i64", 1, axisAddress(i));
  const at32 = cast("i32", raw);
  const wrapped = binary("add", at32, i32(tableRows));
  const row: Expr = {
    kind: "select",
    type: "i32",
    a: wrapped,
    b: at32,
    condition: compare("lt", at32, i32(0)),
  };
  const from = linearAddress([valueAddress(row), axisAddress(j)], [tableRows, columns]);
  return {
    buffers: [
      read("float32", [tableRows, columns]),
      read("int64", [indices]),
      write("float32", [indices, columns]),
    ],
    space: [i, j],
    body: [store(2, at([i, j], [indices, columns]), load("f32", 0, from))],
  };
}

/** Parts side by side along the last of two dimensions. */
export function concat(rows: Size, parts: readonly number[]): Kernel {
  const total = parts.reduce((a, b) => a + b, 0);
  const [i, j] = axes({ i: rows, j: total });
  let end = total;
  const value = parts.reduceRight<Expr | undefined>((rest, length, part) => {
    const start = end - length;
    end = start;
    const column = subtractAddress(axisAddress(j), constant(start));
    const x = load("f32", part, linearAddress([axisAddress(i), column], [rows, length]));
    const before = compare("lt", index(axisAddress(j)), i32(start + length));
    return rest === undefined ? x : guard(before, x, rest);
  }, undefined);
  return {
    buffers: [
      ...parts.map((length) => read("float32", [rows, length])),
      write("float32", [rows, total]),
    ],
    space: [i, j],
    body: [store(parts.length, at([i, j], [rows, total]), value!)],
  };
}

/** Zeros around rows: `before` and `after` of them. */
export function pad(rows: Size, columns: number, before: number, after: number): Kernel {
  const width = before + columns + after;
  const [i, j] = axes({ i: rows, j: width });
  const column = addAddress(axisAddress(j), constant(-before));
  const inside = binary(
    "and",
    compare("ge", index(column), i32(0)),
    compare("lt", index(column), i32(columns)),
  );
  const x = load("f32", 0, linearAddress([axisAddress(i), column], [rows, columns]));
  return {
    buffers: [read("float32", [rows, columns]), write("float32", [rows, width])],
    space: [i, j],
    body: [store(1, at([i, j], [rows, width]), guard(inside, x, f32(0)))],
  };
}

/** Sums over the first dimension. */
export function columnSums(rows: Size, columns: Size): Kernel {
  const [j, i] = axes({ j: columns, i: rows });
  const sum = f32Local("sum");
  return {
    buffers: [read("float32", [rows, columns]), write("float32", [columns])],
    space: [j],
    body: [
      fold(i, sum, "add", 0, load("f32", 0, at([i, j], [rows, columns]))),
      store(1, axisAddress(j), local(sum)),
    ],
  };
}

type Four<T> = [T, T, T, T];

function axes<K extends string>(extents: Readonly<Record<K, Size>>): Four<Axis> {
  return Object.entries<Size>(extents).map(([name, extent]) => ({
    name,
    extent,
  })) as unknown as Four<Axis>;
}

function at(space: readonly Axis[], shape: readonly Size[]): Address {
  return linearAddress(space.map(axisAddress), shape);
}

function f32Local(name: string): Local {
  return { name, type: "f32" };
}

function read(dataType: StorageType, shape: readonly Size[]): BufferUse {
  return { dataType, elementCount: productOf(shape), access: "read" };
}

function write(dataType: StorageType, shape: readonly Size[]): BufferUse {
  return { dataType, elementCount: productOf(shape), access: "write" };
}

function store(buffer: number, address: Address, value: Expr): Stmt {
  return { kind: "store", buffer, address, value };
}

function over(axis: Axis, body: readonly Stmt[]): Stmt {
  return { kind: "loop", axes: [axis], body };
}

function fold(
  axis: Axis,
  state: Local,
  op: "add" | "max",
  init: number,
  map: Expr,
): Extract<Stmt, { kind: "reduce" }> {
  const incoming = f32Local(`${state.name}In`);
  return {
    kind: "reduce",
    axes: [axis],
    lets: [],
    state: [state],
    incoming: [incoming],
    init: [f32(init)],
    map: [map],
    combine: [binary(op, local(state), local(incoming))],
  };
}
