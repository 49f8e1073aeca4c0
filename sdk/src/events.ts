import { type CallOptions, type CallSettings, callOnce } from './call-once.js';
import { type Deadline, startDeadline } from './deadline.js';
import { PlatenError, PlatenNetworkError } from './errors.js';
import { type Message, readMessages } from './event-messages.js';
import { pieces } from './pieces.js';
import { type Route, splitInput } from './routes.js';

/** An event as it came; its data is parsed and not validated. */
export interface Streamed {
  readonly type: string;
  readonly id: string;
  readonly data: unknown;
}

type Input = Readonly<Record<string, unknown>>;

/** Until the server names another. */
const usualRetryMs = 2_000;
const longestStepMs = 30_000;
/** The server breaks every silence after 15 s: this long, and the connection is dead. */
const silenceMs = 40_000;

/**
 * The events of a stream for as long as somebody iterates, or until the one that ends it. Where a connection ends it comes again, after the last event
 * that was handed out, as often as it takes; what no repeat can help is thrown, and so is a first connection that fails.
 */
export async function* followEvents(
  settings: CallSettings,
  route: Route,
  input: Input,
  options: CallOptions,
): AsyncGenerator<Streamed, void> {
  let lastEventId = String(input['last_event_id'] ?? '') || undefined;
  let retryMs = usualRetryMs;
  let failures = 0;
  let wasOpen = false;
  for (;;) {
    const deadline = startDeadline(options.deadlineMs ?? settings.deadlineMs, options.signal);
    let waitMs = 0;
    try {
      const target = splitInput(route, { ...input, last_event_id: lastEventId });
      const messages = await connect(settings, route, target, options, deadline);
      wasOpen = true;
      try {
        for (;;) {
          const message = await nextOf(messages, options.signal);
          if (message === null) break;
          failures = 0;
          retryMs = message.retryMs ?? retryMs;
          // Handed out first: who stops in between gets it again.
          if (message.data !== undefined) yield eventOf(message, lastEventId);
          if (message.data !== undefined && route.ends.includes(message.type ?? '')) return;
          lastEventId = message.id ?? lastEventId;
        }
      } finally {
        await messages.return();
      }
    } catch (error) {
      if (!wasOpen || !isPassing(error)) throw error;
      waitMs = error.retryAfterMs ?? 0;
    } finally {
      deadline.clear();
    }
    const step = Math.min(longestStepMs, retryMs * 2 ** failures);
    failures += 1;
    await sleep(Math.max(waitMs, retryMs) + settings.random() * step, options.signal);
  }
}

const eventOf = ({ type, data, id }: Message, lastEventId: string | undefined): Streamed => ({
  type: type ?? 'message',
  id: id ?? lastEventId ?? '',
  data: JSON.parse(data ?? 'null'),
});

async function connect(
  settings: CallSettings,
  route: Route,
  target: { path: string },
  options: CallOptions,
  deadline: Deadline,
): Promise<AsyncGenerator<Message, void>> {
  const touch = () => deadline.extend(silenceMs);
  const messages = await callOnce(settings, route, target, options, deadline, {
    headers: { accept: 'text/event-stream' },
    once: false,
    read: ({ body }) => {
      touch();
      return readMessages(body ? watched(pieces(body), touch) : none());
    },
  });
  // What `read` answered.
  return messages as AsyncGenerator<Message, void>;
}

/** null: this connection is over, in order or not; another one goes on from there. */
async function nextOf(messages: AsyncGenerator<Message, void>, signal: AbortSignal | undefined) {
  try {
    const { done, value } = await messages.next();
    return done ? null : value;
  } catch {
    if (signal?.aborted) throw signal.reason;
    return null;
  }
}

/** Nothing that the caller did: the way, or the server. */
const isPassing = (error: unknown): error is PlatenError | PlatenNetworkError =>
  error instanceof PlatenNetworkError ||
  (error instanceof PlatenError && (error.status === 429 || error.status >= 500));

async function* watched(source: AsyncIterable<Uint8Array>, touch: () => void) {
  for await (const piece of source) {
    touch();
    yield piece;
  }
}

async function* none(): AsyncGenerator<Uint8Array, void> {}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const deadline = startDeadline(2 ** 31, signal);
  try {
    await deadline.sleep(ms);
  } finally {
    deadline.clear();
  }
}
