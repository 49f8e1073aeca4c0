import { DependencyAway, UnprocessableEvent } from '../bus/bus.js';

/** The SDK's errors by their names: this side of it knows the SDK's consumers, not the SDK. */
interface Refusal extends Error {
  readonly status: number;
  readonly code: string;
}
const isRefusal = (error: unknown): error is Refusal => error instanceof Error && error.name === 'PlatenError';
const isUnanswered = (error: unknown): error is Error => error instanceof Error && error.name === 'PlatenNetworkError';

/** Refused for what the call says, which is the event's: no repeat will be answered otherwise. */
const hopeless: ReadonlySet<string> = new Set([
  'validation_failed',
  'not_found',
  'tenant_not_found',
  'customer_email_missing',
]);

/** What a failed call to a plane means for the event: to be parked, to be tried until the plane is back, or counted. */
export function explainFailure(error: unknown): unknown {
  if (isUnanswered(error)) return new DependencyAway('a plane cannot be reached', { cause: error });
  if (!isRefusal(error)) return error;
  if (hopeless.has(error.code)) return new UnprocessableEvent(error.message, { cause: error });
  // One tenant's, which may have its fill for hours: waiting for it, its events would hold every place of a window.
  if (error.code === 'busy') return error;
  // A refused token is the installation's fault, not the event's.
  const isAway = error.status === 503 || error.status === 429 || error.status === 401 || error.status === 403;
  return isAway ? new DependencyAway(error.message, { cause: error }) : error;
}

/** For `.catch`. */
export function rethrowExplained(error: unknown): never {
  throw explainFailure(error);
}
