/** Checks the graphs inside control-flow nodes: that they are there, and take and give as much as the node says. */
import { OnnxModelError } from "../errors.ts";
import type { Graph, Node } from "./model.ts";

export function checkBodies(node: Node): void {
  if (node.domain !== "") return;
  if (node.op === "If") checkIf(node);
  else if (node.op === "Loop") checkLoop(node);
  else if (node.op === "Scan") checkScan(node);
}

function checkIf(node: Node): void {
  for (const side of ["then_branch", "else_branch"]) {
    const branch = bodyOf(node, side);
    expect(node, side, "takes", branch.inputs.length, 0, 0);
    expect(node, side, "gives", branch.outputs.length, node.outputs.length, node.outputs.length);
  }
}

/** Trip count, condition and carried values in; carried values and stacked results out. */
function checkLoop(node: Node): void {
  const body = bodyOf(node, "body");
  const carried = Math.max(node.inputs.length - 2, 0);
  expect(node, "body", "takes", body.inputs.length, carried + 2, carried + 2);
  const least = 1 + Math.max(carried, node.outputs.length);
  expect(node, "body", "gives", body.outputs.length, least, Infinity);
}

/** In opset 8 a first input gives the lengths of sequences, which the body does not see. */
function checkScan(node: Node): void {
  const body = bodyOf(node, "body");
  const { length } = node.inputs;
  expect(node, "body", "takes", body.inputs.length, length - 1, length);
  const count = node.attributes.get("num_scan_inputs");
  const scanned = count?.kind === "int" ? count.value : 0;
  if (!(scanned >= 1 && scanned <= body.inputs.length)) {
    throw new OnnxModelError(
      "malformed",
      `Scan '${node.name}': num_scan_inputs is ${scanned}, expected 1 to ${body.inputs.length}`,
    );
  }
  const least = Math.max(body.inputs.length - scanned, node.outputs.length);
  expect(node, "body", "gives", body.outputs.length, least, Infinity);
}

function bodyOf(node: Node, name: string): Graph {
  const attribute = node.attributes.get(name);
  if (attribute?.kind === "graph") return attribute.value;
  throw new OnnxModelError("malformed", `${node.op} '${node.name}' has no ${name}`);
}

function expect(
  node: Node,
  body: string,
  verb: "takes" | "gives",
  found: number,
  least: number,
  most: number,
): void {
  if (found >= least && found <= most) return;
  const what = verb === "takes" ? "inputs" : "results";
  const range =
    least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} or ${most}`;
  throw new OnnxModelError(
    "malformed",
    `${node.op} '${node.name}': its ${body} ${verb} ${found} ${what}, expected ${range}`,
  );
}
