/** Lets long work share its thread: what it gives is awaited between parts, and waits when `milliseconds` are over. */
export function pauseEvery(milliseconds: number): () => Promise<void> {
  let end = performance.now() + milliseconds;
  return async () => {
    if (performance.now() < end) return;
    await new Promise((resolve) => setTimeout(resolve));
    end = performance.now() + milliseconds;
  };
}
