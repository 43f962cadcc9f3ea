/**
 * Device tensors for feeds and results that do not outlive a run. A tensor that comes back is used
 * again for the same type and shape; one that two runs did not need is destroyed, and all that are idle are
 * where memory runs out.
 */
import type { Context, DeviceTensor, TensorDescriptor } from "../webnn.ts";

export interface TensorPool {
  readonly take: (descriptor: TensorDescriptor) => Promise<DeviceTensor>;
  readonly giveBack: (tensor: DeviceTensor) => void;
  /** Says that a run is over. */
  readonly age: () => void;
  /** Destroys what is idle. */
  readonly empty: () => void;
}

const idleRuns = 2;

interface Idle {
  readonly tensor: DeviceTensor;
  readonly since: number;
}

export function makeTensorPool(context: Context): TensorPool {
  const idle = new Map<string, Idle[]>();
  let run = 0;
  const keyOf = ({ dataType, shape }: TensorDescriptor) => `${dataType} ${shape.join(" ")}`;
  // All can be written and read, so that any serves as a feed or as a result.
  const create = (descriptor: TensorDescriptor) =>
    context.createTensor({ ...descriptor, readable: true, writable: true });
  let emptyings = 0;
  const empty = () => {
    emptyings += 1;
    for (const list of idle.values()) list.forEach(({ tensor }) => tensor.destroy());
    idle.clear();
  };
  return {
    async take(descriptor) {
      const known = idle.get(keyOf(descriptor))?.pop();
      if (known !== undefined) return known.tensor;
      const before = emptyings;
      return create(descriptor).catch((error: unknown) => {
        // Of several that fail together one empties the pool, and all try again.
        if (idle.size === 0 && emptyings === before) throw error;
        if (idle.size > 0) empty();
        return create(descriptor);
      });
    },
    giveBack(tensor) {
      const key = keyOf(tensor);
      const list = idle.get(key) ?? [];
      idle.set(key, list);
      list.push({ tensor, since: run });
    },
    age() {
      run += 1;
      for (const [key, list] of idle) {
        const kept = list.filter(({ since }) => run - since <= idleRuns);
        list.filter((item) => !kept.includes(item)).forEach(({ tensor }) => tensor.destroy());
        if (kept.length === 0) idle.delete(key);
        else idle.set(key, kept);
      }
    },
    empty,
  };
}
