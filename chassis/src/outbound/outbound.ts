import { Agent, buildConnector, request } from 'undici';
import type { AllowedHosts } from './allowed-hosts.js';
import { isAllowedHost } from './allowed-hosts.js';
import { guardedLookup, type Resolve } from './guarded-lookup.js';
import { OutboundFailure } from './outbound-failure.js';
import { siteUrlOf } from './site-url.js';

export interface OutboundCall {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** For headers and body of the answer, whatever passes in between. */
  readonly deadlineMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Over a connection of its own: one that was used before may be closed by the other side just as the call is sent. */
  readonly isAlone?: boolean;
}
export interface OutboundAnswer {
  /** A redirect is an answer like others: nobody follows it. */
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** Calls to servers of strangers. */
export interface Outbound {
  /**
   * @throws OutboundFailure, or the signal's reason
   */
  post(url: URL, call: OutboundCall): Promise<OutboundAnswer>;
  close(): Promise<void>;
}

const connectMs = 10_000;

export function createOutbound(options: {
  readonly allowed: AllowedHosts;
  /** Default: as the machine does. */
  readonly resolve?: Resolve;
}): Outbound {
  const { allowed, resolve } = options;
  const connecting = { timeout: connectMs, allowH2: false } as const;
  const plain = buildConnector(connecting);
  const guarded = buildConnector({ ...connecting, lookup: guardedLookup(resolve) });
  const settings: Agent.Options = {
    // A number in place of a name is never looked up: `siteUrlOf` has refused it.
    connect: (target, done) => (isAllowedHost(urlOf(target), allowed) ? plain : guarded)(target, done),
    // The deadline of the call is for all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 20_000,
  };
  const usual = new Agent(settings);
  const alone = new Agent({ ...settings, pipelining: 0 });
  return {
    async post(url, call) {
      const site = siteUrlOf(url.origin, allowed);
      if ('problem' in site) throw new OutboundFailure('address_refused', site.problem, { reached: false });
      const deadline = AbortSignal.timeout(call.deadlineMs);
      const signal = call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]);
      try {
        return await send(call.isAlone ? alone : usual, url, call, signal);
      } catch (error) {
        if (call.signal?.aborted) throw call.signal.reason;
        throw deadline.aborted
          ? new OutboundFailure('timeout', 'no whole answer in time', { reached: true })
          : explain(error);
      }
    },
    close: async () => {
      await Promise.all([usual.destroy(), alone.destroy()]);
    },
  };
}

const urlOf = ({ protocol, hostname, port }: buildConnector.Options): URL =>
  new URL(`${protocol}//${hostname}${port ? `:${port}` : ''}`);

async function send(agent: Agent, url: URL, call: OutboundCall, signal: AbortSignal): Promise<OutboundAnswer> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher: agent,
    method: 'POST',
    headers: { ...call.headers },
    body: call.body,
    signal,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    // A response's body yields buffers.
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > call.maxBytes) throw new OutboundFailure('too_large', 'the answer is too large', { reached: true });
    chunks.push(piece);
  }
  return {
    status: statusCode,
    contentType: single(headers['content-type']) ?? '',
    retryAfter: single(headers['retry-after']) ?? null,
    text: Buffer.concat(chunks, bytes).toString('utf8'),
  };
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** Before there was a connection: nothing was sent. */
const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function explain(error: unknown): OutboundFailure {
  if (error instanceof OutboundFailure) return error;
  const { code } = error as { code?: unknown };
  const name = typeof code === 'string' ? code : 'unknown';
  // Of a name with several addresses, each with its own error.
  const all = error instanceof AggregateError ? error.errors : [error];
  const unsent = all.every((one: unknown) => neverSent.has(String((one as { code?: unknown }).code)));
  if (unsent || isOfTls(name)) {
    return new OutboundFailure('unreachable', `no connection (${name})`, { reached: false });
  }
  return new OutboundFailure('cut', `the connection broke (${name})`, { reached: true });
}

/** Certificates that are not theirs, and servers that speak something else: refused before the request was sent. */
const isOfTls = (code: string): boolean =>
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH)/.test(code);
