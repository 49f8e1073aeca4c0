import type { TextCipher } from '@platen/chassis/auth/text-cipher';
import type { DnConnectionRow } from './find.js';

/** What signs in at a site. Only a worker that has a job of the connection ever gets it. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}
type Owner = Pick<DnConnectionRow, 'tenant_id' | 'organization_id' | 'id'>;

/** A text that is moved to another connection can't be read there. */
const about = ({ tenant_id: tenantId, organization_id: organizationId, id }: Owner): string =>
  `dn-connection ${tenantId}/${organizationId}/${id}`;

export const sealCredentials = (cipher: TextCipher, owner: Owner, { username, password }: Credentials): string =>
  cipher.encrypt(JSON.stringify({ username, password }), about(owner));

/** undefined: they are another connection's, or the key that they were encrypted with is gone. */
export function openCredentials(cipher: TextCipher, owner: Owner, sealed: string): Credentials | undefined {
  let text: string;
  try {
    text = cipher.decrypt(sealed, about(owner));
  } catch {
    return undefined;
  }
  // Written by `sealCredentials`: nobody else has the key.
  return JSON.parse(text) as Credentials;
}
