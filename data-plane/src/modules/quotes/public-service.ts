import { type RateLimits, rateLimit } from '@platen/chassis/cache/token-buckets';
import { AppError } from '@platen/chassis/http/app-error';
import { callerNetwork } from '@platen/chassis/http/caller-network';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { publicQuotes } from '@platen/schema/contracts/data/public-quotes';
import type { Organization } from '../../feed/tenant.js';
import { hasModule } from '../../feed/tenant.js';
import { type FindOrganization, requireMove } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { found, originOf } from './deps.js';
import { type PresentedToken, parseToken, sameHash } from './links.js';
import { acceptQuote, rejectQuote } from './moves-repo.js';
import type { PrintedPdf, PrintQuotes } from './print-quotes.js';
import { publicStatusOf } from './public-json.js';
import { findPublicQuote, lockPublicQuote, type PublicRow } from './public-repo.js';
import { statusOn, todayOf } from './status.js';

type AnswerBody = BodyOf<typeof publicQuotes.answer>;

/** What the customer does who holds a quote's link, without signing in. */
export interface PublicQuoteService {
  get(ctx: TenantCtx, token: string): Promise<RawJson>;
  print(ctx: TenantCtx, token: string): Promise<PrintedPdf>;
  answer(ctx: TenantCtx, token: string, body: AnswerBody): Promise<RawJson>;
}

interface Entered extends PresentedToken {
  readonly organization: Organization | undefined;
  readonly today: string;
}

/** A customer's household and a customer's page, a minute. */
const perNetwork = rateLimit('quote-page-network', 120);
const perToken = rateLimit('quote-page', 60);

/** Of nobody: a token that is none is looked up all the same, and takes as long. */
const nobody: PresentedToken = { organizationId: '00000000-0000-0000-0000-000000000000', secretHash: '0'.repeat(64) };

export function createPublicQuoteService(deps: {
  readonly findOrganization: FindOrganization;
  readonly limits: RateLimits;
  readonly printing: PrintQuotes;
}): PublicQuoteService {
  function draw(ctx: TenantCtx, { secretHash }: PresentedToken): void {
    const network = ctx.ip === null ? 'nowhere' : callerNetwork(ctx.ip);
    for (const [name, limit] of [[network, perNetwork] as const, [secretHash, perToken] as const]) {
      const key = `${ctx.tenant.id} ${limit.name} ${name}`;
      const taken = deps.limits.take(key, limit, 1, ctx.now().getTime());
      if (!taken.allowed) throw new AppError('rate_limited', undefined, { retryAfterSeconds: taken.resetSeconds });
    }
  }

  /** Enters the organization that the token names; what is not to be found is looked for among nobody's rows. */
  function enter(ctx: TenantCtx, token: string): Entered {
    const presented = parseToken(token) ?? nobody;
    draw(ctx, presented);
    const organization = organizationFor(ctx, presented.organizationId);
    ctx.enter({
      organizationId: organization?.id ?? nobody.organizationId,
      workspaceId: ctx.tenant.store?.workspaceId ?? null,
    });
    return { ...presented, organization, today: organization ? todayOf(organization, ctx) : '0001-01-01' };
  }

  function organizationFor(ctx: TenantCtx, id: string): Organization | undefined {
    const organization = deps.findOrganization(ctx.tenant.id, id);
    const { store } = ctx.tenant;
    // A storefront shows its own organization's quotes alone.
    const isHere = store === null || store.organizationId === id;
    const isSold = hasModule(ctx.tenant, 'erp.quotes', ctx.now().getTime());
    return organization?.status === 'active' && isHere && isSold ? organization : undefined;
  }

  return {
    async get(ctx, token) {
      const { secretHash, today } = enter(ctx, token);
      return new RawJson(requireLinked(await findPublicQuote(ctx.db, secretHash, today), secretHash).body);
    },

    async print(ctx, token) {
      const { secretHash, organization, today } = enter(ctx, token);
      const { id } = requireLinked(await findPublicQuote(ctx.db, secretHash, today), secretHash);
      // What is found lies in an organization that is there.
      if (!organization) throw new AppError('not_found');
      return deps.printing.print(ctx, organization, id);
    },

    async answer(ctx, token, body) {
      const { secretHash, today } = enter(ctx, token);
      if (body.action === 'accept' && body.reason != null) throw reasonOfAcceptance();
      return ctx.write(async (tx) => {
        const quote = requireLinked(await lockPublicQuote(tx, secretHash, today), secretHash);
        if (isAnswered(quote, body, today)) return new RawJson(quote.body);
        const origin = originOf(ctx, quote.workspace_id);
        const answer = { id: quote.id, at: ctx.now(), by: null, name: body.name };
        const document =
          body.action === 'accept'
            ? await acceptQuote(tx, origin, 'customer', { ...answer, ip: ctx.ip })
            : await rejectQuote(tx, origin, 'customer', { ...answer, reason: body.reason ?? null });
        return new RawJson(found(document).text);
      });
    },
  };
}

/** Found by an index, so compared once more in a time that says nothing. @throws AppError not_found */
function requireLinked(quote: PublicRow | undefined, secretHash: string): PublicRow {
  const isSame = sameHash(quote?.accept_token_hash ?? nobody.secretHash, secretHash);
  if (quote === undefined || !isSame) throw new AppError('not_found');
  return quote;
}

/**
 * True: the same answer was given before.
 * @throws AppError quote_superseded, content_changed, quote_expired, illegal_transition
 */
function isAnswered(quote: PublicRow, body: AnswerBody, today: string): boolean {
  const status = publicStatusOf(statusOn(quote, today));
  const wanted = body.action === 'accept' ? 'accepted' : 'rejected';
  if (status === 'superseded') throw new AppError('quote_superseded');
  if (body.document_hash !== quote.document_hash) throw new AppError('content_changed');
  if (status === wanted) return true;
  if (status === 'expired') throw new AppError('quote_expired', `The quote was valid until ${quote.valid_until}`);
  requireMove(customerMachine, status, wanted);
  return false;
}

/** What customers may do: a part of what quotes may. */
const customerMachine = {
  initial: 'sent',
  moves: { sent: ['accepted', 'rejected'], accepted: [], rejected: [], expired: [], superseded: [] },
} as const;

function reasonOfAcceptance(): AppError {
  const message = 'Only a rejection has a reason';
  return new AppError('validation_failed', message, { fields: [{ path: '/body/reason', message }] });
}
