import type { controlInternalContracts, dataInternalContracts } from '@platen/schema/contracts/internal/index';
import { bearerAuthorizer, type TokenSource } from './authorizer.js';
import type { CallSettings } from './call.js';
import type { Methods } from './client-types.js';
import { controlInternalRoutes } from './generated/control-internal-routes.js';
import { dataInternalRoutes } from './generated/data-internal-routes.js';
import { buildMethods } from './methods.js';
import { createHttpTransport } from './transport/http-transport.js';
import type { Transport } from './transport/transport.js';

export type { TokenSource } from './authorizer.js';
export type { CallOptions } from './call.js';
export { PlatenError, PlatenNetworkError } from './errors.js';
export type { Transport } from './transport/transport.js';

export interface ServiceCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface InternalSettings {
  readonly transport?: Transport;
  /** Over all tries of a call, 30 s when absent; a long poll has its `wait_seconds` and ten more. */
  readonly deadlineMs?: number;
  readonly maxTries?: number;
}

export interface InternalClientOptions extends InternalSettings {
  /** The internal listener of the plane that `contracts` names, e.g. `http://127.0.0.1:4100`. */
  readonly baseUrl: string;
  readonly contracts: 'control' | 'data';
  /** Gives the service token. Either this, shared by several clients, or `credentials`. */
  readonly token?: TokenSource;
  readonly credentials?: ServiceCredentials;
  /** The control plane's internal listener, which gives tokens; `baseUrl` when absent. */
  readonly tokenUrl?: string;
}

export type ControlInternalClient = Methods<typeof controlInternalContracts>;
export type DataInternalClient = Methods<typeof dataInternalContracts>;

export function createInternalClient(options: InternalClientOptions & { contracts: 'control' }): ControlInternalClient;
export function createInternalClient(options: InternalClientOptions & { contracts: 'data' }): DataInternalClient;
export function createInternalClient(options: InternalClientOptions): ControlInternalClient | DataInternalClient {
  const { baseUrl, contracts, credentials, tokenUrl = baseUrl, ...settings } = options;
  const token = options.token ?? (credentials && createServiceToken({ ...settings, baseUrl: tokenUrl, credentials }));
  const call = callSettings(baseUrl, settings, token);
  return contracts === 'control'
    ? buildMethods<typeof controlInternalContracts>(controlInternalRoutes, 'internal.', call)
    : buildMethods<typeof dataInternalContracts>(dataInternalRoutes, 'internal.', call);
}

/** A service token by client credentials: asked for once, renewed at half-life by whoever comes next. */
export function createServiceToken(
  options: InternalSettings & {
    readonly baseUrl: string;
    readonly credentials: ServiceCredentials;
    /** Milliseconds of a clock that never goes back. */
    readonly now?: () => number;
  },
): TokenSource {
  const { credentials, now = () => performance.now(), ...settings } = options;
  const { clientId, clientSecret } = credentials;
  const { token } = createInternalClient({ ...settings, contracts: 'control', token: () => '' });
  let current: { text: string; renewAtMs: number; endsAtMs: number } | undefined;
  let running: Promise<string> | undefined;

  async function issue(): Promise<string> {
    const askedAtMs = now();
    const answer = await token.issue({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const lifeMs = answer.expires_in * 1_000;
    current = { text: answer.access_token, renewAtMs: askedAtMs + lifeMs / 2, endsAtMs: askedAtMs + lifeMs };
    return answer.access_token;
  }
  const issueShared = () => {
    running ??= issue().finally(() => {
      running = undefined;
    });
    return running;
  };

  return (refused) => {
    const nowMs = now();
    if (!current || current.text === refused || nowMs >= current.endsAtMs) return issueShared();
    // Past half its life the token is still good for as long again: nobody waits for the new one.
    if (nowMs >= current.renewAtMs) void issueShared().catch(() => undefined);
    return current.text;
  };
}

function callSettings(baseUrl: string, settings: InternalSettings, token: TokenSource | undefined): CallSettings {
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    transport: settings.transport ?? createHttpTransport(),
    authorizer: bearerAuthorizer(token ?? (() => '')),
    deadlineMs: settings.deadlineMs ?? 30_000,
    maxTries: settings.maxTries ?? 6,
    random: Math.random,
  };
}
