/** How long tests wait. */
import { setTimeout } from "node:timers/promises";

/**
 * Milliseconds that a test waits for what must come. What hangs will not come in an hour either; what works may take
 * minutes where others keep the processors busy, and no test is to fail for that.
 */
export const patience = 300_000;

/** Whether it becomes so within so many milliseconds; looked at ten times a second. */
export async function becomes(
  isSo: () => boolean | Promise<boolean>,
  within = patience,
): Promise<boolean> {
  for (const end = Date.now() + within; Date.now() < end; await setTimeout(100)) {
    if (await isSo()) return true;
  }
  return isSo();
}
