import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { benchOwner } from '../../environment/erp-data.js';
import { call, type Reply } from '../../environment/http.js';
import { runSql } from '../../environment/platform.js';
import type { Random } from '../random.js';
import { bearer, bearerWithBody, codeOf, kidOf, type Person } from './person.js';

/** One request and what came of it. */
export interface Asked {
  readonly kind: 'read' | 'write';
  /** Of the list of data planes. */
  readonly plane: number;
  readonly email: string;
  readonly kid: string;
  /** By the monotonic clock. */
  readonly sentAtMs: number;
  readonly endedAtMs: number;
  /** 0: no answer came. */
  readonly status: number;
  readonly code: string | null;
}

export interface LightLoad {
  readonly asked: readonly Asked[];
  /** Customers that were acknowledged, by their codes. */
  readonly acknowledged: readonly string[];
  /** Resolves when what is under way is through, or was never answered. */
  stop(): Promise<void>;
}

export interface LightLoadOptions {
  /** Given the end of it for a run that is broken off. */
  readonly onStop: (end: () => Promise<unknown>) => void;
  /** Begins the codes of its customers. */
  readonly name: string;
  readonly people: readonly Person[];
  readonly planes: readonly string[];
  readonly random: Random;
  /** Of one person, between two requests. */
  readonly everyMs: number;
  /** A write that is not acknowledged for so long is not sent again. */
  readonly patienceMs?: number;
  /** Called with who was refused with 401, before they ask again. */
  readonly onUnauthorized?: (person: Person) => Promise<unknown>;
}

const writesOneIn = 4;
const retryMs = 100;
/** A request that cannot succeed must not keep a run from its end. */
const usualPatienceMs = 60_000;

/**
 * Each person reads, and writes customers now and then, at any of the planes. A write that was not acknowledged is sent again with
 * its key until it is.
 */
export function startLightLoad(options: LightLoadOptions): LightLoad {
  const { onStop, name, people, planes, random, everyMs, patienceMs = usualPatienceMs, onUnauthorized } = options;
  const agent = new Agent({ keepAlive: true });
  const asked: Asked[] = [];
  const acknowledged: string[] = [];
  let isOver = false;
  let isBrokenOff = false;
  let count = 0;

  async function ask(kind: Asked['kind'], person: Person, send: (url: string, token: string) => Promise<Reply>) {
    const plane = random(planes.length);
    const { token, email } = person;
    const sentAtMs = performance.now();
    const reply = await send(planes[plane] ?? '', token).catch(() => null);
    const status = reply?.status ?? 0;
    const code = reply === null || status < 400 ? null : codeOf(reply.body);
    asked.push({ kind, plane, email, kid: kidOf(token), sentAtMs, endedAtMs: performance.now(), status, code });
    if (status === 401) await onUnauthorized?.(person);
    return status;
  }
  const read = (person: Person) =>
    ask('read', person, (url, token) => call(`${url}/api/erp/customers?limit=5`, { headers: bearer(token), agent }));
  async function write(person: Person): Promise<void> {
    count += 1;
    const code = `${name}-${count}`;
    const body = JSON.stringify({ code, name: `Customer ${code}` });
    const headers = { 'idempotency-key': `${code}-of-this-run` };
    const post = (url: string, token: string) =>
      call(`${url}/api/erp/customers`, {
        method: 'POST',
        headers: { ...bearerWithBody(token), ...headers },
        body,
        agent,
      });
    const sinceMs = performance.now();
    for (; performance.now() - sinceMs < patienceMs && !isBrokenOff; await delay(retryMs))
      if ((await ask('write', person, post)) === 201) {
        acknowledged.push(code);
        return;
      }
  }
  async function work(person: Person): Promise<void> {
    for (; !isOver; await delay(everyMs / 2 + random(everyMs))) {
      if (random(writesOneIn) === 0) await write(person);
      else await read(person);
    }
  }

  const working = Promise.all(people.map(work));
  onStop(async () => {
    isOver = true;
    isBrokenOff = true;
    await working;
  });
  return {
    asked,
    acknowledged,
    async stop() {
      isOver = true;
      await working;
      agent.destroy();
    },
  };
}

/** A line for each customer that was acknowledged and is not stored once. */
export async function findLostCustomers(superuserUrl: string, codes: readonly string[]): Promise<string[]> {
  const rows = await runSql(
    superuserUrl,
    `select given.code, count(c.id)::int as n from unnest($2::text[]) given(code)
     left join erp_customers c on c.tenant_id = $1 and c.code = given.code
     group by given.code having count(c.id) <> 1`,
    [benchOwner.tenantId, codes],
  );
  return (rows as { code: string; n: number }[]).map(
    ({ code, n }) => `customer ${code} was acknowledged and is stored ${n} times`,
  );
}

export const describeAsked = ({ kind, plane, email, status, code }: Asked): string =>
  `a ${kind} of ${email} at data plane ${plane + 1} was answered with ${status === 0 ? 'nothing' : status}${code === null ? '' : ` ${code}`}`;

/** What is neither a success nor excused. */
export const failuresOf = (asked: readonly Asked[], isExcused: (one: Asked) => boolean = () => false): string[] =>
  asked.filter((one) => (one.status < 200 || one.status > 299) && !isExcused(one)).map(describeAsked);
