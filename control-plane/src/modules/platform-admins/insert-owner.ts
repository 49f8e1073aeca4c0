import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { CallCtx } from '@platen/chassis/http/types';
import { orDuplicate } from '../../or-duplicate.js';
import { recordAudit } from '../audit/index.js';
import { type PasswordPool, requireAcceptablePassword } from '../auth/index.js';
import { passwordOwnerOf } from './password-owner.js';
import { type AdminRow, insertAdmin } from './repo.js';

/**
 * By command, where nobody can be signed in yet.
 * @throws AppError password_unacceptable, duplicate
 */
export async function insertOwner(
  deps: { readonly db: Pick<SystemDatabase, 'transaction'>; readonly passwords: Pick<PasswordPool, 'hash'> },
  author: Pick<CallCtx, 'principal' | 'ip' | 'correlationId' | 'newId'>,
  person: { readonly email: string; readonly name: string },
  password: string,
): Promise<AdminRow> {
  await requireAcceptablePassword(password, passwordOwnerOf(person));
  const passwordHash = await deps.passwords.hash(password);
  return deps.db.transaction(async (tx) => {
    const insert = insertAdmin(tx, { ...person, id: author.newId(), role: 'owner', passwordHash });
    const after = await orDuplicate(insert, 'platform_admins_email_key', 'Somebody has this e-mail');
    recordAudit(tx, author, null, {
      action: 'platform_admin.create',
      target: `platform_admin:${after.id}`,
      after,
      actor: { type: 'system', id: null },
    });
    return after;
  });
}
