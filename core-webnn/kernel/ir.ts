/**
 * The kernel IR: loop nests over typed buffers. `interpret.ts` defines what it means; the WebAssembly
 * and WGSL emitters must agree with that.
 *
 * Two languages are kept apart. An `Expr` computes values under IEEE rules, so nothing may be
 * simplified that a NaN, an infinity or a signed zero would show. An `Address` is an integer of loop
 * variables and sizes, for which the rules of algebra hold. `index` goes from Address to Expr, `value`
 * from Expr to Address.
 *
 * Everything here is plain data: printed by `print.ts`, compared by its text, sent to workers.
 */
import type { StorageType } from "../util/data-type.ts";
import type { Size, SymbolicSize } from "../util/size.ts";

/**
 * Types that values have between load and store. Loading widens: float16 to f32, int8 to i32, uint8 to
 * u32 (int4 and uint4 too). Storing narrows: f32 to float16 by round-to-nearest-even, i32 and u32 to 8
 * bits by dropping the high bits, bool to 0 or 1.
 */
export type ValueType = "f32" | "i32" | "u32" | "i64" | "u64" | "bool";

/** A loop variable, 0 ≤ axis < extent. Names are unique within a kernel. */
export interface Axis {
  readonly name: string;
  readonly extent: Size;
}

export type Address =
  | { readonly kind: "const"; readonly value: number }
  /** A size that is known at dispatch; read from the parameter block. */
  | { readonly kind: "size"; readonly size: SymbolicSize }
  | { readonly kind: "axis"; readonly axis: Axis }
  | { readonly kind: "add"; readonly a: Address; readonly b: Address }
  | { readonly kind: "mul"; readonly a: Address; readonly b: Address }
  /** Rounds towards minus infinity; the divisor is positive. */
  | { readonly kind: "floorDiv"; readonly a: Address; readonly b: Address }
  /** `a - b * floorDiv(a, b)`: never negative. */
  | { readonly kind: "mod"; readonly a: Address; readonly b: Address }
  | { readonly kind: "min"; readonly a: Address; readonly b: Address }
  | { readonly kind: "max"; readonly a: Address; readonly b: Address }
  /** An integer loaded or computed as data (an index of gather). Must fit int32. */
  | { readonly kind: "value"; readonly value: Expr };

/** f32 only where the name is no integer operation. Results of `sqrt` are correctly rounded. */
export const unaryOps = [
  "neg", "abs", "sign", "floor", "ceil", "roundEven", "trunc", "sqrt",
  "exp", "log", "sin", "cos", "tan", "tanh", "erf", "not", "bitNot", "isNaN", "isInfinite",
] as const; // prettier-ignore
export type UnaryOp = (typeof unaryOps)[number];

/**
 * `div` of integers truncates, x / 0 is 0 and the smallest integer / -1 is itself; `rem` has the sign of the dividend and x rem 0 is 0.
 * Integer results wrap. `min` and `max` of floats give NaN if either is NaN, and order -0 below +0.
 * `and`, `or` and `xor` take bools; `bitAnd` to `shiftRight` take integers (a shift by the width or more is not defined).
 */
export const binaryOps = [
  "add", "sub", "mul", "div", "rem", "min", "max", "pow",
  "and", "or", "xor", "bitAnd", "bitOr", "bitXor", "shiftLeft", "shiftRight",
] as const; // prettier-ignore
export type BinaryOp = (typeof binaryOps)[number];

export const compareOps = ["eq", "ne", "lt", "le", "gt", "ge"] as const;
export type CompareOp = (typeof compareOps)[number];

export type Expr =
  /** `value` may be NaN, an infinity or -0 for f32; a bigint for i64 and u64. A bool is 0 or 1. */
  | { readonly kind: "const"; readonly type: ValueType; readonly value: number | bigint }
  | { readonly kind: "local"; readonly type: ValueType; readonly name: string }
  /** Element `address` of buffer number `buffer`; must lie inside. */
  | {
      readonly kind: "load";
      readonly type: ValueType;
      readonly buffer: number;
      readonly address: Address;
    }
  /** The address as an i32. */
  | { readonly kind: "index"; readonly type: "i32"; readonly address: Address }
  | { readonly kind: "unary"; readonly type: ValueType; readonly op: UnaryOp; readonly x: Expr }
  | {
      readonly kind: "binary";
      readonly type: ValueType;
      readonly op: BinaryOp;
      readonly a: Expr;
      readonly b: Expr;
    }
  /** a and b have one type; the result is a bool. NaN compares unequal to all and orders with none. */
  | {
      readonly kind: "compare";
      readonly type: "bool";
      readonly op: CompareOp;
      readonly a: Expr;
      readonly b: Expr;
    }
  /** Both sides may be evaluated. */
  | {
      readonly kind: "select";
      readonly type: ValueType;
      readonly condition: Expr;
      readonly a: Expr;
      readonly b: Expr;
    }
  /** `a` is evaluated only where the condition holds: its loads may lie outside their buffer elsewhere. */
  | {
      readonly kind: "guard";
      readonly type: ValueType;
      readonly condition: Expr;
      readonly a: Expr;
      readonly b: Expr;
    }
  /** Float to integer truncates and saturates, NaN gives 0; integer to integer wraps; to bool: x ≠ 0. */
  | { readonly kind: "cast"; readonly type: ValueType; readonly x: Expr }
  /** As if stored to `storage` and loaded again: rounds to float16, wraps to 8 bits. Type is that of x. */
  | {
      readonly kind: "narrow";
      readonly type: ValueType;
      readonly storage: StorageType;
      readonly x: Expr;
    };

export interface Local {
  readonly name: string;
  readonly type: ValueType;
}

export type Stmt =
  | { readonly kind: "let"; readonly local: Local; readonly value: Expr }
  /** Independent iterations in any order. */
  | { readonly kind: "loop"; readonly axes: readonly Axis[]; readonly body: readonly Stmt[] }
  | Scan
  | Reduce
  | Contract
  | {
      readonly kind: "store";
      readonly buffer: number;
      readonly address: Address;
      readonly value: Expr;
    };

/**
 * Iterations in order: each sees what those before it stored. It is a statement of the kernel's body.
 *
 * A kernel that has one may also load from the buffers that it writes, elements that the same point of
 * its space has stored by an earlier statement or iteration; never inside an address. Points still do
 * not see each other's stores, nor do the iterations of a `loop`.
 */
export interface Scan {
  readonly kind: "scan";
  readonly axis: Axis;
  readonly body: readonly Stmt[];
}

/**
 * Folds a state over all points of `axes`: state ← init, then state ← combine(state, map(point)), in
 * any order and grouping. `combine` reads `state` and `incoming` as locals; `lets` come before `map`
 * at each point. After the statement `state` are locals of what follows it.
 */
export interface Reduce {
  readonly kind: "reduce";
  readonly axes: readonly Axis[];
  readonly lets: readonly { readonly local: Local; readonly value: Expr }[];
  readonly state: readonly Local[];
  readonly incoming: readonly Local[];
  readonly init: readonly Expr[];
  readonly map: readonly Expr[];
  readonly combine: readonly Expr[];
}

/**
 * `accumulator = Σ over k of a · b`, kept whole for each device's matrix kernels.
 *
 * The kernel's space is batch axes, then `m`, then `n` (those not named in either are batch). `a` does
 * not depend on n, `b` not on m. The accumulator is f32, i32 or u32 and so are `a` and `b`. Integer sums are exact
 * modulo 2³². The statements after it (the epilogue) see the accumulator as a local.
 */
export interface Contract {
  readonly kind: "contract";
  readonly m: readonly Axis[];
  readonly n: readonly Axis[];
  readonly k: readonly Axis[];
  readonly a: Expr;
  readonly b: Expr;
  readonly accumulator: Local;
}

export interface BufferUse {
  readonly dataType: StorageType;
  /** Elements the kernel may touch; a device may round the allocation up. */
  readonly elementCount: Size;
  readonly access: "read" | "write";
}

/** Runs `body` once for every point of `space`, in any order, also at the same time. */
export interface Kernel {
  readonly buffers: readonly BufferUse[];
  readonly space: readonly Axis[];
  readonly body: readonly Stmt[];
}
