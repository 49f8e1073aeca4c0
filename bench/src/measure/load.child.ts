/** The load generator: a process of its own, so that its work is nobody's CPU time. One request to it by IPC, one answer. */
import autocannon from 'autocannon';
import type { LoadResult, LoadSpec } from './load.js';

process.on('message', (spec: LoadSpec) => {
  autocannon({
    url: spec.url,
    connections: spec.connections,
    amount: spec.amount,
    headers: { ...spec.headers },
    requests: spec.requests.map((request) => ({ ...request })),
  }).then(
    (result) => {
      const refused = result.non2xx + result.errors + result.timeouts;
      const answer: LoadResult = {
        answered: result['2xx'],
        refused,
        refusals: refusalsOf(result),
        p50Ms: result.latency.p50,
        p99Ms: result.latency.p99,
        perSecond: result['2xx'] / result.duration,
      };
      process.send?.(answer);
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit());

function refusalsOf({ statusCodeStats, errors, timeouts }: autocannon.Result): Record<string, number> {
  const refusals: Record<string, number> = { ...(errors > 0 && { errors }), ...(timeouts > 0 && { timeouts }) };
  for (const [status, { count }] of Object.entries(statusCodeStats ?? {})) {
    if (!status.startsWith('2')) refusals[status] = count ?? 0;
  }
  return refusals;
}
