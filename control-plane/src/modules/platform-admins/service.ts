import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx, RawJson } from '@platen/chassis/http/types';
import { normalizeEmail } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { admins } from '@platen/schema/contracts/platform/admins';
import { orDuplicate } from '../../or-duplicate.js';
import { recordAudit } from '../audit/index.js';
import { type PasswordPool, requireAcceptablePassword } from '../auth/index.js';
import { endAdminSessions, removeAdminTotp, updateAdminPassword } from '../platform-auth/index.js';
import { passwordOwnerOf } from './password-owner.js';
import * as repo from './repo.js';

type Admin = repo.AdminRow;

export interface AdminService {
  listAdmins(ctx: PlatformCtx, query: QueryOf<typeof admins.list>): Promise<RawJson>;
  /** @throws AppError not_found */
  readAdmin(ctx: PlatformCtx, id: string): Promise<Admin>;
  /** @throws AppError duplicate, password_unacceptable, sign_in_busy, token_revoked */
  createAdmin(ctx: PlatformCtx, body: BodyOf<typeof admins.create>): Promise<Admin>;
  /** @throws AppError not_found, self_change, last_owner */
  updateAdmin(ctx: PlatformCtx, id: string, body: BodyOf<typeof admins.update>): Promise<Admin>;
  /** @throws AppError not_found, self_change, last_owner */
  disableAdmin(ctx: PlatformCtx, id: string): Promise<Admin>;
  /** @throws AppError not_found */
  enableAdmin(ctx: PlatformCtx, id: string): Promise<Admin>;
  /** @throws AppError not_found, self_change, password_unacceptable, sign_in_busy */
  resetPassword(ctx: PlatformCtx, id: string, body: BodyOf<typeof admins.resetPassword>): Promise<Admin>;
}

export interface AdminDeps {
  readonly cursors: Cursors;
  readonly passwords: Pick<PasswordPool, 'hash'>;
}

const site = { tenant: platformTenant, organizationId: null, workspaceId: null };

export const createAdminService = ({ cursors, passwords }: AdminDeps): AdminService => ({
  listAdmins: (ctx, { role, status, ...query }) =>
    readPage({ ...site, db: ctx.db }, cursors, repo.adminPage, query, [role ?? null, status ?? null]),

  readAdmin: async (ctx, id) => found(await repo.findAdmin(ctx.db, id)),

  async createAdmin(ctx, body) {
    const email = normalizeEmail(body.email, '/body/email');
    await requireAcceptablePassword(body.password, passwordOwnerOf({ ...body, email }));
    const passwordHash = await passwords.hash(body.password);
    return ctx.write(async (tx) => {
      await repo.lockAdmins(tx);
      await requireStillOwner(tx, ctx);
      const insert = repo.insertAdmin(tx, { id: ctx.newId(), email, name: body.name, role: body.role, passwordHash });
      const after = await orDuplicate(insert, 'platform_admins_email_key', 'Somebody has this e-mail');
      recordAudit(tx, ctx, null, { action: 'platform_admin.create', target: `platform_admin:${after.id}`, after });
      return after;
    });
  },

  updateAdmin: (ctx, id, { name, role }) =>
    changeAdmin(ctx, id, 'update', async (tx, before) => {
      const wanted = { ...before, name: name ?? before.name, role: role ?? before.role };
      if (wanted.role === before.role) return repo.updateAdmin(tx, wanted);
      refuseSelf(ctx, id);
      const after = await repo.updateAdmin(tx, wanted);
      endAdminSessions(tx, id, 'role_changed');
      return after;
    }),

  disableAdmin: (ctx, id) =>
    changeAdmin(ctx, id, 'disable', async (tx, before) => {
      refuseSelf(ctx, id);
      endAdminSessions(tx, id, 'disabled');
      return repo.updateAdmin(tx, { ...before, status: 'disabled' });
    }),

  enableAdmin: (ctx, id) =>
    changeAdmin(ctx, id, 'enable', (tx, before) => repo.updateAdmin(tx, { ...before, status: 'active' })),

  async resetPassword(ctx, id, { password, remove_totp }) {
    refuseSelf(ctx, id);
    await requireAcceptablePassword(password, passwordOwnerOf(found(await repo.findAdmin(ctx.db, id))));
    const hash = await passwords.hash(password);
    return changeAdmin(ctx, id, 'reset_password', async (tx, before) => {
      updateAdminPassword(tx, id, hash);
      if (remove_totp === true) removeAdminTotp(tx, id);
      endAdminSessions(tx, id, 'password_changed');
      return repo.updateAdmin(tx, before);
    });
  },
});

/** @throws AppError not_found */
function found(row: Admin | undefined): Admin {
  if (row === undefined) throw new AppError('not_found');
  return row;
}

/** @throws AppError self_change */
function refuseSelf(ctx: PlatformCtx, id: string): void {
  if (ctx.principal?.id === id) throw new AppError('self_change');
}

/** Who was put out while this waited for its turn decides nothing any more. @throws AppError token_revoked */
async function requireStillOwner(tx: Tx, ctx: PlatformCtx): Promise<void> {
  const caller = ctx.principal === null ? undefined : await repo.findAdmin(tx, ctx.principal.id);
  if (caller?.role !== 'owner' || caller.status !== 'active') throw new AppError('token_revoked');
}

/** One at a time; whatever it is, an owner who can sign in remains. @throws AppError not_found, last_owner */
const changeAdmin = (
  ctx: PlatformCtx,
  id: string,
  verb: 'update' | 'disable' | 'enable' | 'reset_password',
  change: (tx: Tx, before: Admin) => Promise<Admin>,
): Promise<Admin> =>
  ctx.write(async (tx) => {
    await repo.lockAdmins(tx);
    await requireStillOwner(tx, ctx);
    const before = found(await repo.lockAdmin(tx, id));
    const after = await change(tx, before);
    if (!(await repo.hasActiveOwner(tx))) throw new AppError('last_owner');
    recordAudit(tx, ctx, null, { action: `platform_admin.${verb}`, target: `platform_admin:${id}`, before, after });
    return after;
  });
