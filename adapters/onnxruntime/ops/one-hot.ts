/** Ops that choose between values by where an element stands: OneHot, Trilu, ReverseSequence. */
import { isEmptyShape } from "../convert/broadcast.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { formatShape, multiplySizes, type Size } from "../core.ts";
import { makeArray, type HostArray } from "../host/array.ts";
import { isHostType } from "../host/host-tensor.ts";
import { stridesOf, walk, type Elements } from "../host/walk.ts";
import type { Operand } from "../webnn.ts";
import { axisOf } from "./axes.ts";
import { fromStart, positions, sizesOperand } from "./positions.ts";
import { op, type HostNode, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const oneHotRows: readonly OpRow[] = [
  op("OneHot", { since: 9, empties: true, convert: oneHot, compute: oneHotOnHost }),
  op("Trilu", { since: 14, empties: true, convert: triangle, compute: triangleOnHost }),
  op("ReverseSequence", { since: 10, empties: true, convert: reverse, compute: reverseOnHost }),
];

interface OneHotForm {
  readonly axis: number;
  readonly depth: Size;
  readonly shape: readonly Size[];
}

function oneHotForm(node: SizedNode): OneHotForm {
  const shape = node.shape(0);
  const axis = axisOf(node, node.int("axis", -1), shape.length + 1);
  const given = node.integers(1)[0] ?? node.fail("input 1, the depth, is empty");
  const depth = typeof given === "number" ? Math.trunc(given) : given;
  if (node.decisions.less(depth, 1)) node.fail(`depth ${String(depth)}, expected 1 or more`);
  if (node.shape(2).length !== 1 || !node.decisions.equal(node.shape(2)[0]!, 2)) {
    node.fail(`values ${formatShape(node.shape(2))}, expected [2]`);
  }
  return { axis, depth, shape: [...shape.slice(0, axis), depth, ...shape.slice(axis)] };
}

function oneHot(node: NodeContext): Value {
  const { builder, label } = node;
  if (!isHostType(node.type(1))) node.leaveToHost(`a depth of type ${node.type(1)}`);
  const { axis, depth, shape } = oneHotForm(node);
  const type = node.type(2);
  if (isEmptyShape(shape)) return { kind: "empty", type, shape };
  const given = node.operand(0);
  const indices =
    given.dataType === "int32" || given.dataType === "int64"
      ? given
      : builder.cast(given, "int64", { label });
  const dataType = indices.dataType as "int32" | "int64";
  const start = fromStart(node, indices, sizesOperand(node, dataType, [depth]));
  const wide = shape.map((size, d) => (d === axis ? 1 : size));
  const isHot = builder.equal(
    builder.reshape(start, wide, { label }),
    positions(node, dataType, depth, shape.length, axis),
    { label },
  );
  const values = node.operand(2);
  const [off, on] = [0, 1].map((i) => builder.slice(values, [i], [1], { label }));
  return node.result(builder.where(isHot, on!, off!, { label }), type);
}

function oneHotOnHost(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const form = oneHotForm(sizedNode(node, inputs));
  const [axis, depth, shape] = [form.axis, Number(form.depth), form.shape as readonly number[]];
  const [indices, , values] = inputs;
  const output = makeArray(values!.type, shape);
  const to: Elements = output.data;
  const [off, on] = [values!.data[0]!, values!.data[1]!];
  const strides = stridesOf(shape);
  for (let i = 0; i < to.length; i++) to[i] = off;
  const others = strides.filter((_, d) => d !== axis);
  walk(indices!.shape, [others], ([offset], i) => {
    const given = Math.trunc(Number(indices!.data[i]!));
    const index = given < 0 ? given + depth : given;
    if (index >= 0 && index < depth) to[offset! + index * strides[axis]!] = on;
  });
  return [output];
}

/** How far above the main diagonal the boundary lies; no further than any matrix reaches. */
function diagonalOf(node: SizedNode): number {
  if (node.rank(0) < 2) node.fail(`rank ${node.rank(0)}, expected 2 or more`);
  const k = node.has(1) ? node.decisions.number(node.integers(1)[0] ?? 0) : 0;
  const furthest = 2 ** 31 - 1;
  return Math.max(-furthest, Math.min(furthest, k));
}

function triangle(node: NodeContext): Value {
  const diagonal = diagonalOf(node);
  if (isEmptyShape(node.shape(0))) return node.value(0);
  const upper = node.int("upper", 1) !== 0;
  return node.result(
    node.builder.triangular(node.operand(0), { upper, diagonal, label: node.label }),
  );
}

function triangleOnHost(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const diagonal = diagonalOf(sizedNode(node, inputs));
  const upper = node.int("upper", 1) !== 0;
  const input = inputs[0]!;
  const output = makeArray(input.type, input.shape);
  const [from, to]: [Elements, Elements] = [input.data, output.data];
  const [rows, columns] = [input.shape.at(-2)!, input.shape.at(-1)!];
  for (let i = 0; i < to.length; i++) {
    const above = (i % columns) - (Math.floor(i / columns) % rows) - diagonal;
    if (upper ? above >= 0 : above <= 0) to[i] = from[i]!;
  }
  return [output];
}

/** Of the first two dimensions one is time, the other the batch. */
function timeAxisOf(node: SizedNode): 0 | 1 {
  const [time, batch] = [node.int("time_axis", 0), node.int("batch_axis", 1)];
  if (node.rank(0) < 2) node.fail(`rank ${node.rank(0)}, expected 2 or more`);
  if (!((time === 0 && batch === 1) || (time === 1 && batch === 0))) {
    node.fail(`time_axis ${time} and batch_axis ${batch}, expected 0 and 1 in either order`);
  }
  const [entries, lengths] = [node.shape(0)[batch]!, node.shape(1)];
  if (lengths.length !== 1 || !node.decisions.equal(lengths[0]!, entries)) {
    node.fail(`sequence_lens ${formatShape(lengths)} for ${String(entries)} sequences`);
  }
  return time;
}

/** Rows of [time · batch, rest] in another order. */
function reverse(node: NodeContext): Value {
  const { builder, label } = node;
  const time = timeAxisOf(node);
  const shape = node.shape(0);
  if (isEmptyShape(shape)) return node.value(0);
  const [steps, entries] = [shape[time]!, shape[1 - time]!];
  const along = (operand: Operand, axis: number, size: Size) =>
    builder.reshape(operand, axis === 0 ? [size, 1] : [1, size], { label });
  const step = positions(node, "int64", steps, 2, time);
  const entry = positions(node, "int64", entries, 2, 1 - time);
  const length = along(node.operand(1), 1 - time, entries);
  const one = sizesOperand(node, "int64", [1]);
  const mirrored = builder.sub(builder.sub(length, one, { label }), step, { label });
  const isInside = builder.lesser(step, length, { label });
  const source = builder.where(isInside, mirrored, step, { label });
  const [row, column, columns] = time === 0 ? [source, entry, entries] : [entry, source, steps];
  const width = sizesOperand(node, "int64", [columns]);
  const flat = builder.add(builder.mul(row, width, { label }), column, { label });
  const count = multiplySizes(steps, entries);
  const rows = builder.reshape(node.operand(0), [count, ...shape.slice(2)], { label });
  const indices = builder.reshape(flat, [count], { label });
  const moved = builder.gather(rows, indices, { axis: 0, label });
  return node.result(builder.reshape(moved, shape, { label }));
}

function reverseOnHost(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const time = timeAxisOf(sizedNode(node, inputs));
  const [input, lengths] = [inputs[0]!, inputs[1]!];
  const output = makeArray(input.type, input.shape);
  const [from, to]: [Elements, Elements] = [input.data, output.data];
  const [steps, entries] = [input.shape[time]!, input.shape[1 - time]!];
  const block = input.shape.slice(2).reduce((a, b) => a * b, 1);
  const rowOf = (step: number, entry: number) =>
    time === 0 ? step * entries + entry : entry * steps + step;
  for (let entry = 0; entry < entries; entry++) {
    const length = Number(lengths.data[entry]!);
    if (!(length >= 0 && length <= steps)) node.fail(`a sequence of ${length} of ${steps} steps`);
    for (let step = 0; step < steps; step++) {
      const source = rowOf(step < length ? length - 1 - step : step, entry);
      const target = rowOf(step, entry);
      for (let i = 0; i < block; i++) to[target * block + i] = from[source * block + i]!;
    }
  }
  return [output];
}
