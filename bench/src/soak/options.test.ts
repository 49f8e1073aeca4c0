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
  t.match(read('telemetry'), { options: { engine: 'postgres', minutes: null, kills: 3, part: null } });
  t.match(read('telemetry', '--engine', 'timescaledb', '--minutes', '10', '--part', 'steady'), {
    options: { engine: 'timescaledb', minutes: 10, part: 'steady' },
  });
});

test('what is not understood is said', async (t) => {
  t.throws(() => read(), UsageError);
  t.throws(() => read('poison', 'rebalance'), UsageError);
  t.throws(() => read('kafka-outage', '--bus', 'outbox'), /no other --bus/);
  t.throws(() => read('deconetwork', '--bus', 'kafka'), /no --bus/);
  t.throws(() => read('telemetry', '--bus', 'outbox'), /no --bus/);
  t.throws(() => read('telemetry', '--engine', 'mysql'), /--engine is one of/);
  t.throws(() => read('telemetry', '--part', 'all'), /--part is one of/);
  t.throws(() => read('deconetwork', '--kills', '5'), /at most 4/);
  t.throws(() => read('deconetwork', '--orders', '0'), /whole number from 1 on/);
  t.throws(() => read('deconetwork', '--order', '5'), UsageError);
});
