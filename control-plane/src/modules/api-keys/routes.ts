import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { apiKeys } from '@platen/schema/contracts/control/api-keys';
import { auth } from '@platen/schema/contracts/control/auth';
import type { TenantEntry } from '../tenants/index.js';
import type { createKeyExchange } from './exchange.js';
import type { ApiKeyService } from './service.js';

const implement = implementer<TenantEntry>();

export const apiKeyRoutes = (deps: {
  readonly service: ApiKeyService;
  readonly exchange: ReturnType<typeof createKeyExchange>;
}): Implementation<TenantEntry>[] => [
  implement(apiKeys.list, async ({ ctx, query }) => deps.service.listApiKeys(ctx, query)),
  implement(apiKeys.create, async ({ ctx, body }) => deps.service.createApiKey(ctx, body)),
  implement(apiKeys.revoke, async ({ ctx, params }) => deps.service.revokeApiKey(ctx, params.id)),
  implement(auth.token, async ({ ctx, body }) => deps.exchange(ctx, body)),
];
