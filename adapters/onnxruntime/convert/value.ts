/** What stands behind an ONNX name while a graph is built. */
import type { Size } from "../core.ts";
import type { HostTensor } from "../host/host-tensor.ts";
import type { ElementType } from "../model/element-type.ts";
import type { Constant } from "../model/model.ts";
import type { Operand } from "../webnn.ts";

export type Value =
  | {
      readonly kind: "operand";
      readonly type: ElementType;
      readonly operand: Operand;
      /** Two values whose product this is: scales of a quantised product. */
      readonly factors?: readonly [Value, Value];
    }
  /** A tensor from outside; becomes an input of the graph when an op needs its elements. */
  | {
      readonly kind: "input";
      readonly name: string;
      readonly type: ElementType;
      readonly shape: readonly Size[];
    }
  | { readonly kind: "constant"; readonly constant: Constant }
  | { readonly kind: "host"; readonly host: HostTensor }
  /** Some dimension is 0: there are no elements, and no device hears of it. */
  | { readonly kind: "empty"; readonly type: ElementType; readonly shape: readonly Size[] }
  /** The result of MatMulInteger or ConvInteger, or that cast to float: built as its consumer needs it. */
  | {
      readonly kind: "product";
      readonly type: "int32" | "float32";
      readonly product: IntegerProduct;
    };

/** Two 8-bit tensors to be multiplied and summed; see `integer-product.ts`. */
export interface IntegerProduct {
  readonly a: Quantized;
  readonly b: Quantized;
  /** The product of float operands of the shapes of a and b. */
  readonly multiply: (a: Operand, b: Operand, label: string) => Operand;
  /** The dimensions of a and b that are summed over, and how many products each step along them adds. */
  readonly summed: {
    readonly aAxis: number;
    readonly bAxis: number;
    readonly count: number;
    readonly each: number;
  };
  /** The dimension of b that is also the last one of the result: scales along it may stay with b. */
  readonly bColumnAxis: number | undefined;
  readonly label: string;
}

export interface Quantized {
  readonly value: Value;
  /** Broadcasts against the value; undefined is 0. */
  readonly zeroPoint: Operand | undefined;
}

export function typeOf(value: Value): ElementType {
  switch (value.kind) {
    case "operand":
    case "input":
    case "empty":
    case "product":
      return value.type;
    case "constant":
      return value.constant.type;
    case "host":
      return value.host.type;
    default:
      return value satisfies never;
  }
}
