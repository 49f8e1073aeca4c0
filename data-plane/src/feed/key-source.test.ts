import { createAccessVerifier } from '@platen/chassis/auth/principals';
import type { PublicJwk } from '@platen/chassis/auth/verifier';
import { recordLog } from '@platen/chassis/testkit/http';
import { createTestIssuer, testIssuer } from '@platen/chassis/testkit/tokens';
import t from 'tap';
import { createKeySource } from './key-source.js';
import { FeedStore } from './store.js';

function open() {
  const store = new FeedStore({ baseDomain: 'localhost', now: Date.now });
  let position = 0n;
  const tell = (...keys: PublicJwk[]) => {
    position += 1n;
    store.apply(position, { kind: 'signing_keys', keys });
  };
  const clock = { nowMs: 1_000_000 };
  const fetches: { answer(keys: readonly PublicJwk[]): void; fail(): void }[] = [];
  const source = createKeySource({
    store,
    fetchKeys: () =>
      new Promise((resolve, reject) => {
        fetches.push({ answer: resolve, fail: () => reject(new Error('away')) });
      }),
    log: recordLog().log,
    now: () => clock.nowMs,
  });
  const verifier = createAccessVerifier({ keys: source, issuer: testIssuer });
  const outcome = async (token: string) => {
    try {
      await verifier.verify(token, Date.now());
      return 'accepted';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  return { source, tell, clock, fetches, outcome };
}

const [old, next, stranger] = [createTestIssuer(), createTestIssuer(), createTestIssuer()];

t.test('a key that the feed has not told of is asked for once, and then held', async (t) => {
  const { tell, fetches, outcome } = open();
  tell(old.jwk);
  const token = next.accessToken();
  const waiting = Promise.all([outcome(token), outcome(next.accessToken()), outcome(stranger.accessToken())]);
  t.equal(fetches.length, 1, 'three wait for one request');
  fetches[0]?.answer([next.jwk]);
  t.same(await waiting, ['accepted', 'accepted', 'token_invalid']);
  t.equal(await outcome(token), 'accepted');
  t.equal(await outcome(old.accessToken()), 'accepted', 'though the answer did not name it');
  t.equal(fetches.length, 1);
});

t.test('made-up key ids are one request in a while', async (t) => {
  const { tell, clock, fetches, outcome } = open();
  tell(old.jwk);
  const first = outcome(stranger.accessToken());
  fetches[0]?.fail();
  t.equal(await first, 'token_invalid', 'a control plane that is away changes nothing');
  for (let n = 0; n < 50; n += 1) t.equal(await outcome(createTestIssuer(stranger.key).accessToken()), 'token_invalid');
  t.equal(fetches.length, 1);
  clock.nowMs += 5_000;
  const again = outcome(next.accessToken());
  t.equal(fetches.length, 2);
  fetches[1]?.answer([next.jwk]);
  t.equal(await again, 'accepted');
});

t.test('an answer never brings back what the feed has taken away', async (t) => {
  const { source, tell, clock, fetches, outcome } = open();
  tell(old.jwk, next.jwk);
  const token = old.accessToken();
  t.equal(await outcome(token), 'accepted');
  tell(next.jwk);
  const late = outcome(token);
  fetches[0]?.answer([old.jwk, next.jwk]);
  t.equal(await late, 'token_invalid', 'asked after the revocation, of a control plane that lags');
  clock.nowMs += 5_000;
  const asked = outcome(stranger.accessToken());
  tell(next.jwk, old.jwk);
  tell(next.jwk);
  fetches[1]?.answer([stranger.jwk]);
  t.equal(await asked, 'token_invalid', 'asked before the feed told of keys: older than it, perhaps');
  t.same(source.current(), [next.jwk]);
});
