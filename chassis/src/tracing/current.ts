import { AsyncLocalStorage } from 'node:async_hooks';
import type { NewSpan, Tracing } from './tracing.js';

const current = new AsyncLocalStorage<string | null>();

/** W3C Trace Context of what is being done here; null: nobody traces it. */
export const currentTraceparent = (): string | null => current.getStore() ?? null;

/** What `work` causes, however much later, is caused by `traceparent`. */
export const causedBy = <R>(traceparent: string | null, work: () => R): R => current.run(traceparent, work);

/** `work` as a span; without tracing, what it causes is still known to come from the same parent. */
export async function inSpan<R>(tracing: Tracing | null, span: NewSpan, work: () => Promise<R>): Promise<R> {
  if (tracing === null) return causedBy(span.parent, work);
  const open = tracing.start(span);
  try {
    const result = await causedBy(open.traceparent, work);
    open.end();
    return result;
  } catch (error) {
    open.end({ error: errorName(error) });
    throw error;
  }
}

/** Names alone: a message may hold what nobody outside should read. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
