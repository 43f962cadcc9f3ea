/** Addresses as i32 expressions; sums and products are grouped by depth, so that loops keep what varies in them only. */
import { addressRange, sizeAddress } from "../kernel/address.ts";
import type { Address } from "../kernel/ir.ts";
import type { Size } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { castTemplates } from "./wgsl-operations.ts";
import { sizeField, type Scope } from "./wgsl-scope.ts";
import { log2 } from "./wgsl-storage.ts";
import { compose, literal, type Value } from "./wgsl-writer.ts";

export function emitAddress(scope: Scope, address: Address): Value {
  switch (address.kind) {
    case "const":
      return integer(address.value);
    case "size":
      return { text: `sizes.${sizeField(scope, address.size)}`, depth: 0, form: "name" };
    case "axis":
      return scope.axes.get(address.axis.name) ?? unreachable(`axis ${address.axis.name} in scope`);
    case "add":
      return emitSum(scope, address);
    case "mul":
      return emitProduct(scope, address);
    case "floorDiv":
    case "mod":
      return emitDivision(scope, address.kind, address.a, address.b);
    case "min":
    case "max":
      return compose(scope.block, `${address.kind}($a, $b)`, operands(scope, address));
    case "value":
      return emitValue(scope, address);
    default:
      return address satisfies never;
  }
}

export function emitSize(scope: Scope, size: Size): Value {
  return emitAddress(scope, sizeAddress(size));
}

/** An i32 literal. */
export function integer(value: number): Value {
  return literal(value === -(2 ** 31) ? "i32(-2147483648)" : `${value}i`);
}

function operands(
  scope: Scope,
  { a, b }: { readonly a: Address; readonly b: Address },
): Record<"a" | "b", Value> {
  return { a: emitAddress(scope, a), b: emitAddress(scope, b) };
}

/** Outermost terms first; a negative constant factor becomes a subtraction. */
function emitSum(scope: Scope, sum: Address): Value {
  const terms = partsOf("add", sum).map((term) => ({ term, value: emitAddress(scope, term) }));
  terms.sort((x, y) => x.value.depth - y.value.depth);
  return terms
    .slice(1)
    .reduce(
      (total, { term, value }) =>
        term.kind === "const" && term.value < 0 && term.value > -(2 ** 31)
          ? compose(scope.block, "$a - $b", { a: total, b: integer(-term.value) })
          : compose(scope.block, "$a + $b", { a: total, b: value }),
      terms[0]!.value,
    );
}

function emitProduct(scope: Scope, product: Address): Value {
  const factors = partsOf("mul", product).map((factor) => emitAddress(scope, factor));
  factors.sort((x, y) => x.depth - y.depth);
  return factors.reduce((a, b) => compose(scope.block, "$a * $b", { a, b }));
}

/** By a power of two a shift or a mask, which round towards minus infinity as they should. */
function emitDivision(scope: Scope, kind: "floorDiv" | "mod", a: Address, b: Address): Value {
  if (b.kind === "const" && b.value > 0 && Number.isInteger(Math.log2(b.value))) {
    const template = kind === "mod" ? `$a & ${b.value - 1}i` : `$a >> ${log2(b.value)}u`;
    return compose(scope.block, template, { a: emitAddress(scope, a) });
  }
  const isNatural = addressRange(a)[0] >= 0;
  const sign = kind === "mod" ? "%" : "/";
  const rounded = kind === "mod" ? "floor_mod($a, $b)" : "floor_div($a, $b)";
  return compose(scope.block, isNatural ? `$a ${sign} $b` : rounded, operands(scope, { a, b }));
}

function emitValue(scope: Scope, { value }: Extract<Address, { kind: "value" }>): Value {
  const x = scope.evaluate(scope, value);
  const template = value.type === "i32" ? "$x" : castTemplates[value.type].i32;
  if (value.type === "f32" || template === undefined) unreachable("an address computed as f32");
  return template === "$x" ? x : compose(scope.block, template, { x });
}

function partsOf(kind: "add" | "mul", address: Address): Address[] {
  if (address.kind !== kind) return [address];
  return [...partsOf(kind, address.a), ...partsOf(kind, address.b)];
}
