import type { JobError } from '@platen/schema/contracts/data/job-shapes';
import { PlatenError, PlatenNetworkError } from '@platen/sdk/internal';
import { JobFailure } from './processor.js';

const maxMessageLength = 500;

/** What people are told of a failure, and whether it is worth another try. What is unknown is in the log and nowhere else. */
export function explainJobFailure(error: unknown): { readonly error: JobError; readonly retry: boolean } {
  if (error instanceof JobFailure) return told(error.code, error.message, error.mayRetry);
  if (error instanceof PlatenNetworkError) return told('dependency_unavailable', 'Something it needs is away', true);
  // A plane that is away, busy, or does not know this process's token; or another change came first, as with a deadlock.
  if (error instanceof PlatenError) {
    const { status, code, operation } = error;
    // Which call of ours it was is nothing to people.
    const message = error.message.replace(`${operation}: `, '');
    const mayPass = status >= 500 || status === 429 || status === 401 || status === 403 || code === 'conflict';
    return told(code, message, mayPass);
  }
  return told('internal_error', 'The worker failed', true);
}

const told = (code: string, message: string, retry: boolean) => ({
  error: { code, message: message.slice(0, maxMessageLength) },
  retry,
});

/** The job is in other hands, or nowhere. */
export const isJobLost = (error: unknown): boolean =>
  error instanceof PlatenError && (error.code === 'lease_lost' || error.code === 'not_found');
