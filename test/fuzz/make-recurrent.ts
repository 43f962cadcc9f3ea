/** Makers of lstm, gru and their cells, with any of their options. */
import type { StorageType } from "../../core-webnn/util/data-type.ts";
import { roundTo, countOf, type Shape } from "../reference/ops/tensor.ts";
import type { Draft, Maker, Makers } from "./draft.ts";

/** What the two families differ in. */
interface Family {
  readonly gates: number;
  readonly layouts: readonly string[];
  readonly activations: number;
  readonly hasCell: boolean;
}
const lstm: Family = { gates: 4, layouts: ["iofg", "ifgo"], activations: 3, hasCell: true };
const gru: Family = { gates: 3, layouts: ["zrn", "rzn"], activations: 2, hasCell: false };

function cell(family: Family): Maker {
  return (draft, op) => {
    const sizes = sizesOf(draft);
    const { batch, input, hidden } = sizes;
    const tensor = tensorsOf(draft, op);
    draft.call(op, {
      input: tensor([batch, input]),
      weight: tensor([family.gates * hidden, input]),
      recurrentWeight: tensor([family.gates * hidden, hidden]),
      hiddenState: tensor([batch, hidden]),
      ...(family.hasCell && { cellState: tensor([batch, hidden]) }),
      hiddenSize: hidden,
      ...options(draft, family, [], hidden, tensor),
    });
  };
}

function sequence(family: Family): Maker {
  return (draft, op) => {
    const { batch, input, hidden } = sizesOf(draft);
    const steps = draft.pick([1, 2, 3, 5, 9]);
    const direction = draft.maybe(() => draft.pick(["forward", "backward", "both"]));
    const directions = direction === "both" ? 2 : 1;
    const tensor = tensorsOf(draft, op);
    const initial = (): string | undefined =>
      draft.maybe(() => tensor([directions, batch, hidden]));
    draft.call(op, {
      input: tensor([steps, batch, input]),
      weight: tensor([directions, family.gates * hidden, input]),
      recurrentWeight: tensor([directions, family.gates * hidden, hidden]),
      steps,
      hiddenSize: hidden,
      ...options(draft, family, [directions], hidden, tensor),
      initialHiddenState: initial(),
      ...(family.hasCell && { initialCellState: initial() }),
      returnSequence: draft.maybe(() => draft.chance(0.7)),
      direction,
    });
  };
}

function sizesOf(draft: Draft) {
  return {
    batch: draft.pick([1, 2, 3]),
    input: draft.pick([1, 2, 3, 4, 5]),
    hidden: draft.pick([1, 2, 3, 4, 5, 8]),
  };
}

/** Makes operands of one type; small, so that states stay so. */
function tensorsOf(draft: Draft, op: string): (shape: Shape) => string {
  const dataType: StorageType = draft.typeOf(op, "input");
  return (shape) => {
    const values = Array.from({ length: countOf(shape) }, () =>
      roundTo(dataType, (draft.below(2001) - 1000) / 1000),
    );
    return draft.leaf(dataType, shape, values).name;
  };
}

function options(
  draft: Draft,
  { gates, layouts, activations, hasCell }: Family,
  directions: Shape,
  hidden: number,
  tensor: (shape: Shape) => string,
) {
  const maybe = (shape: Shape): string | undefined => draft.maybe(() => tensor(shape));
  return {
    bias: maybe([...directions, gates * hidden]),
    recurrentBias: maybe([...directions, gates * hidden]),
    ...(hasCell
      ? { peepholeWeight: maybe([...directions, 3 * hidden]) }
      : { resetAfter: draft.maybe(() => draft.chance(0.5)) }),
    layout: draft.maybe(() => draft.pick(layouts)),
    activations: draft.maybe(() =>
      Array.from({ length: activations }, () => draft.pick(["relu", "sigmoid", "tanh"])),
    ),
  };
}

export const recurrentMakers: Makers = {
  lstm: sequence(lstm),
  lstmCell: cell(lstm),
  gru: sequence(gru),
  gruCell: cell(gru),
};
