import { once } from 'node:events';
import { createServiceVerifier } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import { implementSite } from '@platen/chassis/http/implement';
import { createInternalServer } from '@platen/chassis/http/server';
import { recordLog } from '@platen/chassis/testkit/http';
import { createTestIssuer, testIssuer } from '@platen/chassis/testkit/tokens';
import type { InputOf, OutputOf } from '@platen/schema/contract';
import { outbox } from '@platen/schema/contracts/internal/outbox';
import { quoteMail } from '@platen/schema/contracts/internal/quote-mail';
import { token } from '@platen/schema/contracts/internal/token';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { QuoteMail } from './handlers/erp.quote/quote-sent-mail.js';

type Pulled = OutputOf<typeof outbox.pull>['batches'][number]['events'][number];
type Ack = InputOf<typeof outbox.ack>;

/** The far ends of the worker: both planes' internal endpoints by their contracts, one source kept in memory. */
export interface FakePlanes {
  readonly url: string;
  /** Correlation ids of the calls for a mail's content. */
  readonly mailCalls: string[];
  readonly acks: Ack[];
  readonly credentials: { readonly id: string; readonly secret: string };
  sendQuote(quoteId: string): string;
  /** Resolves with the next acknowledgement, which is then neither stored nor answered. */
  loseNextAck(): Promise<Ack>;
  nextAck(): Promise<Ack>;
}

export const sampleQuote: QuoteMail = {
  to: { name: 'Ada <Ltd>', email: 'ada@example.com' },
  from_name: 'Acme "Prints"',
  locale: 'en',
  number: 'Q-2026-0001',
  total: { amount: '119.0000', currency: 'EUR' },
  valid_until: '2026-12-31',
  lines: [
    {
      product_name: 'T-shirt & print',
      quantity: '10.0000',
      unit_price: { amount: '10.5000', currency: 'EUR' },
      line_total: { amount: '105.0000', currency: 'EUR' },
    },
  ],
  subtotal: { amount: '105.0000', currency: 'EUR' },
  discount: { amount: '5.0000', currency: 'EUR' },
  tax: { amount: '19.0000', currency: 'EUR' },
  deposit_due: null,
};

const source = 'fake-source';

export async function startFakePlanes(t: Test): Promise<FakePlanes> {
  const issuer = createTestIssuer();
  const credentials = { id: 'erp-worker', secret: uuidv7() };
  const events: Pulled[] = [];
  const mailCalls: string[] = [];
  const acks: Ack[] = [];
  const tenantId = uuidv7();
  let position = 0;
  let changed = new AbortController();
  let loses: ((ack: Ack) => void) | null = null;
  const told: ((ack: Ack) => void)[] = [];
  const closing = new AbortController();

  const server = createInternalServer({
    log: recordLog().log,
    production: false,
    readiness: () => ({ ready: true, dependencies: {} }),
    contracts: [token.issue, outbox.pull, outbox.ack, quoteMail.get],
    verifier: createServiceVerifier({ keys: issuer.keys, issuer: testIssuer }),
    implementations: [
      implementSite(token.issue, async ({ body }) => {
        if (body.client_id !== credentials.id || body.client_secret !== credentials.secret) {
          throw new AppError('invalid_client');
        }
        const scope = 'outbox erp.mail';
        const access_token = issuer.serviceToken(scope.split(' '));
        return { access_token, token_type: 'Bearer' as const, expires_in: 3600, scope };
      }),
      implementSite(outbox.pull, async ({ query, reply }) => {
        const after = Math.max(position, Number(query.after?.split(':')[1] ?? 0));
        const find = () => events.filter((event) => Number(event.position) > after);
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        if (find().length === 0) {
          const ends = AbortSignal.any([changed.signal, gone.signal, closing.signal, AbortSignal.timeout(2_000)]);
          if (!ends.aborted) await once(ends, 'abort');
        }
        const found = find();
        return { batches: found.length > 0 ? [{ source, events: found }] : [] };
      }),
      implementSite(outbox.ack, async ({ body }) => {
        if (loses) {
          loses(body);
          loses = null;
          return new Promise<never>(() => undefined);
        }
        position = Math.max(position, Number(body.position));
        acks.push(body);
        for (const tell of told.splice(0)) tell(body);
        return { position: String(position), lag: events.length - position };
      }),
      implementSite(quoteMail.get, async ({ ctx, params }) => {
        if (params.tenant_id !== tenantId) throw new AppError('not_found');
        mailCalls.push(ctx.correlationId);
        return sampleQuote;
      }),
    ],
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    closing.abort();
    server.server.closeAllConnections();
    await server.close();
  });
  const nextAck = () => new Promise<Ack>((resolve) => told.push(resolve));
  return {
    url,
    mailCalls,
    acks,
    credentials,
    nextAck,
    loseNextAck: () =>
      new Promise((resolve) => {
        loses = resolve;
      }),
    sendQuote(quoteId) {
      const id = uuidv7();
      events.push({
        position: String(events.length + 1),
        key: `${tenantId}:${quoteId}`,
        parked: false,
        event: {
          specversion: '1.0',
          id,
          source: 'urn:platen:data-plane',
          type: 'erp.quote.sent',
          time: '2026-03-01T09:30:00.000Z',
          subject: quoteId,
          tenantid: tenantId,
          organizationid: uuidv7(),
          workspaceid: null,
          correlationid: `test-${id}`,
          traceparent: null,
          dataschema: 'platen:erp.quote.sent:1',
          data: { quote_id: quoteId, number: sampleQuote.number, total: sampleQuote.total },
        },
      });
      changed.abort();
      changed = new AbortController();
      return id;
    },
  };
}
