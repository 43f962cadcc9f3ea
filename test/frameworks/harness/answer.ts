/** In a page: how its script answers a test's tasks. */
import type { Answer } from "./visit.ts";

type Respond<Task> = (task: Task) => Promise<Answer>;

/** `run`: task → result, both JSON; what it throws becomes the error of the test's `ask`. */
export function answerWith<Task>(run: (task: Task) => Promise<unknown>): void {
  const { answer } = globalThis as unknown as { answer: (how: Respond<Task>) => void };
  answer(async (task) => {
    try {
      return { value: await run(task) };
    } catch (error) {
      return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
  });
}
