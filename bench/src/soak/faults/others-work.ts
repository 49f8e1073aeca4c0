import { jsonHeaders, plainHeaders } from '../../environment/http.js';
import { percentile } from '../../measure/statistics.js';
import type { Tried } from '../outcome.js';
import { isOk, type Seen, startPaced, tally, tookMs } from './paced.js';

/** Within what their plan allows: 1,200 of each a minute. */
const everyMs = { read: 60, write: 120 };
const most = 2;

export interface OthersWork {
  /** What was sent from now on is of this kind. */
  phase(kind: 'quiet' | 'troubled'): void;
  /** Sends no more. What is promised to somebody who has nothing to do with the trouble, and what was seen. */
  end(): Promise<{ readonly promises: readonly Tried[]; readonly figure: string }>;
}

/** A person of Globex reads orders and writes customers all the while. */
export function startOthersWork(dataUrl: string, accessToken: string): OthersWork {
  const authorization = `Bearer ${accessToken}`;
  const host = 'globex.localhost';
  const run = Date.now().toString(36);
  const reads = startPaced(everyMs.read, () => ({
    url: `${dataUrl}/api/erp/orders?limit=20`,
    headers: { ...plainHeaders(host), authorization },
  }));
  const writes = startPaced(everyMs.write, (number) => ({
    url: `${dataUrl}/api/erp/customers`,
    method: 'POST',
    headers: { ...jsonHeaders(host), authorization, 'idempotency-key': `others-${run}-${number}` },
    body: JSON.stringify({ code: `others-${run}-${number}`, name: `Customer ${number}` }),
  }));
  const phases: { readonly kind: 'quiet' | 'troubled'; readonly fromMs: number }[] = [];
  const kindOf = ({ sentAtMs }: Seen) => phases.findLast(({ fromMs }) => fromMs <= sentAtMs)?.kind;
  return {
    phase: (kind) => void phases.push({ kind, fromMs: performance.now() }),
    async end() {
      await Promise.all([reads.end(), writes.end()]);
      const all = [...reads.seen, ...writes.seen];
      const [quiet, troubled] = (['quiet', 'troubled'] as const).map((kind) => {
        const timesMs = all.filter((one) => kindOf(one) === kind).map(tookMs);
        return { p50: percentile(timesMs, 50), p99: percentile(timesMs, 99), count: timesMs.length };
      }) as [Times, Times];
      const times = troubled.p99 / quiet.p99;
      const textOf = ({ p50, p99, count }: Times) => `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms of ${count}`;
      const failed = all.filter((one) => !isOk(one));
      return {
        promises: [
          {
            promise: `others' p99 stays within ${most} × of its quiet value`,
            broken: times < most ? [] : [`${times.toFixed(2)} ×: ${troubled.p99.toFixed(1)} ms`],
          },
          { promise: 'others are refused nothing', broken: failed.length === 0 ? [] : [tally(failed)] },
        ],
        figure: `others quiet ${textOf(quiet)}, troubled ${textOf(troubled)}: ${times.toFixed(2)} ×`,
      };
    },
  };
}

interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}
