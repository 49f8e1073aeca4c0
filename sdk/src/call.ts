import { type CallOptions, type CallSettings, callOnce } from './call-once.js';
import { startDeadline } from './deadline.js';
import { type Route, splitInput } from './routes.js';

export type { CallOptions, CallSettings } from './call-once.js';

type Input = Readonly<Record<string, unknown>>;

/** A long poll is answered within `wait_seconds`; the rest is for the way and a retry. */
const longPollDefaultSeconds = 25;
const longPollMarginMs = 10_000;

function deadlineOf(route: Route, input: Input, settings: CallSettings, options: CallOptions): number {
  if (options.deadlineMs !== undefined) return options.deadlineMs;
  if (!route.has('w')) return settings.deadlineMs;
  const wait = input['wait_seconds'];
  return (typeof wait === 'number' ? wait : longPollDefaultSeconds) * 1_000 + longPollMarginMs;
}

/** One call of an endpoint. */
export async function call(settings: CallSettings, route: Route, input: Input, options: CallOptions): Promise<unknown> {
  // Code that few pages need comes with the first call that does.
  if (route.has('s')) return (await import('./streams.js')).callStreaming(settings, route, input, options);
  const target = splitInput(route, input);
  const deadline = startDeadline(deadlineOf(route, input, settings, options), options.signal);
  return callOnce(settings, route, target, options, deadline);
}
