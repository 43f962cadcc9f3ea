/** What is in reach where an expression is written: the block, and what axes and locals are called there. */
import type { Block, Value } from "./wgsl-writer.ts";
import type { SymbolicSize } from "../util/size.ts";
import type { Expr } from "../kernel/ir.ts";
import type { SizeList } from "../kernel/size-list.ts";
import type { BufferCode, WordVariables } from "./wgsl-storage.ts";

export interface Scope {
  readonly block: Block;
  /** By number of the kernel's buffer. */
  readonly buffers: readonly BufferCode[];
  /** Those that the shader reads from its uniform block; grows as they are met. */
  readonly sizes: SizeList;
  readonly axes: ReadonlyMap<string, Value>;
  readonly locals: ReadonlyMap<string, Value>;
  /** Words of packed buffers that this invocation collects here, by the buffer's name. */
  readonly words: ReadonlyMap<string, WordVariables>;
  /** Writes the expressions in addresses: expressions and addresses contain each other. */
  readonly evaluate: (scope: Scope, expr: Expr) => Value;
}

/** The field of the uniform block that holds a size. */
export function sizeField(scope: Scope, size: SymbolicSize): string {
  return `s${scope.sizes.indexOf(size)}`;
}

export function inBlock(scope: Scope, block: Block): Scope {
  return { ...scope, block };
}

export function withAxis(scope: Scope, name: string, value: Value): Scope {
  return { ...scope, axes: new Map(scope.axes).set(name, value) };
}

export function withLocal(scope: Scope, name: string, value: Value): Scope {
  return { ...scope, locals: new Map(scope.locals).set(name, value) };
}

/** An identifier of WGSL that shows the name of the IR; different names stay different. */
export function identifier(prefix: string, name: string): string {
  const word = name.replace(/[^A-Za-z0-9]/g, (c) => `_${c === "_" ? "" : c.codePointAt(0)}`);
  return `${prefix}_${word}`;
}
