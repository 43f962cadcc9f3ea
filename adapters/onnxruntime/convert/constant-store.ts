/**
 * The constants of one session on its device: each is uploaded once, however many graphs use it.
 *
 * Small ones go into each graph as bytes, where a core can fold them. After a large one is uploaded, and the
 * graph that wanted it is converted, its bytes are let go, so that a model does not stay in memory twice.
 */
import { smallConstant, type Constant } from "../model/model.ts";
import type { Builder, Context, DeviceTensor, Operand } from "../webnn.ts";
import { storedType } from "../model/element-type.ts";
import { LacksType } from "./graph-writer.ts";

export interface ConstantStore {
  /** Uploads what `operand` will be asked for. */
  readonly upload: (constants: readonly Constant[]) => Promise<void>;
  readonly operand: (builder: Builder, constant: Constant) => Operand;
  /** What conversions computed, by key; the last few are kept for the next conversion. */
  readonly computed: (key: string, make: () => Constant) => Constant;
  /** Lets the bytes of those go that are uploaded. */
  readonly release: (constants: readonly Constant[]) => void;
  /** From now on these stay on the host as well. */
  readonly keep: (constants: Iterable<Constant>) => void;
  readonly destroy: () => void;
}

/** Each may have megabytes; a model has few lengths of Fourier transforms. */
const keptComputed = 8;

export function makeConstantStore(
  context: Context,
  onWrite: (byteLength: number) => void,
): ConstantStore {
  const tensors = new Map<Constant, DeviceTensor>();
  const kept = new Set<Constant>();
  const made = new Map<string, Constant>();

  const uploadOne = async (constant: Constant): Promise<void> => {
    const { bytes, shape, type } = constant;
    const dataType = storedType(type);
    // A type that WebNN lacks is an error only where an op asks for the operand.
    if (bytes === undefined || dataType === undefined || tensors.has(constant)) return;
    if (bytes.length <= smallConstant) return;
    tensors.set(constant, await context.createConstantTensor({ dataType, shape }, bytes));
    onWrite(bytes.length);
  };

  return {
    async upload(constants) {
      for (const constant of constants) await uploadOne(constant);
    },
    operand(builder, constant) {
      const tensor = tensors.get(constant);
      if (tensor !== undefined) return builder.constant(tensor);
      const { bytes, shape, type, name } = constant;
      const dataType = storedType(type);
      if (dataType === undefined) throw new LacksType(type, `the constant '${name}'`);
      if (bytes === undefined)
        throw new Error(`unreachable: '${name}' was released before its upload`);
      return builder.constant({ dataType, shape }, bytes);
    },
    computed(key, make) {
      const constant = made.get(key) ?? make();
      made.delete(key);
      made.set(key, constant);
      const [oldest] = made.keys();
      if (made.size > keptComputed) made.delete(oldest!);
      return constant;
    },
    release(constants) {
      for (const constant of constants) {
        if (tensors.has(constant) && !kept.has(constant)) constant.bytes = undefined;
      }
    },
    keep(constants) {
      for (const constant of constants) kept.add(constant);
    },
    destroy() {
      for (const tensor of tensors.values()) tensor.destroy();
      tensors.clear();
    },
  };
}
