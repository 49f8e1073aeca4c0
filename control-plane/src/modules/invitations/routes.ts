import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { auth } from '@platen/schema/contracts/control/auth';
import { invitations } from '@platen/schema/contracts/control/invitations';
import { type SessionCookies, userAgentOf } from '../auth/index.js';
import type { TenantEntry } from '../tenants/index.js';
import type { createAcceptInvitation } from './accept.js';
import type { InvitationService } from './service.js';

const implement = implementer<TenantEntry>();

export const invitationRoutes = (deps: {
  readonly service: InvitationService;
  readonly accept: ReturnType<typeof createAcceptInvitation>;
  readonly cookies: SessionCookies;
}): Implementation<TenantEntry>[] => [
  implement(invitations.list, async ({ ctx, query }) => deps.service.listInvitations(ctx, query)),
  implement(invitations.create, async ({ ctx, body }) => deps.service.createInvitation(ctx, body)),
  implement(invitations.resend, async ({ ctx, params }) => deps.service.resendInvitation(ctx, params.id)),
  implement(invitations.revoke, async ({ ctx, params }) => deps.service.revokeInvitation(ctx, params.id)),
  implement(auth.invitations.accept, async ({ ctx, body, request, reply }) => {
    const accepted = await deps.accept(ctx, { ...body, userAgent: userAgentOf(request) });
    if (accepted === null) return { session: null };
    deps.cookies.set(reply, { access: accepted.accessToken, refresh: accepted.refreshToken });
    return { session: accepted.session };
  }),
];
