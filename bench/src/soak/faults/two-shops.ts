import { jsonHeaders, plainHeaders } from '../../environment/http.js';
import type { Services } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';
import { isOk, type Paced, type PacedRequest, type Seen, startPaced } from './paced.js';

/** The neighbour's p99 is of many. */
const everyMs = { read: { acme: 40, globex: 20 }, write: 100, health: 50 };

/** One tenant's reads and numbered writes: customers, each under a code and a key of its own. */
export interface Shop {
  readonly reads: Paced;
  readonly writes: Paced;
  all(): Seen[];
  codeOf(number: number): string;
  /** The same write once more. */
  again(number: number): PacedRequest;
}

export interface TwoShops {
  /** Its ERP database is the one that is in trouble. */
  readonly troubled: Shop;
  readonly other: Shop;
  readonly health: Paced;
  end(): Promise<void>;
}

/** `run` tells the writes of this start from those of others. */
export async function openShops({ urls }: Pick<Services, 'urls'>, run: string): Promise<TwoShops> {
  const shopOf = async (tenant: 'acme' | 'globex'): Promise<Shop> => {
    const host = `${tenant}.localhost`;
    const { accessToken } = await signIn(urls.control, host, `admin@${tenant}.test`);
    const authorization = `Bearer ${accessToken}`;
    const codeOf = (number: number) => `${run}-${number}`;
    const write = (number: number) => ({
      url: `${urls.data}/api/erp/customers`,
      method: 'POST',
      headers: { ...jsonHeaders(host), authorization, 'idempotency-key': `soak-${codeOf(number)}` },
      body: JSON.stringify({ code: codeOf(number), name: `Customer ${number}` }),
    });
    const read = () => ({
      url: `${urls.data}/api/erp/orders?limit=20`,
      headers: { ...plainHeaders(host), authorization },
    });
    const [reads, writes] = [startPaced(everyMs.read[tenant], read), startPaced(everyMs.write, write)];
    return { reads, writes, codeOf, again: write, all: () => [...reads.seen, ...writes.seen] };
  };
  const [troubled, other] = [await shopOf('acme'), await shopOf('globex')];
  const health = startPaced(everyMs.health, () => ({
    url: `${urls.data}/health`,
    headers: plainHeaders('acme.localhost'),
  }));
  const all = [troubled.reads, troubled.writes, other.reads, other.writes, health];
  return {
    troubled,
    other,
    health,
    end: async () => void (await Promise.all(all.map((one) => one.end()))),
  };
}

export const acknowledgedCodes = ({ writes, codeOf }: Shop): string[] =>
  writes.seen.filter(isOk).map(({ number }) => codeOf(number));
