/**
 * Makes graphs node by node: what the builder of the API and every pass write with. The graph it
 * finishes is immutable; an editor is used once.
 */
import type { ArgValue, ArgValues, Claims, Descriptor, Row } from "../ops/row.ts";
import { decide, type Constraint } from "../util/constraint.ts";
import type { StorageType } from "../util/data-type.ts";
import { sizeKey, type Size } from "../util/size.ts";
import { unreachable } from "../util/unreachable.ts";
import { splitArguments } from "./arguments.ts";
import type { Graph, NamedValue, Node, Value } from "./ir.ts";

export interface GraphEditor {
  readonly input: (name: string, dataType: StorageType, shape: readonly Size[]) => Value;
  readonly constant: (
    key: string,
    dataType: StorageType,
    shape: readonly Size[],
    inline?: Uint8Array,
  ) => Value;
  readonly literal: (dataType: StorageType, value: number | bigint) => Value;
  /** Infers and adds a node. Throws what `row.infer` throws; `what` names the op in constraints. */
  readonly node: (row: Row, args: ArgValues, label: string) => readonly Value[];
  /** Adds a node whose operands are of this graph, with outputs like those it had elsewhere: nothing is inferred. */
  readonly copy: (node: Node, outputs: readonly Descriptor[]) => readonly Value[];
  /** So far. */
  readonly values: readonly Value[];
  readonly constrain: (constraints: readonly Constraint[]) => void;
  readonly finish: (outputs: readonly NamedValue[]) => Graph;
}

export function editGraph(): GraphEditor {
  const values: Value[] = [];
  const nodes: Node[] = [];
  const inputs: NamedValue[] = [];
  const constraints: Constraint[] = [];

  const addValue = (dataType: StorageType, shape: readonly Size[], from: Value["from"]): Value => {
    const value: Value = { id: values.length, dataType, shape, from };
    values.push(value);
    return value;
  };
  const addNode = (
    node: Omit<Node, "outputs">,
    descriptors: readonly Descriptor[],
  ): readonly Value[] => {
    const index = nodes.length;
    const outputs = descriptors.map(({ dataType, shape }, output) =>
      addValue(dataType, shape, { kind: "node", node: index, output }),
    );
    nodes.push({ ...node, outputs: outputs.map(({ id }) => id) });
    return outputs;
  };
  const idOf = (operand: ArgValue): number => {
    const { id } = operand as Value;
    return values[id] === operand ? id : unreachable("an operand of another graph");
  };

  return {
    input(name, dataType, shape) {
      const value = addValue(dataType, shape, { kind: "input" });
      inputs.push({ name, value: value.id });
      return value;
    },
    constant: (key, dataType, shape, inline) =>
      addValue(dataType, shape, { kind: "constant", key, ...(inline && { inline }) }),
    literal: (dataType, value) => addValue(dataType, [], { kind: "literal", value }),
    node(row, args, label) {
      const claimed: Constraint[] = [];
      const resolved = row.resolve(args);
      const outputs = row.infer(resolved, claimsInto(claimed, `${row.name} '${label}'`));
      constraints.push(...claimed);
      return addNode({ op: row.name, label, ...splitArguments(row, resolved, idOf) }, outputs);
    },
    copy: addNode,
    values,
    constrain: (more) => void constraints.push(...more),
    finish: (outputs) => ({
      values,
      nodes,
      inputs,
      outputs,
      constraints: withoutRepeats(constraints),
    }),
  };
}

/** Claims that are decided now throw when they do not hold; the others are kept for dispatch. */
export function claimsInto(constraints: Constraint[], what: string): Claims {
  const claim =
    (kind: Constraint["kind"], relation: string) =>
    (a: Size, b: Size, says: string): void => {
      const holds = decide({ kind, a, b });
      if (holds === false) {
        throw new TypeError(`${says}: ${sizeKey(a)} is not ${relation} ${sizeKey(b)}`);
      }
      if (holds === undefined) constraints.push({ kind, a, b, says: `${what}: ${says}` });
    };
  return { equal: claim("equal", "equal to"), atMost: claim("atMost", "at most") };
}

function withoutRepeats(constraints: readonly Constraint[]): readonly Constraint[] {
  const byText = new Map<string, Constraint>();
  for (const constraint of constraints) {
    const key = `${constraint.kind} ${sizeKey(constraint.a)} ${sizeKey(constraint.b)}`;
    if (!byText.has(key)) byText.set(key, constraint);
  }
  return [...byText.values()];
}
