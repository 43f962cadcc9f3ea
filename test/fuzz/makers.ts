/** What random graphs are made of: by op, how to draw its operands and options from a draft. */
import type { Makers } from "./draft.ts";
import { elementwiseMakers } from "./make-elementwise.ts";
import { recurrentMakers } from "./make-recurrent.ts";
import { reduceMakers } from "./make-reduce.ts";
import { viewMakers } from "./make-views.ts";
import { windowMakers } from "./make-windows.ts";

export const makers: Makers = {
  ...elementwiseMakers,
  ...viewMakers,
  ...reduceMakers,
  ...windowMakers,
  ...recurrentMakers,
};
