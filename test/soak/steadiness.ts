/** Whether what was measured again and again stays as it is. */

/** Measures by name, in bytes. */
export type Sample = Readonly<Record<string, number>>;

export interface Steadiness {
  readonly measure: string;
  readonly first: number;
  /** Of the last half. */
  readonly low: number;
  readonly high: number;
  /** How far the last half is from its middle, as a part of it. */
  readonly deviation: number;
}

export function steadinessOf(samples: readonly Sample[]): readonly Steadiness[] {
  const lastHalf = samples.slice(Math.floor(samples.length / 2));
  return Object.keys(samples[0]!).map((measure) => {
    const values = lastHalf.map((sample) => sample[measure]!);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const deviation = high === low ? 0 : (high - low) / (high + low);
    return { measure, first: samples[0]![measure]!, low, high, deviation };
  });
}
