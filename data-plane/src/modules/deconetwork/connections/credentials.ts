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

export const openCredentials = (cipher: TextCipher, owner: Owner, sealed: string): Credentials =>
  // Written by `sealCredentials`: nobody else has the key.
  JSON.parse(cipher.decrypt(sealed, about(owner))) as Credentials;
