/** Somebody who sends at a rate of his own, whatever he is answered: reads, and every fourth a write. */
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { call, jsonHeaders } from '../../environment/http.js';
import { obey } from '../../measure/obey.js';

export interface OverQuotaOrder {
  readonly url: string;
  readonly host: string;
  readonly token: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Begins the codes of what is written. */
  readonly run: string;
}

export interface OverQuotaAnswers {
  /** Status → count; 0: no answer came. */
  readonly statuses: Record<string, number>;
  /** 429 that did not say when to come again. */
  readonly withoutRetryAfter: number;
  readonly seconds: number;
}

const writesOneIn = 4;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

obey<OverQuotaOrder>(flood);

async function flood(order: OverQuotaOrder): Promise<OverQuotaAnswers> {
  const statuses: Record<string, number> = {};
  let withoutRetryAfter = 0;
  const startedAtMs = performance.now();
  const pending: Promise<void>[] = [];
  const count = order.perSecond * order.seconds;
  for (let n = 0; n < count; n += 1) {
    const earlyMs = startedAtMs + (n * 1_000) / order.perSecond - performance.now();
    if (earlyMs > 0) await delay(earlyMs);
    pending.push(
      ask(order, n).then(({ status, headers }) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status === 429 && headers['retry-after'] === undefined) withoutRetryAfter += 1;
      }),
    );
  }
  await Promise.all(pending);
  return { statuses, withoutRetryAfter, seconds: (performance.now() - startedAtMs) / 1_000 };
}

function ask({ url, host, token, run }: OverQuotaOrder, n: number) {
  const headers = { ...jsonHeaders(host), authorization: `Bearer ${token}` };
  const code = `${run}-${n}`;
  const asked =
    n % writesOneIn === 0
      ? call(`${url}/api/erp/customers`, {
          method: 'POST',
          headers: { ...headers, 'idempotency-key': `over-quota-${code}` },
          body: JSON.stringify({ code, name: `Customer ${n}` }),
          agent,
        })
      : call(`${url}/api/erp/orders?limit=20`, { headers, agent });
  return asked.catch(() => ({ status: 0, headers: {} as Record<string, undefined> }));
}
