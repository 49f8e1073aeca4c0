import type { Tx } from '@platen/chassis/db/types';
import type { CallCtx } from '@platen/chassis/http/types';
import { insertOrganization, type OrganizationRow } from './repo.js';
import { insertSettings, settingsToBeginWith } from './settings-repo.js';

/** What a new tenant begins with; its administrator renames it and says the rest. */
export async function createFirstOrganization(
  tx: Tx,
  ctx: Pick<CallCtx, 'newId'>,
  tenant: { readonly id: string; readonly name: string },
): Promise<OrganizationRow> {
  const made = await insertOrganization(tx, tenant.id, { id: ctx.newId(), code: 'main', name: tenant.name });
  const settings = await settingsToBeginWith(tx, tenant.id);
  await insertSettings(tx, tenant.id, { id: ctx.newId(), organizationId: made.id, settings });
  return made;
}
