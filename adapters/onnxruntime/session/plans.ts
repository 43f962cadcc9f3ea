/** The plans of one session, each made again when barriers have come up since. */
import { makeBarriers, type Barriers } from "../convert/barriers.ts";
import type { Model } from "../model/model.ts";
import type { Scope } from "./control.ts";
import { planSteps, type Step } from "./plan.ts";

export interface Plans {
  readonly barriers: Barriers;
  readonly stepsOf: (scope: Scope) => readonly Step[];
}

export function makePlans(opsets: Model["opsets"]): Plans {
  const barriers = makeBarriers();
  const plans = new WeakMap<Scope, { readonly steps: readonly Step[]; readonly count: number }>();
  return {
    barriers,
    stepsOf(scope) {
      const known = plans.get(scope);
      const count = barriers.count();
      if (known?.count === count) return known.steps;
      const steps = planSteps(scope, opsets, barriers);
      plans.set(scope, { steps, count });
      return steps;
    },
  };
}
