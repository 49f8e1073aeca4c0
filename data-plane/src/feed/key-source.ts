import type { KeySource, PublicJwk } from '@platen/chassis/auth/verifier';
import type { Logger } from '@platen/chassis/log/logger';
import type { FeedStore } from './store.js';

/** A token with a made-up key id must not become a request each. */
const refetchEveryMs = 5_000;

/**
 * The feed's keys. For a token of a key that the feed has not told of yet (this instance was away during a rotation) the
 * control plane's key set is asked: at most once in a while, by one request for all who wait.
 *
 * What it answers is added, never taken away, and holds until the feed tells of keys. A key that the feed has taken away
 * never comes back this way: the answer may be older than the revocation.
 */
export function createKeySource(deps: {
  readonly store: Pick<FeedStore, 'signingKeys' | 'onKeysChanged'>;
  readonly fetchKeys: () => Promise<readonly PublicJwk[]>;
  readonly log: Logger;
  readonly now?: () => number;
}): KeySource {
  const { store, log, now = Date.now } = deps;
  let keys: readonly PublicJwk[] = store.signingKeys();
  const gone = new Set<string>();
  let told = 0;
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;
  store.onKeysChanged(() => {
    told += 1;
    const before = keys;
    keys = store.signingKeys();
    for (const { kid } of before) if (!keys.some((key) => key.kid === kid)) gone.add(kid);
  });

  async function fetchMissing(): Promise<void> {
    const before = told;
    try {
      const fetched = await deps.fetchKeys();
      if (told !== before) return;
      const missing = fetched.filter(({ kid }) => !gone.has(kid) && !keys.some((key) => key.kid === kid));
      if (missing.length > 0) keys = [...keys, ...missing];
    } catch (error) {
      log.warn({ error }, 'the key set cannot be read');
    }
  }

  return {
    current: () => keys,
    refetch() {
      if (fetching !== undefined) return fetching;
      if (now() - fetchedAtMs < refetchEveryMs) return Promise.resolve();
      fetchedAtMs = now();
      fetching = fetchMissing().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
  };
}
