import type { FeedEntity } from '@platen/schema/contracts/internal/feed';

/** What of a verified token decides whether it still holds. `epo` is [tenant epoch, user epoch]. */
export interface TokenState {
  readonly sub: string;
  readonly sid: string;
  readonly epo: readonly [number, number];
}
export type TokenRefusal = 'token_revoked' | 'token_stale';

/**
 * What is revoked stops tokens issued before, which live 15 minutes by the clock of the control plane that signed them. It is kept
 * for 30 by this one's, so that a clock which is ten minutes off, here or where it was revoked, revives none; memory stays
 * bounded by the changes of half an hour. (A session's end carries a time of its own: the later one counts.)
 */
export const keptMs = 30 * 60_000;

interface Epoch {
  readonly tenantId: string;
  readonly epoch: number;
  readonly forgetAtMs: number;
}
interface Session {
  readonly tenantId: string;
  readonly forgetAtMs: number;
}

/** Raised user epochs and ended sessions. Nothing here is ever lowered or taken back before its time. */
export class Revocations {
  readonly #epochs = new Map<string, Epoch>();
  readonly #sessions = new Map<string, Session>();

  raise(tenantId: string, userId: string, epoch: number, nowMs: number): void {
    const known = this.#epochs.get(userId);
    if (known && known.epoch > epoch) return;
    this.#epochs.set(userId, { tenantId, epoch, forgetAtMs: nowMs + keptMs });
  }

  end(tenantId: string, sessionId: string, toldMs: number, nowMs: number): void {
    this.#keep(tenantId, sessionId, Math.max(toldMs, nowMs + keptMs));
  }

  #keep(tenantId: string, sessionId: string, forgetAtMs: number): void {
    const known = this.#sessions.get(sessionId);
    if (known && known.forgetAtMs >= forgetAtMs) return;
    this.#sessions.set(sessionId, { tenantId, forgetAtMs });
  }

  /** Two look-ups; `tenantEpoch` comes from the tenant that the host resolved to. */
  refusalOf(token: TokenState, tenantEpoch: number): TokenRefusal | null {
    if (this.#sessions.has(token.sid)) return 'token_revoked';
    if (token.epo[0] < tenantEpoch) return 'token_stale';
    const raised = this.#epochs.get(token.sub);
    return raised !== undefined && token.epo[1] < raised.epoch ? 'token_stale' : null;
  }

  forgetExpired(nowMs: number): void {
    for (const [id, session] of this.#sessions) if (session.forgetAtMs <= nowMs) this.#sessions.delete(id);
    for (const [id, epoch] of this.#epochs) if (epoch.forgetAtMs <= nowMs) this.#epochs.delete(id);
  }

  /** Takes over what `older` still refuses: a new snapshot must not revive a token. */
  absorb(older: Revocations): void {
    for (const [id, { tenantId, forgetAtMs }] of older.#sessions) this.#keep(tenantId, id, forgetAtMs);
    for (const [id, epoch] of older.#epochs) {
      const known = this.#epochs.get(id);
      if (!known || known.epoch < epoch.epoch) this.#epochs.set(id, epoch);
    }
  }

  get size(): number {
    return this.#epochs.size + this.#sessions.size;
  }

  *entities(): Generator<FeedEntity> {
    for (const [id, { tenantId, forgetAtMs }] of this.#sessions) {
      yield {
        kind: 'revoked_session',
        tenant_id: tenantId,
        session_id: id,
        forget_at: new Date(forgetAtMs).toISOString(),
      };
    }
    for (const [id, { tenantId, epoch }] of this.#epochs) {
      yield { kind: 'user_epoch', tenant_id: tenantId, user_id: id, authz_epoch: epoch };
    }
  }
}
