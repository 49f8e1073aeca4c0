import { Agent } from 'node:http';
import { call, plainHeaders, type Reply } from '../../../environment/http.js';
import type { Random } from '../../random.js';
import { codeOf } from '../../work/person.js';
import { type createTokenDesk, customerOf, markerOf, type Tenant } from './crowd.js';

const connections = 32;

export interface Reads {
  readonly tenants: ReadonlySet<number>;
  /** By what was asked. */
  readonly counts: Readonly<Record<Question, number>>;
  readonly timesMs: readonly number[];
  /** A line for each answer that is not what it must be. */
  readonly broken: readonly string[];
}
type Question = 'one' | 'list' | 'of another' | 'at another host' | 'of a suspended';

/** Tenant of rank r is asked for 1/r as often as the first. */
export function zipf(count: number, random: Random): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) {
    sum += 1 / rank;
    sums.push(sum);
  }
  const steps = 2 ** 30;
  return () => {
    const wanted = (random(steps) / steps) * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) <= wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** Reads of rows whose owner is written in them, and of what is not the asker's. */
export async function readAsMany(options: {
  readonly url: string;
  readonly tenants: readonly Tenant[];
  readonly desk: Awaited<ReturnType<typeof createTokenDesk>>;
  /** Of what is one's own; the refused ones come on top. */
  readonly total: number;
  readonly random: Random;
  readonly isOver: () => boolean;
}): Promise<Reads> {
  const { url, tenants, desk, total, random, isOver } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const pick = zipf(tenants.length, random);
  const seen = new Set<number>();
  const counts: Record<Question, number> = {
    one: 0,
    list: 0,
    'of another': 0,
    'at another host': 0,
    'of a suspended': 0,
  };
  const timesMs: number[] = [];
  const broken: string[] = [];

  const at = (n: number): Tenant => {
    const tenant = tenants[n % tenants.length];
    if (tenant === undefined) throw new Error('there are no tenants');
    return tenant;
  };
  async function readOnce(): Promise<void> {
    const rank = pick();
    const tenant = at(rank);
    // The next one in the same database, and any.
    const [near, other] = [
      tenants.slice(rank + 1).find(({ database }) => database === tenant.database) ?? at(0),
      at(pick()),
    ];
    const question = questionOf(tenant, near, other, random);
    const host = question === 'at another host' ? other.host : tenant.host;
    const path = pathOf(question, tenant, near, random);
    const sentAtMs = performance.now();
    const headers = { ...plainHeaders(host), authorization: `Bearer ${desk.tokenOf(tenant)}` };
    const reply = await call(url + path, { headers, agent });
    timesMs.push(performance.now() - sentAtMs);
    counts[question] += 1;
    seen.add(tenant.number);
    const wrong = wrongIn(question, tenant, reply);
    if (wrong !== null) broken.push(`${tenant.slug} asked for ${question} and was answered with ${wrong}`);
  }
  async function reader(): Promise<void> {
    while (counts.one + counts.list < total && !isOver()) await readOnce();
  }
  try {
    await Promise.all(Array.from({ length: connections }, reader));
  } finally {
    agent.destroy();
  }
  return { tenants: seen, counts, timesMs, broken };
}

function questionOf(tenant: Tenant, near: Tenant, other: Tenant, random: Random): Question {
  if (tenant.isSuspended) return 'of a suspended';
  const dice = random(100);
  if (dice < 65) return 'one';
  if (dice < 90) return 'list';
  if (dice < 96 && near.id !== tenant.id) return 'of another';
  if (other.id !== tenant.id && !other.isSuspended) return 'at another host';
  return 'one';
}

function pathOf(question: Question, tenant: Tenant, near: Tenant, random: Random): string {
  if (question === 'list') return '/api/erp/customers?limit=10';
  return `/api/erp/customers/${customerOf(question === 'of another' ? near : tenant, random(2))}`;
}

/** Null: the answer is what it must be. */
function wrongIn(question: Question, tenant: Tenant, { status, body }: Reply): string | null {
  const marks = body.match(/T\d+@[\w-]+;/g) ?? [];
  const own = markerOf(tenant);
  const wanted = {
    one: [200, 1],
    list: [200, 2],
    'of another': [404, 0],
    'at another host': [401, 0],
    'of a suspended': [403, 0],
  } as const;
  const [wantedStatus, rows] = wanted[question];
  const isRight = status === wantedStatus && marks.length === rows && marks.every((mark) => mark === own);
  return isRight ? null : `${status} ${codeOf(body) ?? ''} ${marks.join(' ')}`.trim();
}
