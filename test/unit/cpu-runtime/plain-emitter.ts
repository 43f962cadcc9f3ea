/**
 * The plainest emitter that can run: scalar code for a small part of the IR, one unit per point of the
 * first axis. The runtime's tests use it, so that they fail for the runtime's own mistakes only.
 *
 * f32 and i32 buffers; let, store, loop and reductions of one state; arithmetic. A load of an address
 * that is far outside memory traps, as in any emitter.
 */
import type { Assembler, Local } from "../../../core-webnn/cpu/assembler.ts";
import type { EmitKernel } from "../../../core-webnn/cpu/runtime/emit-program.ts";
import type { Address, Axis, Expr, Kernel, Stmt } from "../../../core-webnn/kernel/ir.ts";
import { SizeList } from "../../../core-webnn/kernel/size-list.ts";
import { multiplySizes, type Size } from "../../../core-webnn/util/size.ts";

interface Scope {
  readonly asm: Assembler;
  readonly block: Local;
  readonly kernel: Kernel;
  readonly sizes: SizeList;
  readonly locals: ReadonlyMap<string, Local>;
}

export const emitPlainly: EmitKernel = (module, kernel) => {
  const sizes = new SizeList();
  const type = { params: ["i32", "i32", "i32"], results: [] } as const;
  const functionIndex = module.addFunction(type, (asm, block, begin, end) => {
    const [outer, ...inner] = kernel.space;
    const at = asm.local("i32");
    asm.get(begin!);
    asm.set(at);
    const scope = { asm, block: block!, kernel, sizes, locals: new Map([[outer!.name, at]]) };
    count(
      asm,
      at,
      () => asm.get(end!),
      () => nest(scope, inner, (s) => emitBody(s, kernel.body)),
    );
  });
  const inner = kernel.space.slice(1).map(({ extent }) => extent);
  const unitCost = multiplySizes(10, ...inner, ...reducedExtents(kernel.body));
  return { functionIndex, sizes: sizes.all(), units: kernel.space[0]!.extent, unitCost };
};

function reducedExtents(body: readonly Stmt[]): readonly Size[] {
  return body.flatMap((stmt) => (stmt.kind === "reduce" ? stmt.axes.map((a) => a.extent) : []));
}

/** From the local's present value up to the limit. */
function count(asm: Assembler, local: Local, pushLimit: () => void, body: () => void): void {
  asm.block((done) =>
    asm.loop((next) => {
      asm.get(local);
      pushLimit();
      asm.op("i32.ge_s");
      asm.brIf(done);
      body();
      asm.get(local);
      asm.i32(1);
      asm.op("i32.add");
      asm.set(local);
      asm.br(next);
    }),
  );
}

function nest(scope: Scope, axes: readonly Axis[], body: (scope: Scope) => void): void {
  const [axis, ...rest] = axes;
  if (axis === undefined) return body(scope);
  const local = scope.asm.local("i32");
  scope.asm.i32(0);
  scope.asm.set(local);
  const inside = { ...scope, locals: new Map(scope.locals).set(axis.name, local) };
  const pushLimit = (): void => pushSize(scope, axis.extent);
  count(scope.asm, local, pushLimit, () => nest(inside, rest, body));
}

function emitBody(scope: Scope, body: readonly Stmt[]): void {
  const { asm } = scope;
  let locals = scope.locals;
  for (const stmt of body) {
    const here = { ...scope, locals };
    if (stmt.kind === "loop") nest(here, stmt.axes, (s) => emitBody(s, stmt.body));
    else if (stmt.kind === "store") {
      pushByteAddress(here, stmt.buffer, stmt.address);
      pushExpr(here, stmt.value);
      asm.memory(stmt.value.type === "f32" ? "f32.store" : "i32.store");
    } else if (stmt.kind === "let") {
      locals = new Map(locals).set(stmt.local.name, setNew(here, stmt.value));
    } else if (stmt.kind === "reduce") {
      const state = setNew(here, stmt.init[0]!);
      locals = new Map(locals).set(stmt.state[0]!.name, state);
      nest({ ...scope, locals }, stmt.axes, (inside) => {
        const incoming = setNew(inside, stmt.map[0]!);
        const both = new Map(inside.locals).set(stmt.incoming[0]!.name, incoming);
        pushExpr({ ...inside, locals: both }, stmt.combine[0]!);
        asm.set(state);
      });
    } else throw new Error(`the plain emitter has no ${stmt.kind}`);
  }
}

function setNew(scope: Scope, value: Expr): Local {
  const local = scope.asm.local(value.type === "f32" ? "f32" : "i32");
  pushExpr(scope, value);
  scope.asm.set(local);
  return local;
}

function pushExpr(scope: Scope, expr: Expr): void {
  const { asm } = scope;
  const type = expr.type === "f32" ? "f32" : "i32";
  switch (expr.kind) {
    case "const":
      return type === "f32" ? asm.f32(Number(expr.value)) : asm.i32(Number(expr.value));
    case "local":
      return asm.get(scope.locals.get(expr.name)!);
    case "load":
      pushByteAddress(scope, expr.buffer, expr.address);
      return asm.memory(`${type}.load`);
    case "index":
      return pushAddress(scope, expr.address);
    case "cast":
      pushExpr(scope, expr.x);
      return asm.op("f32.convert_i32_s");
    case "binary":
      pushExpr(scope, expr.a);
      pushExpr(scope, expr.b);
      return asm.op(`f32.${expr.op as "add" | "sub" | "mul" | "div" | "max"}`);
    default:
      throw new Error(`the plain emitter has no ${expr.kind}`);
  }
}

function pushByteAddress(scope: Scope, buffer: number, address: Address): void {
  const { asm } = scope;
  asm.get(scope.block);
  asm.memory("i32.load", buffer * 4);
  pushAddress(scope, address);
  asm.i32(4);
  asm.op("i32.mul");
  asm.op("i32.add");
}

function pushAddress(scope: Scope, address: Address): void {
  const { asm } = scope;
  switch (address.kind) {
    case "const":
      return asm.i32(address.value);
    case "size":
      return pushSize(scope, address.size);
    case "axis":
      return asm.get(scope.locals.get(address.axis.name)!);
    case "value":
      return pushExpr(scope, address.value);
    case "add":
    case "mul":
      pushAddress(scope, address.a);
      pushAddress(scope, address.b);
      return asm.op(`i32.${address.kind}`);
    default:
      throw new Error(`the plain emitter has no ${address.kind}`);
  }
}

function pushSize({ asm, block, kernel, sizes }: Scope, size: Size): void {
  if (typeof size === "number") return asm.i32(size);
  asm.get(block);
  asm.memory("i32.load", (kernel.buffers.length + sizes.indexOf(size)) * 4);
}
