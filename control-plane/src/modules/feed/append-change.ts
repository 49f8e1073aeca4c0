import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import type { Static } from 'typebox';
import { accessTokenTtlMs } from '../access/index.js';

type Entity = Static<typeof FeedEntity>;

const append = statement<never>('feed_append_change', 'select append_control_change($1, $2, $3::jsonb)');

/**
 * Tells the data planes. The statement takes the log's lock, which every writer of changes then waits for, until the
 * commit: so it is kept for the write that commits. Call it after everything else that the transaction does.
 */
export function appendChange(tx: Tx, tenantId: string | null, entity: Entity): void {
  tx.defer(append, [entity.kind, tenantId, JSON.stringify(entity)]);
}

/** How long after a revocation some token of the session could still be in time: one lifetime, and a minute for clocks. */
export const forgetRevocationAfterMs = accessTokenTtlMs + 60_000;

export const revokedSession = (tenantId: string, sessionId: string, nowMs: number): Entity => ({
  kind: 'revoked_session',
  tenant_id: tenantId,
  session_id: sessionId,
  forget_at: new Date(nowMs + forgetRevocationAfterMs).toISOString(),
});
