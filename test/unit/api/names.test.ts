/** Any string names an input, an output or a size; also those that objects have already. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ml, MLGraphBuilder } from "../../../core-webnn/index.ts";

for (const name of ["__proto__", "constructor", "toString"]) {
  test(`a tensor and a size are called '${name}'`, async () => {
    const context = await ml.createContext({ deviceType: "cpu", numThreads: 1 });
    const builder = new MLGraphBuilder(context);
    const input = builder.input(name, { dataType: "float32", shape: [{ name }] });
    const graph = await builder.build(Object.fromEntries([[name, builder.neg(input)]]));
    const [x, y] = await Promise.all(
      [0, 1].map(() =>
        context.createTensor({ dataType: "float32", shape: [3], readable: true, writable: true }),
      ),
    );
    context.writeTensor(x!, Float32Array.of(1, -2, 3));
    context.dispatch(graph, Object.fromEntries([[name, x!]]), Object.fromEntries([[name, y!]]));
    assert.deepEqual([...new Float32Array(await context.readTensor(y!))], [-1, 2, -3]);
    context.destroy();
  });
}
