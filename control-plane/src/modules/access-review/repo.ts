import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { administering, bitsOf } from '../access/index.js';
import { organizationsJson } from '../context/index.js';
import type { Subject, World, WorldRole } from './world.js';

const placed = `'scope', x.scope, 'organizationId', x.organization_id, 'workspaceId', x.workspace_id,
  'expiresAtMs', floor(extract(epoch from x.expires_at) * 1000)`;
const assignment = `json_build_object('id', x.id, 'roleId', x.role_id, ${placed})`;

/**
 * $2 a user, $3 a role (its holders, also its API keys), $4 an assignment or override (whose user it is); null: none.
 * $5: also everybody who may be an administrator, for whoever asks whether one is left; else null.
 */
const read = statement<{ world: World }>(
  'access_review_read_world',
  `select json_build_object(
     'tenantStatus', t.status,
     'organizations', ${organizationsJson},
     'roles', (select coalesce(json_agg(json_build_object('id', r.id, 'code', r.code, 'name', r.name,
         'system', r.tenant_id is null, 'bits', (select coalesce(json_agg(p.bit), '[]')
           from res_role_permissions rp join res_permissions p on p.id = rp.permission_id where rp.role_id = r.id))
         order by r.id), '[]')
       from res_roles r where (r.tenant_id is null or r.tenant_id = t.id) and r.deleted_at is null),
     'users', (select coalesce(json_agg(json_build_object(
         'kind', 'user', 'id', u.id, 'email', u.email, 'name', u.name, 'status', u.status,
         'assignments', (select coalesce(json_agg(${assignment} order by x.id), '[]')
           from res_user_roles x where x.tenant_id = t.id and x.user_id = u.id),
         'overrides', (select coalesce(json_agg(json_build_object('id', x.id, 'bit', p.bit, 'effect', x.effect,
             'reason', x.reason, ${placed}) order by x.id), '[]')
           from res_user_permission_overrides x join res_permissions p on p.id = x.permission_id
           where x.tenant_id = t.id and x.user_id = u.id)) order by u.id), '[]')
       from res_users u where u.tenant_id = t.id and u.id in (
         select $2::uuid
         union all select user_id from res_user_roles where tenant_id = t.id and (role_id = $3::uuid or id = $4::uuid)
         union all select user_id from res_user_permission_overrides where tenant_id = t.id and id = $4::uuid
         union all select ur.user_id from res_user_roles ur
           join res_role_permissions rp on rp.role_id = ur.role_id join res_permissions p on p.id = rp.permission_id
           where ur.tenant_id = t.id and ur.scope = 'tenant' and p.code = $5::text
         union all select o.user_id from res_user_permission_overrides o join res_permissions p on p.id = o.permission_id
           where o.tenant_id = t.id and o.scope = 'tenant' and o.effect = 'allow' and p.code = $5::text)),
     'keys', (select coalesce(json_agg(json_build_object(
         'kind', 'api_key', 'id', x.id, 'email', '', 'name', x.name, 'status', 'active',
         'assignments', json_build_array(${assignment}), 'overrides', '[]'::json) order by x.id), '[]')
       from res_api_keys x where x.tenant_id = t.id and x.role_id = $3::uuid and x.revoked_at is null
         and (x.expires_at is null or x.expires_at > now())),
     'invitationCount', (select count(*) from res_user_invitations i where i.tenant_id = t.id and i.role_id = $3::uuid
       and i.accepted_at is null and i.revoked_at is null and i.expires_at > now())
   ) as world
   from tenants t where t.id = $1`,
  { parse: { world: parseWorld } },
);

type WorldJson = Omit<World, 'roles' | 'subjects'> & {
  readonly roles: readonly (Omit<WorldRole, 'bits'> & { readonly bits: readonly number[] })[];
  readonly users: readonly Subject[];
  readonly keys: readonly Subject[];
};

function parseWorld(text: string): World {
  // The shape is that of the statement.
  const { roles, users, keys, ...world } = JSON.parse(text) as WorldJson;
  return {
    ...world,
    subjects: [...users, ...keys],
    roles: new Map(roles.map((role) => [role.id, { ...role, bits: bitsOf(role.bits) }])),
  };
}

export interface WorldAround {
  readonly userId?: string;
  readonly roleId?: string;
  /** Of an assignment or an override. */
  readonly rowId?: string;
  readonly administrators?: true;
}

/** Everything in one statement, so that it is of one moment. */
export async function readWorld(db: Queryable, tenantId: string, around: WorldAround): Promise<World> {
  const administrators = around.administrators === true ? (administering[0] ?? null) : null;
  const values = [tenantId, around.userId ?? null, around.roleId ?? null, around.rowId ?? null, administrators];
  const [row] = await db.query(read, values);
  if (row === undefined) throw new Error('the tenant of the request is gone');
  return row.world;
}
