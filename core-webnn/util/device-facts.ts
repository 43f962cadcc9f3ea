/** What passes may know of a device. Data, so that shared code asks for a property and never for a device's name. */
import type { StorageType } from "./data-type.ts";

export interface DeviceFacts {
  /** What `graph.devices` and reports say. */
  readonly name: "cpu" | "gpu";
  /** Types that tensors may have. */
  readonly dataTypes: readonly StorageType[];
  readonly maxTensorByteLength: number;
  /** Buffers one kernel may use. */
  readonly maxBuffersPerKernel: number;
  readonly contraction: {
    /**
     * `strided`: both operands must be loads whose address is affine in m, n and k (batch, blocks of n by `panelWidth` aside);
     * others are written to a buffer first. `any`: operands are expressions.
     */
    readonly operands: "strided" | "any";
    /** Columns of a packed panel of a constant f32 operand b, `[n / panelWidth][k][panelWidth]`; 0: not packed. */
    readonly panelWidth: number;
    /** 8-bit and decoded operands are read along k, so k must be their contiguous axis. */
    readonly encodedAlongK: boolean;
  };
}
