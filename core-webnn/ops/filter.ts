/** Filters of convolutions: the letters of a layout name its dimensions (o: output channels of a group, i: input channels). */
import { addAddress, constant, mulAddress, sizeAddress } from "../kernel/address.ts";
import type { Address } from "../kernel/ir.ts";
import type { Size } from "../util/size.ts";

/** Of sizes and of addresses alike. */
export interface FilterParts<T> {
  readonly output: T;
  readonly input: T;
  readonly position: readonly T[];
}

export function fromFilter<T>(layout: string, parts: readonly T[]): FilterParts<T> {
  const part = (letter: string): T => parts[layout.indexOf(letter)]!;
  return { output: part("o"), input: part("i"), position: [part("h"), part("w")] };
}

/** In the order of the layout; a layout may leave letters out. */
export function inFilter<T>(
  layout: string,
  { output, input, position: [h, w] }: Partial<FilterParts<T>> & Pick<FilterParts<T>, "position">,
): T[] {
  const parts: Readonly<Record<string, T | undefined>> = { o: output, i: input, h, w };
  return [...layout].map((letter) => parts[letter]!);
}

/** The channel of all groups that is number `channel` of this group; without groups there is no batch axis. */
export function inGroup(batch: readonly Address[], channel: Address, perGroup: Size): Address {
  const [group = constant(0)] = batch;
  return addAddress(mulAddress(group, sizeAddress(perGroup)), channel);
}
