/** Throws for what can only be our own mistake; callers' mistakes throw what the spec says. */
export function unreachable(message: string): never {
  throw new Error(`unreachable: ${message}`);
}
