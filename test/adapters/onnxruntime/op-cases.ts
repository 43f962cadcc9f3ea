/**
 * One small model per row, and per form that a row treats apart, by family. What onnxruntime-node makes of a family
 * is in golden/, written by make-golden.ts.
 */
import { activations } from "./cases/activations.ts";
import { attention } from "./cases/attention.ts";
import { attentionForms } from "./cases/attention-forms.ts";
import { axes } from "./cases/axes.ts";
import { blockQuantized } from "./cases/block-quantized.ts";
import { binary } from "./cases/binary.ts";
import { casts } from "./cases/casts.ts";
import { control } from "./cases/control.ts";
import { convolutions } from "./cases/convolutions.ts";
import { einsums } from "./cases/einsums.ts";
import { gathers } from "./cases/gathers.ts";
import { halves } from "./cases/halves.ts";
import { integers } from "./cases/integers.ts";
import { layouts } from "./cases/layouts.ts";
import { losses } from "./cases/losses.ts";
import { moves } from "./cases/moves.ts";
import { normalizations } from "./cases/normalizations.ts";
import { numbers } from "./cases/numbers.ts";
import { pads } from "./cases/pads.ts";
import { pools } from "./cases/pools.ts";
import { products } from "./cases/products.ts";
import { qlinear } from "./cases/qlinear.ts";
import { quantized } from "./cases/quantized.ts";
import { random } from "./cases/random.ts";
import { recurrent } from "./cases/recurrent.ts";
import { reductions } from "./cases/reductions.ts";
import { resizes } from "./cases/resizes.ts";
import { selects } from "./cases/selects.ts";
import { samples } from "./cases/samples.ts";
import { shapes } from "./cases/shapes.ts";
import { signals } from "./cases/signals.ts";
import { transformers } from "./cases/transformers.ts";
import { trigonometric } from "./cases/trigonometric.ts";
import { unary } from "./cases/unary.ts";
import { windows } from "./cases/windows.ts";
import type { OpCase } from "./cases/make-case.ts";

export const families = {
  binary,
  unary,
  activations,
  trigonometric,
  numbers,
  integers,
  casts,
  losses,
  random,
  reductions,
  axes,
  products,
  convolutions,
  normalizations,
  windows,
  resizes,
  pads,
  samples,
  halves,
  pools,
  control,
  layouts,
  shapes,
  quantized,
  qlinear,
  recurrent,
  blockQuantized,
  attention,
  attentionForms,
  transformers,
  gathers,
  selects,
  einsums,
  signals,
  moves,
} as const satisfies Readonly<Record<string, readonly OpCase[]>>;

export const opCases: readonly OpCase[] = Object.values(families).flat();
