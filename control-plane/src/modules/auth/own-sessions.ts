import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import { definePage, lastId, readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import { auth } from '@platen/schema/contracts/control/auth';
import { OwnSession } from '@platen/schema/contracts/control/auth-sessions';
import { recordAudit } from '../audit/index.js';
import type { AuthDeps } from './deps.js';
import { announceEnded } from './end-sessions.js';
import { personOf } from './person.js';

/** Open ones, newest first. Filters: whose, the one that asks, and the tenant. */
const openSessions = definePage({
  contract: auth.sessions.list,
  item: jsonSelect(OwnSession, {
    id: 't.id',
    current: 't.id = $4::uuid',
    ip: 'host(t.ip)',
    user_agent: 't.user_agent',
    // A refresh leaves a token and does not touch the session: one row less to write on the way that everybody takes.
    last_seen_at: `greatest(t.last_seen_at, (select max(r.created_at) from res_refresh_tokens r
      where r.tenant_id = t.tenant_id and r.session_id = t.id))`,
    expires_at: 't.expires_at',
    created_at: 't.created_at',
  }),
  key: 't.id::text',
  rows: `select t.* from res_sessions t
    where t.tenant_id = $5::uuid and t.user_id = $3::uuid and t.id < $2::uuid and t.revoked_at is null and t.expires_at > clock_timestamp()
    order by t.id desc`,
  start: lastId,
});

const revokeOwn = statement<{ id: string }>(
  'auth_revoke_own_session',
  `update res_sessions set revoked_at = clock_timestamp(), revoke_reason = 'revoked', updated_at = clock_timestamp()
   where tenant_id = $1 and id = $2 and user_id = $3 and revoked_at is null and expires_at > clock_timestamp()
   returning id`,
);

export interface OwnSessions {
  listSessions(ctx: Ctx, query: QueryOf<typeof auth.sessions.list>): Promise<RawJson>;
  /** @throws AppError not_found for one that has ended or is somebody else's */
  endSession(ctx: Ctx, id: string): Promise<void>;
}

export const createOwnSessions = ({ cursors }: Pick<AuthDeps, 'cursors'>): OwnSessions => ({
  async listSessions(ctx, query) {
    const { id, sessionId } = personOf(ctx);
    return readPage(ctx, cursors, openSessions, query, [id, sessionId, ctx.tenant.id]);
  },

  async endSession(ctx, id) {
    const { id: userId } = personOf(ctx);
    await ctx.write(async (tx) => {
      const [ended] = await tx.query(revokeOwn, [ctx.tenant.id, id, userId]);
      if (ended === undefined) throw new AppError('not_found');
      recordAudit(tx, ctx, ctx.tenant.id, { action: 'session.revoke', target: `session:${id}` });
      announceEnded(tx, ctx, [id]);
    });
  },
});
