import { tenants } from '@platen/schema/seeds/identities';
import { runSql } from './platform.js';

const sessions = 20_000;

/**
 * Sessions of the past weeks, and statistics about them. On tables with a handful of rows the planner reads all of a
 * tenant's sessions to find one, which no installation does for longer than its first day.
 */
export async function fillControlDatabase(superuserUrl: string): Promise<void> {
  const acme = tenants.acme;
  await runSql(
    superuserUrl,
    `with made as (
        insert into res_sessions (tenant_id, id, user_id, last_seen_at, expires_at)
        select $1, ('01980000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, ($2::uuid[])[n % cardinality($2::uuid[]) + 1],
          now(), now() + interval '30 days'
        from generate_series(1, ${sessions}) n returning tenant_id, id
      )
      insert into res_refresh_tokens (tenant_id, id, session_id, token_hash, expires_at)
        select tenant_id, id, id, encode(sha256(id::text::bytea), 'hex'), now() + interval '12 hours' from made`,
    [acme.id, acme.users.map((user) => user.id)],
  );
  await runSql(superuserUrl, 'vacuum analyze');
}
