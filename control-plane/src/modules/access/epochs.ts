import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';

const raiseUser = statement<{ authz_epoch: number }>(
  'access_raise_user_epoch',
  `update res_users set authz_epoch = authz_epoch + 1, updated_at = now()
   where tenant_id = $1 and id = $2 returning authz_epoch`,
  { parse: { authz_epoch: 'int' } },
);
const raiseTenant = statement<never>(
  'access_raise_tenant_epoch',
  'update tenants set authz_epoch = authz_epoch + 1, updated_at = now() where id = $1',
);

/** Makes the user's tokens stale; answers the epoch that the feed must tell (`appendUserEpoch`). */
export async function raiseUserEpoch(tx: Tx, tenantId: string, userId: string): Promise<number> {
  const [row] = await tx.query(raiseUser, [tenantId, userId]);
  if (row === undefined) throw new Error('the user whose access changes is gone');
  return row.authz_epoch;
}

/** Makes every token of the tenant stale: for changes that may touch anybody, as of a role. Follow it by `appendTenant`. */
export function raiseTenantEpoch(tx: Tx, tenantId: string): void {
  tx.defer(raiseTenant, [tenantId]);
}
