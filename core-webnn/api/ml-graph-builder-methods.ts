/** Types of the methods that MLGraphBuilder gets from the op table: the standard's IDL, one line per op. */
import type { MLDimension, MLOperandDataType } from "./descriptor.ts";
import type { MLOperand } from "./ml-operand.ts";

export interface MLOperatorOptions {
  readonly label?: string;
}

export type MLNumber = number | bigint;
export type MLGruWeightLayout = "zrn" | "rzn";
export type MLLstmWeightLayout = "iofg" | "ifgo";
export type MLRecurrentNetworkActivation = "relu" | "sigmoid" | "tanh";
export type MLRecurrentNetworkDirection = "forward" | "backward" | "both";
export type MLInputOperandLayout = "nchw" | "nhwc";
/** Numbers in the standard; where a context has dynamic dimensions also sizes over named ones. */
export type MLSizes = Iterable<MLDimension>;
type Numbers = Iterable<number>;
type With<T> = MLOperatorOptions & Readonly<Partial<T>>;
/** What a recurrent network has beside what its cell has. */
type Sequence = With<{
  initialHiddenState: MLOperand;
  returnSequence: boolean;
  direction: MLRecurrentNetworkDirection;
}>;

export type MLArgMinMaxOptions = With<{
  keepDimensions: boolean;
  outputDataType: MLOperandDataType;
}>;
export type MLBatchNormalizationOptions = With<{
  scale: MLOperand;
  bias: MLOperand;
  axis: number;
  epsilon: number;
}>;
export type MLClampOptions = With<{ minValue: MLNumber; maxValue: MLNumber }>;
export type MLConv2dOptions = With<{
  padding: Numbers;
  strides: Numbers;
  dilations: Numbers;
  groups: number;
  inputLayout: MLInputOperandLayout;
  filterLayout: "oihw" | "hwio" | "ohwi" | "ihwo";
  bias: MLOperand;
}>;
export type MLConvTranspose2dOptions = With<{
  padding: Numbers;
  strides: Numbers;
  dilations: Numbers;
  outputPadding: Numbers;
  outputSizes: Numbers;
  groups: number;
  inputLayout: MLInputOperandLayout;
  filterLayout: "iohw" | "hwoi" | "ohwi";
  bias: MLOperand;
}>;
export type MLCumulativeSumOptions = With<{ exclusive: boolean; reversed: boolean }>;
export type MLEluOptions = With<{ alpha: number }>;
export type MLGatherOptions = With<{ axis: number }>;
export type MLGemmOptions = With<{
  c: MLOperand;
  alpha: number;
  beta: number;
  aTranspose: boolean;
  bTranspose: boolean;
}>;
export type MLGruCellOptions = With<{
  bias: MLOperand;
  recurrentBias: MLOperand;
  resetAfter: boolean;
  layout: MLGruWeightLayout;
  activations: Iterable<MLRecurrentNetworkActivation>;
}>;
export type MLGruOptions = MLGruCellOptions & Sequence;
export type MLHardSigmoidOptions = With<{ alpha: number; beta: number }>;
export type MLInstanceNormalizationOptions = With<{
  scale: MLOperand;
  bias: MLOperand;
  epsilon: number;
  layout: MLInputOperandLayout;
}>;
export type MLLayerNormalizationOptions = With<{
  scale: MLOperand;
  bias: MLOperand;
  axes: Numbers;
  epsilon: number;
}>;
export type MLLeakyReluOptions = With<{ alpha: number }>;
export type MLLinearOptions = With<{ alpha: number; beta: number }>;
export type MLLstmCellOptions = With<{
  bias: MLOperand;
  recurrentBias: MLOperand;
  peepholeWeight: MLOperand;
  layout: MLLstmWeightLayout;
  activations: Iterable<MLRecurrentNetworkActivation>;
}>;
export type MLLstmOptions = MLLstmCellOptions & Sequence & With<{ initialCellState: MLOperand }>;
export type MLPadOptions = With<{ mode: "constant" | "edge" | "reflection"; value: MLNumber }>;
export type MLPool2dOptions = With<{
  windowDimensions: Numbers;
  padding: Numbers;
  strides: Numbers;
  dilations: Numbers;
  layout: MLInputOperandLayout;
  outputShapeRounding: "floor" | "ceil";
  outputSizes: Numbers;
}>;
export type MLReduceOptions = With<{ axes: Numbers; keepDimensions: boolean }>;
export type MLResample2dOptions = With<{
  mode: "nearest-neighbor" | "linear";
  scales: Numbers;
  sizes: MLSizes;
  axes: Numbers;
}>;
export type MLReverseOptions = With<{ axes: Numbers }>;
export type MLScatterOptions = With<{ axis: number }>;
export type MLSliceOptions = With<{ strides: Numbers }>;
export type MLSplitOptions = With<{ axis: number }>;
export type MLTransposeOptions = With<{ permutation: Numbers }>;
export type MLTriangularOptions = With<{ upper: boolean; diagonal: number }>;

type Unary<O = MLOperatorOptions> = (input: MLOperand, options?: O) => MLOperand;
type Binary = (a: MLOperand, b: MLOperand, options?: MLOperatorOptions) => MLOperand;
type LogicalUnary = (a: MLOperand, options?: MLOperatorOptions) => MLOperand;
type ArgMinMax = (input: MLOperand, axis: number, options?: MLArgMinMaxOptions) => MLOperand;
type Gather<O> = (input: MLOperand, indices: MLOperand, options?: O) => MLOperand;
type Ternary = (a: MLOperand, b: MLOperand, c: MLOperand, options?: MLOperatorOptions) => MLOperand;
type Recurrent<O> = (input: MLOperand, weight: MLOperand, recurrentWeight: MLOperand, steps: number, hiddenSize: number, options?: O) => MLOperand[]; // prettier-ignore
type Scatter<O> = (
  input: MLOperand,
  indices: MLOperand,
  updates: MLOperand,
  options?: O,
) => MLOperand;

// prettier-ignore
export interface MLGraphBuilderMethods {
  readonly argMin: ArgMinMax;
  readonly argMax: ArgMinMax;
  readonly batchNormalization: (input: MLOperand, mean: MLOperand, variance: MLOperand, options?: MLBatchNormalizationOptions) => MLOperand;
  readonly cast: (input: MLOperand, dataType: MLOperandDataType, options?: MLOperatorOptions) => MLOperand;
  readonly clamp: Unary<MLClampOptions>;
  readonly concat: (inputs: Iterable<MLOperand>, axis: number, options?: MLOperatorOptions) => MLOperand;
  readonly conv2d: (input: MLOperand, filter: MLOperand, options?: MLConv2dOptions) => MLOperand;
  readonly convTranspose2d: (input: MLOperand, filter: MLOperand, options?: MLConvTranspose2dOptions) => MLOperand;
  readonly cumulativeSum: (input: MLOperand, axis: number, options?: MLCumulativeSumOptions) => MLOperand;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly max: Binary;
  readonly min: Binary;
  readonly pow: Binary;
  readonly equal: Binary;
  readonly notEqual: Binary;
  readonly greater: Binary;
  readonly greaterOrEqual: Binary;
  readonly lesser: Binary;
  readonly lesserOrEqual: Binary;
  readonly logicalNot: LogicalUnary;
  readonly logicalAnd: Binary;
  readonly logicalOr: Binary;
  readonly logicalXor: Binary;
  readonly isNaN: LogicalUnary;
  readonly isInfinite: LogicalUnary;
  readonly abs: Unary;
  readonly ceil: Unary;
  readonly cos: Unary;
  readonly erf: Unary;
  readonly exp: Unary;
  readonly floor: Unary;
  readonly identity: Unary;
  readonly log: Unary;
  readonly neg: Unary;
  readonly reciprocal: Unary;
  readonly roundEven: Unary;
  readonly sin: Unary;
  readonly sign: Unary;
  readonly sqrt: Unary;
  readonly tan: Unary;
  /** input, scale, zeroPoint */
  readonly dequantizeLinear: Ternary;
  /** input, scale, zeroPoint */
  readonly quantizeLinear: Ternary;
  readonly elu: Unary<MLEluOptions>;
  readonly expand: (input: MLOperand, newShape: MLSizes, options?: MLOperatorOptions) => MLOperand;
  readonly gather: Gather<MLGatherOptions>;
  readonly gatherElements: Gather<MLGatherOptions>;
  readonly gatherND: Gather<MLOperatorOptions>;
  readonly gelu: Unary;
  readonly gemm: (a: MLOperand, b: MLOperand, options?: MLGemmOptions) => MLOperand;
  readonly gru: Recurrent<MLGruOptions>;
  readonly gruCell: (input: MLOperand, weight: MLOperand, recurrentWeight: MLOperand, hiddenState: MLOperand, hiddenSize: number, options?: MLGruCellOptions) => MLOperand;
  readonly hardSigmoid: Unary<MLHardSigmoidOptions>;
  readonly hardSwish: Unary;
  readonly instanceNormalization: Unary<MLInstanceNormalizationOptions>;
  readonly layerNormalization: Unary<MLLayerNormalizationOptions>;
  readonly leakyRelu: Unary<MLLeakyReluOptions>;
  readonly linear: Unary<MLLinearOptions>;
  readonly lstm: Recurrent<MLLstmOptions>;
  readonly lstmCell: (input: MLOperand, weight: MLOperand, recurrentWeight: MLOperand, hiddenState: MLOperand, cellState: MLOperand, hiddenSize: number, options?: MLLstmCellOptions) => MLOperand[];
  readonly matmul: Binary;
  readonly pad: (input: MLOperand, beginningPadding: Numbers, endingPadding: Numbers, options?: MLPadOptions) => MLOperand;
  readonly averagePool2d: Unary<MLPool2dOptions>;
  readonly l2Pool2d: Unary<MLPool2dOptions>;
  readonly maxPool2d: Unary<MLPool2dOptions>;
  readonly prelu: (input: MLOperand, slope: MLOperand, options?: MLOperatorOptions) => MLOperand;
  readonly reduceL1: Unary<MLReduceOptions>;
  readonly reduceL2: Unary<MLReduceOptions>;
  readonly reduceLogSum: Unary<MLReduceOptions>;
  readonly reduceLogSumExp: Unary<MLReduceOptions>;
  readonly reduceMax: Unary<MLReduceOptions>;
  readonly reduceMean: Unary<MLReduceOptions>;
  readonly reduceMin: Unary<MLReduceOptions>;
  readonly reduceProduct: Unary<MLReduceOptions>;
  readonly reduceSum: Unary<MLReduceOptions>;
  readonly reduceSumSquare: Unary<MLReduceOptions>;
  readonly relu: Unary;
  readonly resample2d: Unary<MLResample2dOptions>;
  readonly reshape: (input: MLOperand, newShape: MLSizes, options?: MLOperatorOptions) => MLOperand;
  readonly reverse: Unary<MLReverseOptions>;
  readonly scatterElements: Scatter<MLScatterOptions>;
  readonly scatterND: Scatter<MLOperatorOptions>;
  readonly sigmoid: Unary;
  readonly slice: (input: MLOperand, starts: MLSizes, sizes: MLSizes, options?: MLSliceOptions) => MLOperand;
  readonly softmax: (input: MLOperand, axis: number, options?: MLOperatorOptions) => MLOperand;
  readonly softplus: Unary;
  readonly softsign: Unary;
  readonly split: (input: MLOperand, splits: number | Numbers, options?: MLSplitOptions) => MLOperand[];
  readonly tanh: Unary;
  readonly tile: (input: MLOperand, repetitions: MLSizes, options?: MLOperatorOptions) => MLOperand;
  readonly transpose: Unary<MLTransposeOptions>;
  readonly triangular: Unary<MLTriangularOptions>;
  /** condition, trueValue, falseValue */
  readonly where: Ternary;
}
