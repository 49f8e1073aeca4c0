/** One clock over all tries of a call, tied to the caller's own signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly endsAtMs: number;
  /** True when the time ran out, false when the caller gave up. */
  readonly passed: boolean;
  clear(): void;
  /** Starts the clock anew. */
  extend(ms: number): void;
  /** `work`, or a rejection as soon as the signal aborts; `work` itself goes on. */
  race<T>(work: Promise<T>): Promise<T>;
  sleep(ms: number): Promise<void>;
}

/** Timers take no more (24 days); they fire at once instead. */
const longestTimerMs = 2 ** 31 - 1;

/** AbortSignal.any and AbortSignal.timeout are younger than some browsers and Node 20 releases that this runs on. */
export function startDeadline(ms: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  let passed = false;
  let endsAtMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const extend = (extendMs: number) => {
    clearTimeout(timer);
    endsAtMs = Date.now() + extendMs;
    timer = setTimeout(
      () => {
        passed = true;
        controller.abort();
      },
      Math.min(extendMs, longestTimerMs),
    );
  };
  extend(ms);
  const giveUp = () => controller.abort(outer?.reason);
  if (outer?.aborted) giveUp();
  else outer?.addEventListener('abort', giveUp);

  const race = async <T>(work: Promise<T>): Promise<T> => {
    let stop: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      if (stop) signal.removeEventListener('abort', stop);
    }
  };
  const sleep = async (sleepMs: number) => {
    let wake: ReturnType<typeof setTimeout> | undefined;
    try {
      await race(new Promise<void>((resolve) => (wake = setTimeout(resolve, sleepMs))));
    } finally {
      clearTimeout(wake);
    }
  };
  return {
    signal,
    get endsAtMs() {
      return endsAtMs;
    },
    get passed() {
      return passed;
    },
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', giveUp);
    },
    extend,
    race,
    sleep,
  };
}
