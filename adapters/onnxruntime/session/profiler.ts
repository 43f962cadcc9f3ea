/** Times what a session does, between startProfiling and endProfiling. */

/** Kept between startProfiling and endProfiling. Milliseconds of `performance.now()`. */
export interface ProfileEvent {
  readonly what: "build" | "dispatch" | "read" | "run";
  readonly start: number;
  readonly duration: number;
}

export interface Profiler {
  readonly timed: <T>(what: ProfileEvent["what"], work: () => Promise<T>) => Promise<T>;
  readonly setProfiling: (isOn: boolean) => void;
  readonly events: () => readonly ProfileEvent[];
}

export function makeProfiler(): Profiler {
  let profile: ProfileEvent[] = [];
  let isProfiling = false;
  return {
    async timed(what, work) {
      if (!isProfiling) return work();
      const start = performance.now();
      try {
        return await work();
      } finally {
        profile.push({ what, start, duration: performance.now() - start });
      }
    },
    setProfiling(isOn) {
      if (isOn && !isProfiling) profile = [];
      isProfiling = isOn;
    },
    events: () => [...profile],
  };
}
