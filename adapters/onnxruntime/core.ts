/** What this adapter takes from the core. */
export {
  addSizes,
  divideExactly,
  evaluateSize,
  floorDivideSizes,
  formatShape,
  multiplySizes,
  named,
  sizesEqual,
  subtractSizes,
  type Size,
} from "../../core-webnn/util/size.ts";
export type { DataType } from "../../core-webnn/util/data-type.ts";
