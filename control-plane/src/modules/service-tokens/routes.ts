import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { token } from '@platen/schema/contracts/internal/token';
import type { ServiceTokens } from './service.js';

export const serviceTokenRoutes = (service: ServiceTokens): SiteImplementation[] => [
  implementSite(token.issue, async ({ ctx, body }) => {
    const issued = await service.issue(ctx, { clientId: body.client_id, secret: body.client_secret });
    return {
      access_token: issued.token,
      token_type: 'Bearer' as const,
      expires_in: issued.ttlSeconds,
      scope: issued.scope,
    };
  }),
];
