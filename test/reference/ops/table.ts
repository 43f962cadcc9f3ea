/**
 * The float64 reference: what each op of the standard gives, written naively from its text
 * (https://www.w3.org/TR/webnn/), and independent of how rows are lowered.
 */
import { conversions, functions, arithmetic, logic } from "./elementwise.ts";
import { gathers } from "./gather.ts";
import { products } from "./products.ts";
import { quantizations } from "./quantize.ts";
import { recurrent } from "./recurrent.ts";
import { reductions } from "./reduce.ts";
import type { Arguments, Evaluate, Result } from "./tensor.ts";
import { views } from "./views.ts";
import { windows } from "./windows.ts";

export const evaluators: Readonly<Record<string, Evaluate>> = {
  ...arithmetic,
  ...functions,
  ...conversions,
  ...logic,
  ...views,
  ...gathers,
  ...reductions,
  ...windows,
  ...products,
  ...quantizations,
  ...recurrent,
};

export function evaluate(op: string, args: Arguments): readonly Result[] {
  const known = evaluators[op];
  if (known === undefined) throw new Error(`the reference does not know ${op}`);
  return known(args);
}
