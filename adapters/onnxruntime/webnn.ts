/**
 * The part of the WebNN API that this adapter uses (https://www.w3.org/TR/webnn/).
 *
 * Shapes and attributes are `Size`s: numbers on every context, also symbolic ones where the context
 * offers dynamic dimensions. Any object that has these members will do, a browser's own too.
 */
import type { Size } from "./core.ts";
import type { StoredType } from "./model/element-type.ts";

export interface Context {
  createTensor(descriptor: TensorDescriptor): Promise<DeviceTensor>;
  createConstantTensor(descriptor: Descriptor<number>, bytes: Uint8Array): Promise<DeviceTensor>;
  writeTensor(tensor: DeviceTensor, bytes: ArrayBufferView | ArrayBuffer): void;
  readTensor(tensor: DeviceTensor): Promise<ArrayBuffer>;
  dispatch(graph: CompiledGraph, inputs: Tensors, outputs: Tensors): void;
  opSupportLimits(): { readonly constant: { readonly dataTypes: readonly string[] } };
  destroy(): void;
}

export type Tensors = Readonly<Record<string, DeviceTensor>>;

export interface Descriptor<S = Size> {
  readonly dataType: StoredType;
  readonly shape: readonly S[];
}

export interface TensorDescriptor extends Descriptor<number> {
  readonly readable?: boolean;
  readonly writable?: boolean;
}

/** MLTensor */
export interface DeviceTensor extends Descriptor<number> {
  destroy(): void;
}

/** MLGraph */
export interface CompiledGraph {
  /** Of this project and of some browsers: where the graph runs. */
  readonly devices?: readonly string[];
  destroy(): void;
}

/** MLOperand */
export type Operand = Descriptor;

export interface Options {
  readonly label?: string;
}

type Unary = (input: Operand, options?: Options) => Operand;
type Binary = (a: Operand, b: Operand, options?: Options) => Operand;
type Reduction = (input: Operand, options?: ReduceOptions) => Operand;

export interface ReduceOptions extends Options {
  readonly axes?: readonly number[];
  readonly keepDimensions?: boolean;
}

export type UnaryMethod =
  | "abs"
  | "ceil"
  | "cos"
  | "erf"
  | "exp"
  | "floor"
  | "gelu"
  | "hardSwish"
  | "identity"
  | "isInfinite"
  | "isNaN"
  | "log"
  | "logicalNot"
  | "neg"
  | "reciprocal"
  | "relu"
  | "roundEven"
  | "sigmoid"
  | "sign"
  | "sin"
  | "softplus"
  | "softsign"
  | "sqrt"
  | "tan"
  | "tanh";

export type BinaryMethod =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "max"
  | "min"
  | "pow"
  | "equal"
  | "greater"
  | "greaterOrEqual"
  | "lesser"
  | "lesserOrEqual"
  | "notEqual"
  | "logicalAnd"
  | "logicalOr"
  | "logicalXor"
  | "matmul"
  | "prelu";

export type ReduceMethod =
  | "reduceL1"
  | "reduceL2"
  | "reduceLogSum"
  | "reduceLogSumExp"
  | "reduceMax"
  | "reduceMean"
  | "reduceMin"
  | "reduceProduct"
  | "reduceSum"
  | "reduceSumSquare";

/** Padding: beginning and end of the height, then of the width. */
export interface WindowOptions extends Options {
  readonly padding: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

export interface ConvOptions extends WindowOptions {
  readonly groups: number;
  readonly bias?: Operand;
}

export interface ConvTransposeOptions extends ConvOptions {
  readonly outputPadding?: readonly number[];
  readonly outputSizes?: readonly number[];
}

export interface PoolOptions extends WindowOptions {
  readonly windowDimensions: readonly number[];
  readonly outputShapeRounding?: "floor" | "ceil";
}

export interface NormalizationOptions extends Options {
  readonly scale?: Operand;
  readonly bias?: Operand;
  readonly epsilon?: number;
}

export type RecurrentActivation = "relu" | "sigmoid" | "tanh";

interface RecurrentOptions extends Options {
  readonly bias?: Operand;
  readonly recurrentBias?: Operand;
  readonly initialHiddenState?: Operand;
  readonly returnSequence?: boolean;
  readonly direction?: "forward" | "backward" | "both";
  readonly activations?: readonly RecurrentActivation[];
}

export interface LstmOptions extends RecurrentOptions {
  readonly peepholeWeight?: Operand;
  readonly initialCellState?: Operand;
  readonly layout?: "iofg" | "ifgo";
}

export interface GruOptions extends RecurrentOptions {
  readonly resetAfter?: boolean;
  readonly layout?: "zrn" | "rzn";
}

/** Input, weight, recurrent weight. */
type Recurrent<O> = (
  input: Operand,
  weight: Operand,
  recurrentWeight: Operand,
  steps: number,
  hiddenSize: number,
  options?: O,
) => readonly Operand[];

export type PoolMethod = "averagePool2d" | "l2Pool2d" | "maxPool2d";

export type ArgMethod = "argMax" | "argMin";

type ArgExtreme = (
  input: Operand,
  axis: number,
  options?: Options & {
    readonly keepDimensions?: boolean;
    readonly outputDataType?: "int32" | "int64";
  },
) => Operand;

/** MLGraphBuilder */
export interface Builder
  extends
    Readonly<Record<UnaryMethod, Unary>>,
    Readonly<Record<BinaryMethod, Binary>>,
    Readonly<Record<ReduceMethod, Reduction>>,
    Readonly<Record<PoolMethod, (input: Operand, options: PoolOptions) => Operand>>,
    Readonly<Record<ArgMethod, ArgExtreme>> {
  input(name: string, descriptor: Descriptor): Operand;
  constant(descriptor: Descriptor<number>, bytes: Uint8Array): Operand;
  constant(tensor: DeviceTensor): Operand;
  build(outputs: Readonly<Record<string, Operand>>): Promise<CompiledGraph>;

  batchNormalization(
    input: Operand,
    mean: Operand,
    variance: Operand,
    options?: NormalizationOptions & { readonly axis?: number },
  ): Operand;
  cast(input: Operand, dataType: StoredType, options?: Options): Operand;
  clamp(
    input: Operand,
    options?: Options & { readonly minValue?: number; readonly maxValue?: number },
  ): Operand;
  concat(inputs: readonly Operand[], axis: number, options?: Options): Operand;
  conv2d(input: Operand, filter: Operand, options: ConvOptions): Operand;
  convTranspose2d(input: Operand, filter: Operand, options: ConvTransposeOptions): Operand;
  cumulativeSum(
    input: Operand,
    axis: number,
    options?: Options & { readonly exclusive?: boolean; readonly reversed?: boolean },
  ): Operand;
  dequantizeLinear(x: Operand, scale: Operand, zeroPoint: Operand, options?: Options): Operand;
  quantizeLinear(x: Operand, scale: Operand, zeroPoint: Operand, options?: Options): Operand;
  elu(input: Operand, options?: Options & { readonly alpha?: number }): Operand;
  expand(input: Operand, newShape: readonly Size[], options?: Options): Operand;
  gather(input: Operand, indices: Operand, options?: Options & { readonly axis?: number }): Operand;
  gatherElements(
    input: Operand,
    indices: Operand,
    options?: Options & { readonly axis?: number },
  ): Operand;
  gatherND(input: Operand, indices: Operand, options?: Options): Operand;
  gemm(
    a: Operand,
    b: Operand,
    options?: Options & {
      readonly c?: Operand;
      readonly alpha?: number;
      readonly beta?: number;
      readonly aTranspose?: boolean;
      readonly bTranspose?: boolean;
    },
  ): Operand;
  gru: Recurrent<GruOptions>;
  hardSigmoid(
    input: Operand,
    options?: Options & { readonly alpha?: number; readonly beta?: number },
  ): Operand;
  instanceNormalization(input: Operand, options?: NormalizationOptions): Operand;
  layerNormalization(
    input: Operand,
    options?: NormalizationOptions & { readonly axes?: readonly number[] },
  ): Operand;
  leakyRelu(input: Operand, options?: Options & { readonly alpha?: number }): Operand;
  linear(
    input: Operand,
    options?: Options & { readonly alpha?: number; readonly beta?: number },
  ): Operand;
  lstm: Recurrent<LstmOptions>;
  pad(
    input: Operand,
    beginningPadding: readonly number[],
    endingPadding: readonly number[],
    options?: Options & { readonly mode?: string; readonly value?: number },
  ): Operand;
  resample2d(
    input: Operand,
    options?: Options & {
      readonly mode?: "nearest-neighbor" | "linear";
      readonly scales?: readonly number[];
      readonly sizes?: readonly Size[];
      readonly axes?: readonly number[];
    },
  ): Operand;
  reshape(input: Operand, newShape: readonly Size[], options?: Options): Operand;
  reverse(input: Operand, options?: Options & { readonly axes?: readonly number[] }): Operand;
  scatterElements(
    input: Operand,
    indices: Operand,
    updates: Operand,
    options?: Options & { readonly axis?: number },
  ): Operand;
  scatterND(input: Operand, indices: Operand, updates: Operand, options?: Options): Operand;
  slice(
    input: Operand,
    starts: readonly Size[],
    sizes: readonly Size[],
    options?: Options & { readonly strides?: readonly number[] },
  ): Operand;
  softmax(input: Operand, axis: number, options?: Options): Operand;
  tile(input: Operand, repetitions: readonly Size[], options?: Options): Operand;
  transpose(
    input: Operand,
    options?: Options & { readonly permutation?: readonly number[] },
  ): Operand;
  triangular(
    input: Operand,
    options?: Options & { readonly upper?: boolean; readonly diagonal?: number },
  ): Operand;
  where(condition: Operand, trueValue: Operand, falseValue: Operand, options?: Options): Operand;
}

export interface IotaOptions {
  readonly dataType: StoredType;
  readonly length: Size;
  readonly start?: Size;
  readonly delta?: Size;
}

/** A context together with what it takes to build graphs on it. */
export interface WebNN {
  readonly context: Context;
  readonly createBuilder: () => Builder;
  /** Set where sizes may be symbolic. */
  readonly iota: ((builder: Builder, options: IotaOptions) => Operand) | undefined;
}
