import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample, SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import { demoPassword } from '@platen/schema/seeds/identities';
import { TOTP } from 'otpauth';
import type { ContractName } from './contracts.js';
import type { Platform } from './platform.js';
import { bearer, signIn } from './sign-in.js';
import { acme } from './world.js';

const [admin, , , buyer] = acme.users;

interface Makers {
  readonly platform: Platform;
  readonly world: SecurityWorld;
}
type Name = Extract<ContractName, `auth.${'sessions' | 'password' | 'passwordReset' | 'email' | 'totp'}.${string}`>;

/** What people do with their own account; the caller is the administrator. */
export const authSamples: Readonly<Record<Name, (makers: Makers) => Promise<Sample>>> = {
  'auth.sessions.list': async () => ({}),
  'auth.sessions.delete': async ({ platform }) => ({
    params: { id: (await signIn(platform, admin.email)).claims.sid },
  }),
  'auth.password.change': async ({ platform, world }) => {
    // Other tables of attacks hold tokens of the same person: those sessions must not be among the ones that this ends.
    await sql(
      platform,
      `update res_sessions set expires_at = now() - interval '1 ms' where user_id = $1 and id <> $2`,
      [admin.id, world.user.sid],
    );
    return { body: { current_password: demoPassword, new_password: demoPassword } };
  },
  'auth.passwordReset.request': async () => ({ body: { email: 'nobody@acme.test' } }),
  'auth.passwordReset.confirm': async ({ platform }) => ({
    body: { token: await linkToken(platform, 'password_reset', null), password: demoPassword },
  }),
  'auth.email.change': async () => ({ body: { new_email: 'administrator@acme.test', password: demoPassword } }),
  'auth.email.confirm': async ({ platform }) => ({
    body: { token: await linkToken(platform, 'email_change', buyer.email) },
  }),
  'auth.totp.create': async () => ({ body: { password: demoPassword } }),
  'auth.totp.confirm': async (makers) => ({ body: { code: await beginTotp(makers) } }),
  'auth.totp.delete': async (makers) => {
    const code = await beginTotp(makers);
    await sql(makers.platform, 'update res_users set totp_confirmed_at = now() where id = $1', [admin.id]);
    return { body: { password: demoPassword, code } };
  },
};

const sql = (platform: Platform, text: string, values: unknown[]) =>
  asSuperuser(platform.databases.control.superuserUrl, (client) => client.query(text, values));

/** As if it had been mailed to somebody who has no part in what follows. */
async function linkToken(platform: Platform, kind: string, newEmail: string | null): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  await sql(
    platform,
    `insert into res_user_tokens (tenant_id, id, user_id, kind, token_hash, new_email, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + interval '1 hour')`,
    [acme.id, randomUUID(), buyer.id, kind, hash, newEmail],
  );
  return token;
}

/** A new authenticator in place of any other. Its code is of the next step: it lasts as long as the attacks before it. */
async function beginTotp({ platform, world }: Makers): Promise<string> {
  await sql(platform, 'update res_users set totp_secret = null, totp_confirmed_at = null where id = $1', [admin.id]);
  const begun = await platform.control({
    method: 'POST',
    host: 'acme',
    path: '/api/auth/totp',
    headers: bearer(world.forger.sign(world.user)),
    body: { password: demoPassword },
  });
  const { secret } = (begun.json ?? {}) as { secret?: string };
  if (secret === undefined) throw new Error(`An authenticator was refused: ${begun.text}`);
  return new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 });
}
