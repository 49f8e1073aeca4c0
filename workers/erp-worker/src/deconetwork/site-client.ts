import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@platen/chassis/log/logger';
import type { Outbound, OutboundAnswer } from '@platen/chassis/outbound/outbound';
import { OutboundFailure } from '@platen/chassis/outbound/outbound-failure';
import { createChecker } from '@platen/chassis/validation/checker';
import pRetry from 'p-retry';
import type { ObserveCall } from './observe-calls.js';
import { Envelope } from './shapes.js';
import { SiteError, type VendorStatus } from './site-error.js';
import type { SiteTurns } from './site-turns.js';
import { isVendorObject, parseVendorJson, TooManyValues, textOf, type VendorObject } from './vendor-json.js';
import { wordsOf } from './without-secrets.js';

export type Endpoint =
  | 'manage_orders/find'
  | 'manage_orders/update_order_status'
  | 'manage_products/find'
  | 'manage_inventory/find'
  | 'manage_inventory/update'
  | 'manage_purchase_orders/find'
  | 'manage_purchase_orders/receive_stock';

/** `once`: it is sent again only when the site can't have got it. */
export type Repetition = 'repeatable' | 'once';
export type CallParameters = Readonly<Record<string, string | number>>;

export interface SiteAnswer {
  readonly status: VendorStatus;
  readonly body: VendorObject;
  /** Rows that fulfil a search, as the site counts them. */
  readonly total: number | null;
}

/** One site, as one user of it. */
export interface SiteClient {
  /** @throws SiteError, or the signal's reason */
  call(endpoint: Endpoint, parameters: CallParameters, repetition?: Repetition): Promise<SiteAnswer>;
}

/** What all clients of a process share. */
export interface SiteCalling {
  readonly outbound: Outbound;
  readonly turns: SiteTurns;
  readonly timeoutMs: number;
  readonly observe: ObserveCall;
  /** Pauses between tries grow from here. */
  readonly firstRetryMs: number;
}

/** A hundred records of 160 kB. */
const maxBytes = 16 * 1_024 * 1_024;
const longestRetryMs = 30_000;
const usualRetries = 5;

export function createSiteClient(
  calling: SiteCalling,
  access: { readonly site_url: string; readonly username: string; readonly password: string },
  run: { readonly signal: AbortSignal; readonly log: Logger; readonly retries?: number },
): SiteClient {
  const { signal, log } = run;
  const url = new URL(access.site_url);
  const secrets = [access.password, access.username].flatMap(spellingsOf);

  async function callOnce(endpoint: Endpoint, parameters: CallParameters, isAlone: boolean): Promise<SiteAnswer> {
    const form = new URLSearchParams({ username: access.username, password: access.password });
    for (const [name, value] of Object.entries(parameters)) form.set(name, String(value));
    const answer = await calling.outbound.post(new URL(`/api/json/${endpoint}`, url), {
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      deadlineMs: calling.timeoutMs,
      maxBytes,
      signal,
      isAlone,
    });
    return readAnswer(answer, secrets);
  }

  return {
    call: (endpoint, parameters, repetition = 'repeatable') =>
      pRetry(
        () =>
          calling.turns.take(url.host, signal, () =>
            calling.observe(endpoint, async () => {
              try {
                return await callOnce(endpoint, parameters, repetition === 'once');
              } catch (error) {
                throw error instanceof OutboundFailure ? explain(error) : error;
              }
            }),
          ),
        {
          retries: run.retries ?? usualRetries,
          minTimeout: calling.firstRetryMs,
          maxTimeout: longestRetryMs,
          randomize: true,
          signal,
          shouldRetry: ({ error }) =>
            error instanceof SiteError && error.mayPass && (repetition === 'repeatable' || !error.reached),
          onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
            if (!(error instanceof SiteError)) return;
            log.debug(
              { endpoint, code: error.code, attempt: attemptNumber, retries_left: retriesLeft },
              'call of a site failed',
            );
            const waitMs = Math.min(error.retryAfterMs, longestRetryMs);
            if (waitMs > 0 && error.mayPass && retriesLeft > 0) await delay(waitMs, undefined, { signal });
          },
        },
      ).then((answer) => {
        const { code, severity } = answer.status;
        if (severity === 'WARNING') log.info({ endpoint, vendor_code: code }, 'a site answered with a warning');
        return answer;
      }),
  };
}

const tooLarge = (): SiteError =>
  new SiteError('too_large', 'The answer of the site is too large', { mayPass: false, reached: true });

function explain({ kind, message, reached }: OutboundFailure): SiteError {
  switch (kind) {
    case 'address_refused':
      return new SiteError('address_refused', `The site is not called: ${message}`, { mayPass: false, reached });
    case 'timeout':
      return new SiteError('timeout', 'The site did not answer in time', { mayPass: true, reached });
    case 'too_large':
      return tooLarge();
    default:
      return new SiteError('site_unavailable', `The site cannot be reached: ${message}`, { mayPass: true, reached });
  }
}

/** As a text and as a form or a link has it: a site may say what it was sent. */
const spellingsOf = (text: string): readonly string[] => [
  text,
  // Half of a pair is no character that a form could have.
  encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')),
  new URLSearchParams({ text }).toString().slice('text='.length),
];

const envelopes = createChecker(Envelope);

function readAnswer(answer: OutboundAnswer, secrets: readonly string[]): SiteAnswer {
  const body = objectOf(answer.text);
  const envelope =
    body === null ? null : textOf({ response_status: body['response_status'] ?? null, total: body['total'] ?? null });
  if (body === null || !envelopes.check(envelope)) throw noAnswerOfTheApi(answer);
  const { code, severity, description } = envelope.response_status;
  const status: VendorStatus = {
    code: wholeOf(code, 999_999),
    severity: wordsOf(severity ?? '', secrets).slice(0, 20),
    description: wordsOf(description ?? '', secrets),
  };
  const isGood = status.code === 10_001 || status.severity === 'WARNING' || status.severity === 'SUCCESS';
  if (!isGood || status.severity === 'ERROR') throw refusalOf(status);
  return { status, body, total: envelope.total == null ? null : wholeOf(envelope.total, 2_147_483_647) };
}

/** What counts or numbers something, as everybody after us takes it: `-5` and `1e300` are no more than what is near. */
const wholeOf = (text: string, most: number): number => Math.trunc(Math.min(Math.max(Number(text), 0), most));

function objectOf(text: string): VendorObject | null {
  if (!/^\s*\{/.test(text)) return null;
  try {
    const value = parseVendorJson(text);
    return isVendorObject(value) ? value : null;
  } catch (error) {
    if (error instanceof TooManyValues) throw tooLarge();
    return null;
  }
}

/** A page for people, an error of what stands before the site, or half an answer. */
function noAnswerOfTheApi({ status, retryAfter }: OutboundAnswer): SiteError {
  const facts = { reached: true, retryAfterMs: patienceMs(retryAfter) };
  if (status >= 500 || status === 429 || status === 408) {
    return new SiteError('site_unavailable', `The site is not available (HTTP ${status})`, { ...facts, mayPass: true });
  }
  if (status === 200) {
    const message = 'The site answered with a page instead of data';
    return new SiteError('not_a_site', message, { ...facts, mayPass: true });
  }
  return new SiteError('not_a_site', `What answers is no DecoNetwork API (HTTP ${status})`, {
    ...facts,
    mayPass: false,
  });
}

const patienceMs = (retryAfter: string | null): number =>
  retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : 0;

function refusalOf(status: VendorStatus): SiteError {
  const { code, description } = status;
  const words = description === '' || description === '.' ? '' : `: ${description}`;
  const facts = { mayPass: false, reached: true, status };
  if (code === 30_001)
    return new SiteError('authentication_failed', `The site refuses the user name or password${words}`, facts);
  if (code === 31_000) return new SiteError('api_disabled', `The API of the site is not enabled${words}`, facts);
  if (code >= 50_002 && code <= 50_005)
    return new SiteError('invalid_request', `The site refuses the request (${code})${words}`, facts);
  return new SiteError('refused', `The site says no (${code})${words}`, facts);
}
