/** Ops on the bits of integers, which WebNN has none of: built from arithmetic that no two's complement overflows in. */
import { formulaOf, type Formula } from "../convert/formula.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import type { Operand } from "../webnn.ts";
import { each, eachBy } from "./compute.ts";
import { op, type OpRow } from "./row.ts";

const unsigned = {
  int8: "uint8",
  uint8: "uint8",
  int32: "uint32",
  uint32: "uint32",
  int64: "uint64",
  uint64: "uint64",
} as const;

type IntegerType = keyof typeof unsigned;

const bitsOf = { uint8: 8, uint32: 32, uint64: 64 } as const;

function integers(node: NodeContext): readonly [Operand, Operand] {
  const [a, b] = [node.operand(0), node.operand(1)];
  if (!(a.dataType in unsigned)) node.fail(`data of type ${node.type(0)}, expected integers`);
  node.broadcast(a.shape, b.shape);
  return [a, b];
}

/** Digits of 4 bits: all pairs of them fit a table of 256 results. */
const digit = 16;

/** a & b: digit by digit, by a table of what pairs of digits have in common. */
function common(node: NodeContext, a: Operand, b: Operand): Operand {
  const f = formulaOf(node);
  const dataType = unsigned[a.dataType as IntegerType];
  const table = node.builder.constant(
    { dataType: "uint8", shape: [digit * digit] },
    Uint8Array.from({ length: digit * digit }, (_, i) => (i / digit) & (i % digit)),
  );
  let [x, y] = [f.cast(a, dataType), f.cast(b, dataType)];
  let sum: Operand | undefined;
  for (let place = 0; place < bitsOf[dataType]; place += 4) {
    const [left, right] = [f.div(x, digit), f.div(y, digit)];
    const pair = f.add(f.mul(lastDigit(f, x, left), digit), lastDigit(f, y, right));
    const bits = node.builder.gather(table, f.cast(pair, "int32"), { label: node.label });
    const weight = node.builder.constant({ dataType, shape: [] }, powerOfTwo(dataType, place));
    const part = f.mul(f.cast(bits, dataType), weight);
    sum = sum === undefined ? part : f.add(sum, part);
    [x, y] = [left, right];
  }
  return f.cast(sum!, a.dataType);
}

/** x - 16 · ⌊x / 16⌋ */
function lastDigit(f: Formula, x: Operand, rest: Operand): Operand {
  return f.sub(x, f.mul(rest, digit));
}

function powerOfTwo(dataType: keyof typeof bitsOf, exponent: number): Uint8Array {
  const bytes = new Uint8Array(bitsOf[dataType] / 8);
  bytes[exponent >> 3] = 1 << (exponent & 7);
  return bytes;
}

/** Bits that only one of two operands has add up without a carry. */
function union(node: NodeContext, a: Operand, b: Operand, bits: Operand): Operand {
  const f = formulaOf(node);
  return f.add(a, f.sub(b, bits));
}

/** By so many bits as the type has, or more, nothing is left. */
function shift(node: NodeContext): Value {
  const f = formulaOf(node);
  const [x, places] = integers(node);
  const direction = node.text("direction", "");
  if (direction !== "LEFT" && direction !== "RIGHT") {
    node.fail(`direction '${direction}', expected LEFT or RIGHT`);
  }
  const bits = bitsOf[unsigned[x.dataType as IntegerType]];
  const isWithin = f.lesser(places, bits);
  const power = f.pow(2, f.where(isWithin, places, 0));
  const moved = direction === "LEFT" ? f.mul(x, power) : f.div(x, power);
  return node.result(f.where(isWithin, moved, 0));
}

export const bitwiseRows: readonly OpRow[] = [
  op("BitShift", {
    since: 11,
    empties: "elementwise",
    convert: shift,
    // Only uint16 comes here.
    compute: eachBy((node) =>
      node.text("direction", "") === "LEFT"
        ? (x, places) => (places! < 16 ? x! << places! : 0)
        : (x, places) => (places! < 16 ? x! >> places! : 0),
    ),
  }),
  op("BitwiseAnd", {
    since: 18,
    empties: "elementwise",
    convert: (node) => node.result(common(node, ...integers(node))),
    compute: each((a, b) => a! & b!),
  }),
  op("BitwiseOr", {
    since: 18,
    empties: "elementwise",
    convert(node) {
      const [a, b] = integers(node);
      return node.result(union(node, a, b, common(node, a, b)));
    },
    compute: each((a, b) => a! | b!),
  }),
  op("BitwiseXor", {
    since: 18,
    empties: "elementwise",
    convert(node) {
      const [a, b] = integers(node);
      const bits = common(node, a, b);
      return node.result(union(node, formulaOf(node).sub(a, bits), b, bits));
    },
    compute: each((a, b) => a! ^ b!),
  }),
  op("BitwiseNot", {
    since: 18,
    empties: "elementwise",
    convert: (node) => node.result(formulaOf(node).sub(-1, node.operand(0))),
    compute: each((x) => ~x!),
  }),
];
