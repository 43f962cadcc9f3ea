/**
 * What a kernel means. Emitters agree with this, but for the order of a reduction and the last places
 * of transcendental functions.
 *
 * Simple and literal: one loop per axis, every operation rounds or wraps as `scalar.ts` says, every
 * load and store is checked. Each part of the kernel becomes a closure over cells that hold the axes
 * and locals; names are unique, so a cell has one meaning.
 */
import { evaluateSize, type Sizes } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { capacityOf, elementReader, elementWriter, type TypedArrayLike } from "./buffer-view.ts";
import type { Address, Axis, Contract, Expr, Kernel, Local, Reduce, Stmt } from "./ir.ts";
import {
  binaryFunction,
  castScalar,
  compareScalars,
  narrowScalar,
  unaryFunction,
  type Scalar,
} from "./scalar.ts";

export { bufferView, type TypedArrayLike } from "./buffer-view.ts";

/** Runs a kernel on buffers as `bufferView` gives them. */
export function interpret(kernel: Kernel, buffers: readonly TypedArrayLike[], sizes: Sizes): void {
  const run = loop(kernel.space, kernel.body, contextOf(kernel, buffers, sizes));
  run();
}

interface Cell {
  value: Scalar;
}

interface Buffer {
  readonly read: (i: number) => Scalar;
  readonly write: (i: number, x: Scalar) => void;
  readonly elementCount: number;
}

interface Context {
  readonly axes: Map<string, Cell>;
  readonly locals: Map<string, Cell>;
  readonly buffers: readonly Buffer[];
  readonly sizes: Sizes;
}

function contextOf(kernel: Kernel, views: readonly TypedArrayLike[], sizes: Sizes): Context {
  if (views.length !== kernel.buffers.length) {
    unreachable(`${views.length} buffers for a kernel of ${kernel.buffers.length}`);
  }
  const buffers = kernel.buffers.map((use, i): Buffer => {
    const view = views[i]!;
    const elementCount = evaluateSize(use.elementCount, sizes);
    if (capacityOf(use.dataType, view) < elementCount) {
      unreachable(`buffer ${i} has ${view.length} elements, the kernel needs ${elementCount}`);
    }
    const read = elementReader(use.dataType, view);
    const readOnly = (): never => unreachable(`a store to buffer ${i}, which is read`);
    const write = use.access === "write" ? elementWriter(use.dataType, view) : readOnly;
    return { read, write, elementCount };
  });
  return { axes: new Map(), locals: new Map(), buffers, sizes };
}

function statement(stmt: Stmt, context: Context): () => void {
  switch (stmt.kind) {
    case "let": {
      const value = expression(stmt.value, context);
      const cell = define(stmt.local, context);
      return () => void (cell.value = value());
    }
    case "store":
      return store(stmt, context);
    case "loop":
      return loop(stmt.axes, stmt.body, context);
    case "scan":
      return loop([stmt.axis], stmt.body, context);
    case "reduce":
      return reduce(stmt, context);
    case "contract":
      return contract(stmt, context);
    default:
      return stmt satisfies never;
  }
}

function store(stmt: Extract<Stmt, { readonly kind: "store" }>, context: Context): () => void {
  const at = address(stmt.address, context);
  const value = expression(stmt.value, context);
  const buffer = context.buffers[stmt.buffer] ?? unreachable(`no buffer ${stmt.buffer}`);
  return () => {
    const i = at();
    checkInside("store to", i, stmt.buffer, context);
    buffer.write(i, value());
  };
}

/** Runs the body at every point of the axes, the last one innermost. */
function loop(axes: readonly Axis[], body: readonly Stmt[], context: Context): () => void {
  const cells = axes.map((axis) => declare(axis, context));
  return overPoints(
    axes,
    cells,
    body.map((stmt) => statement(stmt, context)),
    context,
  );
}

function overPoints(
  axes: readonly Axis[],
  cells: readonly Cell[],
  body: readonly (() => void)[],
  { sizes }: Context,
): () => void {
  const innermost = (): void => body.forEach((run) => run());
  return axes.reduceRight<() => void>((inner, axis, d) => {
    const cell = cells[d]!;
    const extent = evaluateSize(axis.extent, sizes);
    return () => {
      for (let i = 0; i < extent; i++) {
        cell.value = i;
        inner();
      }
    };
  }, innermost);
}

function reduce(stmt: Reduce, context: Context): () => void {
  const init = stmt.init.map((x) => expression(x, context));
  const cells = stmt.axes.map((axis) => declare(axis, context));
  const lets = stmt.lets.map(({ local, value }) =>
    statement({ kind: "let", local, value }, context),
  );
  const map = stmt.map.map((x) => expression(x, context));
  const state = stmt.state.map((local) => define(local, context));
  const incoming = stmt.incoming.map((local) => define(local, context));
  const combine = stmt.combine.map((x) => expression(x, context));
  const step = (): void => {
    assign(incoming, map);
    assign(state, combine);
  };
  const run = overPoints(stmt.axes, cells, [...lets, step], context);
  return () => {
    assign(state, init);
    run();
  };
}

/** All values are computed before the first is assigned. */
function assign(cells: readonly Cell[], values: readonly (() => Scalar)[]): void {
  const results = values.map((value) => value());
  results.forEach((x, i) => (cells[i]!.value = x));
}

function contract(stmt: Contract, context: Context): () => void {
  const cells = stmt.k.map((axis) => declare(axis, context));
  const [a, b] = [expression(stmt.a, context), expression(stmt.b, context)];
  const { type } = stmt.accumulator;
  const [add, mul] = [binaryFunction("add", type), binaryFunction("mul", type)];
  const sum = define(stmt.accumulator, context);
  const step = (): void => void (sum.value = add(sum.value, mul(a(), b())));
  const run = overPoints(stmt.k, cells, [step], context);
  return () => {
    sum.value = 0;
    run();
  };
}

function expression(expr: Expr, context: Context): () => Scalar {
  const compile = (x: Expr): (() => Scalar) => expression(x, context);
  switch (expr.kind) {
    case "const":
      return () => expr.value;
    case "local": {
      const cell = context.locals.get(expr.name) ?? unreachable(`no local '${expr.name}'`);
      return () => cell.value;
    }
    case "load":
      return loadOf(expr, context);
    case "index":
      return address(expr.address, context);
    case "unary": {
      const [f, x] = [unaryFunction(expr.op, expr.x.type), compile(expr.x)];
      return () => f(x());
    }
    case "binary": {
      const [f, a, b] = [binaryFunction(expr.op, expr.type), compile(expr.a), compile(expr.b)];
      return () => f(a(), b());
    }
    case "compare": {
      const [a, b] = [compile(expr.a), compile(expr.b)];
      return () => (compareScalars(expr.op, a(), b()) ? 1 : 0);
    }
    case "select": {
      const parts = [expr.a, expr.b, expr.condition].map(compile);
      return () => {
        const [a, b, condition] = parts.map((part) => part());
        return condition ? a! : b!;
      };
    }
    case "guard": {
      const [condition, a, b] = [compile(expr.condition), compile(expr.a), compile(expr.b)];
      return () => (condition() ? a() : b());
    }
    case "cast": {
      const x = compile(expr.x);
      return () => castScalar(expr.x.type, expr.type, x());
    }
    case "narrow": {
      const x = compile(expr.x);
      return () => narrowScalar(expr.storage, x());
    }
    default:
      return expr satisfies never;
  }
}

function loadOf(expr: Extract<Expr, { readonly kind: "load" }>, context: Context): () => Scalar {
  const at = address(expr.address, context);
  const { read } = context.buffers[expr.buffer] ?? unreachable(`no buffer ${expr.buffer}`);
  return () => {
    const i = at();
    checkInside("load from", i, expr.buffer, context);
    return read(i);
  };
}

function address(a: Address, context: Context): () => number {
  switch (a.kind) {
    case "const":
      return () => a.value;
    case "size": {
      const value = evaluateSize(a.size, context.sizes);
      return () => value;
    }
    case "axis": {
      const cell = context.axes.get(a.axis.name) ?? unreachable(`no axis '${a.axis.name}'`);
      return () => Number(cell.value);
    }
    case "value": {
      const value = expression(a.value, context);
      return () => {
        const x = Number(value());
        return x === (x | 0) ? x : unreachable(`the address ${x} does not fit int32`);
      };
    }
    default: {
      const f = addressFunctions[a.kind];
      const [x, y] = [address(a.a, context), address(a.b, context)];
      return () => f(x(), y());
    }
  }
}

const addressFunctions = {
  add: (a: number, b: number) => a + b,
  mul: (a: number, b: number) => a * b,
  floorDiv: (a: number, b: number) => Math.floor(a / positive(b)),
  mod: (a: number, b: number) => a - b * Math.floor(a / positive(b)),
  min: Math.min,
  max: Math.max,
};

function positive(divisor: number): number {
  return divisor > 0 ? divisor : unreachable(`an address divided by ${divisor}`);
}

function checkInside(what: string, i: number, buffer: number, context: Context): void {
  const { elementCount } = context.buffers[buffer]!;
  if (i >= 0 && i < elementCount) return;
  const point = [...context.axes].map(([name, { value }]) => `${name} = ${value}`).join(", ");
  unreachable(`${what} element ${i} of buffer ${buffer}, which has ${elementCount} (${point})`);
}

function declare({ name }: Axis, { axes }: Context): Cell {
  const cell = { value: 0 };
  axes.set(name, cell);
  return cell;
}

function define({ name }: Local, { locals }: Context): Cell {
  const cell = { value: 0 };
  locals.set(name, cell);
  return cell;
}
