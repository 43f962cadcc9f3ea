/** What becomes of contexts in a page whose workers fail: the tasks of failures-in-browser.test.ts. */
import { ml } from "../../core-webnn/index.ts";
import { answerWith } from "../frameworks/harness/answer.ts";
import { beginLongDispatch } from "./long-dispatch.ts";

export interface FailuresTask {
  /** Only opens a context, or destroys it in the middle of a dispatch. */
  readonly kind: "open" | "interrupt";
  readonly numThreads: number;
}

/** What the read said, and the loss. */
export type FailuresAnswer = readonly [read: string, lost: string];

answerWith(async ({ kind, numThreads }: FailuresTask): Promise<FailuresAnswer | undefined> => {
  const context = await ml.createContext({ deviceType: "cpu", numThreads });
  if (kind === "open") return undefined;
  const { reading } = await beginLongDispatch(context);
  await new Promise((resolve) => setTimeout(resolve, 200));
  context.destroy();
  const read = reading.then(
    () => "done",
    (error: Error) => error.name,
  );
  return [await read, (await context.lost).message];
});
