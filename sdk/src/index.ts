import type { controlContracts } from '@platen/schema/contracts/control/index';
import type { dataContracts } from '@platen/schema/contracts/data/index';
import { bearerAuthorizer, type TokenSource } from './authorizer.js';
import { type CallSettings, call } from './call.js';
import type { Methods } from './client-types.js';
import { controlRoutes } from './generated/control-routes.js';
import { dataRoutes } from './generated/data-routes.js';
import { buildMethods } from './methods.js';
import { parseRoute } from './routes.js';
import { cookieAuthorizer, type SignedOut } from './session.js';
import { fetchTransport, type Transport } from './transport/transport.js';

export type { TokenSource } from './authorizer.js';
export type { CallOptions } from './call.js';
export type { Answer, CodesOf, CommonCode, EventMethod, Method, Methods } from './client-types.js';
export { type FieldError, PlatenError, PlatenNetworkError, type Problem } from './errors.js';
export type { SignedOut } from './session.js';
export type { Download, FileSource, FormFile } from './streams.js';
export {
  fetchTransport,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './transport/transport.js';

export interface ClientOptions {
  /** Origin of the control plane at the tenant's host, e.g. `https://acme.example.com`; `''` for the page's own. */
  readonly controlUrl: string;
  /** Origin of the data plane at the tenant's host; the same where one proxy serves both. */
  readonly dataUrl: string;
  /** How requests travel: fetch with cookies by default, `createNodeTransport()` in Node. */
  readonly transport?: Transport;
  /** For machines: a bearer token instead of a session held by cookies. */
  readonly token?: TokenSource;
  /** The session has ended and no refresh will bring it back. */
  readonly onSignedOut?: (event: SignedOut) => void;
  /** Over all tries of a call, 30 s when absent. */
  readonly deadlineMs?: number;
  /** Tries of a call, its first included; 6 when absent. */
  readonly maxTries?: number;
  /** 0 up to 1, for the jitter of waits. */
  readonly random?: () => number;
  /** Milliseconds since 1970, for when to renew. */
  readonly now?: () => number;
}

export type Client = Methods<typeof controlContracts> & Methods<typeof dataContracts>;

export function createClient(options: ClientOptions): Client {
  const { token, now = Date.now } = options;
  const refreshRoute = parseRoute('auth.refresh', controlRoutes.auth.refresh);
  const control: CallSettings = {
    baseUrl: origin(options.controlUrl),
    transport: options.transport ?? fetchTransport(token ? undefined : 'include'),
    authorizer: token
      ? bearerAuthorizer(token)
      : cookieAuthorizer(() => call(control, refreshRoute, {}, {}), options.onSignedOut ?? (() => {}), now),
    deadlineMs: options.deadlineMs ?? 30_000,
    maxTries: options.maxTries ?? 6,
    random: options.random ?? Math.random,
  };
  return {
    ...buildMethods<typeof controlContracts>(controlRoutes, '', control),
    ...buildMethods<typeof dataContracts>(dataRoutes, '', { ...control, baseUrl: origin(options.dataUrl) }),
  };
}

const origin = (url: string) => url.replace(/\/+$/, '');
