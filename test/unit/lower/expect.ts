/** What tests of lowering ask of programs and of results. */
import assert from "node:assert/strict";
import type { Graph } from "../../../core-webnn/graph/ir.ts";
import type { Program } from "../../../core-webnn/plan/program.ts";
import type { DeviceFacts } from "../../../core-webnn/util/device-facts.ts";
import { cpuLikeFacts, gpuLikeFacts } from "../../reference/interpreter-device.ts";
import { compileChecked, runOnDevices, type Case } from "../../reference/run-on-devices.ts";
import type { Numeric } from "../../reference/values.ts";

export const bothFacts: readonly DeviceFacts[] = [cpuLikeFacts, gpuLikeFacts];

/** The nodes of each step, for both kinds of device; `prepare` apart. */
export function expectSteps(graph: Graph, count: number, facts = bothFacts): void {
  for (const each of facts) {
    const { steps } = compileChecked(graph, each);
    const nodes = steps.map((step) => step.nodes.join(" "));
    assert.equal(steps.length, count, `${each.name}: ${nodes.join(" | ")}`);
  }
}

/** No buffer holds as many elements of a type. */
export function expectNoFloats(program: Program, elementCount: number): void {
  const floats = program.buffers.filter(
    (buffer) => buffer.dataType === "float32" && buffer.elementCount === elementCount,
  );
  assert.deepEqual(floats, [], "a decoded weight is stored");
}

/** On every device, within a distance relative to the largest magnitude (0: equal). */
export async function expectOutputs(
  test: Case,
  expected: Readonly<Record<string, readonly Numeric[]>>,
  relative = 0,
): Promise<void> {
  for (const [device, outputs] of await runOnDevices(test)) {
    for (const [name, values] of Object.entries(expected)) {
      const largest = values.reduce<number>((most, x) => Math.max(most, Math.abs(Number(x))), 0);
      assert.equal(outputs[name]!.length, values.length, `${device}: ${name}`);
      values.forEach((wanted, i) => {
        const distance = Math.abs(Number(outputs[name]![i]!) - Number(wanted));
        const what = `${device}: ${name}[${i}] is ${outputs[name]![i]}, not ${wanted}`;
        assert.ok(distance <= relative * largest, what);
      });
    }
  }
}
