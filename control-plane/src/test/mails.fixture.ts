import { secretOf } from '../modules/account-mails/queue.js';
import { createTextCipher, deriveKey } from '../modules/keys/index.js';
import type { TestControlPlane } from './control-plane.js';

export interface SentMail {
  readonly id: string;
  readonly tenantId: string;
  readonly type: string;
  readonly to: string;
  /** As the link carries it. */
  readonly token: string | null;
  readonly expiresAt: string | null;
}

/** The mails about accounts that wait in the outbox, oldest first, as the worker would come to read them. */
export async function listMails(plane: TestControlPlane): Promise<SentMail[]> {
  const cipher = createTextCipher(deriveKey(plane.keyEncryptionKey, 'account-mails'));
  const rows = await plane.sql<{
    id: string;
    tenant_id: string;
    type: string;
    to: string;
    secret: string | null;
    expires_at: string | null;
  }>(
    `select id, tenant_id, type, payload -> 'to' ->> 'email' as to, payload ->> 'secret' as secret,
       payload ->> 'expires_at' as expires_at
     from outbox_events where topic = 'platform.user' order by seq`,
  );
  return rows.map(({ id, tenant_id: tenantId, type, to, secret, expires_at: expiresAt }) => {
    const token = secret === null ? null : cipher.decrypt(secret, secretOf(tenantId, id));
    return { id, tenantId, type: type.replace('platform.user.', ''), to, token, expiresAt };
  });
}

export async function lastMail(plane: TestControlPlane): Promise<SentMail> {
  const mail = (await listMails(plane)).at(-1);
  if (mail === undefined) throw new Error('no mail was sent');
  return mail;
}
