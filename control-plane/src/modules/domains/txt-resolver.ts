import { Resolver } from 'node:dns/promises';

/** What the DNS says, of which only one kind of record matters here. */
export interface TxtResolver {
  /** The texts of a name's TXT records; none: there are none. Rejects when nobody could tell. */
  resolveTxt(name: string): Promise<string[]>;
}

export interface TxtResolverOptions {
  readonly timeoutMs: number;
  /** `address` or `address:port`; empty: the system's. */
  readonly servers: readonly string[];
}

export const createTxtResolver = ({ timeoutMs, servers }: TxtResolverOptions): TxtResolver => ({
  async resolveTxt(name) {
    // One each: cancelling ends everything that a resolver has under way.
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    if (servers.length > 0) resolver.setServers(servers);
    const deadline = setTimeout(() => resolver.cancel(), timeoutMs);
    try {
      // A text longer than 255 bytes comes in pieces (RFC 1035 section 3.3.14).
      return (await resolver.resolveTxt(name)).map((pieces) => pieces.join(''));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  },
});
