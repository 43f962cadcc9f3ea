/**
 * Addresses as values: what is known is folded, what a loop does not change stays outside it, and what
 * grows by the same amount each round is a pointer that is added to.
 */
import { addressRange } from "../../kernel/address.ts";
import { boundsOf } from "../../kernel/address-range.ts";
import { sumOf } from "../../kernel/address-sum.ts";
import type { Sum, Term } from "../../kernel/address-sum.ts";
import type { Address, Expr } from "../../kernel/ir.ts";
import { axesOf } from "../../kernel/visit.ts";
import { sizeRange } from "../../util/size.ts";
import { unreachable } from "../../util/unreachable.ts";
import * as integers from "./integers.ts";
import type { Nest, OpenLoop, Place } from "./nest.ts";
import type { ParameterBlock } from "./parameter-block.ts";
import type { Value } from "./value-graph.ts";

export interface AddressScope {
  readonly nest: Nest;
  readonly block: ParameterBlock;
  /** An expression inside an address, as an i32. */
  readonly integer: (expr: Expr) => Value;
}

/** The byte that element `address` of a buffer starts at, for elements of whole bytes. */
export function placeOf(
  scope: AddressScope,
  buffer: number,
  address: Address,
  elementByteLength: number,
): Place {
  const base = scope.block.bufferAddress(buffer);
  const { rest, offset } = splitOffset(sumOf(address));
  const pointer =
    pointerTo(scope, base, rest, elementByteLength) ??
    integers.add(scope.nest.graph, base, scaled(scope, rest, elementByteLength));
  return { address: pointer, offset: offset * elementByteLength };
}

/** The same for an address that the vectors of a round share: it is asked for once per vector. */
export function sharedPlaceOf(
  scope: AddressScope,
  buffer: number,
  address: Address,
  elementByteLength: number,
): Place {
  const { places } = scope.nest.innermost;
  const known = places.get(address)?.get(buffer);
  if (known !== undefined) return known;
  const place = placeOf(scope, buffer, address, elementByteLength);
  places.set(address, new Map(places.get(address)).set(buffer, place));
  return place;
}

/** An address as a number of elements. */
export function integerOf(scope: AddressScope, address: Address): Value {
  return scaled(scope, sumOf(address), 1);
}

/**
 * A constant that is added last may be the instruction's immediate, but that sum does not wrap around:
 * what it is added to must not be below the buffer.
 */
function splitOffset(sum: Sum): { readonly rest: Sum; readonly offset: number } {
  const last = sum.at(-1);
  if (last?.atoms.length !== 0 || typeof last.coefficient !== "number" || last.coefficient < 0) {
    return { rest: sum, offset: 0 };
  }
  const rest = sum.slice(0, -1);
  const { lower } = boundsOf(rest);
  const isNatural = lower !== undefined && sizeRange(lower)[0] >= 0;
  return isNatural ? { rest, offset: last.coefficient } : { rest: sum, offset: 0 };
}

function pointerTo(scope: AddressScope, base: Value, sum: Sum, scale: number): Value | undefined {
  const loop = scope.nest.innermost;
  if (loop.axis === undefined || loop.start === undefined) return undefined;
  const { name } = loop.axis;
  const moving = sum.filter(({ atoms }) => atoms.some((atom) => mentions(atom, name)));
  const strides = moving.map((term) => withoutAxis(term, name));
  if (strides.length === 0 || strides.includes(undefined)) return undefined;
  const { graph } = scope.nest;
  const step = scaled(scope, strides as Term[], scale);
  const fixed = sum.filter((term) => !moving.includes(term));
  const begin = integers.add(graph, base, scaled(scope, fixed, scale));
  const start = integers.add(graph, begin, integers.multiply(graph, step, loop.start));
  const isFixed = isOutside(start, loop) && isOutside(step, loop);
  return isFixed ? scope.nest.pointer(start, step) : undefined;
}

/** What the axis is multiplied by in a term; undefined where it is no plain factor. */
function withoutAxis({ coefficient, atoms, key }: Term, name: string): Term | undefined {
  const others = atoms.filter((atom) => atom.kind !== "axis" || atom.axis.name !== name);
  const isPlain = others.length === atoms.length - 1;
  return isPlain && !others.some((atom) => mentions(atom, name))
    ? { coefficient, atoms: others, key }
    : undefined;
}

function mentions(atom: Address, axis: string): boolean {
  return atom.kind === "axis" ? atom.axis.name === axis : axesOf(atom).has(axis);
}

function isOutside(value: Value, loop: OpenLoop): boolean {
  return value.level < loop.level;
}

/** sum * scale. Terms of outer loops are added first, so that their sum is computed there. */
function scaled(scope: AddressScope, sum: Sum, scale: number): Value {
  const { graph } = scope.nest;
  const terms = sum.map((term) => termValue(scope, term, scale));
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
