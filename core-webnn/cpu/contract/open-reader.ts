import { openDecoder } from "./decoder.ts";
import type { TileRows } from "./decoder.ts";
import type { Operand } from "./contraction.ts";
import { plainReader } from "./lane-readers.ts";
import type { LaneReader } from "./lane-readers.ts";
import type { BoundAxes } from "./scope.ts";
import type { SumsSetting } from "./sums-setting.ts";

/** A reader of an operand's elements, for the rows of one tile. */
export function openReader(
  { asm, context }: SumsSetting,
  { elements }: Operand,
  outer: BoundAxes,
  rows: TileRows,
): LaneReader {
  if (elements.kind !== "decoded") return plainReader(asm, elements);
  return openDecoder(asm, context, elements, outer, rows);
}
