/** How the elements of an operand that is contiguous along k become lanes to multiply. */
import { unreachable } from "../../util/unreachable.ts";
import type { Assembler, Local } from "../assembler.ts";
import { byteLengthOf } from "./elements.ts";
import type { Elements } from "./elements.ts";
import type { Place } from "./row-pointers.ts";

/** Loads consecutive elements of the rows (or columns) of one tile and converts them. */
export interface LaneReader {
  readonly elementByteLength: number;
  /** How many vectors are best read together. */
  readonly vectorsAtOnce: 1 | 2;
  /** Fills the targets, one after the other, from the elements at `place` in one row of the tile. */
  read(place: Place, row: number, targets: readonly Local[]): void;
  /** Releases what it keeps in locals. */
  close(): void;
}

/** Elements that are multiplied as they are: four floats a vector, or eight integers widened to 16 bits. */
export function plainReader(asm: Assembler, elements: Elements): LaneReader {
  const [name, byteLength] =
    elements.kind === "f32"
      ? (["v128.load", 16] as const)
      : elements.kind === "bytes"
        ? ([elements.storage === "int8" ? "v128.load8x8_s" : "v128.load8x8_u", 8] as const)
        : unreachable("decoded elements are not plain");
  return {
    elementByteLength: byteLengthOf(elements),
    vectorsAtOnce: 1,
    read({ pointer, offset }, _, targets) {
      for (const [v, target] of targets.entries()) {
        asm.get(pointer);
        asm.memory(name, offset + v * byteLength);
        asm.set(target);
      }
    },
    close() {},
  };
}
