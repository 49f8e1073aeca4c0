import { toAppError } from '@platen/chassis/db/errors';
import type { DnRowError } from '@platen/schema/contracts/data/dn-shapes';
import { errors } from '@platen/schema/errors';

/** Nothing is wrong with the record: the worker comes again. */
const passing = new Set([
  'lease_lost',
  'conflict',
  'contended',
  'database_unavailable',
  'not_found',
  'context_required',
  'context_not_allowed',
]);

/** What is told of a record that could not be applied, or put back. @throws whatever says nothing of the record */
export function refusalOf(error: unknown): Pick<DnRowError, 'code' | 'message'> {
  const refusal = toAppError(error);
  if (!refusal || passing.has(refusal.code) || errors[refusal.code].status >= 500) throw error;
  return { code: refusal.code, message: refusal.message.slice(0, 500) };
}
