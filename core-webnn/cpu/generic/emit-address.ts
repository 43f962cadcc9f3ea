/**
 * Addresses as values: what is known is folded, what a loop does not change stays outside it, and what
 * grows by the same amount each round is a pointer that is added to.
 */
import { addressRange, affine } from "../../kernel/address.ts";
import { addressOf, sumOf } from "../../kernel/address-sum.ts";
import type { Term } from "../../kernel/address-sum.ts";
import type { Address, Expr } from "../../kernel/ir.ts";
import { unreachable } from "../../util/unreachable.ts";
import * as integers from "./integers.ts";
import type { Nest, OpenLoop } from "./nest.ts";
import type { ParameterBlock } from "./parameter-block.ts";
import type { Value } from "./value-graph.ts";

export interface AddressScope {
  readonly nest: Nest;
  readonly block: ParameterBlock;
  /** An expression inside an address, as an i32. */
  readonly integer: (expr: Expr) => Value;
}

/** Where an instruction reads or writes: `address` plus its immediate `offset`. */
export interface Place {
  readonly address: Value;
  readonly offset: number;
}

/** The byte that element `address` of a buffer starts at, for elements of whole bytes. */
export function placeOf(
  scope: AddressScope,
  buffer: number,
  address: Address,
  elementByteLength: number,
): Place {
  const base = scope.block.bufferAddress(buffer);
  const { rest, offset } = splitOffset(address);
  const place = pointerTo(scope, base, rest, elementByteLength);
  const bytes = offset * elementByteLength;
  return {
    address: place ?? integers.add(scope.nest.graph, base, scaled(scope, rest, elementByteLength)),
    offset: bytes,
  };
}

/** An address as a number of elements. */
export function integerOf(scope: AddressScope, address: Address): Value {
  return scaled(scope, address, 1);
}

/**
 * A constant that is added last may be the instruction's immediate, but that sum does not wrap around:
 * what it is added to must not be below the buffer.
 */
function splitOffset(address: Address): { readonly rest: Address; readonly offset: number } {
  const terms = sumOf(address);
  const last = terms.at(-1);
  if (last?.atoms.length !== 0 || typeof last.coefficient !== "number" || last.coefficient < 0) {
    return { rest: address, offset: 0 };
  }
  const rest = addressOf(terms.slice(0, -1));
  if (!(addressRange(rest)[0] >= 0)) return { rest: address, offset: 0 };
  return { rest, offset: last.coefficient };
}

function pointerTo(
  scope: AddressScope,
  base: Value,
  address: Address,
  scale: number,
): Value | undefined {
  const loop = scope.nest.innermost;
  if (loop.axis === undefined || loop.start === undefined) return undefined;
  const parts = affine(address, [loop.axis]);
  const stride = parts?.strides[0];
  if (parts === undefined || stride === undefined) return undefined;
  if (stride.kind === "const" && stride.value === 0) return undefined;
  const { graph } = scope.nest;
  const step = scaled(scope, stride, scale);
  const first = integers.multiply(graph, step, loop.start);
  const begin = integers.add(graph, base, scaled(scope, parts.base, scale));
  const start = integers.add(graph, begin, first);
  return isOutside(start, loop) && isOutside(step, loop)
    ? scope.nest.pointer(start, step)
    : undefined;
}

function isOutside(value: Value, loop: OpenLoop): boolean {
  return value.level < loop.level;
}

/** address * scale. Terms of outer loops are added first, so that their sum is computed there. */
function scaled(scope: AddressScope, address: Address, scale: number): Value {
  const { graph } = scope.nest;
  const terms = sumOf(address).map((term) => termValue(scope, term, scale));
  return byLevel(terms).reduce((a, b) => integers.add(graph, a, b), graph.i32(0));
}

function termValue(scope: AddressScope, { coefficient, atoms }: Term, scale: number): Value {
  const { graph } = scope.nest;
  const values = byLevel(atoms.map((atom) => atomValue(scope, atom)));
  const size =
    typeof coefficient === "number"
      ? graph.i32(coefficient * scale)
      : integers.multiply(graph, scope.block.size(coefficient), graph.i32(scale));
  return values.reduce((a, b) => integers.multiply(graph, a, b), size);
}

function atomValue(scope: AddressScope, atom: Address): Value {
  const { graph } = scope.nest;
  switch (atom.kind) {
    case "axis":
      return scope.nest.axis(atom.axis.name);
    case "value":
      return scope.integer(atom.value);
    case "floorDiv":
    case "mod": {
      const a = integerOf(scope, atom.a);
      const b = integers.divisorOf(graph, integerOf(scope, atom.b));
      const isNatural = addressRange(atom.a)[0] >= 0;
      const divide = atom.kind === "mod" ? integers.modulo : integers.floorDivide;
      return divide(graph, a, b, isNatural);
    }
    case "min":
      return integers.minimum(graph, integerOf(scope, atom.a), integerOf(scope, atom.b));
    case "max":
      return integers.maximum(graph, integerOf(scope, atom.a), integerOf(scope, atom.b));
    case "const":
    case "size":
    case "add":
    case "mul":
      return unreachable(`${atom.kind} as part of a product`);
    default:
      return atom satisfies never;
  }
}

/** Values of outer loops first, then the constants. */
function byLevel(values: readonly Value[]): readonly Value[] {
  return [...values].sort((a, b) => a.level - b.level);
}
