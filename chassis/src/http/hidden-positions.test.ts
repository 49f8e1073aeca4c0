import { createSecretKey } from 'node:crypto';
import t from 'tap';
import { createPositionHider } from './hidden-positions.js';

const hider = createPositionHider(createSecretKey('a secret for tests', 'utf8'));
const [acme, globex] = [hider('acme'), hider('globex')];

t.test('what was hidden is found, by its owner, from any instance', async (t) => {
  const again = createPositionHider(createSecretKey('a secret for tests', 'utf8'))('acme');
  const positions = [0n, 1n, 2n, 4711n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 40n + 7n, 2n ** 62n - 1n];
  for (const position of positions) {
    const hidden = acme.hide(position);
    t.match(hidden, /^\d{1,19}$/);
    t.equal(acme.find(BigInt(hidden)), position);
    t.equal(again.find(BigInt(hidden)), position);
    t.not(globex.find(BigInt(hidden)), position);
  }
});

t.test('neither order nor distance is told', async (t) => {
  const hidden = Array.from({ length: 1000 }, (_, n) => BigInt(acme.hide(BigInt(n))));
  t.equal(new Set(hidden).size, 1000, 'no two are the same');
  const rising = hidden.filter((each, n) => n > 0 && each > (hidden[n - 1] ?? 0n)).length;
  t.ok(rising > 400 && rising < 600, `${rising} of 999 rise`);
  const distances = new Set(hidden.map((each, n) => each - (hidden[n - 1] ?? 0n)));
  t.equal(distances.size, 1000);
});

t.test('numbers that somebody made up are beyond all that were given', async (t) => {
  for (const forged of [0n, 1n, 5n, 1000n, 2n ** 62n, 2n ** 63n - 1n]) {
    const found = acme.find(forged);
    t.ok(found > 2n ** 40n && found < 2n ** 63n, `${forged}: ${found}`);
  }
});
