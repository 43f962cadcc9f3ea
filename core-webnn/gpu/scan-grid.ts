/**
 * One workgroup for each point of a kernel that runs in steps, if there is anything to share: its lanes
 * divide the iterations of each loop among them, one lane does what is not in a loop, and a barrier
 * after each statement that stores lets all lanes see what it stored.
 *
 * Barriers must be reached by all lanes: loops around them count to literals and to sizes of the uniform
 * block, which are the same for all.
 */
import { axisAddress, delinearize } from "../kernel/address.ts";
import type { Address, Axis, Kernel, Scan, Stmt } from "../kernel/ir.ts";
import { hasScan, readsWritten, visitStmts } from "../kernel/visit.ts";
import { productOf } from "../util/size.ts";
import { flattenSpace, newAxisName, substituteStmt } from "./flatten-space.ts";
import type { Grid } from "./grid.ts";
import { emitSize } from "./wgsl-address.ts";
import { identifier, inBlock, withAxis, type Scope } from "./wgsl-scope.ts";
import { emitLoops, emitStatement, emitStatements } from "./wgsl-statement.ts";
import { nameAt, write, writeBlock } from "./wgsl-writer.ts";

type Loop = Extract<Stmt, { readonly kind: "loop" }>;

/** Undefined for other kernels, and for those without a loop: an invocation takes a point of these. */
export function scanGrid(kernel: Kernel, workgroupSize: number): Grid | undefined {
  if (!hasScan(kernel) || !containsLoop(kernel.body)) return undefined;
  const name = newAxisName(kernel, "point");
  const { space, body } = flattenSpace(kernel, [{ name, axes: kernel.space }]);
  const sharing: Sharing = { kernel, workgroupSize };
  return {
    unit: "workgroup",
    count: space[0]!.extent,
    atomics: new Set(),
    quads: new Set(),
    emit: (scope, index) => emitShared(sharing, withAxis(scope, name, index), body),
  };
}

interface Sharing {
  readonly kernel: Kernel;
  readonly workgroupSize: number;
}

function containsLoop(body: readonly Stmt[]): boolean {
  let found = false;
  visitStmts(body, ({ kind }) => (found ||= kind === "loop"));
  return found;
}

/** Statements that all lanes come to. */
function emitShared(sharing: Sharing, scope: Scope, body: readonly Stmt[]): void {
  body.reduce((here, stmt) => {
    const after = emitSharedStatement(sharing, here, stmt);
    if (needsBarrier(sharing, stmt)) write(scope.block, "storageBarrier();");
    return after;
  }, scope);
}

function needsBarrier({ kernel }: Sharing, stmt: Stmt): boolean {
  // Its rounds end with one.
  if (isShared(stmt)) return false;
  // A value that is read, too: all lanes must have it before one of them stores again.
  return stores(stmt) || readsWritten(stmt, kernel);
}

/** Whether lanes share the work inside a scan. */
function isShared(stmt: Stmt): stmt is Scan {
  return stmt.kind === "scan" && containsLoop(stmt.body);
}

function emitSharedStatement(sharing: Sharing, scope: Scope, stmt: Stmt): Scope {
  if (stmt.kind === "loop") {
    emitDivided(sharing, scope, stmt);
    return scope;
  }
  if (isShared(stmt)) {
    emitLoops(scope, [stmt.axis], (inside) => emitShared(sharing, inside, stmt.body));
    return scope;
  }
  if (!stores(stmt)) return emitStatement(scope, stmt);
  writeBlock(scope.block, "if (lane == 0u)", (block) => {
    emitStatements(inBlock(scope, block), [stmt]);
  });
  return scope;
}

/** Each lane takes every 64th iteration. */
function emitDivided({ kernel, workgroupSize }: Sharing, scope: Scope, { axes, body }: Loop): void {
  const extents = axes.map(({ extent }) => extent);
  const name = newAxisName(kernel, axes.map((axis) => axis.name).join("_"));
  const flat: Axis = { name, extent: productOf(extents) };
  const index = delinearize(axisAddress(flat), extents);
  const by = new Map<string, Address>(axes.map((axis, d) => [axis.name, index[d]!]));
  const variable = identifier("i", name);
  const end = emitSize(scope, flat.extent);
  const header = `for (var ${variable} = i32(lane); ${variable} < ${end.text}; ${variable} += ${workgroupSize}i)`;
  writeBlock(scope.block, header, (block) => {
    const inside = withAxis(inBlock(scope, block), name, nameAt(block, variable));
    emitStatements(
      inside,
      body.map((stmt) => substituteStmt(stmt, by)),
    );
  });
}

function stores({ kind }: Stmt): boolean {
  return kind === "store" || kind === "loop" || kind === "scan";
}
