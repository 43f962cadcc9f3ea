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
import { interpreterContext } from "../../reference/interpreter-context.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";
import { dictionaryNamed, enumNamed, interfaces } from "./idl.ts";
import { interfaceFaults, refusalFaults, type Scope } from "./interface-faults.ts";

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

for (const declared of interfaces) {
  test(`${declared.name} is what its IDL says`, async () => {
    assert.deepEqual(await interfaceFaults(page, declared), []);
  });
}

test("every operation of a context or a builder refuses too few arguments", async () => {
  const context = interpreterContext();
  const builder = new MLGraphBuilder(context);
  const objects: Scope = { MLContext: context, MLGraphBuilder: builder };
  for (const declared of interfaces.filter(({ name }) => name in objects)) {
    const object = objects[declared.name] as Record<string, (...given: unknown[]) => unknown>;
    for (const { name, required, returnsPromise } of declared.operations) {
      for (let count = 0; count < required; count++) {
        const call = () => object[name]!(...Array<unknown>(count).fill(undefined));
        assert.deepEqual(await refusalFaults(`${name}(${count})`, returnsPromise, call), []);
      }
    }
  }
});

test("the check finds what is wrong", async () => {
  const declared = {
    name: "Thing",
    constructorArguments: 1,
    operations: [{ name: "run", required: 1, returnsPromise: true }],
    attributes: [{ name: "size", isPromise: false, type: "unsigned long" }],
  };
  class Thing {
    run(): void {}
    get size(): number {
      return 1;
    }
  }
  const faults = await interfaceFaults({ Thing }, declared);
  for (const says of [
    /flags of the global/,
    /Thing: length: .0,.*, not .1,/,
    /Thing: wrong construction is taken/,
    /Thing: tag/,
    /flags of run/,
    /Thing: run\.length: .0,.*, not .1,/,
    /run of another object gives no promise/,
    /flags of size/,
    /size of another object is taken/,
  ]) {
    assert.ok(
      faults.some((fault) => says.test(fault)),
      `${says}: ${faults.join("; ")}`,
    );
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

test("every MLOperandDataType is one of an operand, and opSupportLimits adds two", async () => {
  const context = interpreterContext();
  const types = enumNamed("MLOperandDataType");
  const builder = new MLGraphBuilder(context);
  for (const [i, dataType] of types.entries()) {
    const { dataType: given } = builder.input(`x${i}`, { dataType, shape: [] } as never);
    assert.equal(given, dataType);
  }
  const { input, output, preferredInputLayout } = context.opSupportLimits();
  assert.deepEqual([...input.dataTypes].sort(), [...types, "int4", "uint4"].sort());
  assert.deepEqual(output, input);
  assert.ok(enumNamed("MLInputOperandLayout").includes(preferredInputLayout));
});

const isOfType: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === "boolean",
  MLOperandDataType: (value) => enumNamed("MLOperandDataType").includes(value as string),
  "FrozenArray<unsigned long>": (value) =>
    Array.isArray(value) && Object.isFrozen(value) && value.every(Number.isInteger),
  "Promise<MLContextLostInfo>": (value) => value instanceof Promise,
};

test("attributes have values of the IDL's types, the same object each time", async () => {
  const context = interpreterContext();
  const descriptor = { dataType: "float16", shape: [2, 3] } as const;
  const builder = new MLGraphBuilder(context);
  const input = builder.input("x", descriptor);
  const objects: Readonly<Record<string, readonly object[]>> = {
    MLContext: [context],
    MLOperand: [input, builder.constant("uint64", 1), builder.transpose(input)],
    MLTensor: [
      await context.createTensor({ ...descriptor, shape: new Set([3]) }),
      await context.createConstantTensor(descriptor, new Uint8Array(12)),
    ],
  };
  for (const { name, attributes } of interfaces) {
    for (const { name: attribute, type } of attributes) {
      for (const object of objects[name]! as Record<string, unknown>[]) {
        const what = `${name}.${attribute}`;
        assert.ok(isOfType[type]!(object[attribute]), `${what} is ${String(object[attribute])}`);
        assert.equal(object[attribute], object[attribute], what);
        // Strict mode: an attribute without a setter refuses.
        assert.throws(() => (object[attribute] = undefined), TypeError, what);
      }
    }
  }
});

test("objects are of their interface, and take own properties", async () => {
  const context = interpreterContext();
  const builder = new MLGraphBuilder(context);
  const x: MLOperand = builder.input("x", { dataType: "float32", shape: [1] });
  const objects = { MLContext: context, MLGraphBuilder: builder, MLOperand: x, ML: ml };
  for (const [name, object] of Object.entries(objects)) {
    assert.ok(object instanceof (page[name] as new () => object), name);
    assert.equal(String(object), `[object ${name}]`);
    Object.assign(object, { note: 1 });
    assert.deepEqual(Object.keys(object), ["note"]);
  }
  assert.equal(page["MLContext"], MLContext);
});
