import { type EventOrigin, insertEvent } from '@platen/chassis/bus/outbox';
import type { ScopedDb, Tx } from '@platen/chassis/db/types';
import { type DueWork, finishDueWork, postponeDueWork, putDueWork } from '@platen/chassis/due-work/entries';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import type { Organization } from '../../feed/tenant.js';
import { dateIn, endOfDayIn } from '../documents/index.js';
import { expireQuote } from './moves-repo.js';
import { lockQuote } from './repo.js';

/** Of due work: a sent quote, at the end of its last day. One that is answered before leaves it there, to be thrown away. */
export const quoteExpiryDue = 'quote_expiry';

interface Sent {
  readonly id: string;
  readonly workspaceId: string | null;
  readonly validUntil: string;
}

/** In the transaction that sends the quote, or finds that it is valid for longer. */
export function putExpiry(
  tx: Pick<Tx, 'defer'>,
  ctx: Pick<CallCtx, 'newId'>,
  { tenantId, id: organizationId, settings }: Organization,
  { id, workspaceId, validUntil }: Sent,
): void {
  const entry = { tenantId, id: ctx.newId(), organizationId, workspaceId, kind: quoteExpiryDue, refId: id };
  putDueWork(tx, entry, { at: endOfDayIn(settings.time_zone, validUntil) });
}

export interface ExpiryCall extends Pick<CallCtx, 'correlationId' | 'traceparent' | 'newId' | 'now'> {
  readonly db: Pick<ScopedDb, 'transaction'>;
  readonly organization: Organization;
}

/** Events are of the quote's workspace, in whichever scope its change was made. */
const originOf = (call: ExpiryCall, workspaceId: string | null): EventOrigin => ({
  correlationId: call.correlationId,
  traceparent: call.traceparent,
  tenant: { id: call.organization.tenantId },
  organizationId: call.organization.id,
  workspaceId,
  newId: () => call.newId(),
});

const today = ({ organization: { settings }, now }: ExpiryCall): string => dateIn(settings.time_zone, now());

/** An entry that is due, in its own scope: told, once, unless the quote is not open or its day not over. @throws DueWorkLost */
export async function runDueQuote(call: ExpiryCall, work: DueWork): Promise<void> {
  await call.db.transaction(async (tx) => {
    const quote = await lockQuote(tx, work.ref_id);
    if (quote?.status !== 'sent') return finishDueWork(tx, work);
    if (quote.valid_until >= today(call)) {
      const endsMs = endOfDayIn(call.organization.settings.time_zone, quote.valid_until).getTime();
      return postponeDueWork(tx, work, (endsMs - call.now().getTime()) / 1_000);
    }
    await finishDueWork(tx, work);
    const data = { quote_id: work.ref_id };
    insertEvent(tx, originOf(call, quote.workspace_id), {
      type: 'erp.quote.expiry_due',
      aggregateId: work.ref_id,
      data,
    });
  });
}

/**
 * `sent` becomes `expired` once, under the lock of its row: a repeat of the event finds it so and needs no note of its
 * own. Is it expired now? @throws AppError not_found
 */
export async function expireDueQuote(call: ExpiryCall, id: string): Promise<boolean> {
  return call.db.transaction(async (tx) => {
    const quote = await lockQuote(tx, id);
    if (!quote) throw new AppError('not_found');
    if (quote.status !== 'sent') return quote.status === 'expired';
    if (quote.valid_until >= today(call)) {
      const { workspace_id: workspaceId, valid_until: validUntil } = quote;
      // The organization moved to another time zone.
      putExpiry(tx, call, call.organization, { id, workspaceId, validUntil });
      return false;
    }
    expireQuote(tx, originOf(call, quote.workspace_id), id, call.now());
    return true;
  });
}
