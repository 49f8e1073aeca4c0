import { PlatenError } from '@platen/sdk/internal';
import t from 'tap';
import { explainJobFailure } from './failures.js';

const answered = (status: number, code: string) =>
  explainJobFailure(new PlatenError('internal.repricing.batch', { status, code, title: 'A title' }, 'test'));

t.test('what may pass is tried again, what will not is not', async (t) => {
  for (const [status, code] of [
    [503, 'contended'],
    [429, 'busy'],
    [401, 'unauthenticated'],
    [409, 'conflict'],
  ] as const) {
    t.strictSame(answered(status, code), { retry: true, error: { code, message: 'A title' } });
  }
  for (const [status, code] of [
    [404, 'not_found'],
    [413, 'body_too_large'],
    [409, 'lease_lost'],
  ] as const) {
    t.match(answered(status, code), { retry: false, error: { code } });
  }
});

t.test('what nobody foresaw is told in the log and not to people', async (t) => {
  t.strictSame(explainJobFailure(new Error('password=secret')), {
    error: { code: 'internal_error', message: 'The worker failed' },
    retry: true,
  });
});
