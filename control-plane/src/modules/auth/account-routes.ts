import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { auth } from '@platen/schema/contracts/control/auth';
import type { TenantEntry } from '../tenants/index.js';
import type { SessionCookies } from './cookies.js';
import type { AuthService } from './service.js';

const implement = implementer<TenantEntry>();

/** What people do with their own account. */
export const accountRoutes = (service: AuthService, cookies: SessionCookies): Implementation<TenantEntry>[] => [
  implement(auth.sessions.list, async ({ ctx, query }) => service.listSessions(ctx, query)),
  implement(auth.sessions.delete, async ({ ctx, params, reply }) => {
    await service.endSession(ctx, params.id);
    if (params.id === ctx.principal?.sessionId) cookies.clear(reply);
  }),
  implement(auth.password.change, async ({ ctx, body }) => service.changePassword(ctx, body)),
  implement(auth.passwordReset.request, async ({ ctx, body }) => service.requestReset(ctx, body.email)),
  implement(auth.passwordReset.confirm, async ({ ctx, body }) => service.confirmReset(ctx, body)),
  implement(auth.email.change, async ({ ctx, body }) => service.requestEmail(ctx, body)),
  implement(auth.email.confirm, async ({ ctx, body }) => service.confirmEmail(ctx, body.token)),
  implement(auth.totp.create, async ({ ctx, body }) => service.beginTotp(ctx, body.password)),
  implement(auth.totp.confirm, async ({ ctx, body }) => service.confirmTotp(ctx, body.code)),
  implement(auth.totp.delete, async ({ ctx, body }) => service.removeTotp(ctx, body)),
];
