import { randomBytes } from 'node:crypto';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx, RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { serviceAccounts } from '@platen/schema/contracts/platform/service-accounts';
import { orDuplicate } from '../../or-duplicate.js';
import { recordAudit } from '../audit/index.js';
import { hashServiceSecret } from '../service-tokens/index.js';
import * as repo from './repo.js';

type Account = repo.AccountRow;
type AccountWithSecret = Account & { readonly secret: string };

export interface ServiceAccountService {
  listAccounts(ctx: PlatformCtx, query: QueryOf<typeof serviceAccounts.list>): Promise<RawJson>;
  /** @throws AppError duplicate */
  createAccount(ctx: PlatformCtx, body: BodyOf<typeof serviceAccounts.create>): Promise<AccountWithSecret>;
  /** Each of these @throws AppError not_found */
  updateAccount(ctx: PlatformCtx, id: string, body: BodyOf<typeof serviceAccounts.update>): Promise<Account>;
  rotateSecret(ctx: PlatformCtx, id: string): Promise<AccountWithSecret>;
  setStatus(ctx: PlatformCtx, id: string, status: Account['status']): Promise<Account>;
}

/** 256 bits, base64url: nothing to guess, so a plain hash is stored. */
const newSecret = (): string => randomBytes(32).toString('base64url');

export const createServiceAccountService = ({ cursors }: { readonly cursors: Cursors }): ServiceAccountService => ({
  listAccounts: (ctx, query) =>
    readPage(
      { db: ctx.db, tenant: platformTenant, organizationId: null, workspaceId: null },
      cursors,
      repo.accountPage,
      query,
    ),

  async createAccount(ctx, { code, scopes }) {
    const secret = newSecret();
    const made = await ctx.write(async (tx) => {
      const row = { id: ctx.newId(), code, scopes, secretHash: hashServiceSecret(secret) };
      const insert = repo.insertAccount(tx, row);
      const after = await orDuplicate(insert, 'platform_service_accounts_code_key', `"${code}" is taken`);
      recordAudit(tx, ctx, null, { action: 'service_account.create', target: `service_account:${after.id}`, after });
      return after;
    });
    return { ...made, secret };
  },

  updateAccount: (ctx, id, { scopes }) =>
    change(ctx, id, 'update', (tx, before) => repo.updateAccount(tx, { ...before, scopes: scopes ?? before.scopes })),

  async rotateSecret(ctx, id) {
    const secret = newSecret();
    const after = await change(ctx, id, 'rotate_secret', (tx, before) =>
      repo.updateAccount(tx, before, hashServiceSecret(secret)),
    );
    return { ...after, secret };
  },

  setStatus: (ctx, id, status) =>
    change(ctx, id, status === 'active' ? 'enable' : 'disable', (tx, before) =>
      repo.updateAccount(tx, { ...before, status }),
    ),
});

const change = (
  ctx: PlatformCtx,
  id: string,
  verb: 'update' | 'rotate_secret' | 'enable' | 'disable',
  write: (tx: Tx, before: Account) => Promise<Account>,
): Promise<Account> =>
  ctx.write(async (tx) => {
    const before = await repo.lockAccount(tx, id);
    if (before === undefined) throw new AppError('not_found');
    const after = await write(tx, before);
    recordAudit(tx, ctx, null, { action: `service_account.${verb}`, target: `service_account:${id}`, before, after });
    return after;
  });
