/** Watches how long this thread was kept busy at a stretch: a person feels more than 50 ms. */
export interface TaskWatch {
  /** Ends the watch. Milliseconds of the longest task over 50 ms; 0: none was; null: this browser does not tell. */
  stop(): number | null;
}

export function watchTasks(): TaskWatch {
  if (!PerformanceObserver.supportedEntryTypes.includes("longtask")) return { stop: () => null };
  let longest = 0;
  const note = (entries: PerformanceEntryList) => {
    for (const { duration } of entries) longest = Math.max(longest, duration);
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "longtask" });
  return {
    stop() {
      note(observer.takeRecords());
      observer.disconnect();
      return longest;
    },
  };
}
