/** One thing to do per key. */
export interface Turns<T extends { readonly id: string }> {
  /** Has it done soon: at once, or some time after it was done last. Asked for twice before it begins, it is done once. */
  ask(item: T): void;
  /** What runs ends; nothing begins any more. */
  stop(): Promise<void>;
}

interface Turn<T> {
  item: T;
  state: 'waiting' | 'running' | 'resting';
  /** Asked for while it ran or rested. */
  isAsked: boolean;
  timer: NodeJS.Timeout | null;
}

export interface TurnsOptions<T> {
  readonly atOnce: number;
  /** Done at most this often, so that what comes in one by one is done many at a time. */
  readonly restMs: number;
  /** Of its time: who needs long rests longer. */
  readonly shareOfTime: number;
  /** How long it is not its turn again however much waits; absent: not at all. */
  readonly waitMs?: (item: T) => number;
  /**
   * Whether more waits: then it is its turn again after all others that wait, and when it need not wait itself. What it
   * throws is a failure.
   */
  run(item: T): Promise<boolean>;
}

/** Has things done in turns, a key at a time, so that one with a great deal waiting delays others by a turn. */
export function createTurns<T extends { readonly id: string }>(options: TurnsOptions<T>): Turns<T> {
  const { atOnce, restMs, shareOfTime, waitMs = () => 0, run } = options;
  const turns = new Map<string, Turn<T>>();
  // Sets keep the order in which things were put into them.
  const waiting = new Set<Turn<T>>();
  const running = new Set<Promise<void>>();
  let isStopped = false;

  function wait(turn: Turn<T>): void {
    turn.state = 'waiting';
    turn.isAsked = false;
    waiting.add(turn);
    startNext();
  }

  function startNext(): void {
    for (const turn of waiting) {
      if (isStopped || running.size >= atOnce) return;
      waiting.delete(turn);
      turn.state = 'running';
      const one = take(turn).finally(() => {
        running.delete(one);
        startNext();
      });
      running.add(one);
    }
  }

  async function take(turn: Turn<T>): Promise<void> {
    const startedMs = performance.now();
    const hasMore = await run(turn.item).catch(() => false);
    if (isStopped) return;
    const pauseMs = waitMs(turn.item);
    if (hasMore && pauseMs === 0) wait(turn);
    else if (hasMore) rest(turn, pauseMs);
    else rest(turn, Math.max(restMs, pauseMs, (performance.now() - startedMs) / shareOfTime));
    turn.isAsked ||= hasMore;
  }

  function rest(turn: Turn<T>, ms: number): void {
    turn.state = 'resting';
    turn.timer = setTimeout(() => {
      turn.timer = null;
      if (turn.isAsked) wait(turn);
      else turns.delete(turn.item.id);
    }, ms).unref();
  }

  return {
    ask(item) {
      if (isStopped) return;
      const known = turns.get(item.id);
      if (known === undefined) {
        const turn: Turn<T> = { item, state: 'waiting', isAsked: false, timer: null };
        turns.set(item.id, turn);
        wait(turn);
        return;
      }
      known.item = item;
      if (known.state !== 'waiting') known.isAsked = true;
    },
    async stop() {
      isStopped = true;
      for (const { timer } of turns.values()) if (timer !== null) clearTimeout(timer);
      waiting.clear();
      turns.clear();
      await Promise.all(running);
    },
  };
}
