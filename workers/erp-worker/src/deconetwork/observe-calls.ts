import { currentTraceparent, inSpan } from '@platen/chassis/tracing/current';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import { SiteError, type SiteErrorCode } from './site-error.js';

/** `given_up`: the job that wanted it ended. */
export type CallEnd = 'answered' | SiteErrorCode | 'given_up';
export type CallEnded = (endpoint: string, end: CallEnd, durationMs: number) => void;
export type ObserveCall = <T>(endpoint: string, call: () => Promise<T>) => Promise<T>;

/** Each try is a span and is counted; neither says which site it was, nor what was sent. */
export const observeCalls =
  ({ tracing, ended }: { readonly tracing: Tracing | null; readonly ended: CallEnded }): ObserveCall =>
  async (endpoint, call) => {
    const startedMs = performance.now();
    let end: CallEnd = 'given_up';
    try {
      const span = { name: `deconetwork ${endpoint}`, kind: 'client', parent: currentTraceparent() } as const;
      const answer = await inSpan(tracing, span, call);
      end = 'answered';
      return answer;
    } catch (error) {
      if (error instanceof SiteError) end = error.code;
      throw error;
    } finally {
      ended(endpoint, end, performance.now() - startedMs);
    }
  };
