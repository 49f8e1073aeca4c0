/** The broker's answers to who is no member, or one of a time that is over. A new joining follows each of them. */
const refusals = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID']);

/** Does the broker say that partitions may be others' by now? */
export function isNoMember(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && refusals.has(String(error.type))) || isNoMember(error.cause);
}

/**
 * Whether this process is known to be a member of its group. One that was frozen, or cut off, finds out by an answer;
 * what it has in hand may be with others since, and is not begun before the next joining says whose it is.
 */
export class Membership {
  #doubt: Promise<void> | null = null;
  #end: () => void = () => undefined;
  readonly #stopping: AbortSignal;
  /** How often the group was joined. */
  joinings = 0;

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
    stopping.addEventListener('abort', () => this.#settle(), { once: true });
  }

  /** Resolves with the next joining, or when nothing begins any more. null: there is none. */
  get doubt(): Promise<void> | null {
    return this.#doubt;
  }

  joined(): void {
    this.joinings += 1;
    this.#settle();
  }

  /** By the answer to what was asked after so many joinings. */
  refused(joinings: number): void {
    if (joinings !== this.joinings || this.#doubt !== null || this.#stopping.aborted) return;
    this.#doubt = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  #settle(): void {
    this.#doubt = null;
    this.#end();
  }
}
