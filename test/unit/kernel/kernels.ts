/** Kernels written by hand, for the tests of this folder. */
import { axisAddress, constant, linearAddress } from "../../../core-webnn/kernel/address.ts";
import { binary, f32, load, local, unary } from "../../../core-webnn/kernel/expr.ts";
import type { Axis, Expr, Kernel, Local, Stmt } from "../../../core-webnn/kernel/ir.ts";
import { addSizes, multiplySizes, named } from "../../../core-webnn/util/size.ts";

export const rows = named({ name: "rows" });
export const columns = addSizes(named({ name: "past" }), 1);

/** Of each row: subtract the maximum, exponentiate, divide by the sum. */
export function softmax(): Kernel {
  const row: Axis = { name: "row", extent: rows };
  const element = (name: string): Axis => ({ name, extent: columns });
  const [i, j, k] = [element("i"), element("j"), element("k")] as [Axis, Axis, Axis];
  const at = (axis: Axis) => linearAddress([axisAddress(row), axisAddress(axis)], [rows, columns]);
  const x = (axis: Axis): Expr => load("f32", 0, at(axis));
  const [largest, sum] = ["largest", "sum"].map((name): Local => ({ name, type: "f32" }));
  const centred = (axis: Axis): Expr => unary("exp", binary("sub", x(axis), local(largest!)));
  const count = multiplySizes(rows, columns);
  return {
    buffers: [
      { dataType: "float32", elementCount: count, access: "read" },
      { dataType: "float32", elementCount: count, access: "write" },
    ],
    space: [row],
    body: [
      fold(i, largest!, "max", f32(-Infinity), x(i)),
      fold(j, sum!, "add", f32(0), centred(j)),
      {
        kind: "loop",
        axes: [k],
        body: [
          {
            kind: "store",
            buffer: 1,
            address: at(k),
            value: binary("div", centred(k), local(sum!)),
          },
        ],
      },
    ],
  };
}

/** output[m, n] = Σ a[m, k] · b[n, k] + bias[n] */
export function matmul(m: number, n: number, k: number): Kernel {
  const axes = { m, n, k };
  const [mAxis, nAxis, kAxis] = Object.entries(axes).map(([name, extent]): Axis => ({
    name,
    extent,
  }));
  const [am, an, ak] = [mAxis!, nAxis!, kAxis!].map(axisAddress);
  const sum: Local = { name: "sum", type: "f32" };
  const value = binary("add", local(sum), load("f32", 2, an!));
  return {
    buffers: [
      { dataType: "float32", elementCount: m * k, access: "read" },
      { dataType: "float32", elementCount: n * k, access: "read" },
      { dataType: "float16", elementCount: n, access: "read" },
      { dataType: "float32", elementCount: m * n, access: "write" },
    ],
    space: [mAxis!, nAxis!],
    body: [
      {
        kind: "contract",
        m: [mAxis!],
        n: [nAxis!],
        k: [kAxis!],
        a: load("f32", 0, linearAddress([am!, ak!], [m, k])),
        b: load("f32", 1, linearAddress([an!, ak!], [n, k])),
        accumulator: sum,
      },
      { kind: "store", buffer: 3, address: linearAddress([am!, an!], [m, n]), value },
    ],
  };
}

/** output[i] = value, from one read buffer of each given type, 4 elements each. */
export function pointwise(
  types: readonly Kernel["buffers"][number]["dataType"][],
  output: Kernel["buffers"][number]["dataType"],
  value: (axis: Axis) => Expr,
): Kernel {
  const axis: Axis = { name: "i", extent: 4 };
  const store: Stmt = {
    kind: "store",
    buffer: types.length,
    address: axisAddress(axis),
    value: value(axis),
  };
  return {
    buffers: [
      ...types.map((dataType) => ({ dataType, elementCount: 4, access: "read" }) as const),
      { dataType: output, elementCount: 4, access: "write" },
    ],
    space: [axis],
    body: [store],
  };
}

export const origin = constant(0);

function fold(axis: Axis, state: Local, op: "max" | "add", init: Expr, map: Expr): Stmt {
  const incoming: Local = { name: `${state.name}In`, type: state.type };
  const combine = binary(op, local(state), local(incoming));
  return {
    kind: "reduce",
    axes: [axis],
    lets: [],
    state: [state],
    incoming: [incoming],
    init: [init],
    map: [map],
    combine: [combine],
  };
}
