/**
 * Value expressions as WGSL. Meaning is that of core-webnn/kernel/interpret.ts, with what WGSL leaves to
 * the driver: `/` may be off by 2.5 ulp and `sqrt` by 3 (both exact on the drivers of our tests), `+`
 * and `*` may be fused, and results and operands below 2^-126 may become 0.
 */
import type { Expr, ValueType } from "../kernel/ir.ts";
import { costOf } from "../kernel/visit.ts";
import { isUnsigned, type StorageType } from "../util/data-type.ts";
import { unreachable } from "../util/unreachable.ts";
import { integerRange } from "./integer-range.ts";
import { emitAddress, integer } from "./wgsl-address.ts";
import { isLibraryFunction } from "./wgsl-library.ts";
import {
  binaryTemplates,
  castTemplates,
  compareTemplates,
  unaryTemplates,
  wgslTypes,
} from "./wgsl-operations.ts";
import { inBlock, type Scope } from "./wgsl-scope.ts";
import { emitLoad } from "./wgsl-load.ts";
import {
  compose,
  freshName,
  literal,
  nameAt,
  named,
  write,
  writeBlock,
  type Value,
} from "./wgsl-writer.ts";

export function emitExpr(scope: Scope, expr: Expr): Value {
  switch (expr.kind) {
    case "const":
      return emitConstant(expr.type, expr.value);
    case "local":
      return scope.locals.get(expr.name) ?? unreachable(`local ${expr.name} in scope`);
    case "load":
      return emitLoad(
        scope,
        scope.buffers[expr.buffer] ?? unreachable(`buffer ${expr.buffer} of the kernel`),
        expr.address,
      );
    case "index":
      return emitAddress(scope, expr.address);
    case "unary":
      return operation(scope, unaryTemplates[expr.op][expr.x.type], { x: emitExpr(scope, expr.x) });
    case "binary":
      return emitBinary(scope, expr);
    case "compare":
      return operation(scope, compareTemplates[expr.op][expr.a.type], pair(scope, expr));
    case "select":
      return operation(scope, "select($b, $a, $c)", {
        ...pair(scope, expr),
        c: emitExpr(scope, expr.condition),
      });
    case "guard":
      return emitGuard(scope, expr);
    case "cast":
      return emitCast(scope, expr);
    case "narrow":
      return operation(scope, narrowTemplate(expr.storage), { x: emitExpr(scope, expr.x) });
    default:
      return expr satisfies never;
  }
}

/** A literal where WGSL has one for the value. */
export function emitConstant(type: ValueType, value: number | bigint): Value {
  switch (type) {
    case "f32":
      return floatConstant(Number(value));
    case "i32":
      return integer(Number(value));
    case "u32":
      return literal(`${value}u`);
    case "bool":
      return literal(value ? "true" : "false");
    case "i64":
    case "u64": {
      const bits = BigInt.asUintN(64, BigInt(value));
      return literal(`vec2<u32>(${bits & 0xffffffffn}u, ${bits >> 32n}u)`);
    }
    default:
      return type satisfies never;
  }
}

/** NaN and infinities have no literal; -0 and subnormals have, but compilers may lose them. */
function floatConstant(value: number): Value {
  const isOrdinary = Math.abs(value) >= 2 ** -126 && Math.abs(value) < Infinity;
  if (isOrdinary || Object.is(value, 0)) return literal(`${value}f`);
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  return { text: `f32_from_bits(0x${bits!.toString(16)}u)`, depth: 0, form: "call" };
}

function emitBinary(scope: Scope, expr: Extract<Expr, { kind: "binary" }>): Value {
  const { a, b } = pair(scope, expr);
  if (expr.type === "f32" && expr.op === "mul") {
    if (isZeroLiteral(b)) return operation(scope, "f32_times_zero($a, $b)", { a, b });
    if (isZeroLiteral(a)) return operation(scope, "f32_times_zero($b, $a)", { a, b });
  }
  if (expr.type === "f32" && expr.op === "sub" && a.text === b.text) {
    return operation(scope, "f32_minus_itself($a)", { a });
  }
  return operation(scope, binaryTemplates[expr.op][expr.type], { a, b });
}

/** Integers of up to 24 bits are floats: no rounding, whatever the driver does for longer ones. */
function emitCast(scope: Scope, { type, x }: Extract<Expr, { kind: "cast" }>): Value {
  const value = emitExpr(scope, x);
  if (type === "f32" && (x.type === "i32" || x.type === "u32")) {
    const [min, max] = integerRange(x, (buffer) => scope.buffers[buffer]!.dataType);
    if (min >= -(2 ** 24) && max <= 2 ** 24) return operation(scope, "f32($x)", { x: value });
  }
  return operation(scope, castTemplates[x.type][type], { x: value });
}

function isZeroLiteral({ text }: Value): boolean {
  return text === "0f" || text === "f32_from_bits(0x80000000u)";
}

function pair(
  scope: Scope,
  { a, b }: { readonly a: Expr; readonly b: Expr },
): Record<"a" | "b", Value> {
  return { a: emitExpr(scope, a), b: emitExpr(scope, b) };
}

function operation(
  scope: Scope,
  template: string | undefined,
  operands: Readonly<Record<string, Value>>,
): Value {
  if (template === undefined) return unreachable("WGSL for an operation of this type");
  if (template === "$x") return operands["x"]!;
  const value = compose(scope.block, template, operands);
  const callee = /^\w+(?=\()/.exec(template)?.[0];
  // A library function is work worth doing once.
  return callee !== undefined && isLibraryFunction(callee) ? named(scope.block, value) : value;
}

/**
 * WebGPU keeps loads inside their buffers, so a cheap `a` may be evaluated everywhere and selected: no
 * branch in inner loops. Several loads or heavier work are branched around.
 */
const cheapGuardCost = 8;

function emitGuard(scope: Scope, expr: Extract<Expr, { kind: "guard" }>): Value {
  const condition = emitExpr(scope, expr.condition);
  if (costOf(expr.a) <= cheapGuardCost) {
    return operation(scope, "select($b, $a, $c)", { ...pair(scope, expr), c: condition });
  }
  const { block } = scope;
  const b = emitExpr(scope, expr.b);
  const name = freshName(block, "g");
  write(block, `var ${name}: ${wgslTypes[expr.type]} = ${b.text};`);
  const header = `if (${condition.text})`;
  writeBlock(
    block,
    header,
    (inner) => write(inner, `${name} = ${emitExpr(inBlock(scope, inner), expr.a).text};`),
    true,
  );
  return nameAt(block, name);
}

function narrowTemplate(storage: StorageType): string {
  switch (storage) {
    case "float16":
      return "f32_to_half_precision($x)";
    case "int8":
      return "($x << 24u) >> 24u";
    case "int4":
      return "($x << 28u) >> 28u";
    case "uint8":
    case "uint4":
      return isUnsigned(storage) ? `$x & ${storage === "uint8" ? 255 : 15}u` : "$x";
    case "float32":
    case "int32":
    case "uint32":
    case "int64":
    case "uint64":
      return "$x";
    default:
      return storage satisfies never;
  }
}
