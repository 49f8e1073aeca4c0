import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { bitsOf, type PermissionBits } from './bits.js';
import type { Assignment, Context, Override } from './compile-access.js';

/** A user with everything a decision on their access rests on, read in one statement and so of one moment. */
export interface Identity {
  readonly user: {
    readonly id: string;
    readonly email: string;
    readonly name: string;
    readonly status: 'invited' | 'active' | 'disabled';
  };
  readonly tenantName: string;
  /** What a token issued from this reading carries: it goes stale with the next change. */
  readonly epochs: readonly [tenant: number, user: number];
  readonly defaultContext: Context;
  readonly assignments: readonly Assignment[];
  readonly overrides: readonly Override[];
  readonly rolePermissions: ReadonlyMap<string, PermissionBits>;
}

const placeJson = `'scope', scope, 'organizationId', organization_id, 'workspaceId', workspace_id,
  'expiresAtMs', floor(extract(epoch from expires_at) * 1000)`;

/** For a `from res_users u join tenants t`. Postgres builds the JSON: one value instead of rows of five tables. */
export const identityJson = `json_build_object(
  'user', json_build_object('id', u.id, 'email', u.email, 'name', u.name, 'status', u.status),
  'tenantName', t.name,
  'epochs', json_build_array(t.authz_epoch, u.authz_epoch),
  'defaultContext', json_build_object('organizationId', u.default_organization_id, 'workspaceId', u.default_workspace_id),
  'assignments', (select coalesce(json_agg(json_build_object('roleId', role_id, ${placeJson})), '[]')
    from res_user_roles where tenant_id = u.tenant_id and user_id = u.id),
  'overrides', (select coalesce(json_agg(json_build_object('bit', p.bit, 'effect', o.effect, ${placeJson})), '[]')
    from res_user_permission_overrides o join res_permissions p on p.id = o.permission_id
    where o.tenant_id = u.tenant_id and o.user_id = u.id),
  'roles', (select coalesce(json_agg(json_build_array(role_id, bits)), '[]') from (
    select rp.role_id, array_agg(p.bit) as bits
    from res_role_permissions rp join res_permissions p on p.id = rp.permission_id
    where rp.role_id in (select role_id from res_user_roles where tenant_id = u.tenant_id and user_id = u.id)
    group by rp.role_id) r))`;

type IdentityJson = Omit<Identity, 'rolePermissions'> & {
  readonly roles: readonly (readonly [roleId: string, bits: readonly number[]])[];
};

export function parseIdentity(text: string): Identity {
  // The shape is that of `identityJson` above.
  const { roles, ...identity } = JSON.parse(text) as IdentityJson;
  return { ...identity, rolePermissions: new Map(roles.map(([roleId, bits]) => [roleId, bitsOf(bits)])) };
}

const find = statement<{ identity: Identity }>(
  'access_find_identity',
  `select ${identityJson} as identity
   from res_users u join tenants t on t.id = u.tenant_id
   where u.tenant_id = $1 and u.id = $2`,
  { parse: { identity: parseIdentity } },
);

export async function findIdentity(db: Queryable, tenantId: string, userId: string): Promise<Identity | undefined> {
  const [row] = await db.query(find, [tenantId, userId]);
  return row?.identity;
}

/** What decides about anybody, person or machine. */
export type Holder = Pick<Identity, 'assignments' | 'overrides' | 'rolePermissions'>;

const findKey = statement<{ holder: Holder }>(
  'access_find_key_holder',
  `select json_build_object(
     'assignments', json_build_array(json_build_object('roleId', role_id, ${placeJson})), 'overrides', '[]'::json,
     'roles', (select json_build_array(json_build_array(k.role_id, coalesce(json_agg(p.bit), '[]')))
       from res_role_permissions rp join res_permissions p on p.id = rp.permission_id where rp.role_id = k.role_id)
   ) as holder
   from res_api_keys k where k.tenant_id = $1 and k.id = $2 and k.revoked_at is null`,
  { parse: { holder: parseIdentity } },
);

/** An API key as the holder of its one role, at its scope, until its end; undefined: revoked, or none. */
export async function findKeyHolder(db: Queryable, tenantId: string, keyId: string): Promise<Holder | undefined> {
  const [row] = await db.query(findKey, [tenantId, keyId]);
  return row?.holder;
}
