import { randomUUID } from 'node:crypto';
import type { PublicJwk } from './verifier.js';

export interface KeySetSource {
  /** Fixed by configuration: no token and no answer chooses where keys come from. */
  readonly url: string;
  readonly timeoutMs?: number;
  readonly maxByteSize?: number;
}

/**
 * Reads a key set (RFC 7517 section 5). No redirects, no more than 64 KB, all of it within 2 s. Members that are no RS256
 * signing keys are passed over, as the RFC asks.
 */
export async function fetchKeySet({
  url,
  timeoutMs = 2_000,
  maxByteSize = 65_536,
}: KeySetSource): Promise<PublicJwk[]> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json', 'accept-encoding': 'identity', 'x-correlation-id': randomUUID() },
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`The key set was answered with ${response.status}`);
  }
  const set: unknown = JSON.parse(await readText(response, maxByteSize));
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) {
    throw new Error('Not a key set');
  }
  return set.keys.filter(isSigningKey).map(({ kid, n, e }) => ({ kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e }));
}

async function readText(response: Response, maxByteSize: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let byteSize = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of response.body) {
    byteSize += chunk.byteLength;
    if (byteSize > maxByteSize) throw new Error(`The key set is larger than ${maxByteSize} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isSigningKey(key: unknown): key is PublicJwk {
  if (typeof key !== 'object' || key === null) return false;
  const { kty, kid, use, alg, n, e } = key as Readonly<Record<string, unknown>>;
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  return kty === 'RSA' && use === 'sig' && alg === 'RS256' && isText(kid) && isText(n) && isText(e);
}
