import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import type { ControlClient, InstanceReport } from './control-client.js';

/** The far end of the feed, in memory: a log of changes, its snapshot, and switches for what can go wrong. */
export class FakeControl implements ControlClient {
  readonly changesSent: { position: string; entity: unknown }[] = [];
  readonly reports: InstanceReport[] = [];
  readonly left: string[] = [];
  snapshotEntities: unknown[] = [];
  snapshots = 0;
  isAway = false;
  /** Positions before this are past retention. */
  goneBefore = 0n;
  /** Sent instead of the changes after the position. */
  nextAnswer: { changes: unknown[]; position: string } | undefined;
  #waiting: (() => void)[] = [];

  get position(): string {
    return this.changesSent.at(-1)?.position ?? '0';
  }

  publish(...entities: (FeedEntity | object)[]): string {
    for (const entity of entities) {
      this.changesSent.push({ position: String(BigInt(this.position) + 1n), entity });
    }
    this.wake();
    return this.position;
  }

  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async snapshot(): Promise<AsyncIterable<unknown>> {
    this.#refuseWhenAway();
    this.snapshots += 1;
    const { position, snapshotEntities: entities } = this;
    return (async function* () {
      yield { position, taken_at: new Date().toISOString() };
      yield* entities;
      yield { end: true, count: entities.length };
    })();
  }

  async changes(after: string, waitSeconds: number, signal: AbortSignal) {
    this.#refuseWhenAway();
    for (;;) {
      if (this.nextAnswer) {
        const answer = this.nextAnswer;
        this.nextAnswer = undefined;
        return answer;
      }
      if (BigInt(after) < this.goneBefore) throw Object.assign(new Error('gone'), { code: 'feed_gone' });
      const changes = this.changesSent.filter(({ position }) => BigInt(position) > BigInt(after));
      if (changes.length > 0 || waitSeconds === 0) return { changes, position: this.position };
      const wakeOnAbort = () => this.wake();
      signal.addEventListener('abort', wakeOnAbort);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      signal.removeEventListener('abort', wakeOnAbort);
      signal.throwIfAborted();
      this.#refuseWhenAway();
    }
  }

  async report(instance: InstanceReport): Promise<void> {
    this.#refuseWhenAway();
    this.reports.push(instance);
  }

  async leave(instanceId: string): Promise<void> {
    this.#refuseWhenAway();
    this.left.push(instanceId);
  }

  #refuseWhenAway(): void {
    if (this.isAway) throw new Error('connect ECONNREFUSED');
  }
}
