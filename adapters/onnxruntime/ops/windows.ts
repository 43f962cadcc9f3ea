/** Windows and the mel scale: tensors that are made of a few numbers alone. */
import { stored } from "../convert/graph-writer.ts";
import type { NodeContext } from "../convert/node-context.ts";
import type { Value } from "../convert/value.ts";
import { bytesOfArray, type HostArray } from "../host/array.ts";
import { arrayOfNumbers } from "../host/array-round.ts";
import { isHostType } from "../host/host-tensor.ts";
import { elementTypeOf, type ElementType } from "../model/element-type.ts";
import { op, type OpRow } from "./row.ts";
import { sizedNode, type SizedNode } from "./sized-node.ts";

export const windowRows: readonly OpRow[] = [
  made("HannWindow", cosineWindow(0.5, 0.5)),
  made("HammingWindow", cosineWindow(25 / 46, 21 / 46)),
  made("BlackmanWindow", cosineWindow(0.42, 0.5, 0.08)),
  made("MelWeightMatrix", melWeights),
];

/** Made elements are at most so many: a window of minutes, or thousands of bands. */
const mostElements = 2 ** 26;

/** A tensor of `output_datatype` that inputs on the host say all of. */
function made(name: string, make: (node: SizedNode, type: ElementType) => HostArray): OpRow {
  const typeOf = (node: SizedNode) => {
    const code = node.int("output_datatype", 1);
    return elementTypeOf(code) ?? node.fail(`output_datatype ${code}`);
  };
  return op(name, {
    since: 17,
    convert(node: NodeContext): Value {
      const type = typeOf(node);
      stored(type);
      const types = node.node.inputs.map((_, i) => node.type(i));
      const unread = types.find((given) => !isHostType(given));
      if (unread !== undefined) node.leaveToHost(`an input of type ${unread}`);
      const array = make(node, type);
      if (array.shape.includes(0)) return { kind: "empty", type, shape: array.shape };
      const bytes = bytesOfArray(array);
      return { kind: "constant", constant: { name: "", type, shape: array.shape, bytes } };
    },
    compute(node, inputs) {
      const sized = sizedNode(node, inputs);
      return [make(sized, typeOf(sized))];
    },
  });
}

/** An input of one element as a number. */
function numberInput(node: SizedNode, input: number): number {
  const element = node.integers(input)[0] ?? node.fail(`input ${input} is empty`);
  return node.decisions.number(element);
}

/** a₀ − a₁ cos(2πn/N) + a₂ cos(4πn/N) − …; N is the size, of symmetric windows one less. */
function cosineWindow(...terms: readonly number[]) {
  return (node: SizedNode, type: ElementType): HostArray => {
    const size = numberInput(node, 0);
    if (!(size >= 0 && size <= mostElements)) {
      node.fail(`a window of size ${size}, expected 0 to ${mostElements}`);
    }
    const period = node.int("periodic", 1) !== 0 ? size : size - 1;
    const at = (n: number) =>
      terms.reduce((sum, term, i) => {
        const cosine = period === 0 ? 1 : Math.cos((2 * Math.PI * i * n) / period);
        return sum + (i % 2 === 0 ? term : -term) * cosine;
      }, 0);
    return arrayOfNumbers(
      type,
      [size],
      Float64Array.from({ length: size }, (_, n) => at(n)),
    );
  };
}

/**
 * Triangles over the bins of a spectrum, evenly spaced in mel(f) = 2595 log₁₀(1 + f/700). Where their edges fall on bins is
 * ONNX's reference: floor((length + 1) · f / rate).
 */
function melWeights(node: SizedNode, type: ElementType): HostArray {
  const [bands, length, rate, lowest, highest] = [0, 1, 2, 3, 4].map((i) => numberInput(node, i));
  const bins = Math.floor(length! / 2) + 1;
  if (!(bands! >= 1 && length! >= 1 && rate! >= 1 && bins * bands! <= mostElements)) {
    node.fail(`${bands} bands of a DFT of length ${length} at ${rate} samples a second`);
  }
  const toMel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
  const step = (toMel(highest!) - toMel(lowest!)) / (bands! + 2);
  const edge = (i: number) => {
    const hertz = 700 * (10 ** ((i * step + toMel(lowest!)) / 2595) - 1);
    const bin = Math.floor(((length! + 1) * hertz) / rate!);
    if (bin >= 0 && bin < bins) return bin;
    return node.fail(`a band from ${lowest} to ${highest} Hz reaches bin ${bin} of ${bins}`);
  };
  const weights = new Float64Array(bins * bands!);
  for (let band = 0; band < bands!; band++) {
    const [low, centre, high] = [edge(band), edge(band + 1), edge(band + 2)];
    const set = (bin: number, weight: number) => void (weights[bin * bands! + band] = weight);
    for (let bin = low; bin < centre; bin++) set(bin, (bin - low) / (centre - low));
    for (let bin = centre; bin < high; bin++) set(bin, (high - bin) / (high - centre));
    // The peak is 1 also where the triangle has no width.
    set(centre, 1);
  }
  return arrayOfNumbers(type, [bins, bands!], weights);
}
