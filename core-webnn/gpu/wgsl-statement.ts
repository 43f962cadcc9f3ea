/** Statements of a kernel's body as WGSL: loops run in order within one invocation. */
import type { Axis, Contract, Reduce, Stmt } from "../kernel/ir.ts";
import { unreachable } from "../util/unreachable.ts";
import { emitAddress, emitSize } from "./wgsl-address.ts";
import { emitExpr } from "./wgsl-expr.ts";
import { wgslTypes } from "./wgsl-operations.ts";
import { identifier, inBlock, withAxis, withLocal, type Scope } from "./wgsl-scope.ts";
import { emitStore } from "./wgsl-store.ts";
import { freshName, nameAt, named, write, writeBlock } from "./wgsl-writer.ts";

/** Writes the statements; returns the scope with the locals they define. */
export function emitStatements(scope: Scope, body: readonly Stmt[]): Scope {
  return body.reduce(emitStatement, scope);
}

/** Nested loops over the axes, written into the scope's block; `body` gets the innermost scope. */
export function emitLoops(scope: Scope, axes: readonly Axis[], body: (scope: Scope) => void): void {
  const [axis, ...inner] = axes;
  if (axis === undefined) return body(scope);
  const name = identifier("i", axis.name);
  const extent = emitSize(scope, axis.extent);
  const header = `for (var ${name} = 0i; ${name} < ${extent.text}; ${name}++)`;
  writeBlock(scope.block, header, (block) => {
    const inside = withAxis(inBlock(scope, block), axis.name, nameAt(block, name));
    emitLoops(inside, inner, body);
  });
}

export function emitStatement(scope: Scope, stmt: Stmt): Scope {
  switch (stmt.kind) {
    case "let":
      return withLocal(scope, stmt.local.name, named(scope.block, emitExpr(scope, stmt.value)));
    case "loop":
      emitLoops(scope, stmt.axes, (inside) => emitStatements(inside, stmt.body));
      return scope;
    case "scan":
      emitLoops(scope, [stmt.axis], (inside) => emitStatements(inside, stmt.body));
      return scope;
    case "reduce":
      return emitReduce(scope, stmt);
    case "contract":
      return emitReduce(scope, contractAsReduce(stmt));
    case "store": {
      const value = emitExpr(scope, stmt.value);
      const buffer = scope.buffers[stmt.buffer] ?? unreachable(`buffer ${stmt.buffer}`);
      emitStore(scope, buffer, emitAddress(scope, stmt.address), value, stmt.value.type);
      return scope;
    }
    default:
      return stmt satisfies never;
  }
}

function emitReduce(scope: Scope, stmt: Reduce): Scope {
  const { block } = scope;
  const states = stmt.state.map(({ name, type }, i) => {
    const state = freshName(block, `${identifier("v", name)}_`);
    write(block, `var ${state}: ${wgslTypes[type]} = ${emitExpr(scope, stmt.init[i]!).text};`);
    return state;
  });
  emitLoops(scope, stmt.axes, (inside) => emitReduceStep(inside, stmt, states));
  return stmt.state.reduce(
    (after, { name }, i) => withLocal(after, name, nameAt(block, states[i]!)),
    scope,
  );
}

/** state ← combine(state, map): all of the new state is computed before any of it is assigned. */
function emitReduceStep(scope: Scope, stmt: Reduce, states: readonly string[]): void {
  const { block } = scope;
  const withLets = stmt.lets.reduce(
    (s, { local, value }) => withLocal(s, local.name, named(block, emitExpr(s, value))),
    scope,
  );
  const incoming = stmt.map.map((expr) => emitExpr(withLets, expr));
  const withIncoming = stmt.incoming.reduce(
    (s, { name }, i) => withLocal(s, name, named(block, incoming[i]!)),
    withLets,
  );
  const withState = stmt.state.reduce(
    (s, { name }, i) => withLocal(s, name, nameAt(block, states[i]!)),
    withIncoming,
  );
  const next = stmt.combine.map((expr) => emitExpr(withState, expr));
  const settled = states.length === 1 ? next : next.map((value) => named(block, value));
  states.forEach((state, i) => write(block, `${state} = ${settled[i]!.text};`));
}

/** A contraction that no tile fits: one more reduction. */
function contractAsReduce({ k, a, b, accumulator }: Contract): Reduce {
  const { type } = accumulator;
  const incoming = { name: `${accumulator.name} product`, type };
  return {
    kind: "reduce",
    axes: k,
    lets: [],
    state: [accumulator],
    incoming: [incoming],
    init: [{ kind: "const", type, value: 0 }],
    map: [{ kind: "binary", type, op: "mul", a, b }],
    combine: [
      {
        kind: "binary",
        type,
        op: "add",
        a: { kind: "local", type, name: accumulator.name },
        b: { kind: "local", type, name: incoming.name },
      },
    ],
  };
}
