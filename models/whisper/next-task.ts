/**
 * Lets the thread's other tasks run: a runtime that computes on this thread answers in microtasks only, so without
 * this a worker would see the message "cancel" when all is done.
 *
 * Not `setTimeout`, which browsers stretch to 4 ms where it is nested: as long as a token takes.
 */
export function nextTask(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => unknown };
  if (setImmediate !== undefined) return new Promise((resolve) => setImmediate(resolve));
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
