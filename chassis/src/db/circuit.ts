import { unavailable } from './errors.js';

export type CircuitState = 'closed' | 'open' | 'half_open';

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Guards the opening of connections to one database. After a failed try nobody tries again for a pause that doubles up to
 * two seconds; then one try goes ahead, and the others keep failing at once until it is known how that went. What still has
 * a working connection is not held up.
 */
export class Circuit {
  private pauseMs = 0;
  private retryAt = 0;
  private probing = false;

  get state(): CircuitState {
    if (this.pauseMs === 0) return 'closed';
    return this.probing ? 'half_open' : 'open';
  }

  /** May a connection be tried now? */
  get admits(): boolean {
    return this.pauseMs === 0 || (!this.probing && performance.now() >= this.retryAt);
  }

  async attempt<T>(connect: () => Promise<T>): Promise<T> {
    if (!this.admits) throw unavailable('circuit open');
    const probe = this.pauseMs > 0;
    if (probe) this.probing = true;
    try {
      const made = await connect();
      this.pauseMs = 0;
      return made;
    } catch (error) {
      this.pauseMs = Math.min(longestPauseMs, this.pauseMs === 0 ? firstPauseMs : this.pauseMs * 2);
      // Jitter: instances that lost the same database do not come back in step.
      this.retryAt = performance.now() + this.pauseMs * (0.75 + Math.random() / 4);
      throw error;
    } finally {
      if (probe) this.probing = false;
    }
  }
}
