import { once } from 'node:events';
import { createServiceVerifier } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import { implementSite } from '@platen/chassis/http/implement';
import { createInternalServer } from '@platen/chassis/http/server';
import { recordLog } from '@platen/chassis/testkit/http';
import { createTestIssuer, testIssuer } from '@platen/chassis/testkit/tokens';
import type { InputOf, OutputOf } from '@platen/schema/contract';
import { type AccountMail, accountMails } from '@platen/schema/contracts/internal/account-mails';
import { type OrderMail, orderMail } from '@platen/schema/contracts/internal/order-mail';
import { outbox } from '@platen/schema/contracts/internal/outbox';
import { quoteExpiry } from '@platen/schema/contracts/internal/quote-expiry';
import { type QuoteMail, quoteMail } from '@platen/schema/contracts/internal/quote-mail';
import { token } from '@platen/schema/contracts/internal/token';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';

type Pulled = OutputOf<typeof outbox.pull>['batches'][number]['events'][number];
type Ack = InputOf<typeof outbox.ack>;
export type AccountMailAnswer = OutputOf<typeof accountMails.get>;
export type OrderMailAnswer = OutputOf<typeof orderMail.get>;

/** The far ends of the worker: both planes' internal endpoints by their contracts, one source kept in memory. */
export interface FakePlanes {
  readonly url: string;
  /** Correlation ids of the calls for a mail's content. */
  readonly mailCalls: string[];
  readonly acks: Ack[];
  /** What was told, for who brings it to the worker by another way than pulling. */
  readonly events: readonly Pulled[];
  /** Resolves when a mail's content is asked for. */
  nextMailCall(): Promise<void>;
  readonly credentials: { readonly id: string; readonly secret: string };
  sendQuote(quoteId: string, mail?: QuoteMail): string;
  expireQuote(quoteId: string): string;
  /** Quotes that were to be marked as expired. */
  readonly expired: string[];
  /** An event of a confirmed order; the answer to whoever asks for its mail. */
  confirmOrder(answer: OrderMailAnswer): string;
  /** An event about somebody's account; the answer to whoever asks for its mail. */
  queueAccountMail(answer: AccountMailAnswer): string;
  /** Events that were reported as delivered. */
  readonly delivered: string[];
  /** Resolves when the next mail is reported as delivered, which is then neither noted nor answered. */
  loseNextDelivered(): Promise<string>;
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
  link: 'https://acme.example/quote#token=canary-of-a-quote',
};

const { valid_until: _validUntil, link: _link, ...priced } = sampleQuote;
export const sampleOrder: OrderMail = {
  ...priced,
  number: 'O-2026-0001',
  deposit_due: { amount: '59.5000', currency: 'EUR' },
  due_on: '2026-03-20',
};

export const sampleAccountMail: AccountMail = {
  kind: 'invitation',
  to: { name: '', email: 'new@example.com' },
  tenant_name: 'Acme "Prints"',
  locale: 'de',
  link: 'https://acme.example/invitation#token=canary-of-a-link',
  expires_at: '2026-03-08T09:30:00.000Z',
};

const source = 'fake-source';

export async function startFakePlanes(t: Test): Promise<FakePlanes> {
  const issuer = createTestIssuer();
  const credentials = { id: 'erp-worker', secret: uuidv7() };
  const events: Pulled[] = [];
  const accountMailAnswers = new Map<string, AccountMailAnswer>();
  const quoteMails = new Map<string, QuoteMail>();
  const orderMailAnswers = new Map<string, OrderMailAnswer>();
  const delivered: string[] = [];
  const expired: string[] = [];
  let losesDelivered: ((id: string) => void) | null = null;
  const mailCalls: string[] = [];
  const awaitingMailCall: (() => void)[] = [];
  const noteMailCall = (correlationId: string) => {
    mailCalls.push(correlationId);
    for (const tell of awaitingMailCall.splice(0)) tell();
  };
  const acks: Ack[] = [];
  const tenantId = uuidv7();
  const positions = new Map<string, number>();
  let changed = new AbortController();
  let loses: ((ack: Ack) => void) | null = null;
  const told: ((ack: Ack) => void)[] = [];
  const closing = new AbortController();

  const server = createInternalServer({
    log: recordLog().log,
    production: false,
    readiness: () => ({ ready: true, dependencies: {} }),
    contracts: [
      token.issue,
      outbox.pull,
      outbox.ack,
      outbox.parkedKeys,
      quoteExpiry.expire,
      quoteMail.get,
      orderMail.get,
      accountMails.get,
      accountMails.delivered,
    ],
    verifier: createServiceVerifier({ keys: issuer.keys, issuer: testIssuer }),
    implementations: [
      implementSite(token.issue, async ({ body }) => {
        if (body.client_id !== credentials.id || body.client_secret !== credentials.secret) {
          throw new AppError('invalid_client');
        }
        const scope = 'outbox erp.mail erp.quote.expiry account.mail';
        const access_token = issuer.serviceToken(scope.split(' '));
        return { access_token, token_type: 'Bearer' as const, expires_in: 3600, scope };
      }),
      implementSite(outbox.pull, async ({ query, reply }) => {
        const after = Math.max(positions.get(query.topic) ?? 0, Number(query.after?.split(':')[1] ?? 0));
        const find = () =>
          events.filter(({ event, position }) => event.type.startsWith(`${query.topic}.`) && Number(position) > after);
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        if (find().length === 0) {
          const ends = AbortSignal.any([changed.signal, gone.signal, closing.signal, AbortSignal.timeout(2_000)]);
          if (!ends.aborted) await once(ends, 'abort');
        }
        const found = find();
        return { batches: found.length > 0 ? [{ source, events: found }] : [] };
      }),
      implementSite(outbox.parkedKeys, async () => ({ keys: [] })),
      implementSite(outbox.ack, async ({ body }) => {
        if (loses) {
          loses(body);
          loses = null;
          return new Promise<never>(() => undefined);
        }
        const position = Math.max(positions.get(body.topic) ?? 0, Number(body.position));
        positions.set(body.topic, position);
        acks.push(body);
        for (const tell of told.splice(0)) tell(body);
        return { position: String(position), lag: events.length - position };
      }),
      implementSite(quoteMail.get, async ({ ctx, params }) => {
        if (params.tenant_id !== tenantId) throw new AppError('not_found');
        noteMailCall(ctx.correlationId);
        return quoteMails.get(params.id) ?? sampleQuote;
      }),
      implementSite(quoteExpiry.expire, async ({ params }) => {
        if (params.tenant_id !== tenantId) throw new AppError('not_found');
        expired.push(params.id);
        return { expired: true };
      }),
      implementSite(orderMail.get, async ({ ctx, params }) => {
        const answer = orderMailAnswers.get(params.id);
        if (params.tenant_id !== tenantId || answer === undefined) throw new AppError('not_found');
        noteMailCall(ctx.correlationId);
        return answer;
      }),
      implementSite(accountMails.get, async ({ ctx, params }) => {
        const answer = accountMailAnswers.get(params.event_id);
        if (params.tenant_id !== tenantId || answer === undefined) throw new AppError('not_found');
        noteMailCall(ctx.correlationId);
        return answer;
      }),
      implementSite(accountMails.delivered, async ({ params }) => {
        if (losesDelivered !== null) {
          losesDelivered(params.event_id);
          losesDelivered = null;
          return new Promise<never>(() => undefined);
        }
        delivered.push(params.event_id);
      }),
    ],
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    closing.abort();
    server.server.closeAllConnections();
    await server.close();
  });
  function publish(event: Pick<Pulled['event'], 'type' | 'subject' | 'organizationid' | 'data'>): string {
    const id = uuidv7();
    events.push({
      position: String(events.length + 1),
      key: `${tenantId}:${event.subject}`,
      parked: false,
      event: {
        specversion: '1.0',
        id,
        source: 'urn:platen:test',
        time: '2026-03-01T09:30:00.000Z',
        tenantid: tenantId,
        workspaceid: null,
        correlationid: `test-${id}`,
        traceparent: null,
        dataschema: `platen:${event.type}:1`,
        ...event,
      },
    });
    changed.abort();
    changed = new AbortController();
    return id;
  }
  const nextAck = () => new Promise<Ack>((resolve) => told.push(resolve));
  return {
    url,
    mailCalls,
    nextMailCall: () => new Promise((resolve) => awaitingMailCall.push(resolve)),
    events,
    acks,
    credentials,
    nextAck,
    loseNextAck: () =>
      new Promise((resolve) => {
        loses = resolve;
      }),
    delivered,
    loseNextDelivered: () =>
      new Promise((resolve) => {
        losesDelivered = resolve;
      }),
    sendQuote(quoteId, mail) {
      if (mail !== undefined) quoteMails.set(quoteId, mail);
      const data = { quote_id: quoteId, number: sampleQuote.number, total: sampleQuote.total };
      return publish({ type: 'erp.quote.sent', subject: quoteId, organizationid: uuidv7(), data });
    },
    expired,
    expireQuote: (quoteId) =>
      publish({
        type: 'erp.quote.expiry_due',
        subject: quoteId,
        organizationid: uuidv7(),
        data: { quote_id: quoteId },
      }),
    confirmOrder(answer) {
      const orderId = uuidv7();
      orderMailAnswers.set(orderId, answer);
      const data = { order_id: orderId, number: sampleOrder.number, total: sampleOrder.total };
      return publish({ type: 'erp.order.confirmed', subject: orderId, organizationid: uuidv7(), data });
    },
    queueAccountMail(answer) {
      const subject = uuidv7();
      const to = { email: 'new@example.com', name: '' };
      const data = { subject_id: subject, to, secret: 'encrypted', expires_at: null };
      const id = publish({ type: 'platform.user.invited', subject, organizationid: null, data });
      accountMailAnswers.set(id, answer);
      return id;
    },
  };
}
