/**
 * Our classes, as a page finds them on its global object, against the standard's IDL: every interface, attribute and
 * operation with what WebIDL says of such properties; enums and dictionaries by what is taken and refused.
 * The methods of the ops are compared with the op table in ../ops/table.test.ts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MLGraphBuilder, MLContext, type MLOperand } from "../../../core-webnn/index.ts";
import { installInto } from "../../../core-webnn/api/install.ts";
import { createMLWith, type ContextRequest, type ML } from "../../../core-webnn/api/ml.ts";
import { standardRows } from "../../../core-webnn/ops/table.ts";
import { interpreterContext } from "../../reference/interpreter-context.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";
import { dictionaryNamed, enumNamed, interfaces, type Interface } from "./idl.ts";

type Callable = (...given: unknown[]) => unknown;
type Class = Callable & (new (...given: unknown[]) => object) & { prototype: object };

const requests: ContextRequest[] = [];
const page: Record<string, unknown> = { navigator: {} };
await installInto(
  page,
  createMLWith(async (request) => {
    requests.push(request);
    return interpreterBackend();
  }),
);
const { ml } = page["navigator"] as { ml: ML };

/** Members beyond the IDL: of an earlier standard, and still what frameworks read. */
const extras: Readonly<Record<string, readonly string[]>> = { MLGraph: ["devices"] };

/** Ops without a row yet are told by ../ops/table.test.ts. */
function present({ name, operations }: Interface): Interface["operations"] {
  const rows = new Set(standardRows.map((row) => row.name));
  const own = ["input", "constant", "build"];
  return operations.filter((it) => name !== "MLGraphBuilder" || own.includes(it.name) || rows.has(it.name)); // prettier-ignore
}

function propertyOf(object: object, name: PropertyKey): PropertyDescriptor {
  const property = Object.getOwnPropertyDescriptor(object, name);
  assert.ok(property, `${String(name)} is absent`);
  return property;
}

for (const declared of interfaces) {
  const { name, constructorArguments, attributes } = declared;
  const type = page[name] as Class;
  const operations = present(declared);

  test(`${name} is a global, and what it constructs`, () => {
    const property = propertyOf(page, name);
    assert.deepEqual(
      { ...property, value: typeof property.value },
      { value: "function", writable: true, enumerable: false, configurable: true },
    );
    assert.equal(type.name, name);
    assert.equal(type.length, constructorArguments ?? 0);
    assert.equal(propertyOf(type, "prototype").writable, false);
    assert.equal(type.prototype.constructor, type);
    assert.throws(() => type(), TypeError);
    // Without arguments, with too few, with the wrong ones.
    for (const given of [[], [undefined], [{}], [null, null]]) {
      assert.throws(() => new type(...given), TypeError);
    }
  });

  test(`${name}'s prototype has its members and its tag`, () => {
    const members = [...operations, ...attributes].map((member) => member.name);
    const expected = [...members, ...(extras[name] ?? []), "constructor"];
    assert.deepEqual(Object.getOwnPropertyNames(type.prototype).sort(), expected.sort());
    assert.deepEqual(propertyOf(type.prototype, Symbol.toStringTag), {
      value: name,
      writable: false,
      enumerable: false,
      configurable: true,
    });
    assert.equal(Object.prototype.toString.call(Object.create(type.prototype)), `[object ${name}]`);
    assert.equal(Object.getPrototypeOf(type.prototype), Object.prototype);
  });

  for (const { name: operation, required, returnsPromise } of operations) {
    test(`${name}.${operation}() requires ${required} arguments`, async () => {
      const { value, ...flags } = propertyOf(type.prototype, operation);
      assert.deepEqual(flags, { writable: true, enumerable: true, configurable: true });
      const method = value as Callable & { prototype?: unknown };
      assert.equal(method.name, operation);
      assert.equal(method.length, required);
      assert.throws(() => new (method as unknown as Class)(), TypeError, "it is no constructor");
      await refuses(returnsPromise, () => method.call({}));
      await refuses(returnsPromise, () => method.call(undefined));
      await refuses(returnsPromise, () => method.call(type.prototype));
    });
  }

  for (const { name: attribute, isPromise } of attributes) {
    test(`${name}.${attribute} is a getter`, async () => {
      const { get, set, ...flags } = propertyOf(type.prototype, attribute);
      assert.deepEqual(flags, { enumerable: true, configurable: true });
      assert.equal(set, undefined);
      assert.equal(get!.name, `get ${attribute}`);
      await refuses(isPromise, () => get!.call({}));
      await refuses(isPromise, () => get!.call(type.prototype));
    });
  }
}

/** What is said to a call on the wrong object, or with too little: promises reject, the rest throws. */
async function refuses(isPromise: boolean, call: () => unknown): Promise<void> {
  if (!isPromise) return assert.throws(call, TypeError);
  const result = call();
  assert.ok(result instanceof Promise, "it throws, or gives no promise");
  await assert.rejects(result, TypeError);
}

test("every operation of a context or a builder refuses a call without arguments", async () => {
  const context = interpreterContext();
  const builder = new MLGraphBuilder(context);
  const objects: Readonly<Record<string, object>> = {
    MLContext: context,
    MLGraphBuilder: builder,
  };
  for (const declared of interfaces.filter(({ name }) => name in objects)) {
    const object = objects[declared.name] as Record<string, Callable>;
    for (const { name, required, returnsPromise } of present(declared)) {
      for (let count = 0; count < required; count++) {
        const given = Array<unknown>(count).fill(undefined);
        await refuses(returnsPromise, () => object[name]!(...given));
      }
    }
  }
});

test("MLContextOptions has the IDL's members, values and defaults", async () => {
  const { powerPreference, ...rest } = dictionaryNamed("MLContextOptions");
  // What is not said is left to us: createContext then prefers no device.
  assert.deepEqual(rest, { accelerated: true });
  for (const options of [undefined, null, {}]) await ml.createContext(options as never);
  assert.ok(requests.every((request) => request.powerPreference === powerPreference));
  for (const value of enumNamed("MLPowerPreference")) {
    requests.length = 0;
    await ml.createContext({ powerPreference: value as never, accelerated: 0 as never });
    assert.deepEqual(requests, [{ powerPreference: value, accelerated: false }]);
  }
});

test("descriptors have the IDL's members, and no others are required", async () => {
  assert.deepEqual(dictionaryNamed("MLTensorDescriptor"), {
    dataType: "required",
    shape: "required",
    readable: false,
    writable: false,
  });
  const context = interpreterContext();
  const whole = { dataType: "float32", shape: [2] } as const;
  for (const member of ["dataType", "shape"] as const) {
    const { [member]: _, ...descriptor } = whole;
    const says = { name: "TypeError", message: `createTensor: descriptor.${member} is required, and not given` }; // prettier-ignore
    await assert.rejects(context.createTensor(descriptor as never), says);
  }
  const tensor = await context.createTensor(whole);
  assert.deepEqual([tensor.readable, tensor.writable], [false, false]);
  const flagged = await context.createTensor({ ...whole, readable: 1, writable: "" } as never);
  assert.deepEqual([flagged.readable, flagged.writable], [true, false]);
});

test("every MLOperandDataType is one of an operand, and opSupportLimits names no other", async () => {
  const context = interpreterContext();
  const types = enumNamed("MLOperandDataType");
  const builder = new MLGraphBuilder(context);
  for (const [i, dataType] of types.entries()) {
    const { dataType: given } = builder.input(`x${i}`, { dataType, shape: [] } as never);
    assert.equal(given, dataType);
  }
  const { input, output, preferredInputLayout } = context.opSupportLimits();
  assert.deepEqual([...input.dataTypes].sort(), [...types].sort());
  assert.deepEqual(output, input);
  assert.ok(enumNamed("MLInputOperandLayout").includes(preferredInputLayout));
});

test("objects are of their interface, and take own properties", async () => {
  const context = interpreterContext();
  const builder = new MLGraphBuilder(context);
  const x: MLOperand = builder.input("x", { dataType: "float32", shape: [1] });
  const objects = { MLContext: context, MLGraphBuilder: builder, MLOperand: x, ML: ml };
  for (const [name, object] of Object.entries(objects)) {
    assert.ok(object instanceof (page[name] as Class), name);
    assert.equal(String(object), `[object ${name}]`);
    Object.assign(object, { note: 1 });
    assert.deepEqual(Object.keys(object), ["note"]);
  }
  assert.equal(page["MLContext"], MLContext);
});
