import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { Context } from '../access/index.js';
import type { Organization } from './choose-context.js';

/** The active organizations of tenant `t`, with their active workspaces. */
export const organizationsJson = `(select coalesce(json_agg(json_build_object(
    'id', o.id, 'code', o.code, 'name', o.name, 'workspaceRequired', coalesce(s.workspace_required, false),
    'workspaces', (select coalesce(json_agg(json_build_object('id', w.id, 'code', w.code, 'name', w.name) order by w.code), '[]')
      from res_workspaces w
      where w.tenant_id = o.tenant_id and w.organization_id = o.id and w.status = 'active')) order by o.code), '[]')
  from res_organizations o
  left join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id
  where o.tenant_id = t.id and o.status = 'active')`;

const list = statement<{ organizations: Organization[] }>(
  'context_list_organizations',
  `select ${organizationsJson} as organizations from tenants t where t.id = $1`,
  { parse: { organizations: 'json' } },
);

export async function listOrganizations(db: Queryable, tenantId: string): Promise<Organization[]> {
  const [row] = await db.query(list, [tenantId]);
  return row?.organizations ?? [];
}

const updateSession = statement<{ id: string }>(
  'context_update_session',
  `update res_sessions set organization_id = $3, workspace_id = $4, updated_at = now()
   where tenant_id = $1 and id = $2 and revoked_at is null and expires_at > now()
   returning id`,
);

/** Keeps the choice for the next refresh. Is the session still open? */
export async function updateSessionContext(db: Queryable, tenantId: string, sessionId: string, context: Context) {
  const values = [tenantId, sessionId, context.organizationId, context.workspaceId];
  return (await db.query(updateSession, values)).length === 1;
}
