/**
 * Verifies that a kernel is well formed: what the IR's comments promise to emitters. Run after each
 * pass in tests; a broken promise is a mistake of ours and throws, naming the place.
 */
import type { StorageType } from "../util/data-type.ts";
import { sizesEqual } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { binaryTypes, unaryTypes, valueTypeOf } from "./expr.ts";
import type {
  Address,
  Axis,
  Contract,
  Expr,
  Kernel,
  Local,
  Reduce,
  Stmt,
  ValueType,
} from "./ir.ts";
import { printExpr, printKernel } from "./print.ts";
import { axesOf, hasScan, operandsOf, readsWritten, visitExprs } from "./visit.ts";

export function checkKernel(kernel: Kernel): void {
  const check: Check = { kernel, names: { axis: new Set(), local: new Set() } };
  const scope = withAxes(kernel.space, { axes: new Map(), locals: new Map() }, check);
  checkBody(kernel.body, scope, check);
}

/** What a statement sees. */
interface Scope {
  readonly axes: ReadonlyMap<string, Axis>;
  readonly locals: ReadonlyMap<string, Visible>;
}

interface Visible extends Local {
  /** Axes its value depends on, also through other locals. */
  readonly axes: ReadonlySet<string>;
}

interface Check {
  readonly kernel: Kernel;
  /** All names declared so far: they are unique in the kernel. */
  readonly names: { readonly axis: Set<string>; readonly local: Set<string> };
}

/** The scope after the statements. */
function checkBody(body: readonly Stmt[], scope: Scope, check: Check): Scope {
  return body.reduce((seen, stmt) => checkStmt(stmt, seen, check), scope);
}

function checkStmt(stmt: Stmt, scope: Scope, check: Check): Scope {
  switch (stmt.kind) {
    case "let":
      return checkLet(stmt.local, stmt.value, scope, check);
    case "store":
      checkStore(stmt, scope, check);
      return scope;
    case "loop":
      checkBody(stmt.body, withAxes(stmt.axes, scope, check), check);
      return scope;
    case "scan":
      if (!check.kernel.body.includes(stmt)) {
        fail(check, `scan of ${stmt.axis.name}: it is not a statement of the kernel's body`);
      }
      checkBody(stmt.body, withAxes([stmt.axis], scope, check), check);
      return scope;
    case "reduce":
      return checkReduce(stmt, scope, check);
    case "contract":
      return checkContract(stmt, scope, check);
    default:
      return stmt satisfies never;
  }
}

function checkLet(local: Local, value: Expr, scope: Scope, check: Check): Scope {
  checkValue(`let ${local.name}`, value, local.type, scope, check);
  return withLocals([local], dependencies(value, scope), scope, check);
}

function checkStore(
  stmt: Extract<Stmt, { readonly kind: "store" }>,
  scope: Scope,
  check: Check,
): void {
  const use = check.kernel.buffers[stmt.buffer];
  const place = `store to b${stmt.buffer}`;
  if (use === undefined) return fail(check, `${place}: there is no such buffer`);
  if (use.access !== "write") fail(check, `${place}: its access is ${use.access}`);
  if (!storable(use.dataType).includes(stmt.value.type)) {
    fail(check, `${place}: ${use.dataType} from ${stmt.value.type}`);
  }
  checkAddress(stmt.address, scope, check);
  checkExpr(stmt.value, scope, check);
}

/** Value types that a store narrows to a storage type. */
function storable(storage: StorageType): readonly ValueType[] {
  if (storage === "int4" || storage === "uint4") return [];
  if (storage === "uint8") return ["u32", "i32", "bool"];
  return storage === "int8" ? ["i32", "u32"] : [valueTypeOf(storage)];
}

function checkReduce(stmt: Reduce, scope: Scope, check: Check): Scope {
  const { state, incoming, init, map, combine } = stmt;
  const lengths = [incoming, init, map, combine].map(({ length }) => length);
  const place = `reduce of ${state.map(({ name }) => name).join(", ")}`;
  if (lengths.some((length) => length !== state.length)) {
    // A kernel like this cannot be printed.
    unreachable(`${place}: ${state.length} states, but ${lengths.join(", ")} of the rest`);
  }
  const inside = stmt.lets.reduce(
    (seen, { local, value }) => checkLet(local, value, seen, check),
    withAxes(stmt.axes, scope, check),
  );
  const after = withLocals(state, reduceDependencies(stmt, inside), scope, check);
  const combining = withLocals(incoming, new Set(), after, check);
  state.forEach(({ type, name }, i) => {
    if (incoming[i]!.type !== type) fail(check, `${place}: incoming ${i} is no ${type}`);
    checkValue(`init of ${name}`, init[i]!, type, scope, check);
    checkValue(`map of ${name}`, map[i]!, type, inside, check);
    checkValue(`combine of ${name}`, combine[i]!, type, combining, check);
  });
  return after;
}

function reduceDependencies(stmt: Reduce, inside: Scope): ReadonlySet<string> {
  const over = new Set(stmt.axes.map(({ name }) => name));
  const all = [...stmt.init, ...stmt.map].flatMap((expr) => [...dependencies(expr, inside)]);
  return new Set(all.filter((name) => !over.has(name)));
}

function checkContract(stmt: Contract, scope: Scope, check: Check): Scope {
  const { a, b, m, n, accumulator } = stmt;
  const { body, space } = check.kernel;
  const place = `contract to ${accumulator.name}`;
  if (!body.includes(stmt)) fail(check, `${place}: it is not a statement of the kernel's body`);
  const last = space.slice(space.length - m.length - n.length);
  const names = [...m, ...n].map(({ name }) => name).join();
  if (last.map(({ name }) => name).join() !== names) {
    fail(check, `${place}: the space does not end with the axes of m and n`);
  }
  if (!["f32", "i32", "u32"].includes(accumulator.type)) {
    fail(check, `${place}: it accumulates ${accumulator.type}`);
  }
  const inside = withAxes(stmt.k, scope, check);
  checkValue(`${place}: a`, a, accumulator.type, inside, check);
  checkValue(`${place}: b`, b, accumulator.type, inside, check);
  const [ofA, ofB] = [dependencies(a, inside), dependencies(b, inside)];
  const [strayA, strayB] = [n.find((x) => ofA.has(x.name)), m.find((x) => ofB.has(x.name))];
  if (strayA) fail(check, `${place}: a depends on ${strayA.name}, an axis of n`);
  if (strayB) fail(check, `${place}: b depends on ${strayB.name}, an axis of m`);
  return withLocals([accumulator], new Set(space.map(({ name }) => name)), scope, check);
}

function checkValue(place: string, value: Expr, type: ValueType, scope: Scope, check: Check): void {
  if (value.type !== type) fail(check, `${place}: ${type} from ${value.type}`);
  checkExpr(value, scope, check);
}

/** Types and names of an expression and of everything in it. */
function checkExpr(expr: Expr, scope: Scope, check: Check): void {
  const wrong = typeMistake(expr, check.kernel);
  if (wrong !== undefined) fail(check, `${printExpr(expr)}: ${wrong}`);
  if (expr.kind === "local" && scope.locals.get(expr.name)?.type !== expr.type) {
    fail(check, `${expr.name}: no ${expr.type} of this name is defined here`);
  }
  if (expr.kind === "load" || expr.kind === "index") checkAddress(expr.address, scope, check);
  else operandsOf(expr).forEach((operand) => checkExpr(operand, scope, check));
}

function typeMistake(expr: Expr, kernel: Kernel): string | undefined {
  switch (expr.kind) {
    case "const":
      return typeof expr.value === (/64/.test(expr.type) ? "bigint" : "number")
        ? undefined
        : `a ${typeof expr.value} is no ${expr.type}`;
    case "local":
    case "index":
    case "cast":
      return undefined;
    case "load": {
      const use = kernel.buffers[expr.buffer];
      if (use === undefined) return "there is no such buffer";
      if (use.access !== "read" && !hasScan(kernel)) return `its access is ${use.access}`;
      return expect(valueTypeOf(use.dataType), expr.type);
    }
    case "unary": {
      const isTest = expr.op === "isNaN" || expr.op === "isInfinite";
      const mistake = expect(isTest ? "bool" : expr.x.type, expr.type);
      return unaryTypes[expr.op].includes(expr.x.type)
        ? mistake
        : `no ${expr.op} of ${expr.x.type}`;
    }
    case "binary":
      return binaryTypes[expr.op].includes(expr.type)
        ? expect(expr.type, expr.a.type, expr.b.type)
        : `no ${expr.op} of ${expr.type}`;
    case "compare":
      return expect(expr.a.type, expr.b.type);
    case "select":
    case "guard":
      return expect("bool", expr.condition.type) ?? expect(expr.type, expr.a.type, expr.b.type);
    case "narrow":
      return expect(valueTypeOf(expr.storage), expr.type, expr.x.type);
    default:
      return expr satisfies never;
  }
}

function expect(wanted: ValueType, ...types: readonly ValueType[]): string | undefined {
  const other = types.find((type) => type !== wanted);
  return other && `${other} where ${wanted} belongs`;
}

function checkAddress(address: Address, scope: Scope, check: Check): void {
  switch (address.kind) {
    case "const":
      if (!Number.isSafeInteger(address.value)) fail(check, `${address.value} is no address`);
      return;
    case "size":
      return;
    case "axis": {
      const { name, extent } = address.axis;
      const declared = scope.axes.get(name);
      if (declared === undefined) fail(check, `${name}: no axis of this name is in scope`);
      else if (!sizesEqual(declared.extent, extent)) fail(check, `${name}: its extent differs`);
      return;
    }
    case "value":
      if (/f32|bool/.test(address.value.type)) fail(check, `an address of ${address.value.type}`);
      if (readsWritten(address.value, check.kernel))
        fail(check, "an address reads a written buffer");
      return checkExpr(address.value, scope, check);
    default:
      checkAddress(address.a, scope, check);
      checkAddress(address.b, scope, check);
  }
}

/** Axes that a value depends on, also through locals. */
function dependencies(expr: Expr, { locals }: Scope): ReadonlySet<string> {
  const names = new Set(axesOf(expr));
  visitExprs(expr, (x) => {
    if (x.kind === "local") locals.get(x.name)?.axes.forEach((name) => names.add(name));
  });
  return names;
}

function withAxes(axes: readonly Axis[], scope: Scope, check: Check): Scope {
  axes.forEach(({ name }) => claim("axis", name, check));
  return { ...scope, axes: new Map([...scope.axes, ...axes.map((a) => [a.name, a] as const)]) };
}

function withLocals(
  locals: readonly Local[],
  axes: ReadonlySet<string>,
  scope: Scope,
  check: Check,
): Scope {
  locals.forEach(({ name }) => claim("local", name, check));
  const visible = locals.map((local) => [local.name, { ...local, axes }] as const);
  return { ...scope, locals: new Map([...scope.locals, ...visible]) };
}

function claim(kind: "axis" | "local", name: string, check: Check): void {
  if (check.names[kind].has(name)) fail(check, `the ${kind} '${name}' is declared twice`);
  check.names[kind].add(name);
}

function fail(check: Check, what: string): never {
  return unreachable(`${what}\nin ${printKernel(check.kernel)}`);
}
