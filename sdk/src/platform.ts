import type { platformContracts } from '@platen/schema/contracts/platform/index';
import { bearerAuthorizer } from './authorizer.js';
import { type CallSettings, call } from './call.js';
import type { Methods } from './client-types.js';
import { platformRoutes } from './generated/platform-routes.js';
import type { ClientOptions } from './index.js';
import { buildMethods } from './methods.js';
import { parseRoute } from './routes.js';
import { cookieAuthorizer } from './session.js';
import { fetchTransport } from './transport/transport.js';

export interface PlatformClientOptions
  extends Pick<ClientOptions, 'transport' | 'token' | 'onSignedOut' | 'deadlineMs' | 'maxTries' | 'random' | 'now'> {
  /** Origin of the control plane at the platform's host, e.g. `https://platform.example.com`; `''` for the page's own. */
  readonly url: string;
}

export type PlatformClient = Methods<(typeof platformContracts)['platform']>;

/** For whoever runs the platform. An entry of its own: pages of tenants carry nothing of it. */
export function createPlatformClient(options: PlatformClientOptions): PlatformClient {
  const { token, now = Date.now } = options;
  const refreshRoute = parseRoute('platform.auth.refresh', platformRoutes.platform.auth.refresh);
  const settings: CallSettings = {
    baseUrl: options.url.replace(/\/+$/, ''),
    transport: options.transport ?? fetchTransport(token ? undefined : 'include'),
    authorizer: token
      ? bearerAuthorizer(token)
      : cookieAuthorizer(() => call(settings, refreshRoute, {}, {}), options.onSignedOut ?? (() => {}), now),
    deadlineMs: options.deadlineMs ?? 30_000,
    maxTries: options.maxTries ?? 6,
    random: options.random ?? Math.random,
  };
  return buildMethods<typeof platformContracts>(platformRoutes, '', settings).platform;
}
