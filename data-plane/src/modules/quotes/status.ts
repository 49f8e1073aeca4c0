import { AppError } from '@platen/chassis/http/app-error';
import { type QuoteStatus, quoteMachine } from '@platen/schema/states/quote';
import type { Organization } from '../../feed/tenant.js';
import { dateIn, requireMove } from '../documents/index.js';
import type { TenantCtx } from '../module.js';

/** Quotes live by the organization's calendar. */
export const todayOf = ({ settings }: Organization, ctx: Pick<TenantCtx, 'now'>): string =>
  dateIn(settings.time_zone, ctx.now());

interface Dated {
  readonly status: QuoteStatus;
  readonly valid_until: string;
}

/** A sent quote that is past its last day is expired, whether or not anybody has written so. */
export const statusOn = ({ status, valid_until: validUntil }: Dated, today: string): QuoteStatus =>
  status === 'sent' && validUntil < today ? 'expired' : status;

/** The same in SQL, over the alias of the quote's row; `today` is SQL of type date. */
export const statusSql = (row: string, today: string): string =>
  `case when ${row}.status = 'sent' and ${row}.valid_until < ${today} then 'expired' else ${row}.status end`;

/** Valid to the end of its last day. @throws AppError quote_expired */
export function requireOpen(validUntil: string, today: string): void {
  if (validUntil < today) throw new AppError('quote_expired', `The quote was valid until ${validUntil}`);
}

/** May it be moved today? An expired one takes no answer, and says why. @throws AppError illegal_transition, quote_expired */
export function requireMoveOn(quote: Dated, to: QuoteStatus, today: string): void {
  const status = statusOn(quote, today);
  if (status === 'expired' && (to === 'accepted' || to === 'rejected')) {
    throw new AppError('quote_expired', `The quote was valid until ${quote.valid_until}`);
  }
  requireMove(quoteMachine, status, to);
}
