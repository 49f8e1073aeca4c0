import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** One bucket's part of a settlement. */
export interface Settlement {
  readonly key: string;
  readonly quota: number;
  readonly windowMs: number;
  /** Tokens that requests took on credit; negative: tokens given back. Taken even from a bucket that has none. */
  readonly spent: number;
  /** Whole tokens to hold from now on; granted as far as the bucket has them. */
  readonly wanted: number;
}

export interface Settled {
  readonly granted: number;
  /** What the bucket has left for all instances; negative when they took more on credit than it had. */
  readonly left: number;
}

/**
 * A bucket that nobody asks for until it is full again needs no entry: an absent one is full. Time is the server's, so
 * instances whose clocks differ agree.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answers = {}
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 4
  local quota, window = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local spent, wanted = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local tokens = quota
  local stored = redis.call('HMGET', key, 'tokens', 'at')
  if stored[1] then
    tokens = tonumber(stored[1]) + math.max(0, now - tonumber(stored[2])) * quota / window
  end
  tokens = math.min(quota, math.min(quota, tokens) - spent)
  local granted = math.max(0, math.min(wanted, math.floor(tokens)))
  tokens = tokens - granted
  redis.call('HSET', key, 'tokens', string.format('%.6f', tokens), 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', key, math.ceil((quota - tokens) * window / math.max(quota, 1)) + 1000)
  answers[2 * i - 1] = granted
  answers[2 * i] = string.format('%.6f', tokens)
end
return answers
`;

const sha1 = createHash('sha1').update(script).digest('hex');

/** All of them at once, in the order given. */
export async function settleBuckets(client: Redis, settlements: readonly Settlement[]): Promise<Settled[]> {
  const keys = settlements.map(({ key }) => key);
  const values = settlements.flatMap(({ quota, windowMs, spent, wanted }) => [quota, windowMs, spent, wanted]);
  const answer = await client.evalsha(sha1, keys.length, ...keys, ...values).catch((error: unknown) => {
    // A server that was started anew does not know the script yet.
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) {
      return client.eval(script, keys.length, ...keys, ...values);
    }
    throw error;
  });
  if (!Array.isArray(answer)) throw new Error('Redis answers a settlement with something else than a list');
  return settlements.map((_, index) => ({ granted: Number(answer[2 * index]), left: Number(answer[2 * index + 1]) }));
}
