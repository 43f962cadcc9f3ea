/**
 * The constants of one session on its device: each is uploaded once, however many graphs use it.
 *
 * Small ones go into each graph as bytes, where a core can fold them. After a large one is uploaded
 * its bytes are let go, so that a model does not stay in memory twice.
 */
import { OnnxModelError } from "../errors.ts";
import { smallConstant, type Constant } from "../model/model.ts";
import type { Builder, Context, DeviceTensor, Operand } from "../webnn.ts";
import { storedType } from "../model/element-type.ts";

export interface ConstantStore {
  /** Uploads what `operand` will be asked for. */
  readonly upload: (constants: readonly Constant[]) => Promise<void>;
  readonly operand: (builder: Builder, constant: Constant) => Operand;
  readonly destroy: () => void;
}

/** `kept` stay on the host as well. */
export function makeConstantStore(
  context: Context,
  kept: ReadonlySet<Constant>,
  onWrite: (byteLength: number) => void,
): ConstantStore {
  const tensors = new Map<Constant, DeviceTensor>();

  const uploadOne = async (constant: Constant): Promise<void> => {
    const { bytes, shape, type } = constant;
    const dataType = storedType(type);
    // A type that WebNN lacks is an error only where an op asks for the operand.
    if (bytes === undefined || dataType === undefined || tensors.has(constant)) return;
    if (bytes.length <= smallConstant) return;
    tensors.set(constant, await context.createConstantTensor({ dataType, shape }, bytes));
    onWrite(bytes.length);
    if (!kept.has(constant)) constant.bytes = undefined;
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
      if (dataType === undefined || bytes === undefined) {
        throw new OnnxModelError(
          "unsupported",
          `the constant '${name}' of type ${type}, which WebNN does not have`,
        );
      }
      return builder.constant({ dataType, shape }, bytes);
    },
    destroy() {
      for (const tensor of tensors.values()) tensor.destroy();
      tensors.clear();
    },
  };
}
