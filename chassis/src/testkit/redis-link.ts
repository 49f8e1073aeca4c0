import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { openRedisLink, type RedisLink } from '../cache/redis-link.js';
import { createLogger } from '../log/logger.js';
import type { Teardown } from './database.js';

export interface TestLink {
  readonly link: RedisLink;
  readonly registry: Registry;
  /** Of the link's log so far. */
  lines(): string[];
  /** Resolves when the link is up, or away. */
  until(isUp: boolean): Promise<void>;
}

export interface TestLinkOptions {
  /** False for a link that cannot connect yet. */
  readonly awaitUp?: boolean;
  /** The product's own is shorter than a busy machine may let one answer wait. */
  readonly commandTimeoutMs?: number;
}

/** A link as an instance would hold it, closed with the test. */
export async function openTestLink(
  t: Teardown,
  url: string,
  { awaitUp = true, commandTimeoutMs = 20_000 }: TestLinkOptions = {},
): Promise<TestLink> {
  const written: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  const registry = new Registry();
  const log = createLogger({ service: 'test', destination });
  const link = openRedisLink({ url, service: 'test', log, registry, commandTimeoutMs });
  t.teardown(() => link.close());
  const until = async (isUp: boolean) => {
    while (link.isUp !== isUp) await delay(5);
  };
  if (awaitUp) await until(true);
  return { link, registry, lines: () => [...written], until };
}
