import t from 'tap';
import { freePorts } from './programs.js';

t.test('a port for a server that goes and comes back is none that others are given', async (t) => {
  // As two processes would look that begin at the same place.
  const [ours, theirs] = [freePorts(0), freePorts(0)];
  const given = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => (await (n % 2 ? ours : theirs).next()).value),
  );
  t.equal(new Set(given).size, 200, 'none twice');
  t.ok(Math.max(...given) < 32_768, 'the system gives those from there on');
});
