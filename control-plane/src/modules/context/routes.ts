import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { context } from '@platen/schema/contracts/control/context';
import type { FastifyReply } from 'fastify';
import type { TenantEntry } from '../tenants/index.js';
import type { ContextService } from './service.js';

export interface ContextRouteDeps {
  readonly service: ContextService;
  readonly setAccessCookie: (reply: FastifyReply, accessToken: string) => void;
}

const implement = implementer<TenantEntry>();

export const contextRoutes = ({ service, setAccessCookie }: ContextRouteDeps): Implementation<TenantEntry>[] => [
  implement(context.get, async ({ ctx }) => service.listContexts(ctx)),
  implement(context.switch, async ({ ctx, body, request, reply }) => {
    const wanted = { organizationId: body.organization_id, workspaceId: body.workspace_id ?? null };
    const { accessToken, session } = await service.switchContext(ctx, wanted);
    // A page's script never gets to see the token; a machine has no cookies.
    if (request.headers.authorization !== undefined) return { ...session, access_token: accessToken };
    setAccessCookie(reply, accessToken);
    return session;
  }),
];
