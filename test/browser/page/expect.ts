/** The few assertions that pages need. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${what}: ${a} instead of ${e}`);
}

export function expectTrue(claim: boolean, what: string): asserts claim {
  if (!claim) throw new Error(what);
}
