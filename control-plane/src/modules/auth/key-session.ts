import type { AccessToken } from '@platen/chassis/auth/principals';
import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { CallerSession } from '@platen/schema/contracts/control/session';
import type { Static } from 'typebox';
import { codesOf } from '../access/index.js';

const find = statement<{ name: string; prefix: string; tenant_name: string }>(
  'auth_find_api_key',
  `select k.name, k.prefix, t.name as tenant_name from res_api_keys k join tenants t on t.id = k.tenant_id
   where k.tenant_id = $1 and k.id = $2 and k.revoked_at is null`,
);

/** Who a machine is that came with the token of an API key. */
export async function readKeySession(ctx: Ctx, token: AccessToken): Promise<Static<typeof CallerSession>> {
  const { id, claims, bits } = token;
  const [key] = await ctx.db.query(find, [ctx.tenant.id, id]);
  if (key === undefined) throw new AppError('token_revoked');
  return {
    user: null,
    api_key: { id, name: key.name, prefix: key.prefix },
    tenant: { id: ctx.tenant.id, slug: ctx.tenant.slug, name: key.tenant_name },
    context: { organization_id: claims.org, workspace_id: claims.ws },
    permissions: codesOf(bits),
    expires_at: new Date(claims.exp * 1000).toISOString(),
  };
}
