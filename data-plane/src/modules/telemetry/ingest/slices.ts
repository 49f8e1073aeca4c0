/** What costs less than a request does anyway is done at once. */
const smallBytes = 16 * 1024;

/**
 * Large bodies are worked on one at a time, one in a turn of the event loop: in between it looks at what else has come. So
 * who sends them on many connections waits for himself, and others for some milliseconds of his at most.
 */
export function createSlices() {
  const waiting: (() => void)[] = [];
  let isRunning = false;

  function next(): void {
    const first = waiting.shift();
    isRunning = first !== undefined;
    if (first === undefined) return;
    first();
    setImmediate(next);
  }

  return {
    /** Resolves when it is the turn of so much; null: it need not wait. */
    turn(bytes: number): Promise<void> | null {
      if (bytes < smallBytes) return null;
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (isRunning) return;
        isRunning = true;
        setImmediate(next);
      });
    },
  };
}

export type Slices = ReturnType<typeof createSlices>;
