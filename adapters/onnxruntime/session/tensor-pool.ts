/**
 * Device tensors for feeds and results that do not outlive a run. A tensor that comes back is used
 * again for the same type and shape; one that two runs did not need is destroyed.
 */
import type { Context, DeviceTensor, TensorDescriptor } from "../webnn.ts";

export interface TensorPool {
  readonly take: (descriptor: TensorDescriptor) => Promise<DeviceTensor>;
  readonly giveBack: (tensor: DeviceTensor) => void;
  /** Says that a run is over. */
  readonly age: () => void;
  readonly destroy: () => void;
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
  return {
    async take(descriptor) {
      const known = idle.get(keyOf(descriptor))?.pop();
      // All can be written and read, so that any serves as a feed or as a result.
      return (
        known?.tensor ?? context.createTensor({ ...descriptor, readable: true, writable: true })
      );
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
    destroy() {
      for (const list of idle.values()) list.forEach(({ tensor }) => tensor.destroy());
      idle.clear();
    },
  };
}
