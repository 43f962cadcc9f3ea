import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assembler } from "../../../core-webnn/cpu/assembler.ts";
import { ModuleBuilder } from "../../../core-webnn/cpu/module-builder.ts";
import {
  laneOpcodes,
  memoryLaneOpcodes,
  memoryOpcodes,
  opcodes,
} from "../../../core-webnn/cpu/opcodes.ts";
import type {
  LaneOpName,
  MemoryLaneOpName,
  MemoryOpName,
  OpName,
} from "../../../core-webnn/cpu/opcodes.ts";
import { typeLetters } from "../../../core-webnn/cpu/wasm-types.ts";
import type { FunctionType, WasmType } from "../../../core-webnn/cpu/wasm-types.ts";

const none: FunctionType = { params: [], results: [] };

function typesOf(letters: string): WasmType[] {
  const types = Object.keys(typeLetters) as WasmType[];
  return [...letters].map((letter) => types.find((type) => typeLetters[type] === letter)!);
}

/** A module whose one function applies one instruction to its parameters. */
function moduleWith(signature: string, emit: (asm: Assembler) => void): Uint8Array<ArrayBuffer> {
  const [operands, results] = signature.split(">");
  const module = new ModuleBuilder();
  module.importMemory({ module: "env", name: "memory", minimum: 1, maximum: 1, shared: true });
  module.addFunction(
    { params: typesOf(operands!), results: typesOf(results!) },
    (asm, ...params) => {
      params.forEach((param) => asm.get(param));
      emit(asm);
    },
  );
  return module.build();
}

function instantiate(build: (module: ModuleBuilder) => void): WebAssembly.Exports {
  const module = new ModuleBuilder();
  build(module);
  return new WebAssembly.Instance(new WebAssembly.Module(module.build())).exports;
}

function call(exports: WebAssembly.Exports, name: string, ...args: unknown[]): unknown {
  return (exports[name] as (...args: unknown[]) => unknown)(...args);
}

/** The result of a function `run` with one body. */
function run(
  params: WasmType[],
  result: WasmType,
  args: unknown[],
  body: (asm: Assembler) => void,
): unknown {
  const exports = instantiate((module) => {
    module.exportFunction("run", module.addFunction({ params, results: [result] }, body));
  });
  return call(exports, "run", ...args);
}

test("the engine accepts every instruction with the operands of its signature", () => {
  const rows: [name: string, signature: string, emit: (asm: Assembler) => void][] = [
    ...Object.entries(opcodes).map(
      ([name, [, signature]]) =>
        [name, signature, (asm: Assembler) => asm.op(name as OpName)] as const,
    ),
    ...Object.entries(memoryOpcodes).map(
      ([name, [, signature]]) =>
        [name, signature, (asm: Assembler) => asm.memory(name as MemoryOpName, 1000)] as const,
    ),
    ...Object.entries(laneOpcodes).map(
      ([name, [, signature, lanes]]) =>
        [name, signature, (asm: Assembler) => asm.lane(name as LaneOpName, lanes - 1)] as const,
    ),
    ...Object.entries(memoryLaneOpcodes).map(
      ([name, [, signature]]) =>
        [name, signature, (a: Assembler) => a.memoryLane(name as MemoryLaneOpName, 1)] as const,
    ),
  ].map(([name, signature, emit]) => [name, signature, emit]);
  const rejected = rows.filter(
    ([name, signature, emit]) =>
      !name.includes("relaxed") && !WebAssembly.validate(moduleWith(signature, emit)),
  );
  assert.deepEqual(
    rejected.map(([name]) => name),
    [],
  );
  assert.ok(rows.length > 400, `${rows.length} instructions`);
});

test("constants survive LEB128 at its edges", () => {
  for (const value of [0, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)]) {
    assert.equal(
      run([], "i32", [], (asm) => asm.i32(value)),
      value,
    );
  }
  for (const value of [0n, 63n, 64n, -64n, -65n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.equal(
      run([], "i64", [], (asm) => asm.i64(value)),
      value,
    );
  }
  assert.equal(
    run([], "i32", [], (asm) => asm.i32(0xffffffff)),
    -1,
  );
  assert.equal(
    run([], "f64", [], (asm) => asm.f64(-0)),
    -0,
  );
  assert.equal(
    run([], "f32", [], (asm) => asm.f32(0.1)),
    Math.fround(0.1),
  );
  assert.ok(
    Number.isNaN(
      run([], "f32", [], (asm) => {
        asm.v128(Float32Array.of(0, 1, 2, NaN));
        asm.lane("f32x4.extract_lane", 3);
      }),
    ),
  );
});

test("loops, ifs and branches run", () => {
  const sum = (n: number): unknown =>
    run(["i32"], "i32", [n], (asm) => {
      const [count] = asm.params;
      const total = asm.local("i32");
      asm.block((done) => {
        asm.loop((again) => {
          asm.get(count!);
          asm.op("i32.eqz");
          asm.brIf(done);
          for (const local of [total, count!]) asm.get(local);
          asm.op("i32.add");
          asm.set(total);
          asm.get(count!);
          asm.i32(1);
          asm.op("i32.sub");
          asm.set(count!);
          asm.br(again);
        });
      });
      asm.get(total);
    });
  assert.equal(sum(10), 55);
  const choose = (x: number): unknown =>
    run(["i32"], "i32", [x], (asm) => {
      asm.get(asm.params[0]!);
      asm.if(
        () => asm.i32(7),
        () => asm.i32(9),
        "i32",
      );
    });
  assert.deepEqual([choose(1), choose(0)], [7, 9]);
  const table = (x: number): unknown =>
    run(["i32"], "i32", [x], (asm) => {
      asm.block((outer) => {
        asm.block((inner) => {
          asm.get(asm.params[0]!);
          asm.brTable([inner], outer);
        });
        asm.i32(1);
        asm.return();
      });
      asm.i32(2);
    });
  assert.deepEqual([table(0), table(5)], [1, 2]);
});

test("functions call each other, directly and through the table, in any order", () => {
  const type: FunctionType = { params: ["i32"], results: ["i32"] };
  const exports = instantiate((module) => {
    const twice = module.declareFunction(type, "twice");
    const slot = module.tableSlot(twice);
    const four = module.addFunction(type, (asm, x) => {
      asm.get(x!);
      asm.call(twice);
      asm.i32(slot);
      asm.callIndirect(type);
    });
    module.defineFunction(twice, (asm, x) => {
      asm.get(x!);
      asm.get(x!);
      asm.op("i32.add");
    });
    module.exportFunction("four", four);
  });
  assert.equal(call(exports, "four", 5), 20);
});

test("a select of vectors and a shuffle", () => {
  const pick = (condition: number): unknown =>
    run(["i32"], "i32", [condition], (asm) => {
      asm.v128(Int32Array.of(1, 2, 3, 4));
      asm.v128(Int32Array.of(5, 6, 7, 8));
      asm.get(asm.params[0]!);
      asm.select();
      asm.v128(Int32Array.of(9, 10, 11, 12));
      asm.shuffle([28, 29, 30, 31, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7]);
      asm.lane("i32x4.extract_lane", 1);
    });
  assert.deepEqual([pick(1), pick(0)], [1, 5]);
});

test("locals are reused after release, and only then", () => {
  const module = new ModuleBuilder();
  module.addFunction(none, (asm) => {
    const a = asm.local("v128");
    const b = asm.local("v128");
    assert.notEqual(a.index, b.index);
    asm.release(a);
    assert.equal(asm.local("v128"), a);
    assert.notEqual(asm.local("i32").index, b.index);
    asm.release(b);
    assert.throws(() => asm.release(b), /local 1 is not in use/);
  });
  assert.ok(WebAssembly.validate(module.build()));
});

const mistakes: [why: string, body: (asm: Assembler) => void, message: RegExp][] = [
  ["a missing operand", (asm) => asm.op("f32x4.add"), /^Error: f32x4.add: needs an operand \(v\)/],
  [
    "a wrong type",
    (asm) => {
      asm.i32(0);
      asm.f32(0);
      asm.op("i32.add");
    },
    /i32.add: needs an operand of type i, the stack has f/,
  ],
  ["an operand left", (asm) => asm.i32(1), /end of function: operands i are left/],
  [
    "an operand of the block around",
    (asm) => {
      asm.i32(1);
      asm.block(() => asm.drop());
    },
    /drop: needs an operand/,
  ],
  [
    "a label of a block that ended",
    (asm) => {
      let escaped: Parameters<Parameters<Assembler["block"]>[0]>[0] | undefined;
      asm.block((label) => (escaped = label));
      asm.br(escaped!);
    },
    /br: the block it leads to has ended/,
  ],
  ["a lane out of range", (asm) => (asm.v128(new Int32Array(4)), asm.lane("f32x4.extract_lane", 4)), /f32x4.extract_lane 4: the lane/], // prettier-ignore
  ["a negative offset", (asm) => (asm.i32(0), asm.memory("i32.load", -4)), /i32.load offset=-4/],
  ["a constant too large", (asm) => asm.i32(2 ** 32), /i32.const 4294967296/],
];
for (const [why, body, message] of mistakes) {
  test(`throws for ${why}`, () => {
    assert.throws(() => new ModuleBuilder().addFunction(none, body), message);
  });
}

test("a declared function without a body does not build", () => {
  const module = new ModuleBuilder();
  module.declareFunction(none);
  assert.throws(() => module.build(), /function 0: has no body/);
});
