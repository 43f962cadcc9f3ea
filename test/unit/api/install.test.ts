/** What `navigator.ml` and the globals are: where a browser has none, one that works, one that does not. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { installInto, type Scope } from "../../../core-webnn/api/install.ts";
import type { MLContext } from "../../../core-webnn/api/ml-context.ts";
import { MLGraphBuilder } from "../../../core-webnn/api/ml-graph-builder.ts";
import { createMLWith, ML } from "../../../core-webnn/api/ml.ts";
import { interpreterBackend } from "../../reference/interpreter-device.ts";

const names = ["ML", "MLContext", "MLGraph", "MLGraphBuilder", "MLOperand", "MLTensor"];

const newML = (): ML => createMLWith(async () => interpreterBackend());

/** A browser before anything is installed; `navigator` inherits from a prototype of its own. */
const browser = (): Scope => ({ navigator: Object.create({}) as object });

const ownerOf = ({ navigator }: Scope): object => Object.getPrototypeOf(navigator) as object;
const mlOf = (scope: Scope): ML => (scope["navigator"] as { ml: ML }).ml;

interface Native {
  readonly scope: Scope;
  readonly native: ML;
  readonly accessor: PropertyDescriptor;
}

/** A browser with a WebNN of its own, whose `createContext` is given. */
function browserWith(createContext: () => Promise<MLContext>): Native {
  const native = { createContext } as unknown as ML;
  const prototype = {};
  const accessor = { get: () => native, set: undefined, configurable: true, enumerable: true };
  Object.defineProperty(prototype, "ml", accessor);
  const globals = names.map((name) => [name, class extends MLGraphBuilder {}] as const);
  const scope = { navigator: Object.create(prototype) as object, ...Object.fromEntries(globals) };
  return { scope, native, accessor };
}

const works = (): Promise<MLContext> => newML().createContext();

/** A context whose reads give these values. */
async function reading(values: readonly number[]): Promise<MLContext> {
  const readTensor = async (): Promise<ArrayBuffer> => Float32Array.from(values).buffer;
  return Object.defineProperty(await works(), "readTensor", { value: readTensor });
}

const broken = [
  {
    why: "rejects",
    createContext: () => Promise.reject(new Error("no backend")),
    says: /: no backend/,
  },
  {
    why: "computes wrong numbers",
    createContext: () => reading([0, 10, 23, 15]),
    says: /: it computed \[0, 10, 23, 15\], not \[0, 10, 23, 14\]/,
  },
  {
    why: "gives too few numbers",
    createContext: () => reading([0, 10]),
    says: /: it computed \[0, 10\]/,
  },
  {
    why: "is of an earlier standard",
    createContext: async () => ({ compute: () => {} }) as unknown as MLContext,
    says: /MLContext/,
  },
  {
    why: "throws",
    createContext: () => {
      throw new TypeError("not implemented");
    },
    says: /: not implemented/,
  },
];

/** What is printed while `run` runs. */
async function warnings(run: () => Promise<void>): Promise<string[]> {
  const warn = mock.method(console, "warn", () => {});
  try {
    await run();
    return warn.mock.calls.map(({ arguments: words }) => words.join(" "));
  } finally {
    warn.mock.restore();
  }
}

test("where there is no navigator.ml, all is there at once", async () => {
  const ml = newML();
  const scope = browser();
  const installed = installInto(scope, ml);
  assert.equal(mlOf(scope), ml);
  for (const name of [...names, "GPUDevice"]) assert.equal(typeof scope[name], "function", name);
  assert.doesNotThrow(() => ({}) instanceof (scope["GPUDevice"] as new () => object));
  assert.equal(await installed, true);
  assert.equal(await installInto(scope, ml), true);
});

test("navigator.ml is what WebIDL makes of an attribute, on the prototype", () => {
  const scope = browser();
  void installInto(scope, newML());
  assert.deepEqual(Object.getOwnPropertyNames(scope["navigator"]), []);
  const { get, ...rest } = Object.getOwnPropertyDescriptor(ownerOf(scope), "ml")!;
  assert.equal(typeof get, "function");
  assert.deepEqual(rest, { set: undefined, configurable: true, enumerable: true });
});

test("where there is no navigator, one is made", () => {
  const ml = newML();
  const scope: Scope = {};
  void installInto(scope, ml);
  assert.equal(mlOf(scope), ml);
  assert.equal(({} as { ml?: unknown }).ml, undefined, "other objects have none");
});

test("a browser's own that works stays, and its contexts go with its globals", async () => {
  const { scope, native, accessor } = browserWith(works);
  const globals = names.map((name) => scope[name]);
  const said = await warnings(async () => {
    const installed = installInto(scope, newML());
    const context = await mlOf(scope).createContext();
    assert.doesNotThrow(() => new (scope["MLGraphBuilder"] as typeof MLGraphBuilder)(context));
    assert.equal(await installed, false);
  });
  assert.equal(mlOf(scope), native);
  assert.deepEqual(Object.getOwnPropertyDescriptor(ownerOf(scope), "ml"), accessor);
  assert.deepEqual(
    names.map((name) => scope[name]),
    globals,
  );
  assert.equal(scope["GPUDevice"], undefined);
  assert.deepEqual(said, []);
});

for (const { why, createContext, says } of broken) {
  test(`a browser's own that ${why} is replaced, and why is said`, async () => {
    const { scope } = browserWith(createContext);
    const ml = newML();
    const said = await warnings(async () => {
      const installed = installInto(scope, ml);
      // A framework that is loaded now finds it, and may ask before it is known whether it works.
      const early = mlOf(scope);
      const context = await early.createContext();
      assert.equal(mlOf(scope), ml);
      assert.equal(scope["MLGraphBuilder"], MLGraphBuilder);
      assert.ok(new MLGraphBuilder(context));
      assert.equal(await installed, true);
    });
    for (const name of names) assert.notEqual(scope[name], undefined, name);
    assert.equal(said.length, 1);
    assert.match(said[0]!, says);
  });
}

test("a browser's own that never answers is replaced after ten seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { scope } = browserWith(() => new Promise(() => {}));
  const ml = newML();
  const said = await warnings(async () => {
    const installed = installInto(scope, ml);
    t.mock.timers.tick(9_999);
    assert.notEqual(mlOf(scope), ml);
    t.mock.timers.tick(1);
    assert.equal(await installed, true);
  });
  assert.equal(mlOf(scope), ml);
  assert.match(said[0]!, /within 10 s/);
});

test("force replaces at once what works, also while it is tried", async () => {
  for (const isTried of [false, true]) {
    const { scope } = browserWith(works);
    const ml = newML();
    const tried = isTried ? installInto(scope, ml) : undefined;
    const forced = installInto(scope, ml, { force: true });
    assert.equal(mlOf(scope), ml);
    assert.equal(scope["MLGraphBuilder"], MLGraphBuilder);
    assert.equal(await forced, true);
    assert.equal((await tried) ?? true, true);
    assert.equal(mlOf(scope), ml);
  }
});

test("asked twice while it is tried, both hear the same", async () => {
  for (const [createContext, replaced] of [
    [works, false],
    [broken[0]!.createContext, true],
  ] as const) {
    const { scope, native } = browserWith(createContext);
    const ml = newML();
    await warnings(async () => {
      const answers = await Promise.all([installInto(scope, ml), installInto(scope, ml)]);
      assert.deepEqual(answers, [replaced, replaced]);
    });
    assert.equal(mlOf(scope), replaced ? ml : native);
  }
});

test("a second copy of this package leaves the choice to the first", async () => {
  const url = "../../../core-webnn/api/install.ts?copy";
  const copy = (await import(url)) as { installInto: typeof installInto };
  assert.notEqual(copy.installInto, installInto);
  const working = browserWith(works);
  const rejecting = browserWith(broken[0]!.createContext);
  const ml = newML();
  for (const { scope, expected, answers } of [
    { scope: browser(), expected: ml, answers: [true, false] },
    { scope: working.scope, expected: working.native, answers: [false, false] },
    { scope: rejecting.scope, expected: ml, answers: [true, false] },
  ]) {
    await warnings(async () => {
      const both = [installInto(scope, ml), copy.installInto(scope, newML())];
      assert.deepEqual(await Promise.all(both), answers);
    });
    assert.equal(mlOf(scope), expected);
  }
});

test("an ml that is the navigator's own property is replaced there", async () => {
  const navigator = { ml: { createContext: broken[0]!.createContext } };
  const scope: Scope = { navigator };
  const ml = newML();
  await warnings(async () => void (await installInto(scope, ml)));
  assert.equal(mlOf(scope), ml);
});
