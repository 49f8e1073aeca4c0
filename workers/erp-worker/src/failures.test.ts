import { DependencyAway, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { explainFailure } from '@platen/chassis/worker-process/failures';
import type { ErrorCode } from '@platen/schema/errors';
import { PlatenError, PlatenNetworkError } from '@platen/sdk/internal';
import { test } from 'tap';

const failure = (status: number, code: ErrorCode) =>
  explainFailure(new PlatenError('test', { type: 'about:blank', title: 'test', status, code }, 'test'));

test('what one tenant is to blame for counts as a try: it keeps no place in which all others wait', async (t) => {
  const busy = failure(429, 'busy');
  t.notOk(busy instanceof DependencyAway, 'a hundred open jobs of one tenant');
  t.notOk(busy instanceof UnprocessableEvent, 'and later there may be fewer');
});

test('what is away, or refuses this installation, is waited for', async (t) => {
  t.ok(explainFailure(new PlatenNetworkError('test', 'connection', 'test')) instanceof DependencyAway);
  for (const [status, code] of [
    [503, 'database_unavailable'],
    [429, 'rate_limited'],
    [403, 'insufficient_scope'],
  ] as const)
    t.ok(failure(status, code) instanceof DependencyAway, code);
  t.ok(failure(404, 'not_found') instanceof UnprocessableEvent);
});
