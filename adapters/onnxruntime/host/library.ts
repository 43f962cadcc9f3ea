/** What `compute` of the op table's rows computes with: loaded when the host first has to. */
export { arrayOfBytes, bytesOfArray } from "./array.ts";
export { contractArrays } from "./array-contract.ts";
export { gatherBlocks } from "./array-gather.ts";
export {
  concatArrays,
  expandArray,
  fillArray,
  tileArray,
  transposeArray,
  viewArray,
} from "./array-moves.ts";
export { arrayOfNumbers, roundArray } from "./array-round.ts";
export { mapLines, reduceLines } from "./lines.ts";
export { castArray, mapArrays } from "./map-array.ts";
export { dequantizeArray, encodingOf, quantizeArray } from "./quantize.ts";
