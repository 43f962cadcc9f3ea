/**
 * What a row of the op table is. Everything the rest of the core knows of an op stands in its row:
 * the builder's method and its checks, opSupportLimits, the verifier, lowering and test tolerances.
 *
 * `op(name, definition)` infers the types of the arguments from `args` and `options`, so that
 * `infer({ input, axis }, …)` is fully typed; the `Row` it returns has them erased.
 */
import type { Address, Expr, ValueType } from "../kernel/ir.ts";
import type { DataType, StorageType } from "../util/data-type.ts";
import type { Size } from "../util/size.ts";

/** An operand as rows see it. Row functions are called with the same object for the same operand, so it also names it. */
export interface Descriptor {
  readonly dataType: StorageType;
  readonly shape: readonly Size[];
}

/** Allowed types: a list, or those of an earlier argument. */
export type Types = readonly StorageType[] | { readonly sameAs: string };
export interface RankRange {
  readonly min: number;
  readonly max?: number;
}
/** Allowed ranks, or the rank of an earlier argument. */
export type Ranks = RankRange | { readonly sameAs: string };

/**
 * One argument or option: its WebIDL type, and what the spec's tables allow. It may be left out where it
 * is `optional` or has a `default`.
 */
export type Arg =
  | {
      readonly kind: "operand";
      readonly types: Types;
      readonly ranks: Ranks;
      readonly optional?: true;
    }
  | {
      readonly kind: "operands";
      readonly types: Types;
      readonly ranks: Ranks;
      readonly optional?: true;
    }
  | Attr<"u32", number>
  | Attr<"i32", number>
  | Attr<"u32List", readonly number[]>
  /** A u32, or a list of u32 (split's `splits`). */
  | Attr<"u32OrList", number | readonly number[]>
  /** A list of sizes: numbers in the standard, also symbolic sizes where a context offers them. */
  | Attr<"sizes", readonly Size[]>
  | Attr<"f32List", readonly number[]>
  /** A double. */
  | Attr<"double", number>
  /** MLNumber: a double, or a bigint for 64-bit integers; converted to the data type of the operand named in `as`. */
  | (Attr<"number", number | bigint> & { readonly as: string })
  | Attr<"boolean", boolean>
  | (Attr<"enum", string> & { readonly values: readonly string[] })
  | (Attr<"enumList", readonly string[]> & { readonly values: readonly string[] })
  | Attr<"dataType", DataType>;

interface Attr<Kind extends string, T> {
  readonly kind: Kind;
  readonly optional?: true;
  readonly default?: T;
}

export type Args = Readonly<Record<string, Arg>>;

type Required<A extends Arg> = A extends { kind: "operand" }
  ? Descriptor
  : A extends { kind: "operands" }
    ? readonly Descriptor[]
    : A extends { kind: "u32" | "i32" | "double" }
      ? number
      : A extends { kind: "u32List" | "f32List" }
        ? readonly number[]
        : A extends { kind: "u32OrList" }
          ? number | readonly number[]
          : A extends { kind: "sizes" }
            ? readonly Size[]
            : A extends { kind: "number" }
              ? number | bigint
              : A extends { kind: "boolean" }
                ? boolean
                : A extends { kind: "enum"; values: readonly (infer V)[] }
                  ? V
                  : A extends { kind: "enumList"; values: readonly (infer V)[] }
                    ? readonly V[]
                    : A extends { kind: "dataType" }
                      ? DataType
                      : never;

export type ValuesOf<A extends Args> = {
  readonly [K in keyof A]: A[K] extends { optional: true }
    ? Required<A[K]> | undefined
    : Required<A[K]>;
};

/** Types and ranks that an output can have: what opSupportLimits says of it. */
export interface OutputLimits {
  readonly types: Types;
  readonly ranks: Ranks;
}

export type ArgValue =
  | Descriptor
  | readonly Descriptor[]
  | number
  | bigint
  | boolean
  | string
  | readonly Size[]
  | readonly string[]
  | undefined;
/** Argument values by name, types erased. */
export type ArgValues = Readonly<Record<string, ArgValue>>;

/** How `infer` states what must hold. A broken claim throws a TypeError; one that depends on named sizes is kept for dispatch. */
export interface Claims {
  readonly equal: (a: Size, b: Size, says: string) => void;
  readonly atMost: (a: Size, b: Size, says: string) => void;
}

/** The element of an operand at an index (one address per dimension; no broadcasting). */
export type Read = (operand: Descriptor, index: readonly Address[]) => Expr;

/** `R` is what `resolve` makes of options that have no fixed default: they are no longer optional after it. */
export interface RowDefinition<
  A extends Args,
  O extends Args,
  R extends object,
  V = Omit<ValuesOf<A> & ValuesOf<O>, keyof R> & Readonly<R>,
> {
  /** Positional arguments in IDL order. */
  readonly args: A;
  /** Members of the options dictionary; `label` is implied. */
  readonly options?: O;
  /** By name as the spec's table has them. Left out: one `output` of the type and rank of the first argument. */
  readonly outputs?: Readonly<Record<string, OutputLimits>>;
  /** Fills defaults that depend on other arguments. What it returns is what `infer`, `lower` and the node's attributes have. */
  readonly resolve?: (args: ValuesOf<A> & ValuesOf<O>) => R;
  /** Descriptors of the outputs. Pure. Throws a TypeError (without op and label: the caller adds them) as the spec says. */
  readonly infer: (args: V, claims: Claims) => readonly Descriptor[];
  readonly lower: Lower<V>;
  readonly role?: Role;
  /** A reduction that may go dimension after dimension. */
  readonly stepwise?: true;
  /** Neighbours among its `operands` may be joined by the op itself first: f(a, b, c) = f(f(a, b), c). */
  readonly associative?: true;
  /** Tolerance in units in the last place of the output type, against exact arithmetic on its inputs. */
  readonly ulp: number | ((args: V) => number);
}

/**
 * For recognisers. `decode`: real = (input - zeroPoint) · scale; `encode`: its inverse. `view`: the elements
 * of `input`, each once, in another shape or order.
 */
export type Role = "decode" | "encode" | "softmax" | "normalise" | "view";

/** The one property that shared code may branch on. */
export type Lower<V = ArgValues> =
  | ScalarLower<V>
  | IndexLower<V>
  | { readonly kind: "reduce"; readonly of: (args: V, outputs: readonly Descriptor[]) => Reduction }
  | {
      readonly kind: "contract";
      readonly of: (args: V, outputs: readonly Descriptor[]) => Contraction;
    }
  | { readonly kind: "scan"; readonly of: (args: V, outputs: readonly Descriptor[]) => Recurrence }
  | {
      readonly kind: "decompose";
      readonly into: (
        add: AddNode,
        args: V,
        outputs: readonly Descriptor[],
      ) => Descriptor | readonly Descriptor[];
    };

/** A value expression of the operands' elements. Operands broadcast: dimensions align at the end; 1 repeats, a divisor repeats blockwise. */
export interface ScalarLower<V = ArgValues> {
  readonly kind: "scalar";
  /** Keys of `x` are the names of the operand arguments that are present. */
  readonly value: (
    x: Readonly<Record<string, Expr>>,
    args: V,
    outputs: readonly Descriptor[],
  ) => Expr;
  /** A size of an operand that is not the output's may still divide it, though only dispatch tells. */
  readonly blockwise?: true;
  /** Where an operand is read when broadcasting does not say it (batchNormalization's mean). */
  readonly operandIndex?: (
    name: string,
    index: readonly Address[],
    args: V,
  ) => readonly Address[] | undefined;
}

/** Output index → source index. `value` reads at most one element on any path (guards choose), or a few for weighted sampling. */
export interface IndexLower<V = ArgValues> {
  readonly kind: "index";
  readonly value: (
    read: Read,
    index: readonly Address[],
    args: V,
    outputs: readonly Descriptor[],
    output: number,
  ) => Expr;
  /** The output holds the input's elements in the same row-major order: no bytes move. */
  readonly reshapes?: true;
  /** Set where each input element stands once in the output: the output index of an input index. */
  readonly inverse?: (index: readonly Address[], args: V) => readonly Address[];
}

/** state ← init; state ← combine(state, map(x, point)) over all points; output = finish(state). */
export interface Reduction {
  readonly extents: readonly Size[];
  /** The element at `point` for output `index`; where `inside` is false it is left out (padding). */
  readonly element: (read: Read, index: readonly Address[], point: readonly Address[]) => Expr;
  readonly inside?: (index: readonly Address[], point: readonly Address[]) => Expr;
  readonly types: readonly ValueType[];
  readonly init: readonly Expr[];
  readonly map: (x: Expr, point: readonly Address[]) => readonly Expr[];
  readonly combine: (state: readonly Expr[], incoming: readonly Expr[]) => readonly Expr[];
  readonly finish: (state: readonly Expr[], index: readonly Address[], read: Read) => Expr;
  /** Set when it reduces whole dimensions of one operand: point i runs along dimension axes[i]. */
  readonly whole?: {
    readonly input: Descriptor;
    readonly axes: readonly number[];
    readonly keepDimensions: boolean;
  };
}

/** output[batch, m, n] = epilogue(Σ over k of a[batch, m, k] · b[batch, k, n]). */
export interface Contraction {
  readonly batch: readonly Size[];
  readonly m: readonly Size[];
  readonly n: readonly Size[];
  readonly k: readonly Size[];
  readonly a: ContractionOperand;
  readonly b: ContractionOperand;
  /** The index in the output. */
  readonly output: (
    batch: readonly Address[],
    m: readonly Address[],
    n: readonly Address[],
  ) => readonly Address[];
  /** After the sum, in float32: scales, `c` of gemm, bias. */
  readonly epilogue?: (sum: Expr, read: Read, index: readonly Address[]) => Expr;
}

export interface ContractionOperand {
  readonly operand: Descriptor;
  /** `mn` is m for a, n for b. */
  readonly index: (
    batch: readonly Address[],
    mn: readonly Address[],
    k: readonly Address[],
  ) => readonly Address[];
  /** Where it is false (padding) the operand counts as 0. */
  readonly inside?: (
    batch: readonly Address[],
    mn: readonly Address[],
    k: readonly Address[],
  ) => Expr;
}

/**
 * Steps in order, and phases in order within each. A phase reads of the outputs what earlier phases and
 * steps of the same point of `batch` have written; points are independent.
 */
export interface Recurrence {
  readonly batch: readonly Size[];
  readonly steps: Size;
  /** Before the first step. */
  readonly first: (read: Read, batch: readonly Address[]) => readonly Phase[];
  readonly each: (read: Read, batch: readonly Address[], step: Address) => readonly Phase[];
}

/** Gives a value a name, so that it is computed once. */
export type Share = (x: Expr) => Expr;

/** Iterations over `extents` that are independent of each other: none reads what another one writes. */
export interface Phase {
  readonly extents: readonly Size[];
  /** Sums over the points of `over` that `writes` computes with. */
  readonly sums?: {
    readonly over: readonly Size[];
    readonly terms: (at: readonly Address[], point: readonly Address[]) => readonly Expr[];
  };
  /** All values are computed before the first is written. */
  readonly writes: (
    at: readonly Address[],
    sums: readonly Expr[],
    share: Share,
  ) => readonly PhaseWrite[];
}

export interface PhaseWrite {
  /** Which output. */
  readonly output: number;
  readonly index: readonly Address[];
  readonly value: Expr;
}

/** Adds a node of another row to the graph and gives its output (the outputs of a row with several through `addAll`). */
export interface AddNode {
  (row: Row, args: ArgValues): Descriptor;
  readonly all: (row: Row, args: ArgValues) => readonly Descriptor[];
  /** A constant of shape []. */
  readonly scalar: (dataType: DataType, value: number | bigint) => Descriptor;
}

export interface Row {
  readonly name: string;
  readonly args: Args;
  readonly options: Args;
  /** Arguments and options. */
  readonly declared: Args;
  readonly outputs: Readonly<Record<string, OutputLimits>>;
  readonly resolve: (args: ArgValues) => ArgValues;
  readonly infer: (args: ArgValues, claims: Claims) => readonly Descriptor[];
  readonly lower: Lower;
  readonly role?: Role;
  readonly stepwise?: true;
  readonly associative?: true;
  readonly ulp: (args: ArgValues) => number;
}

export function op<
  const A extends Args,
  const O extends Args = Record<never, never>,
  R extends object = Record<never, never>,
>(name: string, definition: RowDefinition<A, O, R>): Row {
  type Given = ValuesOf<A> & ValuesOf<O>;
  type Values = Omit<Given, keyof R> & Readonly<R>;
  const { args, outputs, resolve, infer, lower, role, stepwise, associative, ulp } = definition;
  const options: Args = definition.options ?? {};
  const declared: Args = { ...args, ...options };
  const defaults = defaultsOf(declared);
  // The builder checks values against `args` before any row function sees them: that makes this cast true.
  const typed = (values: ArgValues): Values => values as unknown as Values;
  return {
    name,
    args,
    options,
    declared,
    outputs: outputs ?? sameAsFirst(args),
    resolve(values) {
      const given = { ...defaults, ...withoutUndefined(values) };
      return { ...given, ...(resolve?.(given as unknown as Given) as ArgValues | undefined) };
    },
    infer: (values, claims) => infer(typed(values), claims),
    lower: lower as unknown as Lower,
    ...(role === undefined ? {} : { role }),
    ...(stepwise === undefined ? {} : { stepwise }),
    ...(associative === undefined ? {} : { associative }),
    ulp: (values) => (typeof ulp === "number" ? ulp : ulp(typed(values))),
  };
}

function sameAsFirst(args: Args): Row["outputs"] {
  const [first] = Object.keys(args);
  return first === undefined
    ? {}
    : { output: { types: { sameAs: first }, ranks: { sameAs: first } } };
}

function defaultsOf(args: Args): ArgValues {
  const defaults = Object.entries(args).map(([name, arg]) => [
    name,
    "default" in arg ? arg.default : undefined,
  ]);
  return Object.fromEntries(defaults) as ArgValues;
}

function withoutUndefined(values: ArgValues): ArgValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
