import { test } from 'tap';
import { UsageError } from '../options.js';
import { readSoakOptions, soakNames } from './options.js';

const read = (...args: string[]) => readSoakOptions(args);

test('each soak has sizes of its own, and a seed that is said', async (t) => {
  t.equal(read('--help'), null);
  for (const name of soakNames) t.match(read(name, '--seed', '7'), { name, options: { seed: 7 } });
  t.match(read('rebalance', '--bus', 'outbox'), { options: { bus: 'outbox', events: 10_000, kills: 50 } });
  t.match(read('deconetwork'), { options: { orders: 5_000, kills: 3 } });
  t.match(read('deconetwork', '--orders', '500', '--kills', '4'), { options: { orders: 500, kills: 4 } });
});

test('what is not understood is said', async (t) => {
  t.throws(() => read(), UsageError);
  t.throws(() => read('poison', 'rebalance'), UsageError);
  t.throws(() => read('kafka-outage', '--bus', 'outbox'), /no other --bus/);
  t.throws(() => read('deconetwork', '--bus', 'kafka'), /no --bus/);
  t.throws(() => read('deconetwork', '--kills', '5'), /at most 4/);
  t.throws(() => read('deconetwork', '--orders', '0'), /whole number from 1 on/);
  t.throws(() => read('deconetwork', '--order', '5'), UsageError);
});
