/**
 * `npm run models -- --device cpu|gpu [--only TEXT]`
 *
 * Runs real ONNX models, of `../shared/models` and of packages, and compares them with onnxruntime-node. Prints a row
 * of a table for each; the last line is `N passed, N failed`.
 */
import { parseArgs } from "node:util";
import { ml } from "../../../core-webnn/index.ts";
import { compare, complaintsOf, runOracle, type Comparison } from "./compare.ts";
import { realModels } from "./models.ts";
import type { RealModel } from "./real-model.ts";

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    only: { type: "string", default: "" },
  },
});
const { device } = options;
if (device !== "cpu" && device !== "gpu") throw new TypeError(`--device ${device}: cpu or gpu`);

const context = await ml.createContext({ deviceType: device });
console.log(
  "| model | device | error | bound | on WebNN | on the host, why | graphs | first run, others (ms) | says |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
let [passed, failed] = [0, 0];
for (const model of realModels.filter(({ name }) => name.includes(options.only))) {
  try {
    const result = await compare(model, context, await runOracle(model));
    const complaints = complaintsOf(model, result);
    console.log(rowOf(model, result));
    complaints.forEach((complaint) => console.log(`FAILED ${model.name}: ${complaint}`));
    if (complaints.length === 0) passed++;
    else failed++;
  } catch (error) {
    failed++;
    console.log(`FAILED ${model.name}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
context.destroy();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function rowOf({ name, bound }: RealModel, result: Comparison): string {
  const { error, nodes, reasons, graphs, devices, firstMs, runMs, says } = result;
  const later = runMs === undefined ? "" : `, ${runMs.toFixed(1)}`;
  return `| ${[
    name,
    devices.join(", "),
    error.toExponential(1),
    bound.toExponential(1),
    nodes.webnn,
    [nodes.host, ...reasons].join(", "),
    graphs,
    `${firstMs.toFixed(0)}${later}`,
    says,
  ].join(" | ")} |`;
}
