export interface Places {
  /** Resolves when there is a place, in the order of asking. */
  take(): Promise<void>;
  free(): void;
  /** Whoever waits, and whoever comes, is rejected with this. */
  close(reason: Error): void;
  readonly isClosed: boolean;
}

export function createPlaces(count: number): Places {
  const waiting: { resolve(): void; reject(reason: Error): void }[] = [];
  let left = count;
  let closedBy: Error | null = null;
  return {
    take() {
      if (closedBy !== null) return Promise.reject(closedBy);
      if (left > 0) {
        left -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    free() {
      const next = waiting.shift();
      if (next) next.resolve();
      else left += 1;
    },
    close(reason) {
      closedBy ??= reason;
      for (const { reject } of waiting.splice(0)) reject(reason);
    },
    get isClosed() {
      return closedBy !== null;
    },
  };
}
