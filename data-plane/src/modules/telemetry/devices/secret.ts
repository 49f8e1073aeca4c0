import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * `pdev_<organization>.<prefix>.<secret>`: whose rows it is looked up in, what finds the row and tells credentials apart,
 * and 256 random bits.
 */
const pattern = /^pdev_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})\.([0-9a-f]{16})\.[\w-]{43}$/;

export interface NewSecret {
  readonly secret: string;
  readonly prefix: string;
  readonly hash: string;
}

export function newSecret(organizationId: string): NewSecret {
  const prefix = randomBytes(8).toString('hex');
  const secret = `pdev_${organizationId.replaceAll('-', '')}.${prefix}.${randomBytes(32).toString('base64url')}`;
  return { secret, prefix, hash: hashSecret(secret) };
}

/** Stored in place of the secret. It has 256 random bits, so a plain hash needs no salt and no stretching. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export interface PresentedSecret {
  readonly organizationId: string;
  readonly prefix: string;
}

/** null: it is none of ours. */
export function parseSecret(text: string): PresentedSecret | null {
  const found = pattern.exec(text);
  if (found === null) return null;
  const [, a, b, c, d, e, prefix = ''] = found;
  return { organizationId: [a, b, c, d, e].join('-'), prefix };
}

/** Against nothing too: whether there is such a prefix takes no other time than whether the secret is right. */
export const isHashOf = (given: string, stored: string | undefined): boolean =>
  timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(stored ?? nothing, 'hex')) && stored !== undefined;

const nothing = hashSecret('');
